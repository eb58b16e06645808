/** What goes in: the task in words, a sample of its data, and what the task should need. */

import { BaseElement, keyedList, h, setText } from "../dom.js";
import { presetOf, sitesOf } from "../link.js";
import { measure } from "../format.js";
import { FigureCard } from "./figure-card.js";

export class TaskCard extends BaseElement {
  #help = h("p", { class: "help" });
  #title = h("h3");
  #words = h("p");
  #guess = h("p", { class: "note" });
  #data = h("div", { class: "data" });
  #needs = h("ul", { class: "needs" });
  #needed = h("details", { class: "needed" }, h("summary", {}, "Expected to be needed"), this.#needs);

  build() {
    this.append(this.#help, this.#title, this.#words, this.#data, this.#guess, this.#needed);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, presets, link } = state;
    const preset = presetOf(description?.link ?? link) ?? presets[0]?.name;
    setText(this.#help, presets.find(({ name }) => name === preset)?.help ?? "");
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
}
