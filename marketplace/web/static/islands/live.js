// When must a part of a page that looks again by itself hold still? While somebody is at work in it.
//
// <section data-live hx-get="…" hx-trigger="every 3s" hx-swap="outerHTML">
// A question that is open, a field or button that has the focus, an unfolded <details>, something that is being
// dragged ([data-busy]): none is swapped away.

function busy(part) {
  const asked = document.querySelector("dialog[open]");
  return Boolean(asked || part.contains(document.activeElement) || part.querySelector("details[open], [data-busy]"));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt;
  if (part.matches("[data-live]") && busy(part)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (part?.matches("[data-live]") && busy(part)) event.detail.shouldSwap = false;
});
