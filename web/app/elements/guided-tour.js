/** Sentences that set the page. Their buttons work once the engine is there and not before. */

import { BaseElement, setAttribute, keyedList, h } from "../dom.js";
import { linkOf, stopsFor } from "../tour.js";
import { canRun } from "../store.js";

/** @typedef {import("../generated/protocol.js").PresetLink} Preset */
/** @typedef {import("../tour.js").Stop} Stop */

export class GuidedTour extends BaseElement {
  #list = h("ol");
  #box = h("details", { class: "drawer" }, h("summary", {}, "A short tour"), this.#list);

  build() {
    this.hidden = true;
    this.append(this.#box);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const ready = canRun(state);
    const stops = stopsFor(state.presets);
    this.hidden = stops.length === 0;
    if (!this.changed("stops", state.presets, ready)) return;
    keyedList(
      this.#list,
      stops,
      ({ stop }) => stop.button,
      ({ stop, preset }) =>
        h(
          "li",
          {},
          stop.before,
          h("button", { type: "button", class: "sentence", onclick: () => this.#go(stop, preset) }, stop.button),
          stop.after,
        ),
      (item) => setAttribute(/** @type {Element} */ (item.querySelector("button")), "disabled", !ready),
    );
  }

  /** @param {Stop} stop @param {Preset} preset */
  #go(stop, preset) {
    this.store.send({ type: "goto", link: linkOf(stop, preset), play: true });
    this.store.send({ type: "select", site: stop.select });
  }
}
