// Has the pressed step arrived? Without a signal it is kept on this terminal and sent again, as the same press.
//
// <form data-drive-step data-steps="arrived loaded …" data-plate> is sent from here instead of by the browser;
// <drive-queue text-…> shows what waits. Every press has its own `intent`; the server does an intent once,
// so sending it again can double nothing, and it leaves this terminal only when the server has answered.
// Where the terminal holds a key (terminal-key.js), a step without signal is signed with it, as of its own time and on
// the manifest as it was shown (data-seen), and chained to the one before; the server takes the chain in order.

import { csrfToken } from "./forms.js";
import { forget, hashOf, keyOf, sign, takeNumber } from "./terminal-key.js";

const KEY = "drive-queue";
const CHAIN = "drive-chain";
const MOST = 50;
const RETRY_MS = 5000;
const PLACE_MS = 4000;
const KEPT_STATES = new Set([401, 408, 425, 429]);

const queue = document.querySelector("drive-queue");
const text = (name) => queue?.getAttribute(`text-${name}`) || "";
const owner = queue?.dataset.owner || "";
const TAP_MS = 800;
let taken = []; // steps that the server has done and the page does not show yet
const passwords = new Map(); // by press, until the server has answered
let pressing = false;
let sending = false;
let token = csrfToken();

function all() {
  return JSON.parse(localStorage.getItem(KEY) || "[]");
}

/** Return what waits of the person who is signed in; a colleague's steps wait for the colleague. */
function kept() {
  return all().filter((entry) => entry.owner === owner);
}

function keep(entries) {
  const others = all().filter((entry) => entry.owner !== owner);
  localStorage.setItem(KEY, JSON.stringify([...others, ...entries]));
  render();
}

/** Return a fresh UUID; `crypto.randomUUID` is missing where the terminal has no TLS. */
function freshIntent() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Return what is still to be sent: what the server has set aside is only shown. */
function waiting() {
  return kept().filter((entry) => !entry.aside);
}

function change(intent, values) {
  keep(kept().map((entry) => (entry.intent === intent ? { ...entry, ...values } : entry)));
}

function drop(intent) {
  keep(kept().filter((entry) => entry.intent !== intent));
}

/** Return where the terminal is, or nothing: a refusal of the place stops no step. */
function place() {
  if (!navigator.geolocation) return Promise.resolve({});
  return new Promise((answer) => {
    const give = setTimeout(() => answer({}), PLACE_MS + 500);
    const done = (value) => { clearTimeout(give); answer(value); };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude }),
      () => done({}),
      { maximumAge: 60000, timeout: PLACE_MS, enableHighAccuracy: true },
    );
  });
}

function make(tag, values, ...children) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...children);
  return element;
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function render() {
  queue?.replaceChildren(...kept().map(card));
  document.querySelectorAll("form[data-drive-step]").forEach(offer);
}

function card(entry) {
  const title = make("p", { className: "kept__title" }, `${entry.plate} · ${entry.words}`);
  if (entry.prove) return proving(entry, title);
  if (entry.aside) {
    const look = make("a", { className: "button", href: `/kept-acts/${entry.aside}` }, text("look"));
    const seen = make("button", { type: "button", className: "button button--quiet" }, text("ok"));
    seen.addEventListener("click", () => drop(entry.intent));
    return make("div", { className: "kept", role: "status" }, title, make("p", {}, text("aside")),
      make("div", { className: "row" }, look, seen));
  }
  if (!entry.refused) {
    const still = entry.signed ? text("signed") : text("waiting");
    const state = sending ? text("sending") : `${entry.signIn ? text("sign-in") : still}`;
    const number = entry.signed?.number ? [make("p", {}, `${text("number")} ${entry.signed.number}`)] : [];
    return make("div", { className: "kept" }, title, make("p", {}, `${state} · ${text("saved")} ${clock(entry.at)}`),
      ...number);
  }
  const again = make("button", { type: "button", className: "button" }, text("again"));
  again.addEventListener("click", () => { change(entry.intent, { refused: null }); flush(); });
  const away = make("button", { type: "button", className: "button button--quiet" }, text("drop"));
  away.addEventListener("click", () => drop(entry.intent));
  return make("div", { className: "kept kept--refused", role: "alert" }, title, make("p", {}, text("refused")),
    ...entry.refused.map((reason) => make("p", {}, reason)), make("div", { className: "row" }, again, away));
}

/** Ask for the password where the step waits; it is sent with the step and kept nowhere. */
function proving(entry, title) {
  const field = make("input", { type: "password", autocomplete: "current-password", required: true });
  const label = make("label", {}, text("password"), field);
  const form = make("form", { className: "stack" }, label, make("button", { className: "button" }, text("sign")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    passwords.set(entry.intent, field.value);
    change(entry.intent, { prove: null });
    flush();
  });
  return make("div", { className: "kept", role: "alert" }, title, make("p", {}, text("prove")),
    ...(entry.prove === true ? [] : entry.prove.map((reason) => make("p", { className: "error" }, reason))), form);
}

/** Let the button offer the step after those that wait or are done; no second tap may meet another step. */
function offer(form) {
  const action = form.getAttribute("action");
  const mine = kept().filter((entry) => entry.action === action);
  const over = [...mine, ...taken.filter((entry) => entry.action === action)];
  const ahead = form.dataset.steps.split(" ").filter((step) => !over.some((entry) => entry.step === step));
  const button = form.querySelector("button");
  const blocked = !ahead.length || mine.some((entry) => entry.refused || entry.prove);
  button.disabled = blocked || pressing;
  form.hidden = blocked;
  if (!ahead.length) return;
  const field = form.elements.namedItem("step");
  if (field.value !== ahead[0]) form.elements.namedItem("intent").value = freshIntent();
  field.value = ahead[0];
  button.textContent = wordsOf(form, ahead[0]);
  const label = form.elements.namedItem("label");
  if (label) label.closest(".field").hidden = ahead[0] !== "loaded";
}

function wordsOf(form, step) {
  return form.querySelector(`template[data-words-of="${step}"]`)?.innerHTML.trim() || step;
}

async function press(form) {
  if (pressing) return;
  pressing = true;
  const values = Object.fromEntries(new FormData(form));
  const entry = {
    action: form.getAttribute("action"), step: values.step, intent: values.intent, plate: form.dataset.plate,
    words: wordsOf(form, values.step), at: Date.now(), owner,
    subject: form.dataset.subject, seen: JSON.parse(form.dataset.seen || "{}"),
    label: values.step === "loaded" ? values.label || "" : "",
  };
  keep([...kept().filter((one) => one.intent !== entry.intent), entry]);
  change(entry.intent, await place());
  await flush();
  setTimeout(() => { pressing = false; render(); }, TAP_MS);
}

/** Send what waits, in the order in which it was pressed; stop at the first that cannot go. */
async function flush() {
  if (sending) return;
  sending = true;
  render();
  let done = false;
  try {
    for (let entry = waiting()[0]; entry && !entry.refused && !entry.prove; entry = waiting()[0]) {
      if (!(await (entry.signed || behind(entry) ? handIn() : send(entry)))) break;
      done = true;
    }
  } finally {
    sending = false;
    render();
  }
  if (done) renew();
}

/** Send one step; true when the server has done it. Never forget it before the server has answered. */
async function send(entry) {
  const body = new URLSearchParams({
    step: entry.step, act: entry.step, intent: entry.intent, lat: entry.lat ?? "", lon: entry.lon ?? "",
    label: entry.label || "",
  });
  if (passwords.has(entry.intent)) body.set("signing_password", passwords.get(entry.intent));
  let answer;
  try {
    answer = await fetch(entry.action, {
      method: "POST", body, redirect: "manual", headers: { Accept: "application/json", "x-csrftoken": token },
    });
  } catch {
    await signWaiting();
    return false;
  }
  passwords.delete(entry.intent);
  if (answer.ok) {
    taken.push({ action: entry.action, step: entry.step });
    drop(entry.intent);
    return true;
  }
  if (answer.type === "opaqueredirect" || KEPT_STATES.has(answer.status) || answer.status >= 500) {
    change(entry.intent, { signIn: answer.status === 401 });
    return false;
  }
  const problem = await answer.json().catch(() => ({}));
  if (problem.code === "csrf") {
    await freshToken();
    return false;
  }
  if (problem.code === "proof_wanted" || problem.code === "wrong_password") {
    change(entry.intent, { prove: problem.code === "proof_wanted" || reasonsOf(problem) });
    return false;
  }
  change(entry.intent, { refused: reasonsOf(problem) });
  return false;
}

/** Tell whether an earlier step of the same trip was set aside: this one can only follow it in the chain. */
function behind(entry) {
  return kept().some((one) => one.aside && one.action === entry.action);
}

function heads() {
  return JSON.parse(localStorage.getItem(CHAIN) || "{}");
}

/** Sign what waits, in order, with this terminal's key; `from` is where the server says that the chain stands. */
async function signWaiting(from = null) {
  const key = await keyOf(owner);
  if (!key) return undefined;
  if (from) localStorage.setItem(CHAIN, JSON.stringify({ ...heads(), [key.id]: from }));
  let head = heads()[key.id] || { seq: 0, hash: "" };
  for (const entry of waiting()) {
    if (entry.refused || entry.prove) break;
    if (!entry.signed || from) change(entry.intent, { signed: await signedBy(key, entry, head) });
    const { seq, hash } = kept().find((one) => one.intent === entry.intent).signed;
    head = { seq, hash };
  }
  return key;
}

async function signedBy(key, entry, head) {
  const number = entry.signed?.number ?? (entry.step === "issue" ? takeNumber(key) : "");
  const statement = JSON.stringify({
    v: 1, key: key.id, seq: head.seq + 1, previous: head.hash, act: entry.step, subject: entry.subject,
    intent: entry.intent, seen: entry.seen || {}, at: new Date(entry.at).toISOString(),
    lat: entry.lat ?? null, lon: entry.lon ?? null, number, label: entry.label || "",
  });
  return { number, key: key.id, seq: head.seq + 1, hash: await hashOf(statement), statement, signature: await sign(key, statement) };
}

/** Hand in what was signed; true when the server has taken it, on the manifest or aside. */
async function handIn() {
  const key = await signWaiting();
  if (!key) return false;
  const entries = waiting().filter((entry) => entry.signed).slice(0, MOST);
  const items = entries.map(({ signed: { statement, signature } }) => ({ statement, signature }));
  let answer;
  try {
    answer = await fetch("/kept-acts", {
      method: "POST", redirect: "manual", body: JSON.stringify({ key_id: key.id, items }),
      headers: { Accept: "application/json", "Content-Type": "application/json", "x-csrftoken": token },
    });
  } catch {
    return false;
  }
  if (answer.ok) {
    const { head, items: done } = await answer.json();
    localStorage.setItem(CHAIN, JSON.stringify({ ...heads(), [key.id]: head }));
    entries.forEach((entry, place) => settled(entry, done[place]));
    return true;
  }
  return notTakenIn(answer, key, entries);
}

function settled(entry, { id, state }) {
  if (state === "conflict" || state === "waiting") {
    change(entry.intent, { aside: id });
    return;
  }
  taken.push({ action: entry.action, step: entry.step });
  drop(entry.intent);
}

async function notTakenIn(answer, key, entries) {
  if (answer.type === "opaqueredirect" || KEPT_STATES.has(answer.status) || answer.status >= 500) {
    entries.forEach((entry) => change(entry.intent, { signIn: answer.status === 401 }));
    return false;
  }
  const problem = await answer.json().catch(() => ({}));
  if (problem.code === "csrf") {
    await freshToken();
  } else if (problem.code === "chain_broken") {
    const head = await headOf(key);
    if (head) await signWaiting(head);
  } else if (problem.code === "signature_wrong" || (problem.code === "not_found" && !(await headOf(key)))) {
    await forget(owner);
    entries.forEach((entry) => change(entry.intent, { signed: null }));
  } else {
    entries.forEach((entry) => change(entry.intent, { refused: reasonsOf(problem) }));
  }
  return false;
}

/** Ask the server where the chain of a key stands. */
async function headOf(key) {
  try {
    const keys = await (await fetch("/api/v1/signing-keys", { headers: { Accept: "application/json" } })).json();
    const own = keys.find((one) => one.id === key.id);
    return own && { seq: own.last_seq, hash: own.last_hash };
  } catch {
    return undefined;
  }
}

/** A page kept open for days has an old token: read a new one. */
async function freshToken() {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    token = page.querySelector('meta[name="csrf-token"]')?.content || token;
  } catch {
    // Still no signal: the next round tries again.
  }
}

function reasonsOf(problem) {
  const several = problem.errors?.length ? problem.errors : [problem];
  return several.flatMap((one) => [one.detail || problem.title, one.way_out, one.rule && `${one.rule} · ${one.article}`])
    .filter(Boolean);
}

function renew() {
  if (document.getElementById("live")) window.htmx?.trigger("#live", "refresh");
  else location.reload();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-drive-step]");
  if (!form) return;
  event.preventDefault();
  press(form);
});
document.addEventListener("htmx:afterSwap", () => {
  const shown = [...document.querySelectorAll("form[data-drive-step]")];
  taken = taken.filter(({ action, step }) => shown.some((form) =>
    form.getAttribute("action") === action && form.dataset.steps.split(" ").includes(step)));
  render();
});
window.addEventListener("online", flush);
window.addEventListener("storage", render);
setInterval(() => waiting().length && flush(), RETRY_MS);
render();
flush();
