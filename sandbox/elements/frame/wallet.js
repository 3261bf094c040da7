/** The pretend wallet's sheet: a test card to choose, the details that the page asked for, and a way out. It holds no card numbers. */

import { answerPage, followHeight, tellPage } from "./link.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("wallet"));
const amount = /** @type {HTMLElement} */ (document.getElementById("amount"));
const status = /** @type {HTMLElement} */ (document.getElementById("status"));
const ADDRESS = { line1: "1 Test Street", line2: null, city: "San Francisco", state: "CA", postal_code: "94103", country: "US" };
/** @type {any} */
let asked = {};

form.addEventListener("submit", authorize);
document.getElementById("cancel")?.addEventListener("click", () => tellPage("cancelled"));
addEventListener("keydown", (event) => event.key === "Escape" && tellPage("cancelled"));
answerPage({ start, failed });
followHeight();

/** @param {any} settings */
function start(settings) {
  asked = settings.asked;
  field("email").hidden = !asked.emailRequired;
  field("phone").hidden = !asked.phoneNumberRequired;
  const lines = (asked.lineItems ?? []).map((/** @type {any} */ item) => line(item.name, money(item.amount, settings.currency)));
  const total = settings.mode === "payment" || settings.mode === "subscription";
  amount.replaceChildren(
    ...lines,
    line(total ? (asked.business?.name ?? "Total") : "Save for later payments", total ? money(settings.amount, settings.currency) : ""),
  );
  /** @type {HTMLElement} */ (form.elements.namedItem("card")).focus();
}

/** @param {SubmitEvent} event */
function authorize(event) {
  event.preventDefault();
  const sent = new FormData(form);
  const details = {
    name: sent.get("name"),
    ...(asked.emailRequired ? { email: sent.get("email") } : {}),
    ...(asked.phoneNumberRequired ? { phone: sent.get("phone") } : {}),
    address: ADDRESS,
  };
  busy(true, "One moment…");
  const paymentMethodData = { type: "card", card: { token: sent.get("card") }, billing_details: details };
  tellPage("authorized", { paymentMethodData, shown: details });
}

/** @param {{message?: string}} failure */
function failed({ message }) {
  busy(false, message ?? "The payment failed. Choose another card.");
}

/** @param {boolean} working @param {string} text */
function busy(working, text) {
  for (const button of form.querySelectorAll("button")) button.disabled = working;
  status.textContent = text;
}

/** @param {string} name @returns {HTMLElement} */
function field(name) {
  return /** @type {HTMLElement} */ (document.getElementById(`${name}-field`));
}

/** @param {string} name @param {string} sum */
function line(name, sum) {
  const row = document.createElement("div");
  row.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: sum }));
  return row;
}

/** @param {number} minor @param {string | null} currency */
function money(minor, currency) {
  if (!currency) return "";
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
