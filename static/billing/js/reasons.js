/**
 * From Stripe's errors to sentences of ours, which the server wrote: why, and what to do next. A reason
 * that we have no words for is a plain refusal, so that nobody learns here what a stolen card lacks.
 */

/** @typedef {{type?: string, code?: string, decline_code?: string}} Refused */

/**
 * @param {Refused | null} error  null: something went wrong that Stripe did not name
 * @param {Record<string, string>} reasons  by Stripe's code; "" is the plain refusal
 * @param {DOMStringMap} texts
 */
export function explain(error, reasons, texts) {
  if (!navigator.onLine || error?.type === "api_connection_error") return texts.offline ?? "";
  const known = reasons[error?.decline_code || error?.code || "-"];
  if (known) return known;
  return (error?.type === "card_error" ? reasons[""] : texts.failed) ?? "";
}
