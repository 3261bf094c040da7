/** Confirming the SetupIntent, whatever it is paid with; then the server completes the checkout. */

import { showAlert } from "./alert.js";
import { complete } from "./complete.js";
import { rest, work } from "./page.js";
import { explain } from "./reasons.js";

/**
 * @typedef {import("./page.js").PaymentConfig &
 *   {locale: string, returnUrl: string, email: string, name: string, currency: string,
 *    address: {country: string, line1: string, line2: string, city: string, state: string, postal_code: string}}} CheckoutConfig
 * @typedef {import("@stripe/stripe-js").Stripe} Stripe
 * @typedef {import("@stripe/stripe-js").StripeElements} StripeElements
 * @typedef {import("./page.js").Desk} Desk
 */

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
    rest(desk);
    // The field itself already says what is wrong with what was typed.
    if (error.type !== "validation_error") showAlert(desk.region, explain(error, config.reasons, desk.texts));
  } catch {
    rest(desk);
    showAlert(desk.region, explain(null, config.reasons, desk.texts));
  }
  return false;
}

/** @param {Stripe} stripe @param {StripeElements} elements @param {CheckoutConfig} config */
async function ask(stripe, elements, { clientSecret, returnUrl }) {
  const checked = await elements.submit();
  if (checked.error) return checked.error;
  const confirmParams = { return_url: returnUrl };
  return (await stripe.confirmSetup({ elements, clientSecret, confirmParams, redirect: "if_required" })).error;
}

/** In another tab, or by an attempt whose answer got lost. @param {import("@stripe/stripe-js").StripeError} error */
function isConfirmedAlready(error) {
  return error.setup_intent?.status === "succeeded";
}
