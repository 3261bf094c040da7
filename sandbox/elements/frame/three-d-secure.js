/**
 * The bank's page of 3-D Secure. In the dialog it tells the page that it is done; opened as a page of
 * its own it goes back to `return_url` with the three parameters that Stripe adds.
 */

import { parseClientSecret } from "../common/wire.js";
import { followHeight, tellPage } from "./link.js";

const query = new URLSearchParams(location.search);
const clientSecret = query.get("client_secret") ?? "";
const parentOrigin = query.get("parent");
const target = parseClientSecret(clientSecret);

const form = /** @type {HTMLFormElement} */ (document.getElementById("choice"));
const status = /** @type {HTMLElement} */ (document.getElementById("status"));
form.addEventListener("submit", finish);
allow(true);
showFacts();
document.documentElement.dataset.alone = String(!parentOrigin);
if (parentOrigin) followHeight();

function showFacts() {
  const purpose = target?.noun === "payment_intent" ? "Approve a payment" : "Save this card for later payments";
  addFact("Purpose", purpose);
  addFact("Reference", target?.id ?? "unknown");
}

/** @param {string} name @param {string} value */
function addFact(name, value) {
  const term = Object.assign(document.createElement("dt"), { textContent: name });
  const detail = Object.assign(document.createElement("dd"), { textContent: value });
  document.getElementById("facts")?.append(term, detail);
}

/** Without this script the form would go nowhere: its buttons wait for it. @param {boolean} allowed */
function allow(allowed) {
  for (const each of form.querySelectorAll("button")) each.disabled = !allowed;
}

/** @param {SubmitEvent} event */
async function finish(event) {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (event.submitter);
  allow(false);
  status.textContent = "One moment…";
  const body = new URLSearchParams({ client_secret: clientSecret, outcome: button.value });
  const answer = await fetch(`/sandbox/3ds/${target?.id}`, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) {
    status.textContent = "This authentication could not be finished. It may have been answered before.";
    allow(true);
    return;
  }
  if (parentOrigin) tellPage("authenticated");
  else returnToPage(button.value === "accept" ? "succeeded" : "failed");
}

/** @param {"succeeded" | "failed"} outcome */
function returnToPage(outcome) {
  const address = new URL(query.get("return_url") ?? "");
  const noun = target?.noun ?? "setup_intent";
  address.searchParams.set(noun, target?.id ?? "");
  address.searchParams.set(`${noun}_client_secret`, clientSecret);
  address.searchParams.set("redirect_status", outcome);
  location.replace(address);
}
