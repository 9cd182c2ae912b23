// What happens to what a person typed? It outlives an expired session, a lost connection and a mistaken click.
//
// <form data-keep="lot-new">        unsent fields are kept in this tab and put back after the page comes again
// <form data-kept-clear="lot-new">  on the page that follows success: forget them (also on any element)
// <meta name="csrf-token" content="…"> (or a cookie named by <meta name="csrf-cookie">) is sent with htmx requests
// <p data-kept-note hidden>         inside the form: shown when something was put back
// Passwords, files and hidden fields are never kept.

// htmx would write a <style> into the page and evaluate attributes: the page's policy allows neither.
if (window.htmx) {
  Object.assign(window.htmx.config, {
    includeIndicatorStyles: false, allowEval: false, allowScriptTags: false, selfRequestsOnly: true,
    historyCacheSize: 0, scrollBehavior: "auto",
  });
}

const PREFIX = "kept:";
const SKIPPED = new Set(["password", "hidden", "file", "submit", "button", "reset", "image"]);

/** Return what the form's fields hold, as [name, value] pairs; a ticked box counts, an unticked one does not. */
function contentOf(form) {
  return [...form.elements]
    .filter((field) => field.name && !SKIPPED.has(field.type) && !field.hasAttribute("data-no-keep"))
    .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
    .flatMap((field) => field.type === "select-multiple"
      ? [...field.selectedOptions].map((option) => [field.name, option.value])
      : [[field.name, field.value]]);
}

function save(form) {
  const key = PREFIX + form.dataset.keep;
  sessionStorage.setItem(key, JSON.stringify({ owner: form.dataset.keepOwner || "", content: contentOf(form) }));
}

/** Put kept content back into a fresh form, unless it was another person's. */
function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.keep) || "null");
  if (!kept || kept.owner !== (form.dataset.keepOwner || "")) return;
  const values = new Map();
  for (const [name, value] of kept.content) values.set(name, [...(values.get(name) || []), value]);
  let changed = false;
  for (const field of form.elements) {
    if (field.name && !SKIPPED.has(field.type)) changed = put(field, values.get(field.name) || []) || changed;
  }
  const note = form.querySelector("[data-kept-note]");
  if (changed && note) note.hidden = false;
}

function put(field, values) {
  if (["checkbox", "radio"].includes(field.type)) {
    const wanted = values.includes(field.value);
    if (field.checked === wanted) return false;
    field.checked = wanted;
  } else if (field.type === "select-multiple") {
    for (const option of field.options) option.selected = values.includes(option.value);
  } else {
    if (!values.length || field.value === values[0]) return false;
    [field.value] = values;
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function begin(root) {
  const all = (selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const element of all("[data-kept-clear]")) sessionStorage.removeItem(PREFIX + element.dataset.keptClear);
  for (const form of all("form[data-keep]")) {
    if (form.dataset.keepReady) continue;
    form.dataset.keepReady = "1";
    restore(form);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form || event.target.closest?.("form");
  if (form?.dataset.keep) save(form);
});

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await window.askFirst(event.detail.question)) event.detail.issueRequest(true);
});

function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content || "";
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Return the token that proves a request comes from this page. */
export function csrfToken() {
  return meta("csrf-token") || (meta("csrf-cookie") && cookie(meta("csrf-cookie")));
}

document.addEventListener("htmx:configRequest", (event) => {
  const token = csrfToken();
  if (token) event.detail.headers[meta("csrf-header") || "X-CSRF-Token"] = token;
});

// A session that ended answers 401: go and sign in, the form's content is kept.
document.addEventListener("htmx:responseError", (event) => {
  const signIn = meta("sign-in");
  if (event.detail.xhr.status !== 401 || !signIn) return;
  const here = encodeURIComponent(location.pathname + location.search);
  location.assign(`${signIn}?next=${here}`);
});

// Refusals (4xx with a page fragment) are shown in place like any answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { status } = event.detail.xhr;
  if (![409, 422].includes(status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
begin(document.documentElement);
