/**
 * The figures of a report: disruption beside necessity first, then how it came about, and a sentence on those that have
 * nothing to show.
 */

import { contrastRows } from "../contrast-rows.js";
import { BaseElement, keyedList, h, setText } from "../dom.js";
import { unbroken } from "../format.js";
import { schedule } from "../scheduler.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../generated/protocol.js").Figure} Figure */

export class ReportFigures extends BaseElement {
  #list = h("div", { class: "list" });
  #left = h("p", { class: "note left-out" });

  build() {
    this.append(this.#list, this.#left);
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
    const left = this.dataset.which === "first" ? "" : (reported?.left_out ?? "");
    this.hidden = figures.length === 0 && left === "";
    drawCards(this.#list, figures);
    setText(this.#left, unbroken(left));
    this.#left.hidden = left === "";
  }

  get #card() {
    return /** @type {FigureCard|null} */ (this.#list.querySelector("figure-card"));
  }

  /** @param {import("../store.js").State} state */
  #mark({ component }) {
    const card = this.#card;
    card?.markBand(contrastRows(card.drawing).find((row) => row.component === component) ?? null);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const card = this.#card;
    const matrix = card?.drawing?.getScreenCTM();
    if (!card?.drawing || !matrix || !(event.target instanceof Node) || !card.drawing.contains(event.target)) return;
    const { y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const row = contrastRows(card.drawing).find((one) => y >= one.top && y < one.bottom);
    this.store.send({ type: "component", component: row?.component ?? null });
  }
}

/** @param {Element} list @param {Figure[]} figures */
function drawCards(list, figures) {
  keyedList(
    list,
    figures,
    ({ name }) => name,
    () => new FigureCard(),
    (card, figure) => schedule(card, () => card.show(figure)),
  );
}
