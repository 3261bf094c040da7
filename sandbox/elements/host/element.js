/** One Element on the page: its place, its frame, its events. What is typed into it stays in the frame. */

import { demand } from "./errors.js";
import { Frame } from "./frame.js";

/** @type {Record<string, {title: string, path: string}>} */
const FRAMES = {
  payment: { title: "Secure payment input frame", path: "/elements/payment.html" },
  address: { title: "Secure address input frame", path: "/elements/address.html" },
  expressCheckout: { title: "Secure express checkout frame", path: "/elements/express-checkout.html" },
};
const FRAME_STYLE = {
  border: "0 none",
  margin: "-4px",
  padding: "0",
  width: "calc(100% + 8px)",
  minWidth: "100%",
  maxWidth: "none",
  height: "0",
  display: "block",
  overflow: "hidden",
  userSelect: "none",
};

export class StripeElement {
  /** @param {any} elements @param {string} type @param {any} options */
  constructor(elements, type, options) {
    this._elements = elements;
    this._type = type;
    this._options = options;
    this._destroyed = false;
    this._picksSaved = false;
    /** @type {Map<string, Set<Function>>} */
    this._handlers = new Map();
    this._loaded = () => {};
    /** @type {Promise<unknown>} resolves when the mounted frame is ready, or has failed to become so */
    this._whenLoaded = Promise.resolve();
    /** @type {Frame | null} */
    this._frame = null;
    /** @type {HTMLElement | null} */
    this._place = null;
  }

  /** @param {string | HTMLElement} target */
  mount(target) {
    demand(!this._destroyed, "This Element has already been destroyed. Please create a new one.");
    const place = findPlace(target);
    if (this._place === place) return;
    this.unmount();
    this._place = place;
    this._whenLoaded = new Promise((resolve) => (this._loaded = () => resolve(undefined)));
    place.replaceChildren();
    place.classList.add("StripeElement", "StripeElement--empty");
    const holder = document.createElement("div");
    holder.className = "__PrivateStripeElement";
    Object.assign(holder.style, { margin: "0", padding: "0", border: "none", display: "block", position: "relative" });
    this._frame = new Frame({
      origin: this._elements._origin,
      ...FRAMES[this._type],
      style: FRAME_STYLE,
      onEvent: (name, payload) => this._onFrameEvent(name, payload),
    });
    this._frame.iframe.setAttribute("scrolling", "no");
    holder.append(this._frame.iframe);
    place.append(holder);
    this._elements._elementMounted();
  }

  unmount() {
    this._frame?.remove();
    this._place?.replaceChildren();
    this._place?.classList.remove("StripeElement", "StripeElement--empty", "StripeElement--complete", "StripeElement--focus");
    this._frame = null;
    this._place = null;
  }

  destroy() {
    this.unmount();
    this._destroyed = true;
    this._elements._forget(this);
  }

  /** @param {string} name @param {Function} handler */
  on(name, handler) {
    demand(typeof handler === "function", `element.on('${name}') needs a function as its handler.`);
    const handlers = this._handlers.get(name) ?? new Set();
    this._handlers.set(name, handlers.add(handler));
    return this;
  }

  /** @param {string} name @param {Function} handler */
  once(name, handler) {
    const first = (/** @type {any} */ event) => {
      this.off(name, first);
      handler(event);
    };
    return this.on(name, first);
  }

  /** @param {string} name @param {Function} [handler] */
  off(name, handler) {
    if (handler) this._handlers.get(name)?.delete(handler);
    else this._handlers.delete(name);
    return this;
  }

  /** @param {any} options */
  update(options) {
    this._options = { ...this._options, ...options };
    this._restyle();
    return this;
  }

  focus() {
    this._frame?.ask("focus");
  }

  blur() {
    this._frame?.ask("blur");
  }

  clear() {
    this._frame?.ask("clear");
  }

  collapse() {
    // A single payment method is always open, so there is nothing to fold.
    return this;
  }

  /** Address Element only. */
  async getValue() {
    demand(this._type === "address", "getValue() exists on the Address Element only.");
    demand(this._frame, "The Address Element must be mounted before getValue() is called.");
    return this._frame.ask("value");
  }

  _settings() {
    return { ...this._elements._settings(), element: this._options };
  }

  _restyle() {
    this._frame?.ask("update", this._settings());
  }

  /** @param {string} name @param {any} payload */
  _onFrameEvent(name, payload) {
    // A frame that is moved within the page loads anew, so every greeting starts it.
    if (name === "greeting") this._frame?.ask("start", this._settings());
    else if (name === "height") this._resize(payload.height);
    else if (name === "scheme") this._setScheme(payload.scheme);
    else this._emit(name, payload);
  }

  /** @param {number} height */
  _resize(height) {
    if (this._frame) this._frame.iframe.style.height = `${height}px`;
  }

  /** The frame stays see-through only while its colour scheme equals that of the iframe. @param {string} scheme */
  _setScheme(scheme) {
    if (this._frame) this._frame.iframe.style.colorScheme = scheme;
  }

  /** @param {string} name @param {any} payload */
  _emit(name, payload) {
    if (name === "ready" || name === "loaderror") this._loaded();
    const classes = this._place?.classList;
    if (name === "focus" || name === "blur") classes?.toggle("StripeElement--focus", name === "focus");
    if (name === "change") {
      classes?.toggle("StripeElement--empty", payload.empty);
      classes?.toggle("StripeElement--complete", payload.complete);
    }
    const event = { elementType: this._type, ...payload };
    for (const handler of [...(this._handlers.get(name) ?? [])]) handler(event);
  }
}

/** @param {string | HTMLElement} target @returns {HTMLElement} */
function findPlace(target) {
  if (target instanceof HTMLElement) return target;
  demand(typeof target === "string" && target, "Missing argument. Make sure to call mount() with a valid DOM element or selector.");
  const found = document.querySelector(target);
  demand(
    found instanceof HTMLElement,
    `The selector you specified (${target}) applies to no DOM elements that are currently on the page. Make sure the element exists on the page before calling mount().`,
  );
  return found;
}
