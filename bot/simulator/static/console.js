// The console: WeChat's clock, its switches, and bad days on order.
// Knows the console's data (drawing.py, `_console`) and what controls.py takes.

import { dateOf, make } from "./words.js";

const HOURS = [[1, "＋1 小时"], [24, "＋1 天"], [48, "＋48 小时"]];
const MODES = [["safe", "安全"], ["compatible", "兼容"], ["plain", "明文"]];
const REPEAT = [["reset", "重新计"], ["add", "累加"]];
const ACROSS = [["max", "取最多"], ["sum", "相加"]];
const MENU_IDS = [["given", "照常"], ["missing", "没有"], ["zero", "为 0"]];
const MISHAPS = [["drop", "丢失"], ["delay", "迟到（秒）"], ["duplicate", "重复送达"], ["reorder", "后发先至"]];
const FAULTS = [["errcode", "答错误码"], ["lose answer", "已办，应答丢了"], ["hang", "挂住再断开（秒）"], ["slow", "慢（秒）"], ["status", "答 HTTP 状态"]];
const CALLS = ["message/custom/send", "message/template/send", "message/subscribe/bizsend", "media/upload", "media/get", "stable_token", "qrcode/create", "menu/create", "user/info"];
const NUMBERS = { errcode: 45047, "lose answer": 0, hang: 8, slow: 3, status: 502, delay: 6, reorder: 5 };

let parts = null;

export function toggleConsole(element, button) {
  element.hidden = !element.hidden;
  document.body.classList.toggle("with-console", !element.hidden);
  button.setAttribute("aria-expanded", String(!element.hidden));
}

export function drawConsole(element, stage, post) {
  parts ??= build(element, stage, post);
  const { console: now } = stage;
  parts.clock.textContent = dateOf(stage.now) + (stage.ahead ? `　快 ${Math.round(stage.ahead / 3600)} 小时` : "");
  for (const [name, group] of Object.entries(parts.groups)) {
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === String(now[name])));
  }
  parts.fail.setAttribute("aria-pressed", String(now.fail_next > 0));
  parts.counts.textContent = `收到 ${now.counts.in} 条 · 被要求推送 ${now.counts.out} 条 · 服务通知 ${now.counts.notices} 条`;
  parts.broken.textContent = now.violations.length ? "不合规的应答：" + now.violations.at(-1) : "应答都合规";
  parts.broken.classList.toggle("bad", now.violations.length > 0);
  parts.waiting.replaceChildren(...now.troubles.map((one) => waitingRow(one, stage)));
  parts.clear.hidden = !now.troubles.length;
  parts.again.disabled = stage.replaying;
  parts.again.textContent = stage.replaying ? "正在重放…" : "重放…";
}

function build(element, stage, post) {
  const turn = (deed) => post("console", deed);
  const clock = make("p", "clockface");
  const steps = make("div", "group", ...HOURS.map(([hours, name]) => press(name, "", () => turn({ do: "advance", hours }))));
  const groups = {
    mode: group(MODES, (text) => turn({ do: "mode", text })),
    repeat: group(REPEAT, (repeat) => turn({ do: "quota", repeat, across: pressed(groups.across) })),
    across: group(ACROSS, (across) => turn({ do: "quota", repeat: pressed(groups.repeat), across })),
    menu_ids: group(MENU_IDS, (text) => turn({ do: "menu_ids", text })),
  };
  const fail = press("下一条系统失败", "", () => turn({ do: "fail_next", text: fail.getAttribute("aria-pressed") === "true" ? "off" : "on" }));
  const waiting = make("ul", "troubles");
  const clear = press("全部撤掉", "soft", () => turn({ do: "clear" }));
  const [save, again, chooser] = records(post);
  const counts = make("p", "");
  const broken = make("p", "");
  element.replaceChildren(
    section("微信的钟", clock, steps, make("p", "", "只拨微信这边：推送额度、三天的媒体、令牌和二维码随它到期。")),
    section("消息加密", groups.mode),
    section("推送额度", row("再说一句", groups.repeat), row("几种来源", groups.across)),
    section("来的路上", orders(MISHAPS, null, stage, (order) => turn({ do: "mishap", ...order })), row("菜单编号", groups.menu_ids)),
    section("服务调用微信", orders(FAULTS, CALLS, stage, (order) => turn({ do: "fault", ...order })), row("模板消息", make("div", "group", fail))),
    section("还没用掉的麻烦", waiting, clear),
    section("记录", make("div", "group", save, again, chooser), counts, broken),
  );
  return { clock, groups, fail, waiting, clear, again, counts, broken };
}

function section(name, ...inside) {
  return make("section", "", make("h2", "", name), ...inside);
}

function row(name, inside) {
  return make("div", "labelled", make("span", "", name), inside);
}

function press(name, kind, act) {
  const button = make("button", kind, name);
  button.onclick = act;
  return button;
}

function group(choices, chosen) {
  return make(
    "div",
    "group",
    ...choices.map(([value, name]) => {
      const button = press(name, "", () => chosen(value));
      button.value = value;
      return button;
    }),
  );
}

function pressed(one) {
  return one.querySelector("[aria-pressed=true]").value;
}

function orders(kinds, calls, stage, order) {
  const what = choice(kinds, "什么麻烦");
  const who = choice([["", "任何人"], ...stage.phones.map((phone) => [phone.key, phone.name])], "碰上谁");
  const call = calls && choice(calls.map((path) => [path, path]), "哪个接口");
  const number = field("数", NUMBERS[kinds[0][0]] ?? "");
  const times = field("次数", 1);
  what.onchange = () => {
    number.value = NUMBERS[what.value] ?? "";
    number.disabled = !(what.value in NUMBERS);
  };
  what.onchange();
  const go = press("布置", "firm", () =>
    order({ text: what.value, who: who.value, on: call?.value, number: number.value, times: times.value }));
  return make("div", "orders", ...[call, what, number, who, times, go].filter(Boolean));
}

function choice(options, label) {
  const list = make("select", "");
  list.setAttribute("aria-label", label);
  list.append(...options.map(([value, name]) => new Option(name, value)));
  return list;
}

function field(label, value) {
  const one = make("input", "");
  one.type = "number";
  one.min = 0;
  one.value = value;
  one.setAttribute("aria-label", label);
  return one;
}

function waitingRow(one, stage) {
  const names = Object.fromEntries([...MISHAPS, ...FAULTS]);
  const who = stage.phones.find((phone) => phone.key === one.who)?.name ?? "任何人";
  const number = one.what in NUMBERS && one.number ? " " + one.number : "";
  const words = [names[one.what].replace("（秒）", "") + number, one.on, who, `×${one.times}`];
  return make("li", "", words.filter(Boolean).join(" · "));
}

function records(post) {
  const save = make("a", "button", "导出");
  save.href = "transcript.json";
  save.download = "transcript.json";
  const chooser = make("input", "");
  chooser.type = "file";
  chooser.accept = "application/json";
  chooser.hidden = true;
  chooser.onchange = async () => {
    try {
      if (!(await post("replay", JSON.parse(await chooser.files[0].text())))) throw new Error("refused");
    } catch {
      window.alert("这个文件不是本页导出的记录。");
    }
    chooser.value = "";
  };
  const again = press("重放…", "", () => chooser.click());
  return [save, again, chooser];
}
