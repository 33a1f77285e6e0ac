// The popup in which WeChat asks whether service notices may be sent.
// Knows the account's subscription templates and one person's consents.

import { make } from "./words.js";

const LASTING = { "long-term": "长期订阅", "one-time": "一次性订阅" };

export function askConsent(stage, key, act) {
  const dialog = document.getElementById("consent");
  const phone = stage.phones.find((one) => one.key === key);
  const templates = stage.console.subscriptions;
  const rows = templates.map((one) => templateRow(one, phone.consents[one.id] ?? 0, act, dialog));
  const all = templates.map((one) => one.id);
  const answer = (accepted) => {
    act({ do: "consent", all, accepted });
    dialog.close();
  };
  const chosen = () => all.filter((_id, at) => rows[at].querySelector("input").checked);
  const refuse = make("button", "soft", "拒绝");
  refuse.onclick = () => answer([]);
  const allow = make("button", "firm", "允许");
  allow.onclick = () => answer(chosen());
  const block = make("label", "block");
  const box = make("input", "");
  box.type = "checkbox";
  box.checked = phone.blocking;
  box.onchange = () => act({ do: "block", text: box.checked ? "on" : "off" });
  block.append(box, "这部手机拒收模板消息");
  dialog.replaceChildren(
    make("p", "asks", make("img", "mark"), make("b", "", stage.title), " 申请"),
    make("h2", "", "向" + phone.name + "发送以下服务通知"),
    ...rows,
    make("div", "answers", refuse, allow),
    block,
  );
  dialog.querySelector(".mark").src = "static/mark.svg";
  dialog.querySelector(".mark").alt = "";
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close(); // beside the question
  };
  dialog.showModal();
}

function templateRow(template, left, act, dialog) {
  const box = make("input", "");
  box.type = "checkbox";
  box.checked = true;
  const state = left ? (template.lasting === "long-term" ? "已同意" : `还可发 ${left} 条`) : LASTING[template.lasting];
  const row = make("label", "template", box, make("span", "", template.title), make("small", left ? "given" : "", state));
  if (!left) return row;
  const back = make("button", "", "收回");
  back.onclick = (event) => {
    event.preventDefault();
    act({ do: "revoke", text: template.id });
    dialog.close();
  };
  row.append(back);
  return row;
}
