/**
 * The Express Checkout Element: one button of a pretend wallet, which answers to the name `google_pay`.
 * Pressed, it asks the page (`click`), opens the wallet's sheet, and hands over what was chosen there
 * (`confirm`). Shipping is not played.
 */

import { openDialog } from "./dialog.js";
import { StripeElement } from "./element.js";
import { IntegrationError } from "./errors.js";

const WALLET = "google_pay";
/** The page has this long to resolve or reject a click. Source: https://docs.stripe.com/js/elements_object/express_checkout_element_click_event */
const PATIENCE_MS = 1000;

export class ExpressCheckoutElement extends StripeElement {
  /** @param {string} name @param {any} payload */
  _onFrameEvent(name, payload) {
    if (name === "pressed") this._press();
    else super._onFrameEvent(name, payload);
  }

  _press() {
    if (!this._handlers.get("click")?.size) {
      this._open({});
      return;
    }
    const late = setTimeout(() => {
      answered = true;
      throw new IntegrationError("expressCheckoutElement.on('click'): resolve must be called within 1 second of the event.");
    }, PATIENCE_MS);
    let answered = false;
    const once = (/** @type {(details: any) => void} */ work) => (/** @type {any} */ details = {}) => {
      if (answered) return;
      answered = true;
      clearTimeout(late);
      work(details);
    };
    this._emit("click", { expressPaymentType: WALLET, resolve: once((details) => this._open(details)), reject: once(() => {}) });
  }

  /** @param {any} details */
  _open(details) {
    const sheet = openDialog({
      origin: this._elements._origin,
      path: "/elements/wallet",
      title: "Test wallet",
      onEvent: (name, payload) => {
        if (name === "greeting") sheet.frame.ask("start", { ...this._settings(), asked: { ...this._options, ...details } });
        if (name === "cancelled") this._cancel(sheet);
        if (name === "authorized") this._authorize(sheet, payload);
      },
      onEscape: () => this._cancel(sheet),
    });
  }

  /** @param {{close: () => void}} sheet */
  _cancel(sheet) {
    sheet.close();
    this._elements._wallet = null;
    this._emit("cancel", {});
  }

  /** @param {ReturnType<typeof openDialog>} sheet @param {{paymentMethodData: any, shown: any}} chosen */
  _authorize(sheet, { paymentMethodData, shown }) {
    this._elements._wallet = { type: WALLET, data: paymentMethodData, close: () => sheet.close() };
    const paymentFailed = (/** @type {{message?: string}} */ { message } = {}) => {
      this._elements._wallet = null;
      sheet.frame.ask("failed", { message });
    };
    this._emit("confirm", { expressPaymentType: WALLET, billingDetails: shown, paymentFailed });
  }
}
