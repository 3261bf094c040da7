/** Confirming the SetupIntent, whatever it is paid with; then the server completes the checkout. */

import { showAlert } from "./alert.js";
import { complete } from "./complete.js";
import { rest, work } from "./page.js";
import { explain } from "./reasons.js";

/**
 * @typedef {import("./page.js").PaymentConfig &
 *   {locale: string, agreeUrl: string, agreed: string, email: string, name: string, currency: string,
 *    address: {country: string, line1: string, line2: string, city: string, state: string, postal_code: string}}} CheckoutConfig
 * @typedef {import("@stripe/stripe-js").Stripe} Stripe
 * @typedef {import("@stripe/stripe-js").StripeElements} StripeElements
 * @typedef {import("./page.js").Desk} Desk
 */

/** Our server answers at once; nobody should look at "Confirming…" for longer than this. */
const AGREE_PATIENCE_MS = 10_000;

/**
 * Leaves the page when all went well. Otherwise the page says why, and the answer is false.
 * @param {Desk} desk @param {Stripe} stripe @param {StripeElements} elements @param {CheckoutConfig} config
 */
export async function confirm(desk, stripe, elements, config) {
  work(desk, desk.texts.confirming);
  try {
    const error = await ask(stripe, elements, config);
    if (!error || isConfirmedAlready(error)) {
      await complete(desk, config);
      return true;
    }
    if (error.setup_intent?.status === "canceled") {
      // The order is over, or another one took its place; or too many cards were tried. The server knows.
      location.assign(config.statusUrl);
      return true;
    }
    rest(desk);
    // The field itself already says what is wrong with what was typed.
    if (error.type !== "validation_error") showAlert(desk.region, explain(error, config.reasons, desk.texts));
  } catch {
    rest(desk);
    showAlert(desk.region, explain(null, config.reasons, desk.texts));
  }
  return false;
}

/**
 * Tells our server at which price the card is given. Before Stripe has it: Stripe's webhook may come sooner than this
 * page's next word. Signed by the server, so that it is heard even from who has been signed out meanwhile.
 * @param {CheckoutConfig} config
 */
async function agree({ agreeUrl, agreed }) {
  const signal = AbortSignal.timeout(AGREE_PATIENCE_MS);
  const answer = await fetch(agreeUrl, { method: "POST", body: new URLSearchParams({ agreed }), signal });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

/** @param {Stripe} stripe @param {StripeElements} elements @param {CheckoutConfig} config */
async function ask(stripe, elements, config) {
  const checked = await elements.submit();
  if (checked.error) return checked.error;
  await agree(config);
  const { clientSecret, returnUrl } = config;
  const confirmParams = { return_url: returnUrl };
  return (await stripe.confirmSetup({ elements, clientSecret, confirmParams, redirect: "if_required" })).error;
}

/** In another tab, or by an attempt whose answer got lost. @param {import("@stripe/stripe-js").StripeError} error */
function isConfirmedAlready(error) {
  return error.setup_intent?.status === "succeeded";
}
