/** A form that is sent once: the second click does nothing, the button says that it works. */

/** @param {HTMLFormElement} form */
function guard(form) {
  const first = form.querySelector("button[data-submit]") ?? form.querySelector("button");
  let pressed = first;
  let idle = "";
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-sent")) return event.preventDefault();
    pressed = event.submitter ?? first;
    const label = labelOf(pressed);
    idle = label?.textContent ?? "";
    form.setAttribute("data-sent", "");
    pressed?.setAttribute("aria-busy", "true");
    if (label) label.textContent = form.dataset.working ?? idle;
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted || !pressed) return;
    form.removeAttribute("data-sent");
    pressed.removeAttribute("aria-busy");
    const label = labelOf(pressed);
    if (label && idle) label.textContent = idle;
  });
}

/** What of a button holds its words: where that is an element of its own, the live total still looks for it. @param {Element | null} button */
function labelOf(button) {
  return button?.querySelector("span[id]") ?? button;
}

document.querySelectorAll("form[data-submit-once]").forEach((form) => guard(/** @type {HTMLFormElement} */ (form)));
