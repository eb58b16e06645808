/**
 * The headline: what the ablation costs and what is left of the cost after retraining, beside the loss of a model that
 * ignores its input.
 */

import { BaseElement, h, setAttribute, setText } from "../dom.js";
import { badge } from "../badge.js";
import { headline } from "../headline.js";
import { ablationOf, settledView } from "../store.js";

export class AnswerLine extends BaseElement {
  #text = h("span");
  #badge = h("span", { class: "badge" });

  build() {
    this.#badge.hidden = true;
    this.append(h("p", { class: "headline" }, this.#text, " ", this.#badge));
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const view = settledView(state);
    const { diverged, status } = state.run;
    const ablation = ablationOf(state);
    const stale = state.view !== null && view !== state.view;
    const running = status === "playing" || status === "opening";
    if (!this.changed("view", view, ablation?.site, diverged, stale, running)) return;
    const site = state.description?.sites.find(({ path }) => path === ablation?.site)?.label ?? ablation?.site ?? null;
    // Before anything is described there is nothing to choose from either.
    const pieces = state.description ? headline(view, { site, diverged, running }) : [];
    if (this.changed("pieces", JSON.stringify(pieces)))
      this.#text.replaceChildren(
        ...pieces
          .flatMap(({ text, mark, line }) => [line && h("br"), mark ? h("b", { class: `number ${mark}` }, text) : text])
          .filter((part) => part !== false && part !== undefined),
      );
    setAttribute(this, "data-state", diverged ? "diverged" : view ? "known" : "open");
    const waits = stale ? ", until the run here is done" : "";
    setText(this.#badge, view ? `${badge(view.source)}${waits}` : state.description ? "not run yet" : "");
    this.#badge.hidden = !state.description;
    setAttribute(this.#badge, "data-source", view?.source.kind ?? "none");
  }
}
