/** `fields: "never"`: what the Payment Element was told not to ask, the page must hand over itself. */

import { demand } from "./errors.js";

/** Stripe's own names of the details, by the option's. @type {Record<string, string>} */
const ADDRESS = { line1: "line1", line2: "line2", city: "city", state: "state", country: "country", postalCode: "postal_code" };

/**
 * An empty value or null counts as handed over, an absent one does not.
 * @param {any} fields @param {any} details  the billing_details that the page passes
 * @param {{path: string, method: string}} caller
 */
export function demandDetails(fields, details, { path, method }) {
  for (const name of unasked(fields?.billingDetails)) {
    const value = name.split(".").reduce((held, key) => held?.[key], details);
    demand(
      value !== undefined,
      `You specified "never" for fields.billing_details.${name} when creating the payment Element, but did not pass ` +
        `${path}.billing_details.${name} when calling ${method}. If you opt out of collecting data via the payment ` +
        `Element using the fields option, the data must be passed in when calling ${method}.`,
    );
  }
}

/** @param {any} asked  "never", or which fields are never asked @returns {string[]} */
function unasked(asked) {
  const names = ["name", "email", "phone"].filter((name) => isNever(asked, name));
  const address = typeof asked === "string" ? asked : asked?.address;
  const parts = Object.keys(ADDRESS).filter((name) => isNever(address, name));
  return [...names, ...parts.map((name) => `address.${ADDRESS[name]}`)];
}

/** @param {any} asked @param {string} name */
function isNever(asked, name) {
  return asked === "never" || asked?.[name] === "never";
}
