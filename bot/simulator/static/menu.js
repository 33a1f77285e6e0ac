// The account's menu at the bottom of a chat, as this person sees it.
// Knows WeChat's buttons. Must not know what a tap causes.

import { make } from "./words.js";

export function drawMenu(menu, data, hands) {
  menu.hidden = !data.menu.length || !data.following;
  const mark = JSON.stringify(data.menu);
  if (menu.dataset.mark === mark) return;
  menu.dataset.mark = mark;
  menu.replaceChildren(...data.menu.map((button) => menuButton(menu, button, hands)));
}

function menuButton(menu, button, hands) {
  const below = button.sub_button ?? [];
  if (!below.length) {
    const leaf = make("button", "", button.name);
    leaf.onclick = () => tapped(menu, button, hands);
    return leaf;
  }
  const list = make("div", "below", ...below.map((one) => menuButton(menu, one, hands)));
  const head = make("button", "head", button.name);
  const whole = make("div", "tree", head, list);
  head.onclick = () => {
    const open = whole.classList.contains("open");
    close(menu);
    whole.classList.toggle("open", !open);
  };
  return whole;
}

function tapped(menu, button, hands) {
  close(menu);
  const key = button.key ?? button.url ?? "";
  if (button.type.startsWith("scancode")) return hands.scanFor(key);
  hands.act({ do: "tap", text: key });
  return button.url && window.open(button.url, "_blank", "noopener");
}

function close(menu) {
  menu.querySelectorAll(".open").forEach((one) => one.classList.remove("open"));
}
