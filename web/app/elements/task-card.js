/** What goes in: the preset, the task in words, a sample of its data, and what the task should need. */

import { Part, attribute, each, h, say } from "../dom.js";
import { isPlain, presetOf, sitesOf } from "../link.js";
import { canRun } from "../store.js";
import { measure } from "../format.js";
import { FigureCard } from "./figure-card.js";

export class TaskCard extends Part {
  #preset = h("select", { id: "preset", onchange: () => this.#choose(this.#preset.value) });
  #changed = h(
    "p",
    { class: "changed" },
    "Changed from the preset. ",
    h(
      "button",
      { type: "button", class: "sentence", onclick: () => this.#choose(this.#preset.value) },
      "Take the preset again",
    ),
  );
  #help = h("p", { class: "help" });
  #title = h("h3");
  #task = h("p");
  #guess = h("p", { class: "note" });
  #data = h("div", { class: "data" });
  #needs = h("ul", { class: "needs" });
  #needed = h("details", {}, h("summary", {}, "What it should need"), this.#needs);

  build() {
    this.append(
      h("div", { class: "field" }, h("label", { for: "preset" }, "Start from"), this.#preset),
      this.#help,
      this.#changed,
      this.#title,
      this.#task,
      this.#data,
      this.#guess,
      this.#needed,
    );
  }

  haven() {
    return this.#preset;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, presets, link } = state;
    attribute(this.#preset, "disabled", !canRun(state));
    if (this.changed("presets", presets, description)) this.#drawPresets(state);
    this.#changed.hidden = !canRun(state) || isPlain(link);
    if (!description || !this.changed("task", description)) return;
    const { task, data } = description;
    say(this.#title, task.label);
    say(this.#task, task.help);
    say(
      this.#guess,
      `Guessing reaches a loss of ${measure(task.trivial.loss)} and ${/^[aeiou]/i.test(task.score.label) ? "an" : "a"} ${task.score.label.toLowerCase()} of ${measure(task.trivial.score)}${task.score.unit ? ` ${task.score.unit}` : ""}.`,
    );
    each(
      this.#data,
      data,
      ({ name }) => name,
      () => new FigureCard(),
      (card, figure) => card.show(figure),
    );
    this.#needed.hidden = task.needs.length === 0;
    each(
      this.#needs,
      task.needs,
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
    say(this.#help, known.find((preset) => preset.name === name)?.help ?? "");
  }

  /** @param {string} name */
  #choose(name) {
    const preset = this.store.state.presets.find((known) => known.name === name);
    if (preset) this.store.send({ type: "goto", link: preset.link });
  }
}
