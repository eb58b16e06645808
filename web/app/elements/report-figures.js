/** The figures of a report: disruption beside necessity first, then how it came about. */

import { BaseElement, keyedList } from "../dom.js";
import { schedule } from "../scheduler.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../generated/protocol.js").Figure} Figure */

export class ReportFigures extends BaseElement {
  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("figures", study.reported?.figures)) return;
    const [first, ...others] = study.reported?.figures ?? [];
    const figures = this.dataset.which === "first" ? (first ? [first] : []) : others;
    this.hidden = figures.length === 0;
    keyedList(
      this,
      figures,
      ({ name }) => name,
      () => new FigureCard(),
      (card, figure) => schedule(card, () => card.show(figure)),
    );
  }
}
