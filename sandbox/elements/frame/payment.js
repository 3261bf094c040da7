/** The Payment Element's frame: reads the intent, shows the card form and the saved cards, confirms with the Stripe origin. The page outside never sees a card number. */

import { callApi, parseClientSecret } from "../common/wire.js";
import { applyAppearance, applyFonts } from "./appearance.js";
import { CardForm } from "./card-form.js";
import { CustomerSession } from "./customer-session.js";
import { make } from "./field.js";
import { whyNotUsable } from "./intent-check.js";
import { answerPage, followFocus, followHeight, tellPage, tellReady } from "./link.js";
import { translated, wordsFor } from "./messages.js";
import { SavedCards } from "./saved-cards.js";

const form = new CardForm();
const saved = new SavedCards({ onChoose: chosen, remove });
/** @type {CustomerSession | null} */
let session = null;
/** @type {any} */
let settings = null;
/** @type {any} */
let loadError = null;
let toldCard = "[null,null]";

answerPage({ start, update: adopt, reload, submit, confirm, create, tokenize, focus, blur, clear: () => form.clear() });
followHeight();
followFocus();

/** @param {any} given */
async function start(given) {
  await adopt(given);
  applyFonts(given.fonts);
  tellPage("loaderstart");
  loadError = (await whyNotUsable(settings)) ?? (await openSession());
  if (loadError) return fail();
  document.body.replaceChildren(saved.root, form.root);
  for (const name of ["input", "change"]) form.root.addEventListener(name, tellChange);
  tellReady();
  tellPage("availablepaymentmethodschange", { paymentMethods: { card: { available: true } } });
  return {};
}

/** @param {any} given */
async function adopt(given) {
  settings = given;
  tellPage("scheme", { scheme: applyAppearance(given.appearance) });
  document.documentElement.lang = given.locale === "auto" ? navigator.language : given.locale;
  const words = await wordsFor(given.locale);
  if (settings !== given) return; // newer settings came while the words were on their way
  form.configure(given, words);
  saved.name(words);
}

/** @returns {Promise<import("../common/wire.js").StripeError | null>} */
async function openSession() {
  if (!settings.customerSessionClientSecret) return null;
  session = new CustomerSession(settings);
  const error = await session.open();
  if (error) return error;
  saved.offer(session.cards, session.removable);
  form.offerToSave(session.asksToSave);
  form.root.hidden = saved.chosen !== null;
  return null;
}

function chosen() {
  form.root.hidden = saved.chosen !== null;
  tellChange();
}

/** @param {import("./saved-cards.js").SavedCard} card */
async function remove(card) {
  const error = (await session?.remove(card)) ?? null;
  const { id, type, billing_details } = card;
  const told = { success: !error, payment_method: { id, type, billing_details } };
  tellPage("savedpaymentmethodremove", error ? { ...told, error: error.message } : told);
  return !error;
}

async function reload() {
  loadError = await whyNotUsable(settings);
  return loadError ? { error: loadError } : {};
}

function submit() {
  if (loadError) return { error: loadError };
  if (saved.chosen) return { saved: true };
  const problem = form.check();
  return problem ? { error: { type: "validation_error", ...problem } } : {};
}

/** @param {{noun: string, params: any, billing: any}} request */
async function confirm({ noun, params, billing }) {
  if (loadError) return { error: loadError };
  const target = parseClientSecret(params.client_secret);
  const chosenMethod = saved.chosen ? pickedMethod(params) : newMethod(noun, params, billing);
  const result = await call("POST", `/v1/${noun}s/${target?.id}/confirm`, chosenMethod);
  return result.error ? result : { intent: result.object };
}

/** @param {{params: any, billing: any}} request */
async function create({ params, billing }) {
  if (loadError) return { error: loadError };
  if (saved.chosen) return { paymentMethod: saved.chosen };
  const result = await call("POST", "/v1/payment_methods", paymentMethodData(params ?? {}, billing));
  return result.error ? result : { paymentMethod: result.object };
}

/** @param {{params: any, billing: any}} request */
async function tokenize({ params, billing }) {
  if (loadError) return { error: loadError };
  const chosenMethod = saved.chosen ? pickedMethod(params) : newMethod("confirmation_token", params, billing);
  const result = await call("POST", "/v1/confirmation_tokens", chosenMethod);
  return result.error ? result : { confirmationToken: result.object };
}

/** @param {"POST"} method @param {string} path @param {any} params @returns {Promise<{object?: any, error?: any}>} */
async function call(method, path, params) {
  const result = await callApi({ origin: location.origin, key: settings.key, method, path, params });
  if (result.error?.type !== "card_error") return result;
  const error = translated(form.words, result.error);
  if (!saved.chosen) form.showRefusal(error);
  return { error };
}

/** @param {any} params */
function pickedMethod({ payment_method_data: _, ...params }) {
  return { ...params, payment_method: saved.chosen?.id };
}

/** @param {string} noun @param {any} params @param {any} billing */
function newMethod(noun, params, billing) {
  const kept = session?.consent(form.wantsSaving) ?? {};
  const future = noun !== "setup_intent" && form.wantsSaving ? { setup_future_usage: session?.saveUsage } : {};
  return { ...future, ...params, payment_method_data: { ...kept, ...paymentMethodData(params.payment_method_data ?? {}, billing) } };
}

/** What the page passes wins over the Address Element, which wins over the form's own fields. @param {any} given @param {any} billing */
function paymentMethodData(given, billing) {
  const details = given.billing_details ?? {};
  const address = { ...form.address(), ...billing?.address, ...details.address };
  const billingDetails = { name: billing?.name, phone: billing?.phone, ...details, address };
  return { ...given, type: "card", card: form.card(), billing_details: billingDetails };
}

function focus() {
  const first = form.fields.find((field) => field.shown && field.problem() !== null) ?? form.number;
  const target = saved.chosen ? saved.root.querySelector("input:checked") : first.control;
  if (target instanceof HTMLElement) target.focus();
}

function blur() {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

function tellChange() {
  const card = saved.chosen;
  const picked = card ? { payment_method: { id: card.id, type: card.type, billing_details: card.billing_details } } : {};
  const saving = !card && form.wantsSaving !== null ? { savePaymentMethod: form.wantsSaving } : {};
  const complete = Boolean(card) || form.complete;
  tellCard(card ? card.card : form);
  tellPage("change", { empty: !card && form.empty, complete, collapsed: false, value: { type: "card", ...picked, ...saving } });
}

/** Once per brand; what a typed card is funded by shows when it is saved only. @param {{brand: string, funding?: string}} card */
function tellCard({ brand, funding = null }) {
  const brands = brand === "unknown" ? null : [brand];
  const told = JSON.stringify([brands, funding]);
  if (told === toldCard) return;
  toldCard = told;
  tellPage("carddetailschange", { loading: false, details: { brands, funding } });
}

function fail() {
  document.body.replaceChildren(make("p", { className: "Notice", role: "alert", textContent: form.words("unavailable") }));
  tellPage("loaderror", { error: loadError });
  return {};
}
