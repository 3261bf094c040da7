/**
 * Stripe's fields in the page's own colours: reads the tokens as the browser computed them (light or
 * dark) and turns them into rgb(), since Stripe takes neither oklch() nor custom properties.
 */

/** @typedef {import("@stripe/stripe-js").Appearance} Appearance */

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Appearance} */
export function appearance() {
  const colour = reader();
  const brand = colour("--color-brand");
  const border = `1.5px solid ${colour("--color-line-strong")}`;
  return {
    theme: DARK.matches ? "night" : "stripe",
    variables: {
      colorPrimary: brand,
      colorBackground: colour("--color-surface"),
      colorText: colour("--color-text"),
      colorTextSecondary: colour("--color-muted"),
      colorTextPlaceholder: colour("--color-muted"),
      colorDanger: colour("--color-bad"),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSizeBase: "16px",
      spacingUnit: "4px",
      borderRadius: "10px",
    },
    rules: {
      ".Input": { border, boxShadow: "none", padding: "12px" },
      ".Input:focus": { borderColor: brand, boxShadow: `0 0 0 2px ${brand}` },
      ".Input--invalid": { borderColor: colour("--color-bad"), boxShadow: "none" },
      ".Label": { fontWeight: "600", fontSize: "16px", marginBottom: "8px" },
      ".Tab": { border, boxShadow: "none" },
      ".Tab--selected": { borderColor: brand, boxShadow: `0 0 0 1px ${brand}` },
    },
  };
}

/** Wallets' buttons come in black and in white: whichever stands out. */
export function walletTheme() {
  return DARK.matches ? /** @type {const} */ ("white") : /** @type {const} */ ("black");
}

/** @param {() => void} run  when the visitor's colour scheme changes */
export function onSchemeChange(run) {
  DARK.addEventListener("change", run);
}

/** @returns {(token: string) => string} */
function reader() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return (token) => {
    probe.style.color = `var(${token})`;
    const computed = getComputedStyle(probe).color;
    if (!brush) return computed;
    brush.fillStyle = computed;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
}
