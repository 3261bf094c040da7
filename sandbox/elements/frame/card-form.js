/** The card fields of the Payment Element: built once, renamed when the language changes, checked as a whole. */

import { brandOf, cvcProblem, digitsOf, expiryProblem, formatCvc, formatExpiry, formatNumber, numberProblem } from "./cards.js";
import { cardPostalRule, countriesIn, countryOf } from "./countries.js";
import { Field, make } from "./field.js";
import { resolveLocale } from "./messages.js";
import { Section } from "./section.js";

const SHOWN_BRANDS = ["visa", "mastercard", "amex", "discover"];
/** Which field a refusal by the bank belongs to; every other refusal shows at the number. @type {Record<string, "expiry" | "cvc" | "postal">} */
const FIELD_OF_ERROR = { expired_card: "expiry", invalid_expiry_month: "expiry", invalid_expiry_year: "expiry", incorrect_cvc: "cvc", invalid_cvc: "cvc", incorrect_zip: "postal" };

export class CardForm {
  constructor() {
    this.number = cardField("number", "cc-number", (text) => formatNumber(text), numberProblem);
    this.expiry = cardField("expiry", "cc-exp", formatExpiry, (text) => expiryProblem(text, new Date()));
    this.cvc = cardField("cvc", "cc-csc", (text) => formatCvc(text, this.number.value), (text) => cvcProblem(text, this.number.value));
    this.country = new Field({ id: "payment-countryInput", name: "country", autocomplete: "billing country", control: "select", problem: () => null });
    this.postal = new Field({ id: "payment-postalCodeInput", name: "postalCode", autocomplete: "billing postal-code", problem: () => this.postalProblem() });
    this.fields = [this.number, this.expiry, this.cvc, this.country, this.postal];
    this.terms = make("p", { className: "TermsText" });
    this.root = make("form", { className: "Form", noValidate: true });
    this.cardSection = new Section([[this.number], [this.expiry, this.cvc]]);
    this.addressSection = new Section([[this.country, this.postal]]);
    this.save = checkbox("payment-saveInput");
    this.root.append(this.cardSection.root, this.addressSection.root, this.save.root, this.terms);
    this.cvc.adornment.append(picture("cvc", ""));
    /** @type {import("./messages.js").Words} */
    this.words = (key) => key;
    this.follow();
  }

  follow() {
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.number.control.addEventListener("input", () => {
      this.showBrand();
      this.advance(this.number, this.expiry);
    });
    this.expiry.control.addEventListener("input", () => this.advance(this.expiry, this.cvc));
    this.country.control.addEventListener("change", () => this.followCountry());
    this.showBrand();
  }

  /** @param {{locale: string, element: any, addressElsewhere: boolean, appearance: any}} settings @param {import("./messages.js").Words} words */
  configure({ locale, element, addressElsewhere, appearance }, words) {
    const resolved = resolveLocale(locale);
    this.words = words;
    const condensed = appearance.inputs === "condensed";
    this.cardSection.arrange(condensed, words("card_information"));
    this.addressSection.arrange(condensed, words("country"));
    this.save.text.textContent = words("save_card");
    this.number.name(this.words, "card_number", "1234 1234 1234 1234");
    this.expiry.name(this.words, "expiry", this.words("expiry_placeholder"));
    this.cvc.name(this.words, "cvc", this.words("cvc_placeholder"));
    this.country.name(this.words, "country");
    const chosen = this.country.value || element.defaultValues?.billingDetails?.address?.country || countryOf(resolved);
    this.country.offer(countriesIn(resolved));
    this.country.value = chosen;
    const asked = element.fields?.billingDetails;
    this.asksCountry = !addressElsewhere && asked !== "never" && asked?.address !== "never" && asked?.address?.country !== "never";
    this.asksPostal = this.asksCountry && asked?.address?.postalCode !== "never";
    this.postal.value ||= element.defaultValues?.billingDetails?.address?.postal_code ?? "";
    this.followCountry();
    const business = element.business?.name ?? this.words("this_merchant");
    this.terms.textContent = element.terms?.card === "never" ? "" : this.words("terms", { business });
    for (const field of this.fields) field.control.toggleAttribute("disabled", Boolean(element.readOnly));
  }

  followCountry() {
    const rule = cardPostalRule(this.country.value);
    this.country.shown = Boolean(this.asksCountry);
    this.postal.shown = Boolean(this.asksPostal && rule);
    if (rule) this.postal.name(this.words, rule.label, rule.placeholder);
    this.postal.showProblem(null);
  }

  showBrand() {
    const brand = brandOf(this.number.value);
    const shown = brand.name === "unknown" ? SHOWN_BRANDS.map((name) => picture(name, "")) : [picture(brand.name, brand.title)];
    this.number.adornment.replaceChildren(...shown);
    this.number.adornment.dataset.brands = String(shown.length);
    this.cvc.value = this.cvc.value.slice(0, 4);
  }

  /** @param {Field} from @param {Field} to */
  advance(from, to) {
    const atEnd = /** @type {HTMLInputElement} */ (from.control).selectionStart === from.value.length;
    if (atEnd && from.problem() === null && document.activeElement === from.control && !to.value) to.control.focus();
  }

  postalProblem() {
    const rule = cardPostalRule(this.country.value);
    if (!rule || rule.pattern.test(this.postal.value.trim())) return null;
    return rule.label === "zip" ? "incomplete_zip" : "incomplete_postal_code";
  }

  /** @param {boolean} offered  whether the person is asked to keep the card for later purchases */
  offerToSave(offered) {
    this.save.root.hidden = !offered;
  }

  /** null when nobody was asked. @returns {boolean | null} */
  get wantsSaving() {
    return this.save.root.hidden ? null : this.save.input.checked;
  }

  /** "unknown" until the number tells. */
  get brand() {
    return brandOf(this.number.value).name;
  }

  get empty() {
    return [this.number, this.expiry, this.cvc].every((field) => field.value === "");
  }

  get complete() {
    return this.fields.every((field) => field.problem() === null);
  }

  /** Shows what is wrong at each field. @returns {{code: string, message: string} | null} the first of it */
  check() {
    const wrong = this.fields.filter((field) => field.problem() !== null);
    for (const field of wrong) field.showProblem(field.problem());
    wrong[0]?.control.focus();
    const code = wrong[0]?.problem();
    return code ? { code, message: this.words(code) } : null;
  }

  /** @param {{code?: string, decline_code?: string, message?: string}} error */
  showRefusal(error) {
    const name = FIELD_OF_ERROR[error.code ?? ""] ?? "number";
    const field = name === "postal" && !this.postal.shown ? this.number : this[name];
    field.showMessage(error.message ?? "");
  }

  clear() {
    for (const field of [this.number, this.expiry, this.cvc, this.postal]) {
      field.value = "";
      field.showProblem(null);
    }
    this.showBrand();
  }

  /** The wire form of the card; it goes to the Stripe origin and nowhere else. */
  card() {
    const expiry = digitsOf(this.expiry.value);
    return { number: digitsOf(this.number.value), exp_month: expiry.slice(0, 2), exp_year: `20${expiry.slice(2)}`, cvc: this.cvc.value };
  }

  address() {
    return {
      country: this.country.shown ? this.country.value : undefined,
      postal_code: this.postal.shown ? this.postal.value.trim() : undefined,
    };
  }
}

/** @param {string} name @param {string} autocomplete @param {(text: string, deleting: boolean) => string} format @param {(value: string) => string | null} problem */
function cardField(name, autocomplete, format, problem) {
  return new Field({ id: `payment-${name}Input`, name, autocomplete, inputMode: "numeric", format, problem });
}

/** @param {string} name @param {string} alt */
function picture(name, alt) {
  return make("img", { src: new URL(`./brands/${name}.svg`, import.meta.url), alt, className: "BrandIcon", width: 26, height: 18 });
}

/** @param {string} id */
function checkbox(id) {
  const input = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", id, className: "CheckboxInput" }));
  const text = make("span", { className: "CheckboxLabel" });
  const root = make("label", { className: "Checkbox", hidden: true });
  root.append(input, text);
  return { root, input, text };
}
