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

/** Shows the theme that the link or the reader chooses. @param {import("./store.js").Store} store */
export function followTheme(store) {
  if (store.state.page.theme === "auto") showTheme(rememberedTheme());
  else showTheme(store.state.page.theme);
  store.follow((event, state) => {
    if (event.type === "asked" && state.page.theme !== "auto") showTheme(state.page.theme);
    if (event.type === "theme") {
      showTheme(state.page.theme);
      rememberTheme(state.page.theme);
    }
  });
}

/** What is seen now. @param {Theme} theme @returns {"light"|"dark"} */
export function seenTheme(theme) {
  return theme === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : theme;
}
