/**
 * One iframe of the Stripe origin and the talk with it: a greeting, events from it, requests to it.
 * Messages count only when both the window and the origin are the frame's own. Styles are set through
 * the CSSOM, so that a page whose policy forbids inline styles can host it.
 */

let framesMade = 0;

export class Frame {
  /**
   * @param {{origin: string, path: string, title: string, style: Record<string, string>,
   *          onEvent: (name: string, payload: any) => void}} options
   */
  constructor({ origin, path, title, style, onEvent }) {
    this.origin = origin;
    this.onEvent = onEvent;
    /** @type {Map<number, (answer: any) => void>} */
    this.waiting = new Map();
    this.asked = 0;
    this.iframe = document.createElement("iframe");
    this.iframe.title = title;
    framesMade += 1;
    this.iframe.name = `__privateStripeFrame${Math.floor(Math.random() * 9000 + 1000)}${framesMade}`;
    this.iframe.setAttribute("allow", "payment *");
    Object.assign(this.iframe.style, style);
    const address = new URL(path, origin);
    address.searchParams.set("parent", location.origin);
    this.iframe.src = address.href;
    /** @type {Promise<void>} */
    this.greeted = new Promise((resolve) => (this.greet = resolve));
    this.listener = (/** @type {MessageEvent} */ event) => this.receive(event);
    addEventListener("message", this.listener);
  }

  /** @param {MessageEvent} event */
  receive(event) {
    if (event.origin !== this.origin || event.source !== this.iframe.contentWindow) return;
    const { kind, name, id, payload } = event.data ?? {};
    if (kind === "greeting") {
      this.greet();
      this.onEvent("greeting", {});
    } else if (kind === "event") this.onEvent(name, payload);
    else if (kind === "answer") {
      this.waiting.get(id)?.(payload);
      this.waiting.delete(id);
    }
  }

  /**
   * Ask the frame and wait for its answer; waits for the frame to have loaded first.
   * @param {string} name
   * @param {any} [payload]
   * @returns {Promise<any>}
   */
  async ask(name, payload) {
    await this.greeted;
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.iframe.contentWindow?.postMessage({ kind: "request", name, id, payload }, this.origin);
    return answer;
  }

  remove() {
    removeEventListener("message", this.listener);
    this.iframe.remove();
  }
}
