/**
 * For pages of the host application: fetch the customer, subscriptions and entitlements anew, after a
 * purchase for instance. Never polls by itself.
 *
 *   import { refresh, current } from "{% static 'billing/js/refresh.js' %}";
 *   document.addEventListener("tollgate:refresh", ({ detail }) => …);
 *   await refresh();
 */

/** @typedef {{customer: object | null, subscriptions: object[], entitlements: object[]}} Me */

/** @type {Me | null} */
let last = null;
/** @type {Promise<Me> | null} */
let underway = null;

/** What the last refresh brought, without asking the server. */
export function current() {
  return last;
}

/**
 * Calls at the same time share one request. Rejects when the server cannot be asked; the last value stays.
 * @param {{url?: string}} [options]
 * @returns {Promise<Me>}
 */
export async function refresh({ url = "/billing/me.json" } = {}) {
  underway ??= load(url).finally(() => (underway = null));
  return underway;
}

/** @param {string} url @returns {Promise<Me>} */
async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const me = /** @type {Me} */ (await answer.json());
  last = me;
  document.dispatchEvent(new CustomEvent("tollgate:refresh", { detail: me }));
  return me;
}
