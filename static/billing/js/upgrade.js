/**
 * The paywall in place: whenever its element is put into a page, by htmx or anything else, it opens as a modal
 * dialog. The browser keeps the focus inside, closes it on Escape, and gives the focus back afterwards.
 */

/** A stylesheet that has not come by then is not waited for. */
const PATIENCE_MS = 2000;

class UpgradeDialog extends HTMLElement {
  connectedCallback() {
    for (const other of document.querySelectorAll("tollgate-upgrade")) if (other !== this) other.remove();
    const dialog = this.querySelector("dialog");
    dialog?.addEventListener("close", () => this.remove());
    const sheets = [...this.querySelectorAll("link")].map(loaded);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    void Promise.race([Promise.all(sheets), late]).then(() => this.isConnected && dialog?.showModal());
  }
}

/** @param {HTMLLinkElement} link @returns {Promise<unknown>}  when it is there, or will not come */
function loaded(link) {
  if (link.sheet) return Promise.resolve();
  return new Promise((resolve) => ["load", "error"].forEach((event) => link.addEventListener(event, resolve)));
}

customElements.define("tollgate-upgrade", UpgradeDialog);
