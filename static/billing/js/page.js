/**
 * What the payment pages share: reading the server's configuration, waiting for Stripe.js, and a form
 * with its alert and its one button.
 */

import { clearAlert, showAlert } from "./alert.js";

/** Stripe.js has this long to arrive before the page offers to reload. */
const STRIPE_PATIENCE_MS = 12_000;

/**
 * @typedef {{form: HTMLFormElement, button: HTMLButtonElement, region: HTMLElement, texts: DOMStringMap}} Desk
 * @typedef {{publishableKey: string, clientSecret: string, locale: string, completeUrl: string,
 *   returnUrl: string, statusUrl: string, reasons: Record<string, string>}} PaymentConfig
 */

/** @param {string} id  of the JSON script that the server wrote */
export function readConfig(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** @param {string} selector @returns {Desk | null} */
export function findDesk(selector) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector(selector));
  const button = /** @type {HTMLButtonElement | null} */ (form?.querySelector("button[data-pay]") ?? null);
  const region = /** @type {HTMLElement | null} */ (form?.querySelector("[data-alert]") ?? null);
  return form && button && region ? { form, button, region, texts: form.dataset } : null;
}

/** @returns {Promise<import("@stripe/stripe-js").StripeConstructor>} Rejects when Stripe.js fails to load or takes too long. */
export function stripeLoaded() {
  return new Promise((resolve, reject) => {
    const settle = () => (window.Stripe ? resolve(window.Stripe) : reject(new Error("Stripe.js did not load")));
    if (window.Stripe) return settle();
    const script = document.querySelector("script[data-stripe-js]");
    script?.addEventListener("load", settle);
    script?.addEventListener("error", settle);
    setTimeout(settle, STRIPE_PATIENCE_MS);
  });
}

/** Django says "pt-br", Stripe "pt-BR". @param {string} locale @returns {any} */
export function stripeLocale(locale) {
  return locale.replace(/-[a-z]{2}$/, (region) => region.toUpperCase());
}

/** @param {Desk} desk @param {string | undefined} words  what the button says meanwhile */
export function work({ button, region }, words) {
  clearAlert(region);
  button.dataset.idle ??= button.textContent ?? "";
  button.textContent = words ?? button.dataset.idle;
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
}

/** Whether something is under way; a button may be disabled for other reasons. @param {Desk} desk */
export function isBusy({ button }) {
  return button.hasAttribute("aria-busy");
}

/** @param {Desk} desk */
export function rest({ button }) {
  if (button.dataset.idle) button.textContent = button.dataset.idle;
  button.removeAttribute("aria-busy");
  button.disabled = false;
}

/** @param {Desk} desk */
export function offerReload({ region, texts }) {
  showAlert(region, texts.unloaded ?? "", [{ label: texts.reload ?? "", run: () => location.reload() }]);
}
