/**
 * The one place of a page where mistakes are said: a `role="alert"` region that takes the focus. What
 * it says comes from the server (translated) or from Stripe; no sentence lives here.
 */

/** @typedef {{label: string, run?: () => void, href?: string}} Action */

/** @param {HTMLElement} region @param {string} text @param {Action[]} [actions] */
export function showAlert(region, text, actions = []) {
  const sentence = document.createElement("p");
  sentence.textContent = text;
  region.replaceChildren(sentence);
  if (actions.length) {
    const row = document.createElement("div");
    row.className = "button-row";
    row.append(...actions.map(control));
    region.append(row);
  }
  region.focus();
}

/** @param {HTMLElement} region */
export function clearAlert(region) {
  region.replaceChildren();
}

/** @param {Action} action */
function control({ label, run, href }) {
  const element = document.createElement(href ? "a" : "button");
  element.className = "button button--small button--secondary";
  element.textContent = label;
  if (element instanceof HTMLAnchorElement && href) element.href = href;
  if (element instanceof HTMLButtonElement && run) {
    element.type = "button";
    element.addEventListener("click", run);
  }
  return element;
}
