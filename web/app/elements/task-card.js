/** What goes in: the preset, the task in words, a sample of its data, and what the task should need. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { isPlain, presetOf, sitesOf } from "../link.js";
import { canRun } from "../store.js";
import { measure } from "../format.js";
import { FigureCard } from "./figure-card.js";

export class TaskCard extends BaseElement {
  #preset = h("select", { id: "preset", onchange: () => this.#choose(this.#preset.value) });
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
  #help = h("p", { class: "help" });
  #title = h("h3");
  #words = h("p");
  #guess = h("p", { class: "note" });
  #data = h("div", { class: "data" });
  #needs = h("ul", { class: "needs" });
  #needed = h("details", {}, h("summary", {}, "Expected to be needed"), this.#needs);

  build() {
    this.append(
      h("div", { class: "field" }, h("label", { for: "preset" }, "Start from"), this.#preset),
      this.#help,
      this.#changed,
      this.#title,
      this.#words,
      this.#data,
      this.#guess,
      this.#needed,
    );
  }

  focusFallback() {
    return this.#preset;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, presets, link } = state;
    setAttribute(this.#preset, "disabled", !canRun(state));
    if (this.changed("presets", presets, description)) this.#drawPresets(state);
    this.#changed.hidden = !canRun(state) || isPlain(link);
    if (!description || !this.changed("description", description)) return;
    const { data_set: set, data } = description;
    setText(this.#title, set.label);
    setText(this.#words, set.help);
    const { label, unit } = set.score;
    const score = `${label.toLowerCase()} ${measure(set.constant_predictor.score)}${unit ? ` ${unit}` : ""}`;
    setText(this.#guess, `A constant predictor reaches loss ${measure(set.constant_predictor.loss)} and ${score}.`);
    keyedList(
      this.#data,
      data,
      ({ name }) => name,
      () => new FigureCard(),
      (card, figure) => card.show(figure),
    );
    this.#needed.hidden = set.needs.length === 0;
    keyedList(
      this.#needs,
      set.needs,
      ({ site }) => site,
      () => h("li"),
      (item, { site, needed, why }) => {
        const sites = sitesOf(site, description);
        const several = sites.length > 1;
        const verdict = several
          ? needed
            ? " at least one needed"
            : " none needed"
          : needed
            ? " needed"
            : " not needed";
        item.replaceChildren(
          h("code", {}, several ? site : (sites[0]?.path ?? site)),
          h("span", { class: needed ? "yes" : "no" }, verdict),
          ` ${why}`,
        );
      },
    );
  }

  /** @param {import("../store.js").State} state */
  #drawPresets({ presets, description, link }) {
    const name = presetOf(description?.link ?? link) ?? presets[0]?.name ?? document.body.dataset.preset ?? "";
    const known = presets.length > 0 ? presets : [{ name, label: name, help: "", link: "" }];
    this.#preset.replaceChildren(...known.map((preset) => h("option", { value: preset.name }, preset.label)));
    this.#preset.value = name;
    setText(this.#help, known.find((preset) => preset.name === name)?.help ?? "");
  }

  /** @param {string} name */
  #choose(name) {
    const preset = this.store.state.presets.find((known) => known.name === name);
    if (preset) this.store.send({ type: "goto", link: preset.link });
  }
}
