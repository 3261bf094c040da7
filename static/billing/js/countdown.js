/**
 * The clock of an open invoice. Counts down from the seconds that the server gave, by the clock that
 * has moved most (a laptop that slept has lost that time too): it never shows more than there is.
 */

/** @param {HTMLElement} clock */
function run(clock) {
  const seconds = Number(clock.dataset.secondsLeft);
  if (!Number.isFinite(seconds)) return;
  const loadedAt = performance.timeOrigin;
  const timer = setInterval(tick, 1000);
  tick();

  function tick() {
    const elapsed = Math.max(performance.now(), Date.now() - loadedAt) / 1000;
    const left = Math.floor(Math.min(seconds, seconds - elapsed));
    clock.textContent = left > 0 ? face(left) : (clock.dataset.over ?? "");
    if (left > 0) return;
    clearInterval(timer);
    if (seconds > 0) location.reload();
  }
}

/** @param {number} seconds @returns {string} 22:59:07 */
function face(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

document.querySelectorAll("[data-countdown]").forEach((clock) => run(/** @type {HTMLElement} */ (clock)));
addEventListener("pageshow", (event) => event.persisted && location.reload());
