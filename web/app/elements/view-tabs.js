/** The three views of the page: bench, study, report. One tab stop; arrow keys move between them. */

import { BaseElement, setAttribute, h, setText } from "../dom.js";
import { spent } from "../study-state.js";

/** @typedef {import("../link.js").Tab} Tab */

/** @type {{tab: Tab, label: string, help: string}[]} */
const TABS = [
  { tab: "sandbox", label: "Sandbox", help: "one seed, live" },
  { tab: "study", label: "Study", help: "several seeds, a search for each arm" },
  { tab: "report", label: "Report", help: "verdicts and figures" },
];

/** The heading of each view that one who comes to it begins at. @type {Record<Tab, string>} */
export const HEADINGS = { sandbox: "outcomes-title", study: "study-title", report: "report-title" };

export class ViewTabs extends BaseElement {
  #buttons = TABS.map(({ tab, label, help }) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${tab}`,
        "aria-controls": `view-${tab}`,
        "data-tab": tab,
        onclick: () => this.#choose(tab),
      },
      h("span", { class: "name" }, label),
      " ",
      h("span", { class: "help" }, help),
      h("span", { class: "mark number" }),
    ),
  );

  build() {
    this.append(h("div", { role: "tablist", "aria-label": "Views" }, ...this.#buttons));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {import("../store.js").State} state */
  draw({ page, study }) {
    if (this.changed("tab", page.tab)) {
      const left = document.activeElement?.closest("[role=tabpanel]");
      for (const button of this.#buttons) {
        const chosen = button.dataset.tab === page.tab;
        setAttribute(button, "aria-selected", chosen ? "true" : "false");
        setAttribute(button, "tabindex", chosen ? 0 : -1);
        const panel = document.getElementById(`view-${button.dataset.tab}`);
        if (panel) panel.hidden = !chosen;
      }
      document.body.dataset.tab = page.tab;
      // A button inside the view that is hidden now had the focus.
      if (left && left.id !== `view-${page.tab}`) document.getElementById(HEADINGS[page.tab])?.focus();
    }
    const mark = this.#buttons[1]?.querySelector(".mark");
    const { runs, ofRuns } = spent(study);
    if (mark) setText(mark, study.status === "running" && ofRuns > 0 ? `${Math.floor((100 * runs) / ofRuns)} %` : "");
  }

  /** @param {Tab} tab */
  #choose(tab) {
    if (tab !== this.store.state.page.tab) this.store.send({ type: "tab", tab });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = TABS.findIndex(({ tab }) => tab === this.store.state.page.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = /** @type {typeof TABS[number]} */ (TABS[(to + TABS.length) % TABS.length]);
    this.#choose(next.tab);
    this.#buttons[TABS.indexOf(next)]?.focus();
  }
}
