/** A frame of the Stripe origin in a dialog over the page: the bank's page of 3-D Secure, the pretend wallet. */

import { Frame } from "./frame.js";

const DIALOG_STYLE = {
  position: "fixed",
  inset: "0",
  width: "100vw",
  height: "100vh",
  maxWidth: "none",
  maxHeight: "none",
  margin: "0",
  padding: "0",
  border: "0 none",
  display: "grid",
  placeItems: "center",
  background: "rgb(12 16 36 / 0.55)",
  zIndex: "2147483647",
};
const DIALOG_FRAME_STYLE = {
  border: "0 none",
  width: "min(440px, calc(100vw - 24px))",
  height: "min(480px, calc(100vh - 24px))",
  borderRadius: "14px",
  background: "#fff",
  boxShadow: "0 24px 64px rgb(0 0 0 / 0.35)",
  colorScheme: "light",
};

/**
 * @param {{origin: string, path: string, title: string, onEvent: (name: string, payload: any) => void,
 *          onEscape?: () => void}} options  without `onEscape` the Escape key does nothing: the frame has its own way out
 * @returns {{frame: Frame, close: () => void}} closing gives the focus back
 */
export function openDialog({ origin, path, title, onEvent, onEscape = () => {} }) {
  const dialog = document.createElement("dialog");
  Object.assign(dialog.style, DIALOG_STYLE);
  dialog.setAttribute("aria-label", title);
  const before = document.activeElement;
  const frame = new Frame({
    origin,
    path,
    title,
    style: DIALOG_FRAME_STYLE,
    onEvent: (name, payload) => {
      if (name === "height") frame.iframe.style.height = `min(${payload.height}px, calc(100vh - 24px))`;
      onEvent(name, payload);
    },
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onEscape();
  });
  dialog.append(frame.iframe);
  document.body.append(dialog);
  dialog.showModal();
  frame.iframe.focus();
  const close = () => {
    frame.remove();
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  };
  return { frame, close };
}
