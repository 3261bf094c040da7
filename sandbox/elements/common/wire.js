/**
 * What the page's side and the frames share: bracket-form encoding, one API call with a publishable
 * key, and the error object that Stripe.js resolves with. No DOM.
 */

/** @typedef {{type: string, code?: string, decline_code?: string, message?: string, param?: string, [key: string]: unknown}} StripeError */
/** @typedef {{id: string, object: string, status: string, client_secret: string, next_action: any, [key: string]: any}} Intent */
/** @typedef {{intent: Intent, error?: undefined} | {error: StripeError, intent?: undefined}} IntentResult */

const OUT_OF_REACH =
  "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.";

/**
 * `{card: {number: 1}}` → `card[number]=1`; null and undefined are left out.
 * @param {Record<string, any>} params
 */
export function toForm(params) {
  const form = new URLSearchParams();
  appendTo(form, "", params);
  return form;
}

/** @param {URLSearchParams} form @param {string} prefix @param {any} value */
function appendTo(form, prefix, value) {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    form.append(prefix, String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) appendTo(form, prefix ? `${prefix}[${key}]` : key, inner);
}

/**
 * Never rejects: a network failure is an `api_connection_error`, as Stripe.js has it.
 * @param {{origin: string, key: string, method: "GET" | "POST", path: string, params: Record<string, any>}} call
 * @returns {Promise<{object: any, error?: undefined} | {error: StripeError, object?: undefined}>}
 */
export async function callApi({ origin, key, method, path, params }) {
  const form = toForm(params);
  const address = method === "GET" ? `${origin}${path}?${form}` : `${origin}${path}`;
  const body = method === "POST" ? form : undefined;
  try {
    const response = await fetch(address, { method, body, headers: { Authorization: `Bearer ${key}` }, cache: "no-store" });
    const answer = await response.json();
    if (response.ok) return { object: answer };
    return { error: answer.error ?? { type: "api_error", message: "An unexpected error occurred." } };
  } catch {
    return { error: { type: "api_connection_error", message: OUT_OF_REACH } };
  }
}

/**
 * Where an intent lives, told from its client secret; null if it is no client secret at all.
 * @param {unknown} clientSecret
 * @returns {{id: string, collection: "setup_intents" | "payment_intents", noun: "setup_intent" | "payment_intent"} | null}
 */
export function parseClientSecret(clientSecret) {
  const match = typeof clientSecret === "string" ? /^((seti|pi)_[A-Za-z0-9]+)_secret_.+$/.exec(clientSecret) : null;
  if (!match) return null;
  if (match[2] === "seti") return { id: match[1], collection: "setup_intents", noun: "setup_intent" };
  return { id: match[1], collection: "payment_intents", noun: "payment_intent" };
}

/**
 * @param {{origin: string, key: string, clientSecret: string}} where
 * @returns {Promise<IntentResult>}
 */
export async function retrieveIntent({ origin, key, clientSecret }) {
  const target = parseClientSecret(clientSecret);
  if (!target) return { error: { type: "invalid_request_error", message: "Invalid client secret.", param: "client_secret" } };
  const path = `/v1/${target.collection}/${target.id}`;
  const { object, error } = await callApi({ origin, key, method: "GET", path, params: { client_secret: clientSecret } });
  return error ? { error } : { intent: object };
}
