/**
 * What can be done to the selected component: ablate it in the trained model, retrain without it, swap it. Each way
 * carries its grade and the reason for it, because a number from an unsound ablation looks just like a number.
 */

import { BaseElement, setAttribute, bringIntoView, keyedList, h, setText } from "../dom.js";
import { count } from "../format.js";
import { termsOf } from "../glossary.js";
import { needOf } from "../link.js";
import { awaitsTraining, canRun, cutOf } from "../store.js";

/** @typedef {import("../protocol.js").Site} Site */
/** @typedef {import("../protocol.js").CutOption} CutOption */
/** @typedef {import("../protocol.js").Grade} Grade */
/** @typedef {import("../protocol.js").Cut} Cut */

export class SiteActions extends BaseElement {
  #title = h("h3", { tabindex: -1 });
  #path = h("code", { class: "path" });
  #facts = h("p", { class: "note" });
  #help = h("p");
  #need = h("p", { class: "need" });
  #cuts = h("ul", { class: "ways" });
  #remove = h("button", { type: "button", class: "necessity" }, "Retrain without it");
  #removal = h("p", { class: "reason", id: "removal-reason" });
  #swaps = h("div", { class: "swaps" });
  #swapping = h("div", { class: "way-group" }, h("h4", {}, "Swap"), this.#swaps);
  #back = h(
    "button",
    { type: "button", class: "quiet", onclick: () => this.store.send({ type: "cut", cut: null }) },
    "Undo",
  );
  #next = h(
    "p",
    { class: "next" },
    h("button", { type: "button", class: "primary", onclick: () => this.#ask("ablated", { type: "play" }) }, "Train"),
    " measures what the ablation costs.",
  );
  #kinds = h("dl", { class: "kinds" });
  #box = h(
    "div",
    { class: "actions", role: "region", "aria-label": "Actions on the selected component" },
    h("div", { class: "heading" }, this.#title, this.#back),
    this.#path,
    this.#help,
    this.#facts,
    this.#need,
    h(
      "div",
      { class: "way-group" },
      h("h4", {}, h("span", { class: "glyph cut", "aria-hidden": "true" }), "Ablate it in the trained model"),
      this.#cuts,
      this.#next,
    ),
    h(
      "div",
      { class: "way-group" },
      h("h4", {}, h("span", { class: "glyph never", "aria-hidden": "true" }), "Retrain without it"),
      h("div", { class: "way" }, this.#remove, this.#removal),
    ),
    this.#swapping,
    h(
      "details",
      { class: "grades" },
      h("summary", {}, "What the ablations do and what the grades mean"),
      this.#kinds,
      h(
        "dl",
        {},
        ...termsOf("grade").map(({ name, meaning }) => h("div", {}, h("dt", {}, name), h("dd", {}, meaning))),
      ),
    ),
  );

  build() {
    this.#remove.addEventListener("click", () => this.#removeIt());
    this.#remove.setAttribute("aria-describedby", "removal-reason");
    this.append(this.#box);
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const site = this.#site(state);
    const cut = cutOf(state);
    const ready = canRun(state);
    const next = awaitsTraining(state) && cut?.site === site?.path;
    if (!site || !this.changed("site", site, cut?.site, cut?.kind, cut?.factor, ready, next)) return;
    this.#next.hidden = !next;
    setText(this.#title, site.label);
    setText(this.#path, site.path);
    setText(this.#help, site.help);
    setText(
      this.#facts,
      `${site.parameters > 0 ? count(site.parameters) : "No"} parameters; output: ${outputOf(site)}.`,
    );
    setText(this.#need, needOf(state.description, site.path));
    this.#back.hidden = cut?.site !== site.path;
    setAttribute(this.#back, "disabled", !ready);
    keyedList(
      this.#cuts,
      site.cuts,
      ({ kind }) => `${site.path} ${kind}`,
      (option) => this.#way(site, option),
      (row, option) => patchWay(row, option, cut?.site === site.path ? cut : null, ready),
    );
    keyedList(
      this.#kinds,
      site.cuts,
      ({ kind }) => kind,
      ({ label }) => h("div", {}, h("dt", {}, label), h("dd")),
      (row, { help }) => setText(/** @type {Element} */ (row.lastElementChild), help),
    );
    this.#drawRemoval(site, cut, ready);
    this.#swapping.hidden = site.swaps.length === 0;
    keyedList(
      this.#swaps,
      site.swaps,
      ({ path, value }) => `${path}=${value}`,
      ({ path, value, label }) =>
        h(
          "button",
          { type: "button", title: label, onclick: () => this.store.send({ type: "set", changes: { [path]: value } }) },
          `Swap for ${value}`,
        ),
      (button) => setAttribute(button, "disabled", !ready),
    );
  }

  /** @param {import("../store.js").State} state */
  #site({ description, selected }) {
    return description?.sites.find(({ path }) => path === selected);
  }

  /** @param {Site} site @param {Cut|null} cut @param {boolean} ready */
  #drawRemoval(site, cut, ready) {
    const possible = firstCut(site) !== null;
    const { grade, reason } = possible
      ? site.removal
      : {
          grade: "refused",
          reason: "The sandbox shows it beside an ablation, and none is offered for this component.",
        };
    setAttribute(this.#remove, "data-grade", grade);
    setAttribute(this.#remove, "aria-pressed", cut?.site === site.path);
    setAttribute(this.#remove, "disabled", !ready || grade === "refused");
    this.#removal.replaceChildren(gradeMark(grade), ` ${reason}`);
  }

  /** @param {Site} site @param {CutOption} option */
  #way(site, option) {
    const id = `cut-${option.kind}`;
    const factor =
      option.factor &&
      h("input", {
        type: "number",
        id: `${id}-factor`,
        min: option.factor.minimum,
        max: option.factor.maximum,
        step: "any",
        value: option.factor.default,
        onchange: () => this.#rescale(site, option),
      });
    const button = h(
      "button",
      {
        type: "button",
        class: "cut",
        "aria-describedby": `${id}-reason`,
        onclick: () =>
          this.store.send({
            type: "cut",
            cut: { site: site.path, kind: option.kind, factor: factor ? Number(factor.value) : null },
          }),
      },
      `Ablate: ${option.label.toLowerCase()}`,
    );
    return h(
      "li",
      { class: "way" },
      button,
      factor && h("label", { class: "factor" }, h("span", {}, "by"), factor),
      h("p", { class: "reason", id: `${id}-reason` }),
    );
  }

  /** Another factor of the cut that is shown is another cut. @param {Site} site @param {CutOption} option */
  #rescale(site, option) {
    const cut = cutOf(this.store.state);
    const factor = this.#cuts.querySelector("input");
    if (factor && factor.value !== "" && cut?.site === site.path && cut.kind === option.kind)
      this.store.send({ type: "cut", cut: { ...cut, factor: Number(factor.value) } });
  }

  /** Training without a part is shown beside cutting it, so one follows from the other. */
  #removeIt() {
    const { state } = this.store;
    const site = this.#site(state);
    if (!site) return;
    const cut = cutOf(state);
    if (cut?.site === site.path) this.#ask("retrained", { type: "play" });
    else this.#ask("retrained", { type: "cut", cut: firstCut(site), play: true });
  }

  /**
   * Has something trained, and shows where its answer comes.
   *
   * @param {"ablated"|"retrained"} panel
   * @param {import("../store.js").Event} event
   */
  #ask(panel, event) {
    this.store.send(event);
    bringIntoView(document.querySelector(`[data-panel="${panel}"]`), "start");
  }
}

/**
 * The cut to show beside a removal: the first sound one, else the first that is offered.
 *
 * @param {Site} site
 * @returns {Cut|null}
 */
export function firstCut(site) {
  const offered = site.cuts.filter(({ grade, factor }) => grade.grade !== "refused" && factor === null);
  const option = offered.find(({ grade }) => grade.grade === "sound") ?? offered[0];
  return option ? { site: site.path, kind: option.kind, factor: null } : null;
}

/** @param {HTMLElement} row @param {CutOption} option @param {Cut|null} chosen @param {boolean} ready */
function patchWay(row, option, chosen, ready) {
  const button = /** @type {Element} */ (row.querySelector("button"));
  setAttribute(button, "disabled", !ready || option.grade.grade === "refused");
  setAttribute(button, "data-grade", option.grade.grade);
  setAttribute(button, "aria-pressed", chosen?.kind === option.kind);
  const factor = row.querySelector("input");
  if (factor && chosen?.kind === option.kind && chosen.factor !== null && document.activeElement !== factor)
    factor.value = String(chosen.factor);
  /** @type {Element} */ (row.querySelector(".reason")).replaceChildren(
    gradeMark(option.grade.grade),
    ` ${option.grade.reason}`,
  );
}

/** What a component outputs for one example. @param {Site} site */
function outputOf({ positions, channels }) {
  return positions > 1 ? `${positions} positions × ${channels} channels` : `${channels} channels`;
}

/** @param {Grade["grade"]|string} grade */
function gradeMark(grade) {
  return h("span", { class: `grade ${grade}` }, `${grade}.`);
}
