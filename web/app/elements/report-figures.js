/**
 * The figures of a report: disruption beside necessity first, then how it came about. Those that say nothing are folded
 * away, with the reason.
 */

import { contrastRows } from "../contrast-rows.js";
import { BaseElement, keyedList, h, setText } from "../dom.js";
import { idleBecause } from "../idle-figures.js";
import { schedule } from "../scheduler.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../generated/protocol.js").Figure} Figure */
/** @typedef {Figure & {why: string}} Idle */

export class ReportFigures extends BaseElement {
  #list = h("div", { class: "list" });
  #count = h("summary");
  #idle = h("div", { class: "list" });
  #folded = /** @type {HTMLDetailsElement} */ (
    h("details", { class: "idle note", ontoggle: () => this.#drawIdle() }, this.#count, this.#idle)
  );
  /** What is folded away. @type {Idle[]} */
  #left = [];

  build() {
    this.append(this.#list, this.#folded);
    if (this.dataset.which !== "first") return;
    this.addEventListener("figure-drawn", () => this.#mark(this.store.state));
    for (const type of ["pointermove", "pointerdown"])
      this.addEventListener(type, (event) => this.#point(/** @type {PointerEvent} */ (event)));
    this.addEventListener("pointerleave", () => this.store.send({ type: "component", component: null }));
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { study, page, component } = state;
    if (page.tab !== "report") return;
    if (this.changed("figures", study.reported?.figures)) this.#show(study.reported);
    if (this.dataset.which === "first" && this.changed("marked", component, study.reported)) this.#mark(state);
  }

  /** @param {import("../protocol.js").ShownReport|null} reported */
  #show(reported) {
    const [first, ...others] = reported?.figures ?? [];
    const figures = this.dataset.which === "first" ? (first ? [first] : []) : others;
    const judged = figures.map((figure) => ({
      ...figure,
      why: reported && figure !== first ? idleBecause(figure, reported.report.analysis) : "",
    }));
    this.hidden = figures.length === 0;
    drawCards(
      this.#list,
      judged.filter(({ why }) => why === ""),
    );
    this.#left = judged.filter(({ why }) => why !== "");
    this.#folded.hidden = this.#left.length === 0;
    const many = this.#left.length === 1 ? "1 more figure has" : `${this.#left.length} more figures have`;
    setText(this.#count, `${many} no difference to show`);
    this.#drawIdle();
  }

  #drawIdle() {
    if (this.#folded.open) drawCards(this.#idle, this.#left);
  }

  get #card() {
    return /** @type {FigureCard|null} */ (this.#list.querySelector("figure-card"));
  }

  /** @param {import("../store.js").State} state */
  #mark({ study, component }) {
    const card = this.#card;
    const rows = contrastRows(card?.drawing ?? null, study.reported?.report.analysis.components ?? []);
    card?.markBand(rows.find((row) => row.component === component) ?? null);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const card = this.#card;
    const matrix = card?.drawing?.getScreenCTM();
    if (!card?.drawing || !matrix || !(event.target instanceof Node) || !card.drawing.contains(event.target)) return;
    const { y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const { analysis } = this.store.state.study.reported?.report ?? {};
    const row = contrastRows(card.drawing, analysis?.components ?? []).find((one) => y >= one.top && y < one.bottom);
    this.store.send({ type: "component", component: row?.component ?? null });
  }
}

/** @param {Element} list @param {Idle[]} figures */
function drawCards(list, figures) {
  keyedList(
    list,
    figures,
    ({ name }) => name,
    () => new FigureCard(),
    (card, figure) => schedule(card, () => card.show(figure, figure.why)),
  );
}
