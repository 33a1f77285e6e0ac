// One phone: the person above it, WeChat's chat inside it.
// Knows one phone's data (drawing.py, `_phone`) and how WeChat looks. Must not know other phones.

import { bubbleRow } from "./bubble.js";
import { makeComposer } from "./composer.js";
import { drawMenu } from "./menu.js";
import { icon, make, timeOf } from "./words.js";

const STAMP_AFTER = 5 * 60 * 1000; // WeChat shows the time again after a silence
const NUMBER = /#(\d+)/g;
const HEARD = ["passive", "chat", "template", "subscription"];

export function makePhone(first, hands) {
  const { act } = hands;
  const send = (words) => words.trim() && act({ do: "say", text: words.trim() });
  const parts = build(first, hands, send);
  const phone = { parts, hands, lastAt: 0, lastNumber: null, data: first, fresh: true, stuck: true, top: 0 };
  parts.follow.onclick = () => act({ do: phone.data.following ? "unfollow" : "follow" });
  parts.join.onclick = () => act({ do: "follow" });
  parts.joinByScan.onclick = hands.scan;
  parts.scan.onclick = hands.scan;
  parts.chat.onscroll = () => followFinger(phone);
  parts.chat.addEventListener("grown", () => toEnd(phone));
  new ResizeObserver(() => toEnd(phone)).observe(parts.chat);
  parts.note.onclick = () => useNote(phone);
  parts.noteAway.onclick = (event) => {
    event.stopPropagation();
    act({ do: "note" });
  };
  phone.say = (words) => {
    const whole = words.replaceAll("{no}", phone.lastNumber ?? "");
    if (!whole.endsWith("…")) return send(whole);
    parts.line.value = whole.slice(0, -1);
    return parts.line.focus({ preventScroll: true });
  };
  return {
    element: parts.element,
    draw: (data, stage) => draw(phone, data, stage),
    clear: () => clear(phone),
  };
}

function build(data, hands, send) {
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
  const { whole, line } = makeComposer(data.name, hands, send);
  const menu = make("div", "menu");
  const frame = make("div", "frame", bar, note, chat, card, chips, whole, menu);
  const element = make("article", "phone " + kind, who, frame);
  element.dataset.key = data.key;
  return { element, role, quota, follow, note, noteWords, noteAway, bar, scan, chat, card, join, joinByScan, chips, line, menu };
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
  drawMenu(parts.menu, data, phone.hands);
  phone.fresh = false;
}

function drawQuota(quota, data) {
  quota.hidden = !data.following;
  const words = make("span", "", data.total ? `可推送 ${data.left}/${data.total}` : "暂不可推送");
  const dots = Array.from({ length: Math.min(data.total, 10) }, (_one, at) => make("i", at < data.left ? "full" : ""));
  quota.replaceChildren(words, make("span", "dots", ...dots));
  quota.classList.toggle("low", data.left === 0);
  quota.title = "公众号此刻还能主动发给这个人的消息数；对方每说一句话恢复到 5 条，48 小时有效";
}

function drawBubbles(phone, bubbles) {
  const { chat, element } = phone.parts;
  const click = (content, id) => phone.hands.act({ do: "click", text: content, id });
  for (const bubble of bubbles) {
    const at = Date.parse(bubble.at);
    if (at - phone.lastAt > STAMP_AFTER) chat.append(make("time", "", timeOf(bubble.at)));
    phone.lastAt = at;
    chat.append(bubbleRow(bubble, phone.data.name, click));
    for (const found of bubble.text.matchAll(NUMBER)) phone.lastNumber = found[1];
  }
  if (!bubbles.length) return;
  phone.stuck ||= phone.fresh || bubbles.some((bubble) => bubble.mine);
  toEnd(phone);
  if (!phone.fresh && bubbles.some((bubble) => HEARD.includes(bubble.via))) glow(element);
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

function useNote(phone) {
  const code = phone.data.note.match(/[A-Z0-9]{8,}/);
  if (!code || !phone.data.following) return;
  phone.parts.line.value = "认领 " + code[0];
  phone.parts.line.focus({ preventScroll: true });
}
