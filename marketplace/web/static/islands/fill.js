// Which text goes into which field at one click? Without JavaScript the texts stand beside the field to be typed.
//
// <button type="button" data-fill="code" data-value="900-214-08">   several: data-fill="login password" data-value="a b"
// The field hears `input` (so that a form's content is kept) and `chosen` (so that htmx may ask what was chosen).

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-fill]");
  if (!button) return;
  const names = button.dataset.fill.split(" ");
  const values = button.dataset.value.split(" ");
  names.forEach((name, place) => fill(document.getElementById(name), values[place]));
  document.getElementById(names[0])?.focus();
});

function fill(field, value) {
  if (!field || value === undefined) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.dispatchEvent(new Event("chosen", { bubbles: true }));
}
