/** The Address Element's frame. The address is no secret: the page may read it with getValue(). */

import { applyAppearance, applyFonts } from "./appearance.js";
import { addressRule, countriesIn, countryOf } from "./countries.js";
import { Field, make } from "./field.js";
import { answerPage, followFocus, followHeight, tellPage, tellReady } from "./link.js";
import { resolveLocale, wordsFor } from "./messages.js";
import { Section } from "./section.js";

const HEADINGS = ["full_name", "country", "phone"];
const name = field("name", "name", (value) => (value.trim() ? null : "incomplete_name"));
const country = field("country", "country", () => null, "select");
const line1 = field("addressLine1", "address-line1", needed);
const line2 = field("addressLine2", "address-line2", () => null);
const city = field("locality", "address-level2", needed);
const region = field("administrativeArea", "address-level1", needed, "select");
const postal = field("postalCode", "postal-code", postalProblem);
const phone = field("phone", "tel", needed);
const fields = [name, country, line1, line2, city, region, postal, phone];
const form = make("form", { className: "Form", noValidate: true });
const sections = [[[name]], [[country], [line1], [line2], [city], [region, postal]], [[phone]]].map((rows) => new Section(rows));
form.append(...sections.map((section) => section.root));

/** @type {any} */
let settings = null;
/** @type {import("./messages.js").Words} */
let words = (key) => key;

answerPage({ start, update: adopt, submit, value, focus: () => name.control.focus(), clear });
followHeight();
followFocus();

/** @param {any} given */
async function start(given) {
  fill(given.element.defaultValues ?? {});
  await adopt(given);
  applyFonts(given.fonts);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => tellPage("change", value()));
  document.body.replaceChildren(form);
  tellReady();
}

/** @param {any} given */
async function adopt(given) {
  settings = given;
  const found = await wordsFor(given.locale);
  if (settings !== given) return; // newer settings came while the words were on their way
  words = found;
  tellPage("scheme", { scheme: applyAppearance(given.appearance) });
  const condensed = given.appearance.inputs === "condensed";
  sections.forEach((section, index) => section.arrange(condensed, words(HEADINGS[index])));
  const locale = resolveLocale(given.locale);
  document.documentElement.lang = locale;
  name.name(words, "full_name", words("full_name_placeholder"));
  country.name(words, "country");
  line1.name(words, "line1", words("line1_placeholder"));
  line2.name(words, "line2", words("line2_placeholder"));
  phone.name(words, "phone");
  phone.shown = given.element.fields?.phone === "always";
  const chosen = country.value || given.element.defaultValues?.address?.country || countryOf(locale);
  country.offer(countriesIn(locale, given.element.allowedCountries));
  country.value = chosen;
  followCountry();
}

function followCountry() {
  const rule = addressRule(country.value);
  city.name(words, rule.city);
  region.shown = rule.region !== null;
  if (rule.region) region.name(words, rule.region);
  const kept = region.value || settings.element.defaultValues?.address?.state || "";
  region.offer(rule.regions.map((code) => ({ code, name: code })), words("select"));
  region.value = rule.regions.some((code) => code === kept) ? kept : "";
  postal.name(words, rule.postal.label, rule.postal.placeholder);
}

/** @param {any} defaults */
function fill({ name: fullName, firstName = "", lastName = "", phone: number, address = {} }) {
  name.value = fullName ?? `${firstName} ${lastName}`.trim();
  line1.value = address.line1 ?? "";
  line2.value = address.line2 ?? "";
  city.value = address.city ?? "";
  postal.value = address.postal_code ?? "";
  phone.value = number ?? "";
}

function submit() {
  const wrong = fields.filter((one) => one.problem() !== null);
  for (const one of wrong) one.showProblem(one.problem());
  wrong[0]?.control.focus();
  const code = wrong[0]?.problem();
  return code ? { error: { type: "validation_error", code, message: words(code) } } : {};
}

function value() {
  const address = {
    line1: line1.value,
    line2: line2.value || null,
    city: city.value,
    state: region.shown ? region.value : "",
    postal_code: postal.value,
    country: country.value,
  };
  const contact = phone.shown ? { phone: phone.value } : {};
  const complete = fields.every((one) => one.problem() === null);
  const empty = [name, line1, line2, city, postal].every((one) => one.value === "");
  return { complete, empty, isNewAddress: true, value: { name: name.value, address, ...contact } };
}

function clear() {
  for (const one of fields) {
    if (one !== country) one.value = "";
    one.showProblem(null);
  }
}

country.control.addEventListener("change", followCountry);

/** @param {string} id @param {string} autocomplete @param {(value: string) => string | null} problem @param {"input" | "select"} [control] */
function field(id, autocomplete, problem, control = "input") {
  const optional = id === "addressLine2";
  return new Field({ id: `address-${id}Input`, name: id, autocomplete: `billing ${autocomplete}`, control, problem, optional });
}

/** @param {string} text */
function needed(text) {
  return text.trim() ? null : "incomplete_field";
}

/** @param {string} text */
function postalProblem(text) {
  const { postal: rule } = addressRule(country.value);
  if (rule.pattern.test(text.trim())) return null;
  return rule.label === "zip" ? "incomplete_zip" : "incomplete_postal_code";
}
