// @ts-check
// Passkeys: offered where the browser has them, which it does on HTTPS or localhost, and not under a bare number.
import { findAll, get } from "./dom.js";

const named = !/^[\d.]+$|:/.test(location.hostname);
const usable = window.isSecureContext && "PublicKeyCredential" in window && named;

for (const element of findAll("[data-passkey]")) element.hidden = !usable;
for (const element of findAll("[data-no-passkey]")) element.hidden = usable;

// The library says here that the browser refused, or that the person changed their mind.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = get("#passkey-error");
  notice.textContent = notice.dataset.failed ?? "";
  notice.hidden = false;
});
