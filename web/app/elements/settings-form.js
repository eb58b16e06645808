/**
 * The form of a study, drawn from the engine's list of fields: nothing about a model is known here. A field keeps its
 * control as long as it applies, so that typing is never interrupted by a drawing.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { canRun } from "../store.js";

/** @typedef {import("../generated/protocol.js").SetField} Field */

const GROUPS = [
  { group: "data", label: "Data", open: true },
  { group: "model", label: "Model", open: true },
  { group: "training", label: "Training", open: false },
];

/** A whole number with at most this many values gets a slider. */
const SLIDER = 16;

export class SettingsForm extends BaseElement {
  #groups = h("div");

  build() {
    this.append(this.#groups);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description } = state;
    if (!description || !this.changed("fields", description, canRun(state))) return;
    const groups = GROUPS.map((group) => ({
      ...group,
      fields: description.fields.filter((field) => field.group === group.group),
    })).filter(({ fields }) => fields.length > 0);
    keyedList(
      this.#groups,
      groups,
      ({ group }) => group,
      ({ label, open }) => h("details", { open }, h("summary", {}, label), h("div", { class: "fields" })),
      (element, { fields }) => {
        const box = /** @type {Element} */ (element.querySelector(".fields"));
        // A control is for one kind of value; a field that changes its kind is another field.
        keyedList(
          box,
          fields,
          (field) => `${field.path} ${control(field)}`,
          (field) => this.#make(field),
          (row, field) => patch(row, field, !canRun(state)),
        );
      },
    );
  }

  /** @param {Field} field */
  #make(field) {
    const id = `field-${field.path.replaceAll(".", "-")}`;
    const kind = control(field);
    /** @type {HTMLInputElement|HTMLSelectElement} */
    const input = kind === "select" ? h("select", { id }) : h("input", { id, type: kind });
    input.addEventListener("change", () => this.#set(field.path, input.value));
    const value = h("output", { class: "number", for: id });
    if (kind === "range") input.addEventListener("input", () => setText(value, input.value));
    const help = h("p", { class: "help", id: `${id}-help` });
    setAttribute(input, "aria-describedby", help.id);
    return h(
      "div",
      { class: `field ${kind}` },
      h("label", { for: id }, h("span"), h("span", { class: "unit" })),
      kind === "range" ? h("div", { class: "slide" }, input, value) : input,
      help,
    );
  }

  /** @param {string} path @param {string} value */
  #set(path, value) {
    const { description } = this.store.state;
    // Another data set has other fields: what was set for this one would only come back as a list of corrections.
    const fresh =
      path === "data.kind" && description
        ? Object.fromEntries(Object.keys(description.settings).map((other) => [other, null]))
        : {};
    this.store.send({ type: "set", changes: { ...fresh, [path]: value } });
  }
}

/** @param {Field} field @returns {"select"|"range"|"number"|"text"} */
function control(field) {
  if (field.kind === "file") return "text";
  if (field.kind === "choice") return "select";
  return field.kind === "integer" && field.maximum - field.minimum < SLIDER ? "range" : "number";
}

/** @param {HTMLElement} row @param {Field} field @param {boolean} disabled */
function patch(row, field, disabled) {
  const [name, unit] = row.querySelectorAll("label span");
  const input = /** @type {HTMLInputElement|HTMLSelectElement} */ (row.querySelector("input, select"));
  if (name) setText(name, field.label);
  if (unit) setText(unit, field.unit ?? "");
  const options = field.kind === "choice" ? field.options : [];
  const chosen = options.find(({ value }) => String(value) === String(field.value));
  setText(/** @type {Element} */ (row.querySelector(".help")), [field.help, chosen?.help].filter(Boolean).join(" "));
  if (input instanceof HTMLSelectElement) {
    keyedList(
      input,
      options,
      ({ value }) => value,
      ({ value }) => h("option", { value }),
      (option, { label }) => setText(option, label),
    );
  } else if (field.kind === "integer" || field.kind === "number") {
    setAttribute(input, "min", field.minimum);
    setAttribute(input, "max", field.maximum);
    setAttribute(input, "step", field.kind === "integer" ? 1 : "any");
  }
  setAttribute(input, "disabled", disabled);
  if (input.value !== String(field.value)) input.value = String(field.value);
  const output = row.querySelector("output");
  if (output) setText(output, String(field.value));
}
