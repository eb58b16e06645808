/**
 * What can be done to the selected component: compare it, which is one choice - ablated in the trained model, beside a
 * model retrained without it - or swap it. A choice only marks; one button trains. Each way carries its grade and the
 * reason for it, because a number from an unsound ablation looks just like a number.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { count } from "../format.js";
import { termsOf } from "../glossary.js";
import { armIn, lossesOf, plain } from "../headline.js";
import { keyOf, needOf } from "../link.js";
import { awaitsTraining, canRun, ablationOf, settledView } from "../store.js";

/** @typedef {import("../generated/protocol.js").Site} Site */
/** @typedef {import("../generated/protocol.js").AblationOption} AblationOption */
/** @typedef {import("../generated/protocol.js").Grade} Grade */
/** @typedef {import("../generated/protocol.js").Ablation} Ablation */

export class SiteActions extends BaseElement {
  #title = h("h3", { tabindex: -1 });
  #path = h("code", { class: "path" });
  #facts = h("p", { class: "note" });
  #help = h("p");
  #need = h("p", { class: "need" });
  #ablations = h("ul", { class: "ways" });
  /** Operators with a number to choose are folded: there is room for any of them, and the others are tried first. */
  #strengths = h("ul", { class: "ways" });
  #which = h("summary");
  #more = /** @type {HTMLDetailsElement} */ (h("details", { class: "more" }, this.#which, this.#strengths));
  #removal = h("p", { class: "reason" });
  #swaps = h("div", { class: "swaps" });
  #swapped = h("summary");
  /** Folded, so that all that can be done is seen at once. */
  #folded = /** @type {HTMLDetailsElement} */ (h("details", { class: "more" }, this.#swapped, this.#swaps));
  #swapping = h("div", { class: "way-group swapping" }, this.#folded);
  #back = h(
    "button",
    { type: "button", class: "quiet", onclick: () => this.store.send({ type: "ablate", ablation: null }) },
    "Undo",
  );
  #next = h(
    "p",
    { class: "next" },
    h("button", { type: "button", class: "primary", onclick: () => this.store.send({ type: "play" }) }, "Train"),
    " measures both: what ablating it costs, and what retraining without it costs.",
  );
  /** The losses of the headline once more: from here it can be out of sight. */
  #disruption = h("span", { class: "answer" });
  #necessity = h("span", { class: "answer" });
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
      { class: "way-group ablating" },
      h("h4", {}, "Compare this part"),
      h(
        "p",
        { class: "half" },
        h("span", { class: "glyph ablated", "aria-hidden": "true" }),
        h("span", {}, "Ablated in the trained model", this.#disruption, "; choose how:"),
      ),
      this.#ablations,
      this.#more,
      h(
        "p",
        { class: "half" },
        h("span", { class: "glyph retrained", "aria-hidden": "true" }),
        h("span", {}, "Beside it, retrained without it", this.#necessity, ":"),
      ),
      this.#removal,
      this.#next,
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
    this.append(this.#box);
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const site = this.#site(state);
    const ablation = ablationOf(state);
    this.#drawAnswer(ablation?.site === site?.path ? answerOf(state) : null);
    const ready = canRun(state);
    const next = awaitsTraining(state) && ablation?.site === site?.path;
    if (!site || !this.changed("site", site, keyOf(ablation), ready, next)) return;
    this.#next.hidden = !next;
    setText(this.#title, site.label);
    setText(this.#path, site.path);
    setText(this.#help, site.help);
    setText(this.#facts, `${sizeOf(site)}; output: ${outputOf(site)}.`);
    setText(this.#need, needOf(state.description, site.path));
    this.#back.hidden = ablation?.site !== site.path;
    setAttribute(this.#back, "disabled", !ready);
    const shown = ablation?.site === site.path ? ablation : null;
    const withStrength = site.ablations.filter(({ parameters }) => parameters.length > 0);
    const plain = site.ablations.filter(({ parameters }) => parameters.length === 0);
    this.#listWays(this.#ablations, site, plain, shown, ready);
    this.#listWays(this.#strengths, site, withStrength, shown, ready);
    this.#more.hidden = withStrength.length === 0;
    setText(this.#which, `With a strength: ${named(withStrength.map(({ label }) => label.toLowerCase()))}`);
    if (withStrength.some(({ operator }) => operator === shown?.operator)) this.#more.open = true;
    keyedList(
      this.#kinds,
      site.ablations,
      ({ operator }) => operator,
      ({ label }) => h("div", {}, h("dt", {}, label), h("dd")),
      (row, { help }) => setText(/** @type {Element} */ (row.lastElementChild), help),
    );
    this.#removal.replaceChildren(gradeMark(site.removal.grade), ` ${site.removal.reason}`);
    this.#drawSwaps(state, site, ready);
  }

  /** @param {ReturnType<typeof answerOf>} answer */
  #drawAnswer(answer) {
    const { reference, ablated, retrained } = answer ?? {};
    if (!this.changed("answer", reference, ablated, retrained)) return;
    const loss = (/** @type {string} */ mark, /** @type {number} */ value) => h("b", { class: mark }, plain(value));
    this.#disruption.replaceChildren(
      ...(reference === undefined || ablated === undefined
        ? []
        : [" (loss ", loss("reference", reference), "\u00a0→\u00a0", loss("disruption", ablated), ")"]),
    );
    this.#necessity.replaceChildren(...(retrained === undefined ? [] : [" (loss ", loss("necessity", retrained), ")"]));
  }

  /** @param {import("../store.js").State} state @param {Site} site @param {boolean} ready */
  #drawSwaps({ description }, site, ready) {
    const { swaps } = site;
    this.#swapping.hidden = swaps.length === 0;
    const fields = [...new Set(swaps.map(({ path }) => path))].map(
      (path) => description?.fields.find((field) => field.path === path)?.label ?? path,
    );
    setText(
      this.#swapped,
      `Swap: ${fields.length === 1 ? String(fields[0]).toLowerCase() : `${swaps.length} choices`}`,
    );
    setAttribute(this.#swapped, "title", fields.join(", "));
    keyedList(
      this.#swaps,
      swaps,
      ({ path, value }) => `${path}=${value}`,
      ({ path, value, label }) =>
        h(
          "button",
          { type: "button", title: label, onclick: () => this.store.send({ type: "set", changes: { [path]: value } }) },
          swapText(description?.fields.find((field) => field.path === path)?.label ?? path, value),
        ),
      (button) => setAttribute(button, "disabled", !ready),
    );
  }

  /**
   * @param {Element} list
   * @param {Site} site
   * @param {AblationOption[]} options
   * @param {Ablation|null} shown  the ablation of this site that the panels show
   * @param {boolean} ready
   */
  #listWays(list, site, options, shown, ready) {
    keyedList(
      list,
      options,
      ({ operator }) => `${site.path} ${operator}`,
      (option) => this.#way(site, option),
      (row, option) => patchWay(row, option, shown, ready),
    );
  }

  /** @param {import("../store.js").State} state */
  #site({ description, selected }) {
    return description?.sites.find(({ path }) => path === selected);
  }

  /** @param {Site} site @param {AblationOption} option */
  #way(site, option) {
    const id = `ablate-${option.operator}`;
    const inputs = option.parameters.map(({ name, help, minimum, maximum, default: value }) =>
      h("input", {
        type: "number",
        id: `${id}-${name}`,
        name,
        title: help,
        min: minimum,
        max: maximum,
        step: "any",
        value,
        onchange: () => this.#change(site, option, inputs),
      }),
    );
    const button = h(
      "button",
      {
        type: "button",
        class: "ablate",
        "aria-describedby": `${id}-reason`,
        onclick: () => this.store.send({ type: "ablate", ablation: ablationWith(site, option, inputs) }),
      },
      `Ablate: ${option.label.toLowerCase()}`,
    );
    return h(
      "li",
      { class: "way" },
      button,
      ...option.parameters.map(({ label }, index) =>
        h("label", { class: "factor" }, h("span", {}, label.toLowerCase()), inputs[index] ?? ""),
      ),
      h("p", { class: "reason", id: `${id}-reason` }),
    );
  }

  /**
   * Another value of a parameter of the ablation that is shown is another ablation.
   *
   * @param {Site} site
   * @param {AblationOption} option
   * @param {HTMLInputElement[]} inputs
   */
  #change(site, option, inputs) {
    const ablation = ablationOf(this.store.state);
    if (
      inputs.every(({ value }) => value !== "") &&
      ablation?.site === site.path &&
      ablation.operator === option.operator
    )
      this.store.send({ type: "ablate", ablation: ablationWith(site, option, inputs) });
  }
}

/**
 * An operator at a site with the parameters that are typed.
 *
 * @param {Site} site
 * @param {AblationOption} option
 * @param {HTMLInputElement[]} inputs
 * @returns {Ablation}
 */
function ablationWith(site, option, inputs) {
  const parameters = Object.fromEntries(inputs.map(({ name, value }) => [name, Number(value)]));
  return { ...parameters, site: site.path, operator: option.operator };
}

/** @param {HTMLElement} row @param {AblationOption} option @param {Ablation|null} chosen @param {boolean} ready */
function patchWay(row, option, chosen, ready) {
  const button = /** @type {Element} */ (row.querySelector("button"));
  setAttribute(button, "disabled", !ready || option.grade.grade === "refused");
  setAttribute(button, "data-grade", option.grade.grade);
  const pressed = chosen?.operator === option.operator;
  setAttribute(button, "aria-pressed", pressed);
  for (const input of row.querySelectorAll("input")) {
    const value = chosen?.[input.name];
    if (pressed && value !== undefined && document.activeElement !== input) input.value = String(value);
  }
  /** @type {Element} */ (row.querySelector(".reason")).replaceChildren(
    gradeMark(option.grade.grade),
    ` ${option.grade.reason}`,
  );
}

/** A value says little without the setting that it is of. @param {string} setting @param {string} value */
function swapText(setting, value) {
  return Number.isNaN(Number(value)) ? `Swap for ${value} (${setting})` : `${setting}: ${value}`;
}

/**
 * The losses of the ablation that is chosen. What the one before it came to stays in view until this one is computed,
 * and is not taken for it.
 *
 * @param {import("../store.js").State} state
 */
function answerOf(state) {
  const view = settledView(state);
  const isComputed = view !== state.view || state.run.status === "done";
  if (!view || state.run.diverged || !isComputed) return null;
  const { reference, ablated, ...others } = lossesOf(view);
  return { reference, ablated, retrained: others[armIn(view, "retrained")?.name ?? ""] };
}

/** How large a component is. The matrices of the whole hold those of its slices, such as heads. @param {Site} site */
function sizeOf({ parameters, placement, parent }) {
  if (placement === "slice" && parent) return `Parameters counted in ${parent}`;
  return `${parameters > 0 ? count(parameters) : "No"} parameters`;
}

/** What a component outputs for one example. @param {Site} site */
function outputOf({ positions, channels }) {
  return positions > 1 ? `${positions} positions × ${channels} channels` : `${channels} channels`;
}

/** @param {Grade["grade"]|string} grade */
function gradeMark(grade) {
  return h("span", { class: `grade ${grade}` }, `${grade}.`);
}

/** Names in a row, or how many there are where a row of them would be long. @param {string[]} names */
function named(names) {
  return names.length > 3 ? `${names.length} choices` : names.join(", ");
}
