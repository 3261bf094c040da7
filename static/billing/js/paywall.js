/**
 * The price of a plan follows the number of units while it is typed: the same page is asked for anew, and
 * the parts of it that hang on the number are taken over. Without this, the form's button does the same.
 */

import "./period.js";

const PAUSE_MS = 250;
const FORMS = "form[data-units], form.choices";
const HIDDEN = "input[type=hidden]";

/** @param {HTMLFormElement} form */
function follow(form) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | undefined} */
  let running;

  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });

  function later() {
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(show, PAUSE_MS);
  }

  async function show() {
    clearTimeout(timer);
    running?.abort();
    const asked = (running = new AbortController());
    const address = addressOf(form);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (asked.signal.aborted) return;
      takeOver(page, form);
      history.replaceState(history.state, "", address);
    } catch {
      if (!asked.signal.aborted) location.assign(address);
    }
  }
}

/** @param {HTMLFormElement} form @returns {string} */
function addressOf(form) {
  const query = new URLSearchParams();
  new FormData(form).forEach((value, name) => query.set(name, String(value)));
  return `${form.action.split("?")[0]}?${query}`;
}

/**
 * Everything that hangs on quantities: this card's price and button, and the addresses that carry them on.
 * The field that is being typed in stays as it is.
 * @param {Document} page @param {HTMLFormElement} form
 */
function takeOver(page, form) {
  const card = form.closest("[data-plan]");
  const id = card?.getAttribute("data-plan") ?? "";
  card?.querySelectorAll("[data-live]").forEach((part) => {
    const selector = `[data-plan="${CSS.escape(id)}"] [data-live="${part.getAttribute("data-live")}"]`;
    part.replaceChildren(...(page.querySelector(selector)?.childNodes ?? []));
  });
  const forms = page.querySelectorAll(FORMS);
  document.querySelectorAll(FORMS).forEach((each, index) => {
    each.querySelectorAll(HIDDEN).forEach((input) => input.remove());
    each.prepend(...(forms[index]?.querySelectorAll(HIDDEN) ?? []));
  });
  const periods = page.querySelector(".periods");
  if (periods) document.querySelector(".periods")?.replaceWith(periods);
}

document.querySelectorAll("form[data-units]").forEach((form) => follow(/** @type {HTMLFormElement} */ (form)));
