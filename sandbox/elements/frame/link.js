/** The frame's end of the talk with the page that embeds it: answers requests, tells events. Only the page named at loading is listened to. */

const parentOrigin = new URLSearchParams(location.search).get("parent") ?? "";

/**
 * @param {Record<string, (payload: any) => any>} answers  one function per request the page may make
 */
export function answerPage(answers) {
  addEventListener("message", async (event) => {
    if (event.source !== parent || event.origin !== parentOrigin || event.data?.kind !== "request") return;
    const { name, id, payload } = event.data;
    if (!(name in answers)) return;
    send({ kind: "answer", id, payload: (await answers[name](payload)) ?? {} });
  });
  send({ kind: "greeting" });
}

/** @param {string} name @param {any} [payload] */
export function tellPage(name, payload = {}) {
  send({ kind: "event", name, payload });
}

/** Keeps the iframe exactly as high as what is in it. */
export function followHeight() {
  new ResizeObserver(tellHeight).observe(document.body);
}

/** The Element can be used, and has its height already: nothing moves under a click that follows. @param {any} [payload] */
export function tellReady(payload) {
  tellHeight();
  tellPage("ready", payload);
}

function tellHeight() {
  tellPage("height", { height: Math.ceil(document.body.getBoundingClientRect().height) });
}

/** Focus, blur and Escape anywhere inside count as the Element's own. */
export function followFocus() {
  addEventListener("focusin", () => tellPage("focus"));
  addEventListener("blur", () => tellPage("blur"));
  addEventListener("keydown", (event) => event.key === "Escape" && tellPage("escape"));
}

/** @param {any} message */
function send(message) {
  parent.postMessage(message, parentOrigin);
}
