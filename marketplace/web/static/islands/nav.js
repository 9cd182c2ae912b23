// When does an unfolded heading of the navigation fold again? On Escape, and when somebody goes elsewhere.

const folds = () => document.querySelectorAll(".nav__fold[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const fold of folds()) {
    fold.open = false;
    if (fold.contains(document.activeElement)) fold.querySelector("summary").focus();
  }
});

for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const fold of folds()) if (!fold.contains(event.target)) fold.open = false;
  });
}
