// The page: keeps the stream open and hands each piece to the part that draws it.
// Knows the stream's document (stage.py, `drawn`). Must not know how a phone or the strip looks.

import { makePhone } from "./phone.js";
import { drawStrip, tickStrip } from "./strip.js";

const phones = new Map();
const byId = (id) => document.getElementById(id);
let latest = null;

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.ok;
}

function act(key, deed) {
  return post("phones/" + encodeURIComponent(key), deed);
}

function drawTop(stage) {
  const link = byId("link");
  link.textContent = stage.connected ? "服务已接通" : "正在等候服务应答…";
  link.classList.toggle("on", stage.connected);
  const ready = byId("ready");
  ready.hidden = stage.ready;
  ready.disabled = stage.readying || !stage.connected;
  ready.textContent = stage.readying ? "正在就位…" : "一键就位";
  const sample = demonstration(stage);
  byId("demo").hidden = !sample || !stage.ready;
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
      phone = makePhone(data, (deed) => act(data.key, deed), () => choosePoster(data.key));
      phones.set(data.key, phone);
      byId("phones").append(phone.element);
      byId("tabs").append(makeTab(data, phone.element));
    }
    phone.draw(data, stage);
  }
}

function makeTab(data, element) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.dataset.for = data.key;
  tab.textContent = data.name;
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

function choosePoster(key) {
  const wall = byId("posters").querySelector(".wall");
  wall.replaceChildren(
    ...latest.posters.map((poster) => {
      const button = document.createElement("button");
      button.className = "poster";
      button.value = poster.scene;
      const door = document.createElement("b");
      door.textContent = poster.door;
      const picture = document.createElement("img");
      picture.src = "poster/" + encodeURIComponent(poster.scene);
      picture.alt = "二维码";
      const words = document.createElement("span");
      words.textContent = "微信扫一扫，找到您的联络员";
      button.append(door, picture, words);
      return button;
    }),
  );
  const dialog = byId("posters");
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue && act(key, { do: "scan", text: dialog.returnValue });
  dialog.showModal();
}

function listen() {
  const stream = new EventSource("events");
  stream.onopen = () => phones.forEach((phone) => phone.clear());
  stream.onmessage = (event) => {
    latest = JSON.parse(event.data);
    drawTop(latest);
    drawPhones(latest);
    drawStrip(byId("strip"), latest.strip);
  };
  stream.onerror = () => {
    byId("link").textContent = "与模拟器断开，正在重连…";
    byId("link").classList.remove("on");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

byId("ready").onclick = () => post("ready", {});
byId("demo").onclick = () => {
  const sample = demonstration(latest);
  if (sample) act(sample.key, { do: "say", text: sample.words });
};
setInterval(() => tickStrip(byId("strip")), 250);
listen();
