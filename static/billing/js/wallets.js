/**
 * Apple Pay, Google Pay, Link …: the buttons that Stripe offers in this browser, above the card form.
 * Until Stripe says that there is one, and for good when there is none, they take no room.
 */

import { appearance, walletTheme } from "./appearance.js";
import { confirm } from "./confirm.js";
import { isBusy } from "./page.js";

/** The fields are not held back longer than this for the sake of the buttons. */
const PATIENCE_MS = 3000;

/**
 * Resolves when it is known whether there are buttons, or when it takes too long to find out.
 * @param {import("./page.js").Desk} desk @param {import("@stripe/stripe-js").Stripe} stripe
 * @param {import("./confirm.js").CheckoutConfig} config
 */
export function offerWallets(desk, stripe, config) {
  const place = /** @type {HTMLElement | null} */ (desk.form.querySelector("[data-wallets]"));
  const buttons = /** @type {HTMLElement | null} */ (place?.querySelector("[data-wallet-buttons]") ?? null);
  if (!place || !buttons || !config.currency) return Promise.resolve();
  // Without a secret of its own, as Stripe wants it for wallets that save a card; it is handed over on confirming.
  const elements = stripe.elements({ mode: "setup", currency: config.currency, appearance: appearance() });
  const theme = walletTheme();
  const express = elements.create("expressCheckout", {
    buttonHeight: 48,
    buttonTheme: { applePay: theme, googlePay: theme },
    buttonType: { applePay: "subscribe", googlePay: "subscribe" },
  });
  express.on("click", (event) => event.resolve({ billingAddressRequired: true }));
  express.on("confirm", async (event) => {
    if (isBusy(desk) || !(await confirm(desk, stripe, elements, config))) event.paymentFailed({ reason: "fail" });
  });
  return new Promise((resolve) => {
    const settle = (/** @type {boolean} */ isOffered) => {
      if (isOffered) place.dataset.offered = "";
      else place.remove();
      resolve(undefined);
    };
    express.on("ready", (event) => settle(Boolean(event.availablePaymentMethods)));
    express.on("loaderror", () => settle(false));
    setTimeout(resolve, PATIENCE_MS);
    express.mount(buttons);
  });
}
