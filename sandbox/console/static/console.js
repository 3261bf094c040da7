/** Keeps the marked regions of a page fresh, asks before a reset, copies card numbers, goes to the search box at a slash. Every page works without it. */

const PAUSE_MS = 2000;

document.addEventListener("submit", (event) => {
  const question = /** @type {HTMLFormElement} */ (event.target).dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const typing = /** @type {HTMLElement} */ (event.target).closest("input, select, textarea");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
  event.preventDefault();
  /** @type {HTMLInputElement | null} */ (document.querySelector("[role=search] input"))?.focus();
});

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-copy]");
  if (!(button instanceof HTMLElement)) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1200);
});

setInterval(refresh, PAUSE_MS);

async function refresh() {
  if (document.hidden || isBusy()) return;
  const answer = await fetch(location.href).catch(() => null);
  document.body.toggleAttribute("data-away", !answer?.ok);
  if (!answer?.ok || isBusy()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of document.querySelectorAll("[data-live]")) replace(region, fresh.getElementById(region.id));
}

/** Nothing moves under a person who marks text or stands in a region with the keyboard. */
function isBusy() {
  const marking = !getSelection()?.isCollapsed;
  return marking || document.activeElement?.closest("[data-live]");
}

/** @param {Element} region @param {Element | null} fresh */
function replace(region, fresh) {
  if (!fresh) return;
  for (const open of region.querySelectorAll("details[open]")) {
    const same = fresh.querySelector(`details[data-key="${CSS.escape(open.getAttribute("data-key") ?? "")}"]`);
    same?.setAttribute("open", "");
  }
  if (region.innerHTML !== fresh.innerHTML) region.replaceChildren(...fresh.childNodes);
}
