// The page: keeps the stream open and hands each piece to the part that draws it.
// Knows the stream's document (drawing.py). Must not know how a phone or the strip looks.

import { drawConsole, toggleConsole } from "./console.js";
import { askConsent } from "./consent.js";
import { makePhone } from "./phone.js";
import { openWall } from "./posters.js";
import { drawStrip, tickStrip } from "./strip.js";
import { dateOf, make } from "./words.js";

const phones = new Map();
const byId = (id) => document.getElementById(id);
let latest = null;
let ahead = 0; // how far WeChat's clock is ahead of this browser's, in milliseconds

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.ok;
}

function handsOf(key) {
  const path = "phones/" + encodeURIComponent(key);
  const act = (deed) => post(path, deed);
  const send = (kind, blob, seconds) =>
    fetch(`${path}/media?kind=${kind}&seconds=${seconds ?? 0}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: blob,
    });
  return {
    act,
    send,
    scan: () => openWall(latest, key, (who, scene) => handsOf(who).act({ do: "scan", text: scene })),
    scanFor: (menuKey) => openWall(latest, key, (_who, scene) => act({ do: "tap", text: menuKey, scanned: scene })),
    consent: () => askConsent(latest, key, act),
  };
}

function drawTop(stage) {
  const link = byId("link");
  link.textContent = stage.connected ? "服务已接通" : "正在等候服务应答…";
  link.classList.toggle("on", stage.connected);
  const ready = byId("ready");
  ready.hidden = stage.ready;
  ready.disabled = stage.readying || !stage.connected;
  ready.textContent = stage.readying ? "正在就位…" : "一键就位";
  byId("demo").hidden = !demonstration(stage) || !stage.ready;
  byId("wall").hidden = !stage.posters.length;
  byId("clock").hidden = !stage.ahead;
  ahead = Date.parse(stage.now) - Date.now();
  tick();
}

function tick() {
  byId("clock").textContent = "微信的钟 " + dateOf(Date.now() + ahead);
}

function demonstration(stage) {
  for (const phone of stage.phones) {
    const words = phone.key.startsWith("resident") && phone.say.find((one) => one.includes("电梯"));
    if (words && phone.following) return { key: phone.key, words };
  }
  return null;
}

function drawPhones(stage) {
  for (const data of stage.phones) {
    let phone = phones.get(data.key);
    if (!phone) {
      phone = makePhone(data, handsOf(data.key));
      phones.set(data.key, phone);
      byId("phones").append(phone.element);
      byId("tabs").append(makeTab(data, phone.element));
    }
    phone.draw(data, stage);
  }
}

function makeTab(data, element) {
  const tab = make("button", "", data.name);
  tab.dataset.for = data.key;
  tab.onclick = () => element.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
  element.addEventListener("heard", () => tab.classList.toggle("unread", !tab.classList.contains("on")));
  new IntersectionObserver(
    ([entry]) => {
      tab.classList.toggle("on", entry.isIntersecting);
      if (entry.isIntersecting) tab.classList.remove("unread");
    },
    { threshold: 0.6 },
  ).observe(element);
  return tab;
}

function listen() {
  const stream = new EventSource("events");
  stream.onopen = () => phones.forEach((phone) => phone.clear());
  stream.onmessage = (event) => {
    latest = JSON.parse(event.data);
    drawTop(latest);
    drawPhones(latest);
    drawStrip(byId("strip"), latest.strip);
    drawConsole(byId("console"), latest, post);
  };
  stream.onerror = () => {
    byId("link").textContent = "与模拟器断开，正在重连…";
    byId("link").classList.remove("on");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

byId("ready").onclick = () => post("ready", {});
byId("knobs").onclick = () => toggleConsole(byId("console"), byId("knobs"));
byId("wall").onclick = () => openWall(latest, null, (who, scene) => handsOf(who).act({ do: "scan", text: scene }));
byId("demo").onclick = () => {
  const sample = demonstration(latest);
  if (sample) post("phones/" + encodeURIComponent(sample.key), { do: "say", text: sample.words });
};
setInterval(() => (tickStrip(byId("strip")), tick()), 250);
listen();
