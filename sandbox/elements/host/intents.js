/** Confirming and reading intents: what `stripe.confirmSetup`, `confirmPayment`, `handleNextAction` and the retrievals do. */

import { callApi, parseClientSecret, retrieveIntent } from "../common/wire.js";
import { authenticate, leaveFor } from "./authentication.js";
import { demandDetails } from "./billing-details.js";
import { IntegrationError, demand } from "./errors.js";
import { mergedDetails } from "./methods.js";

/** @typedef {"setup_intent" | "payment_intent"} Noun */
/** @typedef {{origin: string, key: string}} Account */

/** @type {Record<Noun, string>} */
const RESULT_NAMES = { setup_intent: "setupIntent", payment_intent: "paymentIntent" };
/** @type {Record<Noun, string>} */
const LAST_ERRORS = { setup_intent: "last_setup_error", payment_intent: "last_payment_error" };

/**
 * @param {Account} account @param {Noun} noun @param {string} method  the caller's name, for its messages
 * @param {{elements?: any, clientSecret?: string, confirmParams?: any, redirect?: "always" | "if_required"}} options
 */
export async function confirmIntent(account, noun, method, options) {
  const { elements, confirmParams = {}, redirect = "always" } = options ?? {};
  demand(["always", "if_required"].includes(redirect), `Invalid value for ${method}: redirect should be one of "always" or "if_required".`);
  demand(
    redirect === "if_required" || confirmParams.return_url,
    `Missing required param for ${method}: confirmParams.return_url must be provided unless redirect is "if_required".`,
  );
  const clientSecret = options.clientSecret ?? elements?._options.clientSecret;
  demand(
    parseClientSecret(clientSecret)?.noun === noun,
    `Missing value for ${method}: clientSecret should be a client secret of the form \${id}_secret_\${secret} of a ${noun}.`,
  );
  const returnUrl = confirmParams.return_url;
  const params = { client_secret: clientSecret, use_stripe_sdk: true, ...confirmParams };
  const sent = elements && !confirmParams.payment_method && !confirmParams.confirmation_token
    ? await confirmElements(account, elements, noun, method, params)
    : await confirmDirectly(account, noun, params);
  const result = await settle(account, noun, sent, returnUrl);
  if (redirect === "always" && !("error" in result)) return leaveFor(returnAddress(noun, returnUrl, clientSecret, result));
  return result;
}

/** @param {Account} account @param {Noun} noun @param {string} clientSecret */
export async function retrieve(account, noun, clientSecret) {
  demand(parseClientSecret(clientSecret)?.noun === noun, `Invalid value: this should be the client secret of a ${noun}.`);
  const { intent, error } = await retrieveIntent({ ...account, clientSecret });
  return error ? { error } : { [RESULT_NAMES[noun]]: intent };
}

/** @param {Account} account @param {{clientSecret: string}} options */
export async function handleNextAction(account, options) {
  const target = parseClientSecret(options?.clientSecret);
  demand(target, "stripe.handleNextAction(): clientSecret should be the client secret of a PaymentIntent or SetupIntent.");
  const read = await retrieveIntent({ ...account, clientSecret: options.clientSecret });
  if (read.error) return { error: read.error };
  if (read.intent.status !== "requires_action") {
    throw new IntegrationError(
      `handleNextAction: The ${RESULT_NAMES[target.noun]} supplied is not in the requires_action state (it is ${read.intent.status}).`,
    );
  }
  return settle(account, target.noun, read, undefined);
}

/** @param {Account} account @param {any} elements @param {Noun} noun @param {string} method @param {any} params */
async function confirmElements(account, elements, noun, method, params) {
  const deferred = !elements._options.clientSecret;
  demand(!deferred || elements._submitted, `${method}: elements.submit() must be called before, as the Elements have no clientSecret.`);
  const wallet = elements._takeWallet();
  if (wallet) return confirmDirectly(account, noun, { ...params, payment_method_data: { ...wallet, ...params.payment_method_data } });
  const payment = elements._mountedPayment(method);
  await payment._whenLoaded;
  const checked = await elements.submit();
  if (checked.error) return { error: checked.error };
  const billing = await elements._billing();
  if (!payment._picksSaved) {
    const details = mergedDetails(params.payment_method_data?.billing_details, billing);
    demandDetails(payment._options.fields, details, { path: "confirmParams.payment_method_data", method });
  }
  return payment._frame.ask("confirm", { noun, params, billing });
}

/** @param {Account} account @param {Noun} noun @param {any} params */
async function confirmDirectly(account, noun, params) {
  const target = parseClientSecret(params.client_secret);
  const path = `/v1/${noun}s/${target?.id}/confirm`;
  const { object, error } = await callApi({ ...account, method: "POST", path, params });
  return error ? { error } : { intent: object };
}

/**
 * Takes the person through 3-D Secure if need be and names the outcome as Stripe.js does.
 * @param {Account} account @param {Noun} noun
 * @param {import("../common/wire.js").IntentResult} sent
 * @param {string | undefined} returnUrl
 */
async function settle(account, noun, sent, returnUrl) {
  if (sent.error) return { error: sent.error };
  let intent = sent.intent;
  if (intent.status === "requires_action") {
    const returnTo = intent.next_action?.redirect_to_url?.return_url ?? returnUrl;
    await authenticate({ origin: account.origin, intent, returnUrl: returnTo });
    const read = await retrieveIntent({ ...account, clientSecret: intent.client_secret });
    if (read.error) return { error: read.error };
    intent = read.intent;
  }
  const lastError = intent[LAST_ERRORS[noun]];
  if (intent.status === "requires_payment_method" && lastError) return { error: { ...lastError, [noun]: intent } };
  return { [RESULT_NAMES[noun]]: intent };
}

/** @param {Noun} noun @param {string} returnUrl @param {string} clientSecret @param {any} result */
function returnAddress(noun, returnUrl, clientSecret, result) {
  const intent = result[RESULT_NAMES[noun]];
  const address = new URL(returnUrl, location.href);
  address.searchParams.set(noun, intent.id);
  address.searchParams.set(`${noun}_client_secret`, clientSecret);
  address.searchParams.set("redirect_status", intent.status === "processing" ? "processing" : "succeeded");
  return address.href;
}
