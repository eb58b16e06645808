/**
 * A page of the documentation: the theme that was chosen on the page, a button that turns it, and snippets with the
 * address of this copy of the page.
 */

import { rememberTheme, rememberedTheme, seenTheme, showTheme } from "./theme.js";

/** What stands for the address of the page in a snippet that was written before it had one. */
const ADDRESS = "https://HOST/PATH/";

/** From this width on the contents stand beside the text. */
const BROAD = "(min-width: 75rem)";

showTheme(rememberedTheme());

function begin() {
  const button = document.querySelector("[data-theme-toggle]");
  if (button instanceof HTMLButtonElement) {
    const name = () => {
      const seen = seenTheme(rememberedTheme());
      button.textContent = seen === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", `Turn the page ${seen === "dark" ? "light" : "dark"}`);
    };
    button.addEventListener("click", () => {
      const theme = seenTheme(rememberedTheme()) === "dark" ? "light" : "dark";
      rememberTheme(theme);
      showTheme(theme);
      name();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    name();
    button.hidden = false;
  }
  for (const snippet of document.querySelectorAll("pre[data-embed] code"))
    snippet.textContent = snippet.textContent?.replace(ADDRESS, new URL("../", location.href).href) ?? "";
  const contents = document.querySelector("details.contents");
  if (contents instanceof HTMLDetailsElement) contents.open = matchMedia(BROAD).matches;
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
