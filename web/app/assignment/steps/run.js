/** Running the study with the student's seed. The bar that runs it is the Study view's own, in another place. */

import { BaseElement, h, setText } from "../../dom.js";
import { about, count } from "../../format.js";
import { estimate, spent } from "../../study-state.js";
import { trialsDone, trialsText } from "../../trials.js";
import { isOpen } from "../prediction.js";

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
    if (!opened) {
      const waiting = waitingText(state);
      return setText(this.#cost, waiting);
    }
    const { ofUpdates } = spent(study);
    const done = study.status === "done";
    const seconds = done ? null : estimate(study, ofUpdates);
    const time = seconds === null ? "" : `, about ${about(seconds)} on this device`;
    setText(
      this.#cost,
      `It ${done ? "took" : "takes"} ${trialsText(study)}, ${count(ofUpdates)} training steps${time}.` +
        (study.complete ? "" : " Ranges of a search that have to be widened add trials."),
    );
  }
}

/** Why there is no study yet. @param {import("../../store.js").State} state */
function waitingText({ notice }) {
  if (notice?.tone === "error") return "The study of this assignment cannot be opened: the reason stands above.";
  return "The study is being opened.";
}

/** @type {import("./all.js").Step} */
export const run = {
  key: "run",
  title: "Run the study",
  Element: AssignmentRun,
  readable: false,
  stateOf: (state) => {
    if (!isOpen(state)) return { text: "being opened", done: false };
    const { runs } = spent(state.study);
    if (state.study.status === "done") return { text: `done, ${count(runs)} trials`, done: true };
    const share = trialsDone(state.study);
    return {
      text: state.study.status === "running" ? `running, ${share}` : runs > 0 ? `paused, ${share}` : "to do",
      done: false,
    };
  },
};
