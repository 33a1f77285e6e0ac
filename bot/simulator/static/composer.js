// The row at the bottom of a chat: words, a voice held down, and the panel behind the plus.
// Knows files and the microphone. Must not know what is sent on or answered.

import { icon, make } from "./words.js";

const LARGEST_PICTURE = 2 << 20; // bytes; larger ones are made smaller, as phones do
const WIDEST = 1600;
const LONGEST = 60; // seconds of a voice
const PANEL = [
  { name: "照片", icon: "picture", file: "image", accept: "image/*" },
  { name: "视频", icon: "film", file: "video", accept: "video/mp4" },
  { name: "语音文件", icon: "sound", file: "voice", accept: ".amr,.mp3,audio/mpeg,audio/amr" },
  { name: "位置", icon: "pin", sample: "location" },
  { name: "示例照片", icon: "picture", sample: "image" },
  { name: "示例视频", icon: "film", sample: "video" },
  { name: "链接", icon: "link", sample: "link" },
  { name: "服务通知", icon: "bell", consent: true },
];

export function makeComposer(name, hands, say) {
  const line = make("input", "");
  line.setAttribute("aria-label", name + " 的话");
  line.placeholder = "说点什么";
  line.maxLength = 4000;
  const submit = make("button", "", "发送");
  submit.type = "submit";
  const speak = make("button", "speak", icon("wave"));
  speak.setAttribute("aria-label", "说话");
  const plus = make("button", "plus", icon("plus"));
  plus.setAttribute("aria-label", "发图片、语音、视频或位置");
  const hold = make("button", "hold", "按住 说话");
  const form = make("form", "line", speak, line, hold, plus, submit);
  const panel = make("div", "panel", ...PANEL.map((one) => tile(one, hands, () => open(false))));
  const whole = make("div", "composer", form, panel);
  const open = (on) => whole.classList.toggle("open", on);
  form.onsubmit = (event) => {
    event.preventDefault();
    say(line.value);
    line.value = "";
    line.focus({ preventScroll: true });
  };
  plus.onclick = () => open(!whole.classList.contains("open"));
  speak.onclick = () => whole.classList.toggle("spoken");
  line.onfocus = () => open(false);
  holdToTalk(hold, hands);
  return { whole, line };
}

function tile(one, hands, close) {
  const button = make("button", "", make("i", "", icon(one.icon)), make("span", "", one.name));
  button.dataset.kind = one.file ?? one.sample ?? "consent";
  if (one.file) {
    const chooser = make("input", "");
    chooser.type = "file";
    chooser.accept = one.accept;
    chooser.hidden = true;
    chooser.onchange = () => {
      if (chooser.files.length) sendFile(one.file, chooser.files[0], hands);
      chooser.value = "";
      close();
    };
    button.append(chooser);
    button.onclick = (event) => {
      if (event.target !== chooser) chooser.click(); // its own click comes up here too
    };
    return button;
  }
  button.onclick = () => {
    close();
    return one.consent ? hands.consent() : hands.act({ do: "send", text: one.sample });
  };
  return button;
}

async function sendFile(kind, file, hands) {
  const small = kind === "image" ? await smaller(file) : file;
  const answer = await hands.send(kind, small);
  if (!answer.ok) window.alert("这个文件微信发不了：图片要 JPG、PNG 或 GIF，视频要 10 MB 以内的 MP4，语音要 AMR 或 MP3。");
}

async function smaller(file) {
  const right = ["image/jpeg", "image/png", "image/gif"].includes(file.type);
  if (right && file.size <= LARGEST_PICTURE) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(picture.width * scale, picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
  } catch {
    return file; // what the browser cannot read, the platform refuses
  }
}

function holdToTalk(button, hands) {
  let talk = null;
  button.onpointerdown = async (event) => {
    button.setPointerCapture(event.pointerId);
    button.classList.add("held");
    button.textContent = "松开 发送";
    talk = { began: performance.now(), recorder: null, parts: [] };
    await listenTo(talk);
  };
  button.onpointerup = () => {
    button.classList.remove("held");
    button.textContent = "按住 说话";
    if (talk) finish(talk, hands);
    talk = null;
  };
  button.onpointercancel = button.onpointerup;
}

async function listenTo(talk) {
  try {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (talk.over) return sound.getTracks().forEach((track) => track.stop());
    talk.recorder = new MediaRecorder(sound);
    talk.recorder.ondataavailable = (event) => talk.parts.push(event.data);
    talk.recorder.start();
  } catch {
    talk.recorder = null; // no microphone: a silent sample of the same length is sent
  }
  return null;
}

function finish(talk, hands) {
  talk.over = true;
  const seconds = Math.min(LONGEST, Math.max(1, (performance.now() - talk.began) / 1000));
  const { recorder } = talk;
  if (!recorder) return hands.act({ do: "send", text: "voice", seconds });
  recorder.onstop = () => {
    recorder.stream.getTracks().forEach((track) => track.stop());
    hands.send("voice", new Blob(talk.parts), seconds.toFixed(1));
  };
  return recorder.stop();
}
