// One phone: the person above it, WeChat's chat inside it.
// Knows one phone's data (stage.py, `_phone_drawn`) and how WeChat looks. Must not know other phones.

import { make, timeOf, wordsToNodes } from "./words.js";

const STAMP_AFTER = 5 * 60 * 1000; // WeChat shows the time again after a silence
const NUMBER = /#(\d+)/g;
const KINDS = { image: "图片", voice: "语音", video: "视频", location: "位置" };
const ICONS = {
  scan: "M2 7V3.5A1.5 1.5 0 0 1 3.5 2H7M13 2h3.5A1.5 1.5 0 0 1 18 3.5V7M18 13v3.5a1.5 1.5 0 0 1-1.5 1.5H13M7 18H3.5A1.5 1.5 0 0 1 2 16.5V13M2 10h16",
  plus: "M10 1.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M10 6v8M6 10h8",
};

export function makePhone(first, act, scan) {
  const parts = build(first);
  const phone = { parts, act, lastAt: 0, lastNumber: null, data: first, fresh: true, stuck: true, top: 0 };
  const { form, line } = parts;

  const send = (words) => words.trim() && act({ do: "say", text: words.trim() });
  form.onsubmit = (event) => {
    event.preventDefault();
    send(line.value);
    line.value = "";
    line.focus({ preventScroll: true });
  };
  line.oninput = () => form.classList.toggle("typing", line.value.trim() !== "");
  parts.follow.onclick = () => act({ do: phone.data.following ? "unfollow" : "follow" });
  parts.join.onclick = () => act({ do: "follow" });
  parts.joinByScan.onclick = scan;
  parts.scan.onclick = scan;
  parts.chat.onscroll = () => followFinger(phone);
  new ResizeObserver(() => toEnd(phone)).observe(parts.chat);
  parts.plus.onclick = () => parts.kinds.classList.toggle("open");
  for (const kind of parts.kinds.children) {
    kind.onclick = () => {
      parts.kinds.classList.remove("open");
      act({ do: "send", text: kind.dataset.kind });
    };
  }
  parts.note.onclick = () => useNote(phone);
  parts.noteAway.onclick = (event) => {
    event.stopPropagation();
    act({ do: "note" });
  };
  phone.say = (words) => {
    const whole = words.replaceAll("{no}", phone.lastNumber ?? "");
    if (!whole.endsWith("…")) return send(whole);
    line.value = whole.slice(0, -1);
    return line.focus({ preventScroll: true });
  };
  return {
    element: parts.element,
    draw: (data, stage) => draw(phone, data, stage),
    clear: () => clear(phone),
  };
}

function build(data) {
  const kind = data.key.replace(/\d+$/, "");
  const face = make("span", "face", data.name.slice(0, 1));
  const role = make("span", "role", data.role);
  const quota = make("span", "quota");
  const follow = make("button", "follow");
  const who = make("header", "who", face, make("div", "whose", make("b", "", data.name), role, quota), follow);

  const noteAway = make("button", "away", "×");
  noteAway.setAttribute("aria-label", "收起短信");
  const noteWords = make("span", "");
  const note = make("div", "note", make("b", "", "短信"), noteWords, noteAway);
  const scan = make("button", "scan", icon("scan"));
  scan.title = "扫门牌码";
  scan.setAttribute("aria-label", "扫门牌码");
  const bar = make("div", "bar", make("span", "back", "‹"), make("b", "", "户联网"), scan);
  const chat = make("div", "chat");
  chat.setAttribute("role", "log");

  const join = make("button", "firm", "关注");
  const joinByScan = make("button", "soft", "扫门牌码");
  const logo = make("img", "");
  logo.src = "static/mark.svg";
  logo.alt = "";
  const card = make("div", "card", logo, make("b", "", "户联网"), make("p", "", "家门口的事，有人接、有人管、有回音"), join, joinByScan);

  const chips = make("div", "chips");
  const line = make("input", "");
  line.setAttribute("aria-label", data.name + " 的话");
  line.placeholder = "说点什么";
  line.maxLength = 4000;
  const button = make("button", "", "发送");
  button.type = "submit";
  const plus = make("button", "plus", icon("plus"));
  plus.setAttribute("aria-label", "发图片、语音、视频或位置");
  const kinds = make("div", "kinds", ...Object.entries(KINDS).map(([kind, name]) => kindButton(kind, name)));
  const form = make("form", "line", plus, line, button, kinds);
  const menu = make("div", "menu");
  const frame = make("div", "frame", bar, note, chat, card, chips, form, menu);
  const element = make("article", "phone " + kind, who, frame);
  element.dataset.key = data.key;
  return { element, role, quota, follow, note, noteWords, noteAway, bar, scan, chat, card, join, joinByScan, chips, line, form, menu, plus, kinds };
}

function kindButton(kind, name) {
  const button = make("button", "", name);
  button.dataset.kind = kind;
  return button;
}

function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  picture.append(path);
  return picture;
}

function clear(phone) {
  phone.parts.chat.replaceChildren();
  phone.lastAt = 0;
  phone.fresh = true;
}

function draw(phone, data, stage) {
  const { parts } = phone;
  phone.data = data;
  parts.element.classList.toggle("out", !data.following);
  parts.follow.textContent = data.following ? "取消关注" : "关注";
  parts.follow.classList.toggle("on", data.following);
  parts.scan.hidden = parts.joinByScan.hidden = !stage.posters.length;
  drawQuota(parts.quota, data);
  parts.note.hidden = !data.note;
  parts.noteWords.textContent = data.note.replace(/^短信[：:]\s*/, "");
  parts.card.hidden = data.following;
  drawBubbles(phone, data.bubbles);
  drawChips(phone, data);
  drawMenu(phone, stage.menu);
  phone.fresh = false;
}

function drawQuota(quota, data) {
  quota.hidden = !data.following;
  quota.textContent = data.total ? `可推送 ${data.left}/${data.total}` : "暂不可推送";
  quota.classList.toggle("low", data.left === 0);
  quota.title = "公众号此刻还能主动发给这个人的消息数；对方每说一句话恢复到 5 条，48 小时有效";
}

function drawBubbles(phone, bubbles) {
  const { chat, element } = phone.parts;
  for (const bubble of bubbles) {
    const at = Date.parse(bubble.at);
    if (at - phone.lastAt > STAMP_AFTER) chat.append(make("time", "", timeOf(bubble.at)));
    phone.lastAt = at;
    chat.append(bubble.via === "note" ? make("p", "said", bubble.text) : bubbleRow(phone, bubble));
    for (const found of bubble.text.matchAll(NUMBER)) phone.lastNumber = found[1];
  }
  if (!bubbles.length) return;
  phone.stuck ||= phone.fresh || bubbles.some((bubble) => bubble.mine);
  toEnd(phone);
  if (!phone.fresh && bubbles.some((bubble) => ["passive", "chat"].includes(bubble.via))) glow(element);
}

function atEnd(chat) {
  return chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
}

// Only a finger moves the chat upwards; a chat that merely got shorter stays at its end.
function followFinger(phone) {
  const { chat } = phone.parts;
  if (atEnd(chat)) phone.stuck = true;
  else if (chat.scrollTop < phone.top) phone.stuck = false;
  phone.top = chat.scrollTop;
}

function toEnd(phone) {
  if (phone.stuck) phone.parts.chat.scrollTop = phone.parts.chat.scrollHeight;
}

function bubbleRow(phone, bubble) {
  const click = (content, id) => phone.act({ do: "click", text: content, id });
  const words = make("div", "words", ...wordsToNodes(bubble.text, click));
  const face = bubble.mine ? make("span", "face", phone.data.name.slice(0, 1)) : make("span", "face account");
  const row = make("div", "row " + (bubble.mine ? "mine" : `by-${bubble.via}`), face, words);
  row.title = timeOf(bubble.at) + ({ chat: " · 客服消息", passive: " · 即时回复" }[bubble.via] ?? "");
  return row;
}

function glow(element) {
  element.classList.remove("lit");
  void element.offsetWidth; // starts the animation anew
  element.classList.add("lit");
  element.dispatchEvent(new Event("heard"));
}

function drawChips(phone, data) {
  const { chips } = phone.parts;
  chips.hidden = !data.following || !data.say.length;
  const mark = JSON.stringify([data.say, phone.lastNumber]);
  if (chips.dataset.mark === mark) return;
  chips.dataset.mark = mark;
  chips.replaceChildren(
    ...data.say.map((words) => {
      const chip = make("button", "", words.replaceAll("{no}", phone.lastNumber ?? "#"));
      chip.disabled = words.includes("{no}") && !phone.lastNumber;
      chip.onclick = () => phone.say(words);
      return chip;
    }),
  );
}

function drawMenu(phone, buttons) {
  const { menu } = phone.parts;
  menu.hidden = !buttons.length || !phone.data.following;
  const mark = JSON.stringify(buttons);
  if (menu.dataset.mark === mark) return;
  menu.dataset.mark = mark;
  menu.replaceChildren(...buttons.map((button) => menuButton(phone, button)));
}

function menuButton(phone, button) {
  const below = button.sub_button ?? [];
  if (!below.length) {
    const leaf = make("button", "", button.name);
    leaf.onclick = () => tapped(phone, button);
    return leaf;
  }
  const list = make("div", "below", ...below.map((one) => menuButton(phone, one)));
  const head = make("button", "head", button.name);
  const whole = make("div", "tree", head, list);
  head.onclick = () => {
    const open = whole.classList.contains("open");
    phone.parts.menu.querySelectorAll(".open").forEach((one) => one.classList.remove("open"));
    whole.classList.toggle("open", !open);
  };
  return whole;
}

function tapped(phone, button) {
  phone.parts.menu.querySelectorAll(".open").forEach((one) => one.classList.remove("open"));
  phone.act({ do: "tap", text: button.key ?? button.url ?? "" });
  if (button.url) window.open(button.url, "_blank", "noopener");
}

function useNote(phone) {
  const code = phone.data.note.match(/[A-Z0-9]{8,}/);
  if (!code || !phone.data.following) return;
  phone.parts.line.value = "认领 " + code[0];
  phone.parts.line.focus({ preventScroll: true });
}
