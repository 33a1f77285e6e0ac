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

const DATE = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false,
});

export function dateOf(moment) {
  return DATE.format(new Date(moment));
}

const ICONS = {
  scan: "M2 7V3.5A1.5 1.5 0 0 1 3.5 2H7M13 2h3.5A1.5 1.5 0 0 1 18 3.5V7M18 13v3.5a1.5 1.5 0 0 1-1.5 1.5H13M7 18H3.5A1.5 1.5 0 0 1 2 16.5V13M2 10h16",
  plus: "M10 1.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M10 6v8M6 10h8",
  wave: "M5.5 8.5a2.4 2.4 0 0 1 0 3M8.5 6a6 6 0 0 1 0 8M11.5 3.5a9.6 9.6 0 0 1 0 13",
  play: "M7 5l8 5-8 5z",
  pin: "M10 18s5.5-5.2 5.5-9.6a5.5 5.5 0 1 0-11 0C4.5 12.800 10 18 10 18zM10 10.200a2 2 0 1 0 0-4a2 2 0 1 0 0 4",
  link: "M8.500 11.500a3 3 0 0 0 4.200 0l3-3a3 3 0 0 0-4.200-4.200l-1.200 1.200M11.500 8.500a3 3 0 0 0-4.200 0l-3 3a3 3 0 0 0 4.200 4.200l1.200-1.200",
  picture: "M3 4h14v12H3zM3 13l4-4 4 4 2.500-2.500L17 14M13 7.500h.01",
  film: "M3 5h9.500v10H3zM12.500 9l4.500-2.500v7L12.500 11",
  sound: "M4 8v4h3l4 3.500v-11L7 8zM14 7.500a3.500 3.500 0 0 1 0 5",
  bell: "M5 14V9.500a5 5 0 0 1 10 0V14l1.500 1.500h-13zM8.500 17.500h3",
};

export function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  picture.append(path);
  return picture;
}

export function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  if (tag === "button") element.type = "button";
  return element;
}
