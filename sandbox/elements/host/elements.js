/** The group of Elements of one checkout: common options, creation, and `submit()` over all of them. */

import { parseClientSecret } from "../common/wire.js";
import { demand } from "./errors.js";
import { StripeElement } from "./element.js";
import { ExpressCheckoutElement } from "./express.js";

const KINDS = ["payment", "address", "expressCheckout"];

export class Elements {
  /** @param {{origin: string, key: string, locale: string}} stripe @param {any} options */
  constructor({ origin, key, locale }, options) {
    checkOptions(options);
    this._origin = origin;
    this._key = key;
    this._locale = locale;
    this._options = options;
    /** @type {Map<string, StripeElement>} */
    this._all = new Map();
    this._submitted = false;
    /** @type {{type: string, data: any, close: () => void} | null} what a wallet's sheet has handed over */
    this._wallet = null;
  }

  /** @param {string} type @param {any} [options] */
  create(type, options = {}) {
    demand(KINDS.includes(type), `A valid Element name must be provided. Valid Elements are: ${KINDS.join(", ")}; you passed: ${type}.`);
    demand(!this._all.has(type), `Can only create one Element of type ${type} through Elements.`);
    if (type === "address") {
      demand(["billing", "shipping"].includes(options.mode), 'The Address Element needs options.mode: "billing" or "shipping".');
    }
    const element = type === "expressCheckout" ? new ExpressCheckoutElement(this, type, options) : new StripeElement(this, type, options);
    this._all.set(type, element);
    return element;
  }

  /** @param {string} type */
  getElement(type) {
    return this._all.get(type) ?? null;
  }

  /** @param {any} options */
  update(options) {
    demand(!("clientSecret" in options), "elements.update() cannot change the clientSecret; create new Elements instead.");
    this._options = { ...this._options, ...options };
    this._restyle();
  }

  /** Checks every mounted Element; the fields show their own errors. */
  async submit() {
    const mounted = this._mounted();
    demand(mounted.length > 0, "elements.submit() needs at least one mounted Element.");
    this._submitted = true;
    if (this._wallet) return { selectedPaymentMethod: this._wallet.type };
    let firstError = null;
    for (const element of mounted) {
      await element._whenLoaded;
      const { error, saved } = await element._frame.ask("submit");
      element._picksSaved = Boolean(saved);
      firstError ??= error ?? null;
    }
    return firstError ? { error: firstError } : { selectedPaymentMethod: "card" };
  }

  /** Reads the intent again after the server has changed it. */
  async fetchUpdates() {
    const payment = this._all.get("payment");
    if (!payment?._frame) return {};
    const { error } = await payment._frame.ask("reload");
    return error ? { error } : {};
  }

  _mounted() {
    return /** @type {any[]} */ ([...this._all.values()].filter((element) => element._frame));
  }

  /** @param {string} method  the caller's name, for its message @returns {any} */
  _mountedPayment(method) {
    const payment = this._all.get("payment");
    demand(
      payment?._frame,
      `Invalid value for ${method}: elements should have a mounted Payment Element or Express Checkout Element.`,
    );
    return payment;
  }

  /** What a wallet's sheet has handed over, once; the sheet closes. */
  _takeWallet() {
    const wallet = this._wallet;
    this._wallet = null;
    wallet?.close();
    return wallet?.data ?? null;
  }

  /** Name and address of a billing Address Element, if there is one. */
  async _billing() {
    const address = this._billingAddressElement();
    return address ? (await address.getValue()).value : null;
  }

  /** The Payment Element leaves the address to a billing Address Element beside it. */
  _billingAddressElement() {
    const address = this._all.get("address");
    return address?._frame && address._options.mode === "billing" ? address : null;
  }

  _settings() {
    return {
      key: this._key,
      clientSecret: this._options.clientSecret ?? null,
      customerSessionClientSecret: this._options.customerSessionClientSecret ?? null,
      locale: this._options.locale ?? this._locale,
      appearance: this._options.appearance ?? {},
      mode: this._options.mode ?? null,
      amount: this._options.amount ?? null,
      currency: this._options.currency ?? null,
      fonts: this._options.fonts ?? [],
      addressElsewhere: this._billingAddressElement() !== null,
    };
  }

  _elementMounted() {
    this._all.get("payment")?._restyle();
  }

  _restyle() {
    for (const element of this._all.values()) element._restyle();
  }

  /** @param {StripeElement} element */
  _forget(element) {
    this._all.delete(element._type);
    this._restyle();
  }
}

/** @param {any} options */
function checkOptions(options) {
  demand(
    !("paymentMethodTypes" in options),
    "elements(): `paymentMethodTypes` is no longer supported. Use `allowedPaymentMethodTypes` instead.",
  );
  if ("clientSecret" in options) {
    demand(
      parseClientSecret(options.clientSecret),
      `Invalid value for elements(): clientSecret should be a client secret of the form \${id}_secret_\${secret}. You specified: ${describe(options.clientSecret)}.`,
    );
    return;
  }
  demand(
    ["setup", "payment", "subscription"].includes(options.mode) && typeof options.currency === "string",
    "elements() needs either a clientSecret, or a mode ('setup', 'payment' or 'subscription') with a currency.",
  );
  demand(
    options.mode === "setup" || Number.isInteger(options.amount),
    `elements() with mode: "${options.mode}" needs an amount, in the currency's smallest unit.`,
  );
}

/** A secret is never repeated in a message. @param {unknown} value */
function describe(value) {
  return typeof value === "string" ? (value ? "another string" : "an empty string") : String(value);
}
