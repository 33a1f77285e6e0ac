// Words of a bubble as nodes: links as WeChat makes them, everything else as plain text.
// Knows <a href="http…">, <a href="weixin://bizmsgmenu?…"> and bare addresses. Nothing in the
// words is ever taken as HTML.

const PIECES = /<a\s[^>]*?href="([^"]*)"[^>]*>([^<]*)<\/a>|(https?:\/\/[^\s<>"'，。；！？、（）]+)/g;

export function wordsToNodes(text, click) {
  const nodes = [];
  let end = 0;
  for (const piece of text.matchAll(PIECES)) {
    nodes.push(document.createTextNode(text.slice(end, piece.index)));
    nodes.push(linkFor(piece[1] ?? piece[3], piece[2] ?? piece[3], click) ?? document.createTextNode(piece[0]));
    end = piece.index + piece[0].length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

function linkFor(address, label, click) {
  if (address.startsWith("weixin://bizmsgmenu?")) return menuLink(address, label, click);
  if (!/^https?:\/\//.test(address)) return null;
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = label;
  return link;
}

function menuLink(address, label, click) {
  const query = new URLSearchParams(address.slice(address.indexOf("?") + 1).replaceAll("&amp;", "&"));
  const content = query.get("msgmenucontent");
  const id = query.get("msgmenuid");
  if (!content || !id) return null;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "menulink";
  button.textContent = label;
  button.onclick = () => click(content, id);
  return button;
}

const CLOCK = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false,
});
const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric" });

export function timeOf(moment) {
  const at = new Date(moment);
  const today = DAY.format(at) === DAY.format(new Date());
  return (today ? "" : DAY.format(at) + " ") + CLOCK.format(at);
}

export function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  if (tag === "button") element.type = "button";
  return element;
}
