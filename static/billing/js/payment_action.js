/**
 * 3-D Secure on the first payment: goes to the bank at once, again on the button, and has the server
 * complete the checkout when the bank has answered. A bank with a page of its own leads to the return
 * page instead; whoever comes back from there by the browser's button is not sent off again unasked.
 */

import { showAlert } from "./alert.js";
import { complete } from "./complete.js";
import { findDesk, offerReload, readConfig, rest, stripeLoaded, stripeLocale, work } from "./page.js";
import { explain } from "./reasons.js";

/** @typedef {import("./page.js").Desk} Desk @typedef {import("./page.js").PaymentConfig} PaymentConfig */

/** @param {Desk} desk @param {PaymentConfig} config */
async function start(desk, config) {
  try {
    const Stripe = await stripeLoaded();
    const stripe = Stripe(config.publishableKey, { locale: stripeLocale(config.locale) });
    desk.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!desk.button.disabled) void authenticate(desk, stripe, config);
    });
    if (wasAsked(config.clientSecret)) rest(desk);
    else await authenticate(desk, stripe, config);
  } catch {
    offerReload(desk);
  }
}

/** @param {Desk} desk @param {import("@stripe/stripe-js").Stripe} stripe @param {PaymentConfig} config */
async function authenticate(desk, stripe, config) {
  work(desk, desk.texts.confirming);
  const error = await askBank(stripe, config);
  if (!error) return complete(desk, config);
  rest(desk);
  showAlert(desk.region, explain(error, config.reasons, desk.texts));
}

/** @param {import("@stripe/stripe-js").Stripe} stripe @param {PaymentConfig} config */
async function askBank(stripe, config) {
  const { clientSecret, returnUrl } = config;
  // Without a secret, or refused as a request: nothing is left to confirm (paid, or failed, elsewhere). The server knows.
  if (!clientSecret) return undefined;
  const answer = await stripe.confirmPayment({ clientSecret, confirmParams: { return_url: returnUrl }, redirect: "if_required" });
  return answer.error?.type === "invalid_request_error" ? undefined : answer.error;
}

/** Whether this tab has been to the bank for this payment, which is remembered by its id. @param {string | null} clientSecret */
function wasAsked(clientSecret) {
  const id = clientSecret?.split("_secret")[0];
  if (!id) return false;
  try {
    const before = sessionStorage.getItem("bank-asked");
    sessionStorage.setItem("bank-asked", id);
    return before === id;
  } catch {
    return false; // storage is switched off
  }
}

const desk = findDesk("[data-payment-action]");
const config = /** @type {PaymentConfig | null} */ (readConfig("action-config"));
if (desk && config) void start(desk, config);
