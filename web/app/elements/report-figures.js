/** The figures of a report: disruption beside necessity first, then how it came about. */

import { Part, each } from "../dom.js";
import { soon } from "../scheduler.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../protocol.js").Figure} Figure */

export class ReportFigures extends Part {
  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("figures", study.reported?.figures)) return;
    const [first, ...others] = study.reported?.figures ?? [];
    const figures = this.dataset.which === "first" ? (first ? [first] : []) : others;
    this.hidden = figures.length === 0;
    each(
      this,
      figures,
      ({ name }) => name,
      () => new FigureCard(),
      (card, figure) => soon(card, () => card.show(figure)),
    );
  }
}
