/** Whether an Element may be shown for its client secret at all. */

import { retrieveIntent } from "../common/wire.js";

const SPENT = ["succeeded", "canceled", "processing", "requires_capture"];

/**
 * A spent intent is refused before anyone types into it, as Stripe.js has done since "clover".
 * @param {{key: string, clientSecret: string | null}} settings
 * @returns {Promise<import("../common/wire.js").StripeError | null>}
 */
export async function whyNotUsable({ key, clientSecret }) {
  if (!clientSecret) return null;
  const { intent, error } = await retrieveIntent({ origin: location.origin, key, clientSecret });
  if (error) return error;
  if (!SPENT.includes(intent.status)) return null;
  return {
    type: "invalid_request_error",
    code: `${intent.object}_unexpected_state`,
    message: `The client secret belongs to a ${intent.object} whose status is ${intent.status}; Elements cannot use it. Create a new one.`,
    [intent.object]: intent,
  };
}
