// The strip: each issue as a row that climbs the ladder, with its clock running.
// Knows the strip's data (strip.py) and the words for states. Must not know the phones.

import { make, timeOf } from "./words.js";

const STATES = { waiting: "等答复", in_hand: "处理中", resolved: "已办结，等评价", closed: "已结束", withdrawn: "已撤回" };
const DONE = ["closed", "withdrawn"];
let ahead = 0; // how far the board's clock is ahead of this browser's, in milliseconds
let drawn = "";

export function drawStrip(element, strip) {
  element.hidden = !strip;
  if (!strip) return;
  if (strip.now && strip.now !== element.dataset.now) {
    ahead = Date.parse(strip.now) - Date.now();
    element.dataset.now = strip.now;
  }
  const mark = JSON.stringify([strip.ok, strip.ladder, strip.issues]);
  if (mark === drawn) return;
  drawn = mark;
  const seen = new Map([...element.querySelectorAll(".issue")].map((row) => [row.dataset.no, row.dataset.tier]));
  element.replaceChildren(...(strip.issues.length ? strip.issues.map((one) => issueRow(one, strip.ladder)) : [nothing(strip.ok)]));
  for (const row of element.querySelectorAll(".issue")) {
    const before = seen.get(row.dataset.no);
    if (before === undefined) row.classList.add("new");
    else if (before !== row.dataset.tier) row.classList.add("climbed");
  }
  tickStrip(element);
}

function nothing(ok) {
  return make("p", "nothing", ok ? "还没有诉求。让一位居民说句话，例如「电梯坏了」，就会从这里开始往上走。" : "台账暂时读不到，正在重试…");
}

function issueRow(issue, ladder) {
  const tiers = ladder.length ? ladder : [{ key: issue.tier, name: issue.tier }];
  const reached = tiers.findIndex((tier) => tier.key === issue.tier);
  const done = DONE.includes(issue.state);
  const state = make("span", "state " + issue.state, STATES[issue.state] ?? issue.state);
  const title = make("div", "what", make("b", "", "#" + issue.no), make("span", "where", placeOf(issue)), state);
  const steps = make("ol", "steps", ...tiers.map((tier, at) => step(tier, at, reached, issue, done)));
  const row = make("div", "issue" + (done ? " done" : "") + (issue.urgent ? " urgent" : ""), title, steps);
  row.dataset.no = issue.no;
  row.dataset.tier = issue.tier;
  row.style.setProperty("--steps", tiers.length);
  return row;
}

function placeOf(issue) {
  return [issue.household ?? issue.unit ?? "", issue.category ?? ""].filter(Boolean).join(" · ");
}

function step(tier, at, reached, issue, done) {
  const element = make("li", at < reached ? "passed" : at === reached ? "here" : "ahead");
  element.dataset.at = Math.min(at, 3);
  element.append(make("span", "tier", tier.name));
  if (at !== reached) return element;
  if (issue.holder) element.append(make("span", "holder", issue.holder.name));
  if (!done && issue.due_at) {
    const left = make("span", "left");
    const bar = make("i", "clock");
    bar.dataset.from = Date.parse(issue.since);
    bar.dataset.to = Date.parse(issue.due_at);
    bar.dataset.quiet = issue.state === "resolved" ? "1" : "";
    left.title = "到 " + timeOf(issue.due_at);
    element.append(left, bar);
  }
  return element;
}

export function tickStrip(element) {
  const now = Date.now() + ahead;
  for (const bar of element.querySelectorAll(".clock")) {
    const [from, to] = [Number(bar.dataset.from), Number(bar.dataset.to)];
    const share = Math.max(0, Math.min(1, (to - now) / Math.max(1, to - from)));
    bar.style.setProperty("--left", share);
    bar.classList.toggle("short", share < 0.25 && !bar.dataset.quiet);
    bar.previousElementSibling.textContent = to > now ? duration(to - now) : "到时";
  }
}

function duration(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days}天${hours}时`;
  if (hours) return `${hours}时${String(minutes).padStart(2, "0")}分`;
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}
