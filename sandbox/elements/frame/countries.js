/** Countries by their ISO codes, named by the browser in the visitor's language, and what an address needs in some of them. */

const CODES = (
  "AD AE AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BJ BM BN BO BR BS BT BW BY BZ CA CD CG CH CI CL CM CN CO CR CV CY CZ " +
  "DE DJ DK DM DO DZ EC EE EG ES ET FI FJ FR GA GB GD GE GH GI GL GM GN GR GT GY HK HN HR HT HU ID IE IL IN IQ IS IT JM JO JP " +
  "KE KG KH KR KW KZ LA LB LC LI LK LS LT LU LV MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NZ " +
  "OM PA PE PG PH PK PL PR PS PT PY QA RO RS RW SA SC SE SG SI SK SL SM SN SR SV SZ TD TG TH TJ TN TR TT TW TZ UA UG US UY UZ " +
  "VE VN WS YE ZA ZM ZW"
).split(" ");
const STATES = (
  "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC " +
  "SD TN TX UT VT VA WA WV WI WY"
).split(" ");
const PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT".split(" ");

/** @type {Record<string, {label: string, placeholder: string, pattern: RegExp}>} */
const POSTAL = {
  US: { label: "zip", placeholder: "12345", pattern: /^\d{5}(-?\d{4})?$/ },
  PR: { label: "zip", placeholder: "12345", pattern: /^\d{5}(-?\d{4})?$/ },
  CA: { label: "postal_code", placeholder: "M5T 1T4", pattern: /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i },
  GB: { label: "postal_code", placeholder: "WS11 1DB", pattern: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i },
};

/** @param {string} locale @param {string[]} [allowed] @returns {Array<{code: string, name: string}>} */
export function countriesIn(locale, allowed) {
  const names = new Intl.DisplayNames([locale, "en"], { type: "region" });
  const codes = allowed?.length ? allowed : CODES;
  return codes
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .sort((one, other) => one.name.localeCompare(other.name, locale));
}

/** @param {string} locale */
export function countryOf(locale) {
  const region = new Intl.Locale(locale).maximize().region ?? "US";
  return CODES.includes(region) ? region : "US";
}

/** What is asked beside a card, or null where the card networks check no postal code. @param {string} country */
export function cardPostalRule(country) {
  return POSTAL[country] ?? null;
}

/** @param {string} country */
export function addressRule(country) {
  const postal = POSTAL[country] ?? { label: "postal_code", placeholder: "", pattern: /.+/ };
  if (country === "US") return { postal, city: "city", region: "state", regions: STATES };
  if (country === "CA") return { postal, city: "city", region: "province", regions: PROVINCES };
  return { postal, city: country === "GB" ? "town" : "city", region: null, regions: [] };
}
