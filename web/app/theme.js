/** Light or dark: what the link says, else what was chosen here before, else what the system says. */

/** @typedef {"auto"|"light"|"dark"} Theme */

const KEY = "ablation.theme";

/** The theme that was chosen here before. Storage is refused in some frames; then nothing was. @returns {Theme} */
export function rememberedTheme() {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    return "auto";
  }
}

/** @param {Theme} theme */
export function rememberTheme(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is closed.
  }
}

/** @param {Theme} theme */
export function showTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** What is seen now. @param {Theme} theme @returns {"light"|"dark"} */
export function seenTheme(theme) {
  return theme === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : theme;
}
