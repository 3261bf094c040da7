/**
 * Which billing period the visitor chose last, remembered in this browser alone: links to the price page lead to it.
 * Nothing is asked for, nothing moves, and the page itself stays the same for everybody.
 */

const KEY = "tollgate.period";

try {
  const pricing = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a[data-pricing]"));
  const chosen = new URLSearchParams(location.search).get("period");
  if (chosen && location.pathname === pricing?.pathname) localStorage.setItem(KEY, chosen);
  const kept = localStorage.getItem(KEY);
  const plain = `a[href="${pricing?.getAttribute("href")}"]`;
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(plain));
  if (kept) links.forEach((link) => (link.search = new URLSearchParams({ period: kept }).toString()));
} catch {
  // A browser that keeps nothing shows the usual period.
}
