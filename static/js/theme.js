// @ts-check
// Light or dark. A classic script in the head, so that the page is never painted in the wrong theme.
(() => {
  const KEY = "theme"; // "light", "dark", or nothing: as the system has it
  const system = matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    const choice = localStorage.getItem(KEY) ?? "auto";
    const dark = choice === "auto" ? system.matches : choice === "dark";
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    document.documentElement.classList.toggle("dark-mode", dark); // as the reference of the API wants it
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-choice") === choice));
    }
  }

  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("DOMContentLoaded", () => {
    apply();
    document.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-theme-choice]") : null;
      const choice = button?.getAttribute("data-theme-choice");
      if (!choice) return;
      if (choice === "auto") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
      apply();
    });
  });
})();
