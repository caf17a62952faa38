// Passkeys: offered where the browser has them, which it does on HTTPS or localhost, and not under a bare number.
const named = !/^[\d.]+$|:/.test(location.hostname);
const usable = window.isSecureContext && "PublicKeyCredential" in window && named;

for (const element of document.querySelectorAll("[data-passkey]")) element.hidden = !usable;
for (const element of document.querySelectorAll("[data-no-passkey]")) element.hidden = usable;

// The library says here that the browser refused, or that the person changed their mind.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = document.getElementById("passkey-error");
  notice.textContent = notice.dataset.failed;
  notice.hidden = false;
});
