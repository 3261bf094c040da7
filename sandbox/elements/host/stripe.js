/** The global `Stripe(publishableKey, options)`: the surface of Stripe.js "endive" that a SetupIntent checkout uses. */

import { IntegrationError, demand } from "./errors.js";
import { Elements } from "./elements.js";
import { confirmIntent, handleNextAction, retrieve } from "./intents.js";
import { createConfirmationToken, createPaymentMethod } from "./methods.js";

const ORIGIN = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).origin;
const REMOVED = [
  "handleCardPayment",
  "confirmPaymentIntent",
  "handleFpxPayment",
  "handleCardSetup",
  "confirmSetupIntent",
  "createSource",
  "retrieveSource",
];

/** @param {string} key @param {{locale?: string}} [options] */
function Stripe(key, options = {}) {
  checkKey(key);
  const account = { origin: ORIGIN, key };
  const locale = options.locale ?? "auto";
  const stripe = {
    elements: (/** @type {any} */ groupOptions = {}) => new Elements({ ...account, locale }, groupOptions),
    confirmSetup: async (/** @type {any} */ request) => confirmIntent(account, "setup_intent", "stripe.confirmSetup()", request),
    confirmPayment: async (/** @type {any} */ request) => confirmIntent(account, "payment_intent", "stripe.confirmPayment()", request),
    retrieveSetupIntent: async (/** @type {string} */ secret) => retrieve(account, "setup_intent", secret),
    retrievePaymentIntent: async (/** @type {string} */ secret) => retrieve(account, "payment_intent", secret),
    createPaymentMethod: async (/** @type {any} */ request) => createPaymentMethod(account, request),
    createConfirmationToken: async (/** @type {any} */ request) => createConfirmationToken(account, request),
    handleNextAction: async (/** @type {any} */ request) => handleNextAction(account, request),
  };
  return Object.assign(stripe, removedMethods());
}

/** @param {string} key */
function checkKey(key) {
  demand(typeof key === "string" && key, "Please call Stripe() with your publishable key. You used an empty string.");
  demand(
    !/^(sk|rk)_/.test(key),
    "You should not use your secret key with Stripe.js. Please pass a publishable key instead.",
  );
  demand(!key.startsWith("pk_live_"), "This is the sandbox's Stripe.js: it refuses live keys.");
  demand(key.startsWith("pk_test_"), "Stripe() was called with something that is not a publishable key.");
}

function removedMethods() {
  const entries = REMOVED.map((name) => [
    name,
    () => {
      throw new IntegrationError(`stripe.${name}() was removed in the "dahlia" version of Stripe.js.`);
    },
  ]);
  return Object.fromEntries(entries);
}

Stripe.version = "endive";
Object.assign(window, { Stripe, __STRIPE_SHIM__: { origin: ORIGIN, version: "endive" } });
