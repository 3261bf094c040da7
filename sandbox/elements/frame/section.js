/** Fields that belong together: apart from each other, or condensed into one box with their errors below it. */

import { make } from "./field.js";

export class Section {
  /** @param {import("./field.js").Field[][]} rows  a hidden field gives its room to its neighbour */
  constructor(rows) {
    this.fields = rows.flat();
    this.heading = make("p", { className: "Label Section-heading" });
    this.heading.setAttribute("aria-hidden", "true");
    this.box = make("div", { className: "Section-box" });
    this.box.append(...rows.map(row));
    this.errors = make("div", { className: "Section-errors" });
    this.root = make("div", { className: "Section" });
    this.root.append(this.heading, this.box, this.errors);
  }

  /** @param {boolean} condensed @param {string} heading  said above the box where its fields' own labels are not seen */
  arrange(condensed, heading) {
    this.heading.textContent = heading;
    for (const field of this.fields) (condensed ? this.errors : field.root).append(field.error);
  }
}

/** @param {import("./field.js").Field[]} fields */
function row(fields) {
  const line = make("div", { className: "Row" });
  line.append(...fields.map((field) => field.root));
  return line;
}
