/** What a CustomerSession lets the Payment Element do with a customer's saved cards. */

import { callApi } from "../common/wire.js";

export class CustomerSession {
  /** @param {{key: string, clientSecret: string | null, customerSessionClientSecret: string}} settings */
  constructor({ key, clientSecret, customerSessionClientSecret }) {
    this.call = { origin: location.origin, key };
    this.secrets = { client_secret: customerSessionClientSecret, intent_client_secret: clientSecret };
    /** @type {any} */
    this.features = {};
    /** @type {import("./saved-cards.js").SavedCard[]} */
    this.cards = [];
  }

  /** @returns {Promise<import("../common/wire.js").StripeError | null>} */
  async open() {
    const path = "/elements/customer-session";
    const { object, error } = await callApi({ ...this.call, method: "GET", path, params: this.secrets });
    if (error) return error;
    this.features = object.features;
    this.cards = object.payment_methods;
    return null;
  }

  /** @param {{id: string}} card @returns {Promise<import("../common/wire.js").StripeError | null>} */
  async remove(card) {
    const params = { ...this.secrets, payment_method: card.id };
    const { error } = await callApi({ ...this.call, method: "POST", path: "/elements/customer-session/remove", params });
    return error ?? null;
  }

  get removable() {
    return this.features.payment_method_remove === "enabled";
  }

  get asksToSave() {
    return this.features.payment_method_save === "enabled";
  }

  get saveUsage() {
    return this.features.payment_method_save_usage;
  }

  /** Whether the new card may be shown again; nothing when nobody was asked. @param {boolean | null} wanted */
  consent(wanted) {
    return wanted === null ? {} : { allow_redisplay: wanted ? "always" : "limited" };
  }
}
