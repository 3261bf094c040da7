/** The Express Checkout Element's frame: the button of a pretend wallet, where the page and the sandbox allow one. */

import { applyAppearance } from "./appearance.js";
import { make } from "./field.js";
import { whyNotUsable } from "./intent-check.js";
import { answerPage, followFocus, followHeight, tellPage, tellReady } from "./link.js";

/** What the button says, by `buttonType.googlePay`. @type {Record<string, string>} */
const CALLS = { book: "Book with", buy: "Buy with", checkout: "Check out with", donate: "Donate with", order: "Order with", pay: "Pay with", plain: "", subscribe: "Subscribe with" };
const OTHERS = { amazonPay: false, applePay: false, link: false, paypal: false, klarna: false };
const LEAST_HEIGHT = 40;
const MOST_HEIGHT = 55;

const pay = /** @type {HTMLButtonElement} */ (make("button", { type: "button", className: "WalletButton" }));
const place = make("div", { className: "Wallets" });
/** @type {any} */
let settings = null;

pay.addEventListener("click", () => tellPage("pressed"));
answerPage({ start, update: adopt, submit: () => ({}), focus: () => pay.focus(), blur: () => pay.blur() });
followHeight();
followFocus();

/** @param {any} given */
async function start(given) {
  adopt(given);
  const error = await whyNotUsable(given);
  if (error) {
    tellPage("loaderror", { error });
    return {};
  }
  const offered = (await walletExists()) && allowed(given.element);
  place.replaceChildren(...(offered ? [pay] : []));
  document.body.replaceChildren(place);
  tellReady({ availablePaymentMethods: offered ? { ...OTHERS, googlePay: true } : undefined });
  tellPage("availablepaymentmethodschange", { paymentMethods: offered ? { googlePay: { available: true } } : undefined });
  return {};
}

/** @param {any} given */
function adopt(given) {
  settings = given;
  tellPage("scheme", { scheme: applyAppearance(settings.appearance) });
  const { buttonHeight = 44, buttonTheme = {}, buttonType = {} } = settings.element;
  pay.style.height = `${Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, buttonHeight))}px`;
  pay.dataset.theme = buttonTheme.googlePay ?? "black";
  const call = CALLS[buttonType.googlePay ?? "buy"] ?? CALLS.buy;
  pay.replaceChildren(call, make("b", { textContent: "Test wallet" }));
}

/** @param {any} element */
function allowed({ paymentMethods = {}, wallets = {} }) {
  return (paymentMethods.googlePay ?? wallets.googlePay) !== "never";
}

async function walletExists() {
  const preferences = await fetch("/elements/preferences", { cache: "no-store" }).then((answer) => answer.json());
  return preferences.wallet === "available";
}
