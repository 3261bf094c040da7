/**
 * The card page: mounts Stripe's Payment and Address Elements, confirms the SetupIntent and has the
 * server complete the checkout. Card data stays in Stripe's frames.
 */

import { appearance, onSchemeChange } from "./appearance.js";
import { confirm } from "./confirm.js";
import { findDesk, isBusy, offerReload, readConfig, rest, stripeLoaded, stripeLocale } from "./page.js";
import { offerWallets } from "./wallets.js";

/**
 * @typedef {import("./confirm.js").CheckoutConfig} CheckoutConfig
 * @typedef {import("@stripe/stripe-js").StripeElements} StripeElements
 * @typedef {import("./page.js").Desk} Desk
 */

/** @param {Desk} desk @param {CheckoutConfig} config */
async function start(desk, config) {
  try {
    const Stripe = await stripeLoaded();
    const stripe = Stripe(config.publishableKey, { locale: stripeLocale(config.locale) });
    const elements = stripe.elements({ clientSecret: config.clientSecret, appearance: appearance() });
    onSchemeChange(() => elements.update({ appearance: appearance() }));
    const wallets = offerWallets(desk, stripe, config);
    await mount(desk.form, elements, config, wallets);
    desk.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!desk.button.disabled) void confirm(desk, stripe, elements, config);
    });
    if (!isBusy(desk)) rest(desk);
  } catch {
    offerReload(desk);
  }
}

/**
 * Resolves when all fields can be typed in; rejects when one of them fails to load. They show together
 * with the wallets, so that nothing moves under the hand of whoever has begun to type.
 * @param {HTMLFormElement} form @param {StripeElements} elements @param {CheckoutConfig} config
 * @param {Promise<unknown>} wallets
 */
async function mount(form, elements, { name, email, address }, wallets) {
  const payment = elements.create("payment", {
    layout: "tabs",
    defaultValues: { billingDetails: { name, email, address: { country: address.country } } },
  });
  const where = elements.create("address", { mode: "billing", defaultValues: { name, address } });
  /** @type {(HTMLElement | null)[]} */
  const places = [form.querySelector("[data-payment]"), form.querySelector("[data-address]")];
  await Promise.all([settled(payment, places[0]), settled(where, places[1]), wallets]);
  for (const place of places) place?.removeAttribute("aria-busy");
}

/**
 * @param {import("@stripe/stripe-js").StripePaymentElement | import("@stripe/stripe-js").StripeAddressElement} element
 * @param {HTMLElement | null} place
 */
async function settled(element, place) {
  if (!place) throw new Error("no place for the element");
  await new Promise((resolve, reject) => {
    const listen = /** @type {(name: string, run: (event: any) => void) => void} */ (element.on.bind(element));
    listen("ready", resolve);
    listen("loaderror", (event) => reject(event.error));
    element.mount(place);
  });
}

const desk = findDesk("[data-card-form]");
const config = /** @type {CheckoutConfig | null} */ (readConfig("elements-config"));
if (desk && config) {
  const fold = /** @type {HTMLDetailsElement | null} */ (desk.form.closest("[data-other-card]"));
  if (fold && !fold.open) fold.addEventListener("toggle", () => start(desk, config), { once: true });
  else void start(desk, config);
}
// Back from a later page: the SetupIntent may be spent by now, which the server knows.
addEventListener("pageshow", (event) => event.persisted && location.reload());
