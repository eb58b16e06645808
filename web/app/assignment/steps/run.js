/** Running the study with the student's seed. The bar that runs it is the Study view's own, in another place. */

import { BaseElement, h, setText } from "../../dom.js";
import { about, count } from "../../format.js";
import { estimate, spent } from "../../study-state.js";
import { isOpen } from "../submission.js";

export class AssignmentRun extends BaseElement {
  #cost = h("p", { class: "cost", role: "status" });
  #place = h("div", { class: "bar" });

  build() {
    this.append(
      this.#cost,
      h(
        "p",
        { class: "note" },
        "The study is shown in the Study view and its results in the Report view. Its protocol is fixed: everyone's " +
          "is the same.",
      ),
      this.#place,
    );
  }

  /** @param {import("../../store.js").State} state */
  draw(state) {
    const opened = isOpen(state);
    const bar = document.querySelector("study-bar");
    if (state.assignment && bar && !this.#place.contains(bar)) this.#place.append(bar);
    this.#place.hidden = !opened;
    const { study } = state;
    const cost = study.sheet?.study?.cost;
    if (!opened || !cost) {
      const waiting = waitingText(state);
      return setText(this.#cost, waiting);
    }
    const seconds = estimate(study, cost.updates);
    const time = seconds === null ? "" : `, about ${about(seconds)} on this device`;
    setText(this.#cost, `It takes ${count(cost.runs)} trials, ${count(cost.updates)} training steps${time}.`);
  }
}

/** Why there is no study yet. @param {import("../../store.js").State} state */
function waitingText({ assignment, notice }) {
  if (!assignment?.student) return "The study opens when you have said who you are.";
  if (notice?.tone === "error") return "The study of this assignment cannot be opened: the reason stands above.";
  return "The study is being opened.";
}

/** @type {import("./all.js").Step} */
export const run = {
  key: "run",
  title: "Run the study",
  Element: AssignmentRun,
  asked: () => true,
  stateOf: (state) => {
    if (!isOpen(state)) return { text: "after step 1", done: false };
    const { runs, ofRuns } = spent(state.study);
    if (state.study.status === "done") return { text: `done, ${count(runs)} trials`, done: true };
    const share = `${count(runs)} of ${count(ofRuns)} trials`;
    return {
      text: state.study.status === "running" ? `running, ${share}` : runs > 0 ? `paused, ${share}` : "to do",
      done: false,
    };
  },
};
