/** The same panel for each arm, with one cursor for all of them. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { badge } from "../badge.js";
import { count, measure } from "../format.js";
import { armOf, termsOf } from "../glossary.js";
import { sentence } from "../verdicts.js";
import { referenceView, shownView } from "../store.js";
import { schedule } from "../scheduler.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../generated/protocol.js").Panel} Panel */
/** @typedef {import("../generated/protocol.js").ArmView} Arm */
/** @typedef {import("../generated/protocol.js").Measure} Measure */
/** @typedef {import("../generated/protocol.js").View} View */

/** The arms that have a panel: the key of the panel, and the arm by its symbol. */
export const PANELS = /** @type {const} */ ([
  ["reference", "R"],
  ["ablated", "D"],
  ["recovered", "H"],
  ["retrained", "N"],
]);

/** What stands in the panels before there is anything to show: the page is never empty. @type {Panel[]} */
const EMPTY = PANELS.map(([name, symbol]) => {
  const arm = armOf(symbol);
  return { name, label: sentence(arm.name), note: arm.meaning, arms: [], figures: [] };
});

export class ArmPanels extends BaseElement {
  #range = h("input", {
    type: "range",
    id: "cursor",
    min: 0,
    max: 1,
    step: 1,
    oninput: () => this.store.send({ type: "cursor", step: Number(this.#range.value) }),
  });
  #at = h("output", { class: "number", for: "cursor" });
  #reader = h(
    "div",
    { class: "reader" },
    h("label", { for: "cursor" }, "Read the curves at step"),
    this.#range,
    this.#at,
  );
  #panels = h("div", { class: "panels" });
  #readings = h("dl", { class: "readings note" });

  build() {
    this.#reader.hidden = true;
    this.append(this.#readings, this.#panels, this.#reader);
    this.addEventListener("read-at", (event) =>
      this.store.send({ type: "cursor", step: /** @type {CustomEvent<number|null>} */ (event).detail }),
    );
    this.addEventListener("figure-drawn", () => this.#span());
    this.#drawer?.addEventListener("toggle", () => this.draw(this.store.state));
  }

  /** What the panels are folded into. */
  get #drawer() {
    return this.closest("details");
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    // Four panels three times a second are not drawn for nobody.
    if (this.#drawer?.open === false) return;
    const view = shownView(state);
    const kept = view ? null : referenceView(state);
    if (this.changed("view", view, kept)) this.#drawPanels(view ?? (kept && onlyReference(kept)));
    const score = state.description?.data_set.score;
    if (this.changed("score", score?.name)) this.#drawReadings(termsOf(`reading ${score?.name}`));
    if (this.changed("cursor", state.cursor)) this.#read(state.cursor);
    if (this.changed("pointed", state.pointed))
      for (const card of this.querySelectorAll("figure-card"))
        /** @type {FigureCard} */ (card).light(state.pointed);
  }

  /** @param {View|null} view */
  #drawPanels(view) {
    keyedList(
      this.#panels,
      view?.panels ?? EMPTY,
      ({ name }) => name,
      (panel) => makePanel(panel),
      (element, panel) =>
        schedule(element, () => {
          patchPanel(element, panel, view);
          this.#span();
        }),
    );
  }

  /** @param {{name: string, meaning: string}[]} readings */
  #drawReadings(readings) {
    this.#readings.hidden = readings.length === 0;
    keyedList(
      this.#readings,
      readings,
      ({ name }) => name,
      ({ name, meaning }) => h("div", {}, h("dt", {}, `${name}:`), " ", h("dd", {}, meaning)),
      () => undefined,
    );
  }

  /** @param {number|null} step */
  #read(step) {
    for (const card of this.querySelectorAll("figure-card")) /** @type {FigureCard} */ (card).read(step);
    setText(this.#at, step === null ? "" : count(step));
    if (step !== null && document.activeElement !== this.#range) this.#range.value = String(step);
  }

  /** The reader spans what the curves span. */
  #span() {
    const plots = [...this.querySelectorAll("figure-card")].flatMap(
      (card) => /** @type {FigureCard} */ (card).plot ?? [],
    );
    this.#reader.hidden = plots.length === 0;
    if (plots.length === 0) return;
    setAttribute(this.#range, "min", Math.min(...plots.map(({ from }) => from)));
    setAttribute(this.#range, "max", Math.max(...plots.map(({ to }) => to)));
  }
}

/** A view of which only the reference is kept. @param {View} view @returns {View} */
export function onlyReference(view) {
  return {
    ...view,
    panels: view.panels.map((panel) => (panel.name === "reference" ? panel : { ...panel, arms: [], figures: [] })),
  };
}

/** @param {Panel} panel */
function makePanel({ name }) {
  return h(
    "article",
    { class: `panel ${name}`, "data-panel": name, "aria-labelledby": `panel-${name}` },
    h(
      "header",
      {},
      h("span", { class: `glyph ${name}`, "aria-hidden": "true" }),
      h("h3", { id: `panel-${name}` }),
      h("span", { class: "badge" }),
    ),
    h("p", { class: "note" }),
    h("div", { class: "arms" }),
    h("div", { class: "figures" }),
  );
}

/** @param {HTMLElement} element @param {Panel} panel @param {View|null} view */
function patchPanel(element, { label, note, arms, figures }, view) {
  setText(/** @type {Element} */ (element.querySelector("h3")), label);
  setText(/** @type {Element} */ (element.querySelector(".note")), note);
  const mark = /** @type {Element} */ (element.querySelector(".badge"));
  const source = arms.length > 0 ? view?.source : undefined;
  setText(mark, source ? badge(source) : "not run yet");
  setAttribute(mark, "data-source", source?.kind ?? "none");
  keyedList(
    /** @type {Element} */ (element.querySelector(".arms")),
    arms,
    ({ name }) => name,
    () => h("div", { class: "arm" }, h("p", { class: "who" }, h("b"), h("span", { class: "status" })), h("dl")),
    patchArm,
  );
  keyedList(
    /** @type {Element} */ (element.querySelector(".figures")),
    figures,
    ({ name }) => name,
    () => new FigureCard(),
    (card, figure) => card.show(figure),
  );
}

/** @param {HTMLElement} element @param {Arm} arm */
function patchArm(element, arm) {
  setAttribute(element, "data-status", arm.status);
  setText(/** @type {Element} */ (element.querySelector("b")), arm.label);
  setText(/** @type {Element} */ (element.querySelector(".status")), statusOf(arm));
  keyedList(
    /** @type {Element} */ (element.querySelector("dl")),
    arm.measures,
    ({ name }) => name,
    () =>
      h(
        "div",
        {},
        h("dt"),
        h("dd", { class: "number" }, h("span", { class: "value" }), " ", h("span", { class: "unit" })),
      ),
    patchMeasure,
  );
}

/** @param {HTMLElement} element @param {Measure} one */
function patchMeasure(element, { label, unit, goal, value }) {
  setText(/** @type {Element} */ (element.querySelector("dt")), label);
  setText(/** @type {Element} */ (element.querySelector(".value")), measure(value));
  setText(/** @type {Element} */ (element.querySelector(".unit")), unit ?? "");
  setAttribute(element, "title", `${goal} is better`);
}

/** @param {Arm} arm */
function statusOf({ status, reason, step, steps }) {
  if (status === "training") return `${count(step)} of ${count(steps)} steps`;
  if (status === "done") return steps > 0 ? `${count(step)} steps` : "no further training";
  return reason ?? (steps > 0 ? `${status}: ${count(steps)} steps` : status);
}
