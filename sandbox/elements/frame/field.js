/** Form fields as the Elements draw them: a real label, a real control, an error that screen readers hear. */

export class Field {
  /**
   * @param {{id: string, name: string, autocomplete: string, control?: "input" | "select", inputMode?: string,
   *          format?: (text: string, deleting: boolean) => string, problem: (value: string) => string | null,
   *          optional?: boolean}} options  `problem` returns the code of the error, or null
   */
  constructor(options) {
    this.options = options;
    this.words = (/** @type {string} */ key) => key;
    this.label = make("label", { className: "Label", htmlFor: options.id });
    this.control = /** @type {HTMLInputElement | HTMLSelectElement} */ (
      make(options.control ?? "input", {
        id: options.id,
        name: options.name,
        autocomplete: options.autocomplete,
        className: options.control === "select" ? "Input Input--select" : "Input",
      })
    );
    this.control.setAttribute("aria-required", String(!options.optional));
    this.adornment = make("div", { className: "Adornment" });
    this.error = make("p", { className: "Error", id: `${options.id}-error`, role: "alert", hidden: true });
    const box = make("div", { className: "InputBox" });
    box.append(this.control, this.adornment);
    this.root = make("div", { className: "Field" });
    this.root.append(this.label, box, this.error);
    if (this.control instanceof HTMLInputElement) this.prepareInput(this.control);
    this.control.addEventListener("blur", () => this.value && this.showProblem(this.problem()));
    for (const event of ["focus", "blur", "input", "change"]) this.control.addEventListener(event, () => this.float());
  }

  /** @param {HTMLInputElement} input */
  prepareInput(input) {
    input.type = "text";
    input.inputMode = this.options.inputMode ?? "text";
    input.spellcheck = false;
    input.setAttribute("autocorrect", "off");
    input.addEventListener("input", (event) => {
      const deleting = /** @type {InputEvent} */ (event).inputType?.startsWith("delete") ?? false;
      if (this.options.format) reformat(input, this.options.format, deleting);
      this.showProblem(null);
    });
  }

  get value() {
    return this.control.value;
  }

  set value(text) {
    const { format } = this.options;
    this.control.value = format ? format(text, false) : text;
    this.float();
  }

  /** Where a floating label is: on the line while the field is empty and left alone, above it otherwise. */
  float() {
    const floating = this.control instanceof HTMLSelectElement || this.value !== "" || document.activeElement === this.control;
    this.label.classList.toggle("Label--floating", floating);
    this.label.classList.toggle("Label--resting", !floating);
  }

  get shown() {
    return !this.root.hidden;
  }

  set shown(shown) {
    this.root.hidden = !shown;
  }

  /** @returns {string | null} */
  problem() {
    return this.shown ? this.options.problem(this.value) : null;
  }

  /** @param {string | null} code */
  showProblem(code) {
    this.showMessage(code ? this.words(code) : null);
  }

  /** @param {string | null} message */
  showMessage(message) {
    this.error.textContent = message ?? "";
    this.error.hidden = !message;
    this.control.classList.toggle("Input--invalid", Boolean(message));
    this.label.classList.toggle("Label--invalid", Boolean(message));
    this.control.setAttribute("aria-invalid", String(Boolean(message)));
    if (message) this.control.setAttribute("aria-describedby", this.error.id);
    else this.control.removeAttribute("aria-describedby");
  }

  /** @param {(key: string) => string} words @param {string} label @param {string} [placeholder] */
  name(words, label, placeholder = "") {
    this.words = words;
    this.label.textContent = words(label);
    if (this.control instanceof HTMLInputElement) this.control.placeholder = placeholder;
    this.float();
  }

  /** @param {Array<{code: string, name: string}>} choices @param {string} [emptyName] */
  offer(choices, emptyName) {
    const kept = this.value;
    const empty = emptyName === undefined ? [] : [new Option(emptyName, "")];
    this.control.replaceChildren(...empty, ...choices.map(({ code, name }) => new Option(name, code)));
    if (choices.some(({ code }) => code === kept)) this.control.value = kept;
  }
}

/** @param {string} tag @param {Record<string, any>} properties @returns {HTMLElement} */
export function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

/** Keeps the caret behind the same digit while blanks come and go. @param {HTMLInputElement} input @param {(text: string, deleting: boolean) => string} format @param {boolean} deleting */
function reformat(input, format, deleting) {
  const caret = input.selectionStart ?? input.value.length;
  const atEnd = caret === input.value.length;
  const digitsBefore = input.value.slice(0, caret).replace(/\W/g, "").length;
  input.value = format(input.value, deleting);
  if (atEnd) return;
  let position = 0;
  for (let seen = 0; position < input.value.length && seen < digitsBefore; position += 1) {
    if (/\w/.test(input.value[position])) seen += 1;
  }
  input.setSelectionRange(position, position);
}
