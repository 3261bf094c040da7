/**
 * The last step, after Stripe has said yes: ask our server to complete the checkout and go where it
 * says. The server may be asked as often as need be, it completes a checkout once.
 */

import { showAlert } from "./alert.js";
import { rest, work } from "./page.js";

/** Provisioning may take a minute; after that the wait page is the better place. */
const COMPLETE_PATIENCE_MS = 75_000;

/** @param {import("./page.js").Desk} desk @param {import("./page.js").PaymentConfig} config */
export async function complete(desk, config) {
  const { form, region, texts } = desk;
  work(desk, texts.finishing);
  try {
    location.assign(await ask(form, config));
  } catch (reason) {
    rest(desk);
    desk.button.disabled = true;
    if (reason instanceof SignedOut) {
      return showAlert(region, texts.signedOut ?? "", [{ label: texts.signIn ?? "", href: reason.message }]);
    }
    const text = reason instanceof Refusal ? reason.message : texts.cardSaved;
    showAlert(region, text ?? "", [
      { label: texts.retry ?? "", run: () => complete(desk, config) },
      { label: texts.status ?? "", href: config.statusUrl },
    ]);
  }
}

/** The server understood and said no; its message is meant for the customer. */
class Refusal extends Error {}

/** The session ended meanwhile; the message is where to sign in. What was entered is with Stripe already. */
class SignedOut extends Error {}

/**
 * @param {HTMLFormElement} form @param {import("./page.js").PaymentConfig} config
 * @returns {Promise<string>} where to go next
 */
async function ask(form, { completeUrl, statusUrl }) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken"));
  const shown = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("shown"));
  const answer = await fetch(completeUrl, {
    method: "POST",
    body: shown && new URLSearchParams({ shown: shown.value }),
    headers: { Accept: "application/json", "X-CSRFToken": token.value },
    signal: AbortSignal.timeout(COMPLETE_PATIENCE_MS),
  });
  if (answer.status >= 500) throw new Error(`${answer.status}`);
  // Anything but JSON (another session, checkout closed) is explained best by a page of its own.
  if (!answer.headers.get("Content-Type")?.includes("json")) return statusUrl;
  const { redirect, error, sign_in: signIn } = await answer.json();
  if (answer.status === 401 && signIn) throw new SignedOut(signIn);
  if (!answer.ok && error?.message) throw new Refusal(error.message);
  return redirect ?? statusUrl;
}
