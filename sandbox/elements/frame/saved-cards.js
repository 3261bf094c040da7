/** The cards that a customer has saved, as a list to pick from, with "New card" at its end; each may be removed where the session allows it. */

import { make } from "./field.js";

/** @typedef {{id: string, type: string, billing_details: any, card: {brand: string, last4: string, funding: string, exp_month: number, exp_year: number}}} SavedCard */

export class SavedCards {
  /** @param {{onChoose: () => void, remove: (card: SavedCard) => Promise<boolean>}} handlers */
  constructor({ onChoose, remove }) {
    this.onChoose = onChoose;
    this.remove = remove;
    this.removable = false;
    /** @type {SavedCard[]} */
    this.cards = [];
    /** @type {SavedCard | null} null stands for a new card */
    this.chosen = null;
    /** @type {import("./messages.js").Words} */
    this.words = (key) => key;
    this.root = make("div", { className: "SavedCards", hidden: true });
    this.root.setAttribute("role", "radiogroup");
    this.status = make("p", { className: "Error", role: "alert", hidden: true });
  }

  /** @param {SavedCard[]} cards @param {boolean} removable */
  offer(cards, removable) {
    this.cards = cards;
    this.removable = removable;
    this.chosen = cards[0] ?? null;
    this.draw();
  }

  /** @param {import("./messages.js").Words} words */
  name(words) {
    this.words = words;
    this.draw();
  }

  draw() {
    this.root.hidden = this.cards.length === 0;
    this.root.setAttribute("aria-label", this.words("saved_cards"));
    this.root.replaceChildren(...this.cards.map((card) => this.line(card)), this.newLine(), this.status);
  }

  /** @param {SavedCard} card */
  line(card) {
    const { brand, last4, exp_month: month, exp_year: year } = card.card;
    const title = `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${last4}`;
    const date = `${String(month).padStart(2, "0")}/${String(year).slice(-2)}`;
    const over = new Date(year, month) <= new Date();
    const line = this.choice(card, title, this.words(over ? "expired" : "expires", { date }), picture(brand));
    if (this.removable) line.append(this.removal(card, title));
    return line;
  }

  newLine() {
    return this.choice(null, this.words("new_card"), "", null);
  }

  /** @param {SavedCard | null} card @param {string} title @param {string} note @param {HTMLElement | null} icon */
  choice(card, title, note, icon) {
    const input = /** @type {HTMLInputElement} */ (
      make("input", { type: "radio", name: "saved", value: card?.id ?? "new", className: "RadioInput", checked: this.chosen === card })
    );
    input.addEventListener("change", () => {
      this.chosen = card;
      this.mark();
      this.onChoose();
    });
    const label = make("label", { className: "SavedCard-choice" });
    const text = make("span", { className: "SavedCard-text" });
    text.append(make("span", { className: "SavedCard-title", textContent: title }), make("span", { className: "SavedCard-note", textContent: note }));
    label.append(input, ...(icon ? [icon] : []), text);
    const line = make("div", { className: "SavedCard" });
    line.classList.toggle("SavedCard--selected", this.chosen === card);
    line.append(label);
    return line;
  }

  mark() {
    for (const line of this.root.querySelectorAll(".SavedCard")) {
      line.classList.toggle("SavedCard--selected", line.querySelector("input")?.checked ?? false);
    }
  }

  /** A first press asks, a second one removes. @param {SavedCard} card @param {string} title */
  removal(card, title) {
    const place = make("span", { className: "SavedCard-removal" });
    const ask = button(this.words("remove"), this.words("remove_card", { card: title }));
    const yes = button(this.words("remove"), this.words("remove_card", { card: title }));
    const no = button(this.words("keep"), "");
    const question = make("span", { className: "SavedCard-note", textContent: this.words("remove_question") });
    ask.addEventListener("click", () => {
      place.replaceChildren(question, yes, no);
      no.focus();
    });
    no.addEventListener("click", () => {
      place.replaceChildren(ask);
      ask.focus();
    });
    yes.addEventListener("click", () => this.removeNow(card));
    place.append(ask);
    return place;
  }

  /** @param {SavedCard} card */
  async removeNow(card) {
    const done = await this.remove(card);
    this.status.hidden = done;
    this.status.textContent = done ? "" : this.words("cannot_remove");
    if (!done) return;
    this.cards = this.cards.filter((each) => each !== card);
    if (this.chosen === card) this.chosen = this.cards[0] ?? null;
    this.draw();
    this.root.querySelector("input")?.focus();
    this.onChoose();
  }
}

/** @param {string} text @param {string} label */
function button(text, label) {
  const made = make("button", { type: "button", className: "SavedCard-button", textContent: text });
  if (label) made.setAttribute("aria-label", label);
  return made;
}

/** @param {string} brand */
function picture(brand) {
  const known = ["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"].includes(brand);
  return make("img", { src: new URL(`./brands/${known ? brand : "unknown"}.svg`, import.meta.url), alt: "", className: "BrandIcon", width: 26, height: 18 });
}
