// With which key does this terminal sign where there is no signal?
//
// <terminal-key data-owner text-…> offers to make one: Ed25519 where the browser has it, else ECDSA on P-256. The
// private half is not extractable and stays in this browser's IndexedDB; the server gets the public half, together
// with the person's password. Without WebCrypto (no TLS) nothing is offered and steps wait unsigned, as ever.

import { csrfToken } from "./forms.js";

const DATABASE = "huanlian-terminal";
const STORE = "keys";
const NUMBERS = "terminal-numbers";
const QUEUE = "drive-queue";
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const ALGORITHMS = { ed25519: { name: "Ed25519" }, p256: ECDSA };

/** Tell whether this browser can hold a key. */
export function possible() {
  return Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
}

function opened() {
  return new Promise((answer, fail) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "owner" });
    request.onsuccess = () => answer(request.result);
    request.onerror = () => fail(request.error);
  });
}

async function stored(mode, act) {
  const database = await opened();
  return new Promise((answer, fail) => {
    const request = act(database.transaction(STORE, mode).objectStore(STORE));
    request.onsuccess = () => answer(request.result);
    request.onerror = () => fail(request.error);
  }).finally(() => database.close());
}

/** Return the key that this terminal holds for a person, or nothing. */
export async function keyOf(owner) {
  if (!possible() || !owner) return undefined;
  return stored("readonly", (store) => store.get(owner)).catch(() => undefined);
}

/** Forget a key that the server no longer takes. */
export function forget(owner) {
  return stored("readwrite", (store) => store.delete(owner));
}

function hexOf(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sign a text and return the signature in hexadecimal. */
export async function sign(key, text) {
  const bytes = new TextEncoder().encode(text);
  return hexOf(await crypto.subtle.sign(ALGORITHMS[key.algorithm], key.pair.privateKey, bytes));
}

/** Return the SHA-256 of a text in hexadecimal. */
export async function hashOf(text) {
  return hexOf(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

async function made() {
  for (const [algorithm, wanted] of Object.entries(ALGORITHMS)) {
    try {
      return { algorithm, pair: await crypto.subtle.generateKey(wanted, false, ["sign", "verify"]) };
    } catch {
      // This browser does not have it: take the next.
    }
  }
  return undefined;
}

/** Make a key and have it bound to the person; return the reasons why not, none where it was. */
async function enrol(owner, label, password) {
  const key = await made();
  if (!key) return ["WebCrypto"];
  const publicKey = hexOf(await crypto.subtle.exportKey("raw", key.pair.publicKey));
  const claim = ["huanlian signing key", owner, key.algorithm, publicKey].join("\n");
  const body = new URLSearchParams({
    label, algorithm: key.algorithm, public_key: publicKey, signature: await sign(key, claim), signing_password: password,
  });
  const headers = { Accept: "application/json", "x-csrftoken": csrfToken() };
  const answer = await fetch("/account/keys", { method: "POST", body, headers, redirect: "manual" }).catch(() => undefined);
  if (!answer) return ["…"];
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) return [told.detail || told.title || String(answer.status), told.way_out].filter(Boolean);
  await stored("readwrite", (store) => store.put({ owner, id: told.id, label, ...key }));
  return [];
}

/** Ask for the few manifest numbers that this terminal may issue with where there is no signal. */
async function stockUp(key, site) {
  const headers = { Accept: "application/json", "x-csrftoken": csrfToken() };
  const request = { method: "POST", body: new URLSearchParams({ site }), headers, redirect: "manual" };
  const answer = await fetch(`/account/keys/${key.id}/numbers`, request).catch(() => undefined);
  if (!answer?.ok) return;
  const waiting = JSON.parse(localStorage.getItem(QUEUE) || "[]").map((entry) => entry.signed?.number);
  const { numbers } = await answer.json();
  keepNumbers(key, numbers.filter((number) => !waiting.includes(number)));
}

function numbersOf() {
  return JSON.parse(localStorage.getItem(NUMBERS) || "{}");
}

function keepNumbers(key, numbers) {
  localStorage.setItem(NUMBERS, JSON.stringify({ ...numbersOf(), [key.id]: numbers }));
}

/** Take one of the reserved numbers, nothing where none is left: then the number follows with the signal. */
export function takeNumber(key) {
  const [number, ...rest] = numbersOf()[key.id] || [];
  keepNumbers(key, rest);
  return number || "";
}

function make(tag, values, ...children) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...children);
  return element;
}

function field(words, values) {
  return make("label", { className: "field" }, words, make("input", { required: true, ...values }));
}

class TerminalKey extends HTMLElement {
  async connectedCallback() {
    if (!possible()) return;
    const key = await keyOf(this.dataset.owner);
    if (!key) return this.offer();
    this.replaceChildren(make("p", { className: "muted" }, `${this.text("have")} ${key.label}`));
    if (this.dataset.site) await stockUp(key, this.dataset.site);
  }

  text(name) {
    return this.getAttribute(`text-${name}`) || "";
  }

  offer() {
    const label = field(this.text("label"), { name: "label", maxLength: 60 });
    const password = field(this.text("password"), { type: "password", autocomplete: "current-password" });
    const told = make("div", { role: "alert" });
    const button = make("button", { className: "button" }, this.text("enrol"));
    const form = make("form", { className: "stack" }, make("p", {}, this.text("why")), told, label, password, button);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const value = (one) => one.querySelector("input").value.trim();
      const reasons = await enrol(this.dataset.owner, value(label), password.querySelector("input").value);
      button.disabled = false;
      told.replaceChildren(...reasons.map((reason) => make("p", { className: "error" }, reason)));
      if (!reasons.length) this.connectedCallback();
    });
    this.replaceChildren(make("details", { className: "card" }, make("summary", {}, this.text("offer")), form));
  }
}

customElements.define("terminal-key", TerminalKey);
