/** The words in the frames. A language's file is loaded when it is first asked for; a language without one gets English. */

const LANGUAGES = ["en", "de", "es", "fr", "pt", "ja"];
/** Refusals by the bank that Stripe tells in the visitor's language. */
const REFUSALS = ["insufficient_funds", "expired_card", "incorrect_cvc", "processing_error", "incorrect_number", "card_declined"];

/** @typedef {(key: string, values?: Record<string, string>) => string} Words */

/**
 * @param {string} locale  "auto" means the browser's
 * @returns {Promise<Words>}
 */
export async function wordsFor(locale) {
  const language = resolveLocale(locale).split("-")[0];
  const file = LANGUAGES.includes(language) ? language : "en";
  /** @type {{default: Record<string, string>}} */
  const { default: words } = await import(`./languages/${file}.js`);
  return (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** @param {string} locale */
export function resolveLocale(locale) {
  return !locale || locale === "auto" ? navigator.language || "en" : locale;
}

/**
 * The refusal with its message in the visitor's language, where there is one.
 * @param {Words} words @param {any} error
 */
export function translated(words, error) {
  const key = REFUSALS.find((each) => each === error.decline_code || each === error.code);
  // The message about a real card's number in test mode says more than "declined".
  return error.type === "card_error" && error.decline_code !== "test_mode_live_card" && key ? { ...error, message: words(key) } : error;
}
