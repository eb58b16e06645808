/**
 * What is compared: every component that can be left out and every setting that can be changed, with its grade and the
 * arms it will have.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { changeable, choicesOf, choosing, matching } from "../components.js";
import { armOf } from "../glossary.js";
import { canStudy } from "../store.js";
import { count } from "../format.js";

/** @typedef {import("../components.js").Choice} Choice */
/** @typedef {import("../generated/protocol.js").SetField} Field */
/** @typedef {import("../generated/protocol.js").Variant} Variant */

export class ComponentList extends BaseElement {
  #title = h("h3", { tabindex: -1 }, "Components and settings to compare");
  #removed = h("h4", {}, "Removed");
  #components = h("ul", { class: "choices" });
  #small = h("button", { type: "button", class: "quiet", "aria-expanded": "false", onclick: () => this.#showSmall() });
  #settings = h("ul", { class: "choices" });
  #changed = h("h4", {}, "Swapped or changed");
  #field = h("select", { id: "variant-field", onchange: () => this.#drawValue() });
  #value = h("span", { class: "value-box" });
  #add = h("button", { type: "submit" }, "Add");
  #form = h(
    "form",
    { class: "add", onsubmit: (/** @type {SubmitEvent} */ event) => this.#change(event) },
    h("label", { for: "variant-field" }, "Change a setting"),
    this.#field,
    h("label", { for: "variant-value", class: "unseen" }, "to the value"),
    h("span", { "aria-hidden": "true" }, "→"),
    this.#value,
    this.#add,
  );
  #fixed = h(
    "p",
    { class: "note fixed" },
    "This study comes from a file: its comparisons are fixed. ",
    h(
      "button",
      { type: "button", class: "sentence", onclick: () => this.store.send({ type: "studyOfSandbox" }) },
      "Study what the sandbox shows",
    ),
    ".",
  );
  #all = false;
  /** @type {Choice[]} */
  #rows = [];

  build() {
    this.append(
      this.#title,
      this.#fixed,
      this.#removed,
      this.#components,
      this.#small,
      this.#changed,
      this.#settings,
      this.#form,
    );
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, study, page } = state;
    const { sheet, from } = study;
    if (page.tab !== "study" || !sheet || !description) return;
    const free = from === "link" && canStudy(state, false) && study.status !== "running";
    if (!this.changed("rows", description, sheet, free, this.#all)) return;
    const fixed = from === "file";
    this.#fixed.hidden = !fixed;
    this.#form.hidden = fixed;
    this.#rows = fixed ? (sheet.study?.variants ?? []).map(fromFile) : choicesOf(description, sheet);
    const components = this.#rows.filter(({ list }) => list === "without");
    const small = components.filter((row) => row.small && !row.chosen).length;
    this.#small.hidden = fixed || small === 0;
    setText(
      this.#small,
      this.#all ? "Show fewer components" : `Show ${small} more: heads, norms and other parts of components`,
    );
    setAttribute(this.#small, "aria-expanded", this.#all ? "true" : "false");
    this.#drawRows(
      this.#components,
      components.filter((row) => this.#all || !row.small || row.chosen),
      free,
    );
    const settings = this.#rows.filter(({ list }) => list === "with");
    this.#drawRows(this.#settings, settings, free);
    // A file may hold only one kind.
    this.#removed.hidden = components.length === 0;
    this.#changed.hidden = fixed && settings.length === 0;
    if (!fixed) this.#drawFields(changeable(description), free);
  }

  /** @param {Element} list @param {Choice[]} rows @param {boolean} free */
  #drawRows(list, rows, free) {
    keyedList(
      list,
      rows,
      ({ list: key, entry }) => `${key} ${entry}`,
      (row) => this.#make(row),
      (element, row) => patch(element, row, free),
    );
  }

  /** @param {Choice} row */
  #make({ list, entry }) {
    const id = `choice-${list}-${entry.replaceAll(/[^a-z0-9]/gi, "-")}`;
    const input = h("input", {
      type: "checkbox",
      id,
      "aria-describedby": `${id}-why`,
      onchange: () => this.#choose(list, entry, input.checked),
    });
    const size = h("input", {
      type: "checkbox",
      "aria-describedby": `${id}-name ${id}-size`,
      onchange: () => this.#match(entry, size.checked),
    });
    return h(
      "li",
      { class: "choice" },
      input,
      h("label", { for: id }, h("code", { id: `${id}-name` }), " ", h("span", { class: "what" })),
      h("div", { class: "arms" }),
      h("p", { class: "why", id: `${id}-why` }),
      h(
        "p",
        { class: "matched" },
        h("label", {}, size, " also parameter-matched"),
        " ",
        h("span", { id: `${id}-size`, class: "note" }),
      ),
    );
  }

  /** @param {string} entry @param {boolean} matched */
  #match(entry, matched) {
    const { sheet } = this.store.state.study;
    if (sheet) this.store.send({ type: "set", changes: matching(sheet, entry, matched) });
  }

  /** @param {"without"|"with"} list @param {string} entry @param {boolean} chosen */
  #choose(list, entry, chosen) {
    const { sheet } = this.store.state.study;
    if (sheet) this.store.send({ type: "set", changes: choosing(sheet, { list, entry }, chosen, this.#rows) });
  }

  #showSmall() {
    this.#all = !this.#all;
    this.draw(this.store.state);
  }

  /** @param {Field[]} fields @param {boolean} free */
  #drawFields(fields, free) {
    keyedList(
      this.#field,
      fields,
      ({ path }) => path,
      ({ path }) => h("option", { value: path }),
      (option, { label, value }) => setText(option, `${label} (${value})`),
    );
    setAttribute(this.#field, "disabled", !free);
    setAttribute(this.#add, "disabled", !free);
    this.#drawValue();
    for (const input of this.#value.children) setAttribute(input, "disabled", !free);
  }

  #drawValue() {
    const field = this.store.state.description?.fields.find(({ path }) => path === this.#field.value);
    if (!field || !this.changed("value", field.path, field.value)) return;
    const input =
      field.kind === "choice"
        ? h(
            "select",
            { id: "variant-value" },
            ...(field.options ?? [])
              .filter(({ value }) => value !== String(field.value))
              .map(({ value, label }) => h("option", { value }, label)),
          )
        : field.kind === "file"
          ? h("input", { id: "variant-value", required: true })
          : h("input", {
              id: "variant-value",
              type: "number",
              min: field.minimum,
              max: field.maximum,
              step: field.kind === "integer" ? 1 : "any",
              required: true,
            });
    this.#value.replaceChildren(input);
  }

  /** @param {SubmitEvent} event */
  #change(event) {
    event.preventDefault();
    const { sheet } = this.store.state.study;
    const input = /** @type {HTMLInputElement|HTMLSelectElement|null} */ (this.#value.querySelector("input, select"));
    if (!sheet || !input?.value) return;
    this.store.send({
      type: "set",
      changes: choosing(sheet, { list: "with", entry: `${this.#field.value}=${input.value}` }, true, this.#rows),
    });
    if (input instanceof HTMLInputElement) input.value = "";
  }
}

/** A variant of a file, which may hold what a link cannot say. @param {Variant} variant @returns {Choice} */
function fromFile(variant) {
  const { name, label, remove, grade } = variant;
  return {
    list: remove.length > 0 ? "without" : "with",
    entry: name,
    label,
    what: name === label || name === remove.join("+") ? "" : name,
    chosen: true,
    variant,
    matched: variant.matched !== null,
    unmatched: "",
    grade,
    ablations: [],
    depth: 0,
    small: false,
  };
}

/** @param {HTMLElement} element @param {Choice} row @param {boolean} free */
function patch(element, row, free) {
  const { label, what, chosen, variant, grade, ablations, depth } = row;
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
  const trust = variant?.grade ?? grade;
  const refused = trust?.grade === "refused";
  input.checked = chosen;
  setAttribute(input, "disabled", !free || (refused && !chosen));
  setAttribute(element, "data-chosen", chosen);
  setAttribute(element, "data-grade", trust?.grade ?? "unknown");
  element.style.setProperty("--depth", String(depth));
  setText(/** @type {Element} */ (element.querySelector("code")), label);
  setText(/** @type {Element} */ (element.querySelector(".what")), what);
  const arms = /** @type {Element} */ (element.querySelector(".arms"));
  arms.replaceChildren(...(refused ? [] : armsOf(variant, ablations)));
  const why = /** @type {Element} */ (element.querySelector(".why"));
  const other = variant !== null && variant.parameters[0] !== variant.parameters[1];
  patchMatched(/** @type {HTMLElement} */ (element.querySelector(".matched")), row, other, free);
  const size = other ? ` ${count(variant.parameters[1])} parameters instead of ${count(variant.parameters[0])}.` : "";
  why.replaceChildren(
    ...(trust && (chosen || refused || trust.grade !== "sound")
      ? [h("span", { class: `grade ${trust.grade}` }, `${trust.grade}.`), ` ${trust.reason}${chosen ? size : ""}`]
      : []),
    ...(refused ? [] : approximations(variant)),
  );
}

/** Which ways to ablate a component are approximate, and why. @param {Variant|null} variant @returns {Node[]} */
function approximations(variant) {
  const ways = (variant?.ablations ?? []).filter(({ grade }) => grade.grade === "approximate");
  const reasons = [...new Set(ways.map(({ grade }) => grade.reason))];
  return reasons.map((reason) => {
    const labels = ways.filter(({ grade }) => grade.reason === reason).map(({ label }) => label);
    return h(
      "span",
      { class: "way-grade" },
      h("span", { class: "grade approximate" }, `≈ ${labels.join(", ")}: approximate.`),
      ` ${reason}`,
    );
  });
}

/** The arms that a component will have, or why it will not. @param {Variant|null} variant @param {string[]} offered */
function armsOf(variant, offered) {
  const ways = variant
    ? variant.ablations.map(({ label, grade }) => (grade.grade === "approximate" ? `≈ ${label}` : label))
    : offered;
  const arm = (/** @type {string} */ name, /** @type {string} */ text) =>
    h("span", { class: `arm-mark ${name}` }, h("span", { class: `glyph ${name}`, "aria-hidden": "true" }), text);
  if (!variant) return ways.length > 0 ? [arm("ablated", `ablated: ${ways.join(", ")}`)] : [];
  const ablated =
    ways.length > 0
      ? [arm("ablated", `ablated: ${ways.join(", ")}`), arm("recovered", armOf("H").name)]
      : [h("span", { class: "arm-mark none" }, `Not ablated: ${variant.not_ablated ?? "no ablation is offered"}`)];
  return [...ablated, arm("retrained", armOf("N").name + (variant.matched ? ", also parameter-matched" : ""))];
}

/**
 * @param {HTMLElement} element
 * @param {Choice} row
 * @param {boolean} other  whether it has another size than the reference
 * @param {boolean} free
 */
function patchMatched(element, { chosen, matched, unmatched }, other, free) {
  element.hidden = !chosen || (!other && !matched) || (!free && !matched);
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input"));
  input.checked = matched;
  setAttribute(input, "disabled", !free || (unmatched !== "" && !matched));
  setText(
    /** @type {Element} */ (element.querySelector(".note")),
    unmatched
      ? `not possible: ${unmatched}`
      : "widened to as many parameters as the reference, to separate the component from its size",
  );
}
