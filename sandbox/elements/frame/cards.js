/** What can be told about a card without asking anyone: brand, shape, check digit, expiry. Pure functions. */

/** @typedef {{name: string, title: string, pattern: RegExp, groups: number[], lengths: number[], cvc: number}} Brand */

/** @type {Brand[]} */
const BRANDS = [
  { name: "visa", title: "Visa", pattern: /^4/, groups: [4, 4, 4, 4], lengths: [16], cvc: 3 },
  { name: "mastercard", title: "Mastercard", pattern: /^(5[1-5]|2(2[2-9]|[3-6]|7[01]|720))/, groups: [4, 4, 4, 4], lengths: [16], cvc: 3 },
  { name: "amex", title: "American Express", pattern: /^3[47]/, groups: [4, 6, 5], lengths: [15], cvc: 4 },
  { name: "discover", title: "Discover", pattern: /^6(011|4[4-9]|5)/, groups: [4, 4, 4, 4], lengths: [16], cvc: 3 },
  { name: "diners", title: "Diners Club", pattern: /^3(0[0-5]|[689])/, groups: [4, 6, 4], lengths: [14, 16], cvc: 3 },
  { name: "jcb", title: "JCB", pattern: /^35/, groups: [4, 4, 4, 4], lengths: [16], cvc: 3 },
  { name: "unionpay", title: "UnionPay", pattern: /^62/, groups: [4, 4, 4, 4], lengths: [16, 19], cvc: 3 },
];
/** @type {Brand} */
const UNKNOWN = { name: "unknown", title: "Card", pattern: /^/, groups: [4, 4, 4, 4], lengths: [16], cvc: 3 };

/** @param {string} number */
export function brandOf(number) {
  const digits = digitsOf(number);
  return BRANDS.find((brand) => brand.pattern.test(digits)) ?? UNKNOWN;
}

/** @param {string} text */
export function digitsOf(text) {
  return text.replace(/\D/g, "");
}

/** @param {string} text */
export function formatNumber(text) {
  const brand = brandOf(text);
  const digits = digitsOf(text).slice(0, Math.max(...brand.lengths));
  /** @type {string[]} */
  const parts = [];
  let taken = 0;
  for (const size of [...brand.groups, 4]) {
    if (taken >= digits.length) break;
    parts.push(digits.slice(taken, taken + size));
    taken += size;
  }
  return parts.join(" ");
}

/** `7` → `07 / `, `1234` → `12 / 34`. @param {string} text @param {boolean} deleting  a slash just passed is not put back */
export function formatExpiry(text, deleting) {
  let digits = digitsOf(text);
  const spelled = /^\s*(\d{1,2})\s*\/\s*(?:20)?(\d{0,2})\s*$/.exec(text);
  if (spelled && spelled[2]) digits = spelled[1].padStart(2, "0") + spelled[2];
  // A month cannot begin with 2…9, nor be 13…19: what follows is the year already.
  if (/^([2-9]|1[3-9])/.test(digits)) digits = `0${digits}`;
  digits = digits.slice(0, 4);
  if (digits.length < 2 || (digits.length === 2 && deleting)) return digits;
  return `${digits.slice(0, 2)} / ${digits.slice(2)}`;
}

/** @param {string} text @param {string} number  the card number, whose brand says how many digits */
export function formatCvc(text, number) {
  return digitsOf(text).slice(0, brandOf(number).name === "unknown" ? 4 : brandOf(number).cvc);
}

/** @param {string} text @returns {string | null} Stripe's error code */
export function numberProblem(text) {
  const digits = digitsOf(text);
  const { lengths } = brandOf(digits);
  if (digits.length < Math.min(...lengths)) return "incomplete_number";
  return passesLuhn(digits) ? null : "invalid_number";
}

/** @param {string} text @param {Date} today @returns {string | null} */
export function expiryProblem(text, today) {
  const digits = digitsOf(text);
  if (digits.length < 4) return "incomplete_expiry";
  const month = Number(digits.slice(0, 2));
  const year = 2000 + Number(digits.slice(2));
  if (month < 1 || month > 12) return "invalid_expiry_month";
  if (year < today.getFullYear()) return "invalid_expiry_year_past";
  if (year > today.getFullYear() + 50) return "invalid_expiry_year";
  return year === today.getFullYear() && month < today.getMonth() + 1 ? "invalid_expiry_month_past" : null;
}

/** @param {string} text @param {string} number @returns {string | null} */
export function cvcProblem(text, number) {
  return digitsOf(text).length < brandOf(number).cvc ? "incomplete_cvc" : null;
}

/** @param {string} digits */
function passesLuhn(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, position) => {
    const doubled = Number(digit) * (position % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum % 10 === 0;
}
