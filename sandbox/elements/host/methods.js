/** What the browser makes for a later call: payment methods and confirmation tokens. */

import { callApi } from "../common/wire.js";
import { demandDetails } from "./billing-details.js";
import { demand } from "./errors.js";

/** @typedef {import("./intents.js").Account} Account */

const METHOD = "stripe.createPaymentMethod()";
const TOKEN = "stripe.createConfirmationToken()";

/** @param {Account} account @param {{elements?: any, params?: any, type?: string}} options */
export async function createPaymentMethod(account, options) {
  const { elements, params = {} } = options ?? {};
  if (!elements) return createDirectly(account, options);
  demand(
    elements._options.paymentMethodCreation === "manual",
    `${METHOD}: the Elements must be created with paymentMethodCreation: "manual".`,
  );
  const wallet = elements._takeWallet();
  if (wallet) return createDirectly(account, wallet);
  const payment = elements._mountedPayment(METHOD);
  demand(elements._submitted, `${METHOD}: elements.submit() must be called before.`);
  const billing = await elements._billing();
  if (!payment._picksSaved) demandDetails(payment._options.fields, mergedDetails(params.billing_details, billing), { path: "params", method: METHOD });
  return payment._frame.ask("create", { params, billing });
}

/**
 * For a server, or for `confirmParams.confirmation_token`; good for one confirmation.
 * @param {Account} account @param {{elements?: any, params?: any}} options
 */
export async function createConfirmationToken(account, options) {
  const { elements, params = {} } = options ?? {};
  demand(elements, `${TOKEN} needs elements.`);
  const wallet = elements._takeWallet();
  if (wallet) return createToken(account, { ...params, payment_method_data: { ...wallet, ...params.payment_method_data } });
  const payment = elements._mountedPayment(TOKEN);
  demand(elements._submitted, `${TOKEN}: elements.submit() must be called before.`);
  const billing = await elements._billing();
  if (!payment._picksSaved) {
    const details = mergedDetails(params.payment_method_data?.billing_details, billing);
    demandDetails(payment._options.fields, details, { path: "params.payment_method_data", method: TOKEN });
  }
  return payment._frame.ask("tokenize", { params, billing });
}

/** @param {Account} account @param {any} params */
async function createToken(account, params) {
  const { object, error } = await callApi({ ...account, method: "POST", path: "/v1/confirmation_tokens", params });
  return error ? { error } : { confirmationToken: object };
}

/** @param {Account} account @param {any} params */
async function createDirectly(account, params) {
  demand(typeof params?.type === "string", `${METHOD} needs either elements or a type.`);
  demand(!params.card?.number, `${METHOD}: card numbers go through the Payment Element only; pass card: {token: "tok_visa"}.`);
  const { object, error } = await callApi({ ...account, method: "POST", path: "/v1/payment_methods", params });
  return error ? { error } : { paymentMethod: object };
}

/** The page's details over those of a billing Address Element. @param {any} details @param {any} billing */
export function mergedDetails(details, billing) {
  return { ...billing, ...details, address: { ...billing?.address, ...details?.address } };
}
