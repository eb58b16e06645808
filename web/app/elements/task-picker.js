/** Which example the page shows, and the ways back: to the preset as it is, and to the set-up that was replaced. */

import { BaseElement, setAttribute, h } from "../dom.js";
import { isPlain, presetOf } from "../link.js";
import { canRun } from "../store.js";

export class TaskPicker extends BaseElement {
  #preset = h("select", { id: "preset", onchange: () => this.#choose(this.#preset.value) });
  #undo = h("button", { type: "button", class: "quiet", onclick: () => this.#back() }, "Undo");
  #changed = h(
    "p",
    { class: "changed" },
    "Changed from the preset. ",
    h(
      "button",
      { type: "button", class: "sentence", onclick: () => this.#choose(this.#preset.value) },
      "Reset to the preset",
    ),
  );

  build() {
    this.#changed.hidden = true;
    this.#undo.hidden = true;
    this.append(h("label", { for: "preset" }, "Start from"), this.#preset, this.#undo, this.#changed);
  }

  focusFallback() {
    return this.#preset;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, presets, link, replaced } = state;
    const ready = canRun(state);
    setAttribute(this.#preset, "disabled", !ready);
    if (this.changed("presets", presets, description)) this.#drawPresets(state);
    this.#changed.hidden = !ready || isPlain(link);
    this.#undo.hidden = !ready || replaced === null || replaced === description?.link;
    setAttribute(this.#undo, "title", "Back to the set-up that this one replaced");
  }

  /** @param {import("../store.js").State} state */
  #drawPresets({ presets, description, link }) {
    const name = presetOf(description?.link ?? link) ?? presets[0]?.name ?? document.body.dataset.preset ?? "";
    const known = presets.length > 0 ? presets : [{ name, label: name, help: "", link: "" }];
    this.#preset.replaceChildren(...known.map((preset) => h("option", { value: preset.name }, preset.label)));
    this.#preset.value = name;
    setAttribute(this.#preset, "title", known.find((preset) => preset.name === name)?.help ?? null);
  }

  #back() {
    const { replaced } = this.store.state;
    if (replaced !== null) this.store.send({ type: "goto", link: replaced });
  }

  /** @param {string} name */
  #choose(name) {
    const preset = this.store.state.presets.find((known) => known.name === name);
    if (preset) this.store.send({ type: "goto", link: preset.link });
  }
}
