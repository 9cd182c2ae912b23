// Is this really meant? Asked before anything that is hard to take back.
//
// <button data-confirm="…">   asks before the form is sent (also on the form itself)
// window.askFirst("…")        asks in the page's own dialog; resolves to the answer
//
// A plain script that the page waits for: a quick hand would else send a form before the modules have come in,
// and nobody would have asked.

(function confirmation() {
  window.askFirst = function askFirst(words) {
    const dialog = document.getElementById("confirm-dialog");
    if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(window.confirm(words));
    dialog.querySelector("[data-words]").textContent = words;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((answer) => {
      dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    });
  };

  document.addEventListener("submit", async (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (!words || event.target.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await window.askFirst(words))) return;
    event.target.dataset.confirmed = "1";
    event.target.requestSubmit(event.submitter);
    delete event.target.dataset.confirmed;
  }, true);
}());
