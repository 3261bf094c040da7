/** The live total: says when it is being worked out, and when that did not work. The last total stays readable. */

const live = document.getElementById("order-live");

/** @param {boolean} isBusy */
function mark(isBusy) {
  live?.setAttribute("aria-busy", String(isBusy));
}

document.body.addEventListener("htmx:beforeRequest", () => mark(true));
document.body.addEventListener("htmx:afterRequest", () => mark(false));
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => {
    const note = live?.querySelector("[data-stale]") ?? document.createElement("p");
    note.setAttribute("data-stale", "");
    note.className = "alert alert--warn";
    note.textContent = document.getElementById("order-form")?.dataset.stale ?? "";
    live?.append(note);
  });
}
