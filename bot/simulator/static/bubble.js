// One bubble of the chat, by its kind: words, picture, voice, film, place, card, notice.
// Knows a bubble's data (bubbles.py, Piece). Must not know whose phone it is on.

import { icon, make, timeOf, wordsToNodes } from "./words.js";

const WAYS = { chat: "客服消息", passive: "即时回复", template: "模板消息", subscription: "订阅通知" };

export function bubbleRow(bubble, name, click) {
  if (bubble.via === "note") return make("p", "said", bubble.text);
  if (bubble.kind === "notice") return noticeCard(bubble);
  const face = bubble.mine ? make("span", "face", name.slice(0, 1)) : make("span", "face account");
  const row = make("div", "row " + (bubble.mine ? "mine" : `by-${bubble.via}`), face, inside(bubble, click));
  row.dataset.kind = bubble.kind;
  row.title = [timeOf(bubble.at), WAYS[bubble.via]].filter(Boolean).join(" · ");
  return row;
}

function inside(bubble, click) {
  const more = bubble.more;
  switch (bubble.kind) {
    case "image":
      return bubble.lies ? picture(more) : words(bubble, click);
    case "voice":
      return voice(bubble);
    case "video":
    case "shortvideo":
      return bubble.lies ? film(more) : words(bubble, click);
    case "location":
      return place(more);
    case "news":
    case "link":
    case "miniprogrampage":
    case "music":
      return card(bubble);
  }
  return words(bubble, click);
}

function words(bubble, click) {
  return make("div", "words", ...wordsToNodes(bubble.text, click));
}

function shown(more) {
  return "shown/" + encodeURIComponent(more.media_id);
}

function picture(more) {
  const image = make("img", "");
  image.src = shown(more);
  image.alt = "图片";
  const button = make("button", "picture", image);
  button.onclick = () => {
    const large = make("img", "");
    large.src = image.src;
    large.alt = "图片";
    light(large);
  };
  image.onload = () => button.dispatchEvent(new Event("grown", { bubbles: true }));
  return button;
}

function film(more) {
  const still = make("video", "");
  still.src = shown(more);
  still.preload = "metadata";
  still.muted = true;
  const button = make("button", "picture film", still, icon("play"));
  button.setAttribute("aria-label", "播放视频");
  still.onloadeddata = () => button.dispatchEvent(new Event("grown", { bubbles: true }));
  button.onclick = () => {
    const large = make("video", "");
    large.src = still.src;
    large.controls = large.autoplay = true;
    light(large);
  };
  return button;
}

function light(large) {
  const dialog = document.getElementById("light");
  dialog.replaceChildren(large);
  dialog.onclick = () => dialog.close();
  dialog.onclose = () => dialog.replaceChildren();
  dialog.showModal();
}

function voice(bubble) {
  const seconds = Math.max(1, Number(bubble.more.seconds) || 1);
  const button = make("button", "words voice", icon("wave"), make("span", "", seconds + "″"));
  button.style.setProperty("--seconds", Math.min(seconds, 60));
  button.setAttribute("aria-label", `语音 ${seconds} 秒`);
  button.onclick = () => {
    button.classList.add("playing");
    const still = () => button.classList.remove("playing");
    if (!bubble.sounds) return setTimeout(still, seconds * 1000);
    const sound = new Audio(shown(bubble.more));
    sound.onended = sound.onerror = still;
    return sound.play().catch(still);
  };
  return button;
}

function place(more) {
  const where = `${Number(more.latitude).toFixed(4)}, ${Number(more.longitude).toFixed(4)}`;
  return make("div", "card-in place", make("b", "", more.label || "位置"), make("small", "", where), make("i", "map", icon("pin")));
}

function card(bubble) {
  const { title, description, url } = bubble.more;
  const told = make("div", "told", make("p", "", description || (url ?? "")), make("i", "thumb", icon("link")));
  const whole = make(url && /^https?:/.test(url) ? "a" : "div", "card-in news", make("b", "", title || bubble.text), told);
  if (whole.tagName === "A") Object.assign(whole, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return whole;
}

function noticeCard(bubble) {
  const rows = bubble.more.rows.map(([label, value]) => make("p", "", make("span", "", label), make("b", "", value)));
  const head = make("h3", "", bubble.more.title);
  const kind = make("small", "", bubble.via === "template" ? "服务通知 · 模板消息" : "服务通知 · 订阅");
  const url = bubble.more.url;
  const foot = make(/^https?:/.test(url) ? "a" : "span", "foot", "查看详情", make("i", "", "›"));
  if (foot.tagName === "A") Object.assign(foot, { href: url, target: "_blank", rel: "noopener noreferrer" });
  const whole = make("section", "notice by-" + bubble.via, kind, head, ...rows, foot);
  whole.title = timeOf(bubble.at);
  return whole;
}
