/**
 * 3-D Secure: shows the bank's page in a dialog over the checkout, or leaves for it when the sandbox
 * is set to full-page authentication or the intent asks for a redirect. Settles nothing itself: the
 * intent is read again afterwards.
 */

import { openDialog } from "./dialog.js";

/**
 * Resolves when the person has answered in the dialog; never resolves when the page is left.
 * @param {{origin: string, intent: import("../common/wire.js").Intent, returnUrl: string | undefined}} request
 * @returns {Promise<void>}
 */
export async function authenticate({ origin, intent, returnUrl }) {
  if (intent.next_action?.type === "redirect_to_url") return leaveFor(intent.next_action.redirect_to_url.url);
  const query = new URLSearchParams({ intent: intent.id, client_secret: intent.client_secret });
  if (returnUrl && (await wantsFullPage(origin))) {
    query.set("return_url", returnUrl);
    return leaveFor(`${origin}/elements/3ds?${query}`);
  }
  return showDialog(origin, `/elements/3ds?${query}`);
}

/** @param {string} url @returns {Promise<never>} */
export function leaveFor(url) {
  location.assign(url);
  return new Promise(() => {});
}

/** @param {string} origin */
async function wantsFullPage(origin) {
  const preferences = await fetch(`${origin}/elements/preferences`, { cache: "no-store" }).then((answer) => answer.json());
  return preferences.three_d_secure === "redirect";
}

/** @param {string} origin @param {string} path @returns {Promise<void>} */
function showDialog(origin, path) {
  return new Promise((resolve) => {
    const dialog = openDialog({
      origin,
      path,
      title: "3D Secure authentication",
      onEvent: (name) => {
        if (name !== "authenticated") return;
        dialog.close();
        resolve();
      },
    });
  });
}
