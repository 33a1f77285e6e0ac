// The wall of door posters: choose whose phone scans, click a poster.
// Knows the stage's posters and phones. Must not know what a scan causes.

import { make } from "./words.js";

export function openWall(stage, key, scanned) {
  const dialog = document.getElementById("posters");
  let who = key ?? (stage.phones.find((phone) => !phone.following) ?? stage.phones[0]).key;
  const people = make("div", "scanners");
  const drawPeople = () =>
    people.replaceChildren(
      ...stage.phones.map((phone) => {
        const button = make("button", phone.key === who ? "on" : "", phone.name);
        button.setAttribute("aria-pressed", String(phone.key === who));
        button.onclick = () => {
          who = phone.key;
          drawPeople();
        };
        return button;
      }),
    );
  drawPeople();
  const wall = make("div", "wall", ...stage.posters.map((poster) => posterButton(poster, () => {
    dialog.close();
    scanned(who, poster.scene);
  })));
  const away = make("button", "soft", "不扫了");
  away.onclick = () => dialog.close();
  const heading = make("h2", "", "点一张门牌，等于用这部手机扫它");
  dialog.replaceChildren(heading, people, wall, away);
  dialog.showModal();
}

function posterButton(poster, chosen) {
  const picture = make("img", "");
  picture.src = "poster/" + encodeURIComponent(poster.scene);
  picture.alt = "二维码";
  const button = make(
    "button",
    "poster",
    make("small", "", "户联网 · 我的门牌"),
    make("b", "", poster.door),
    picture,
    make("span", "", "微信扫一扫，找到您的联络员"),
  );
  button.onclick = chosen;
  return button;
}
