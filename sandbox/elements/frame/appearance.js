/** The Appearance API: theme, variables and rules of the page become custom properties and one constructed style sheet. */

/** @type {Record<string, Record<string, string>>} */
const THEMES = {
  stripe: {
    colorPrimary: "#0570de",
    colorBackground: "#ffffff",
    colorText: "#30313d",
    colorDanger: "#df1b41",
    colorSuccess: "#228403",
    fontFamily: '-apple-system, "Segoe UI", Inter, Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
    fontSizeBase: "16px",
    fontWeightNormal: "400",
    fontWeightMedium: "500",
    fontLineHeight: "1.15",
    spacingUnit: "4px",
    borderRadius: "5px",
    inputBorderWidth: "1px",
    inputShadow: "0 1px 1px rgb(0 0 0 / 0.03), 0 3px 6px rgb(0 0 0 / 0.02)",
  },
  night: {
    colorPrimary: "#85d996",
    colorBackground: "#30313d",
    colorText: "#ffffff",
    colorDanger: "#fe87a1",
    inputShadow: "0 2px 4px rgb(0 0 0 / 0.5), 0 1px 6px rgb(0 0 0 / 0.25)",
  },
  flat: {
    colorPrimary: "#0055de",
    colorBackground: "#f1f1f4",
    colorText: "#30313d",
    colorDanger: "#c4103a",
    borderRadius: "4px",
    inputBorderWidth: "0px",
    inputShadow: "none",
  },
};
const SELECTOR = /^\.[A-Z][A-Za-z]*(--[a-z][A-Za-z]*)?(::?[a-z-]+)?(, ?\.[A-Z][A-Za-z]*(--[a-z][A-Za-z]*)?(::?[a-z-]+)?)*$/;

const rulesSheet = new CSSStyleSheet();
document.adoptedStyleSheets = [rulesSheet];

/**
 * @param {{theme?: string, variables?: Record<string, string>, rules?: Record<string, Record<string, string>>, labels?: string, inputs?: string}} appearance
 * @returns {"light" | "dark"} the colour scheme the result belongs to
 */
export function applyAppearance(appearance) {
  const theme = appearance.theme && appearance.theme in THEMES ? appearance.theme : "stripe";
  const variables = { ...THEMES.stripe, ...THEMES[theme], ...appearance.variables };
  const root = document.documentElement;
  for (const [name, value] of Object.entries(variables)) {
    if (/^[a-zA-Z0-9]+$/.test(name)) root.style.setProperty(`--${name}`, String(value));
  }
  root.dataset.theme = theme;
  root.dataset.labels = appearance.labels ?? "auto";
  root.dataset.inputs = appearance.inputs ?? "spaced";
  applyRules(appearance.rules ?? {});
  const scheme = isDark(variables.colorBackground) ? "dark" : "light";
  root.style.colorScheme = scheme;
  return scheme;
}

/**
 * @param {Array<{cssSrc?: string, family?: string, src?: string, weight?: string, style?: string}>} fonts
 */
export function applyFonts(fonts) {
  for (const { cssSrc, family, src, weight, style } of fonts) {
    if (cssSrc) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: cssSrc }));
    else if (family && src) document.fonts.add(new FontFace(family, src, { weight, style, display: "swap" }));
  }
}

/** @param {Record<string, Record<string, string>>} rules */
function applyRules(rules) {
  rulesSheet.replaceSync("");
  for (const [selector, declarations] of Object.entries(rules)) {
    if (!SELECTOR.test(selector)) continue;
    const index = rulesSheet.insertRule(`${selector} {}`, rulesSheet.cssRules.length);
    const { style } = /** @type {CSSStyleRule} */ (rulesSheet.cssRules[index]);
    for (const [property, value] of Object.entries(declarations)) {
      style.setProperty(property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(value));
    }
  }
}

/** Any CSS colour is understood, since a canvas does the reading. @param {string} colour */
function isDark(colour) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return false;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return alpha > 127 && 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
