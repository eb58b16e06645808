/** One button that turns the page to the other theme. */

import { BaseElement, setAttribute, h, setText } from "../dom.js";
import { rememberedTheme, seenTheme } from "../theme.js";

export class ThemeToggle extends BaseElement {
  #button = h("button", { type: "button", class: "quiet", onclick: () => this.#turn() });

  build() {
    this.append(this.#button);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const seen = this.#seen(state);
    setText(this.#button, seen === "dark" ? "Light" : "Dark");
    setAttribute(this.#button, "aria-label", `Turn the page ${seen === "dark" ? "light" : "dark"}`);
  }

  /** @param {import("../store.js").State} state */
  #seen({ page }) {
    return seenTheme(page.theme === "auto" ? rememberedTheme() : page.theme);
  }

  #turn() {
    this.store.send({ type: "theme", theme: this.#seen(this.store.state) === "dark" ? "light" : "dark" });
  }
}
