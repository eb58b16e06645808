/**
 * What is said aloud: start, quarters, the end and the sentence, at most every ten seconds, so that someone who cannot
 * see the curves knows that they move.
 */

import { divergedText } from "./headline.js";
import { ablationOf, shownView, stepText, stepsDone } from "./store.js";
import { due } from "./pace.js";
import { spent } from "./study-state.js";

/** @typedef {import("./store.js").State} State */

const QUIET = 10_000;

/**
 * A speaker: told of every state, it says what is news.
 *
 * @param {(text: string) => void} say
 * @param {() => number} [clock]  milliseconds
 */
export function announcer(say, clock = () => performance.now()) {
  let last = -QUIET;
  let status = "idle";
  let quarter = 0;
  let notice = /** @type {unknown} */ (null);
  let sentence = "";
  let selected = /** @type {string|null} */ (null);
  let study = "idle";
  let runs = 0;

  /** @param {string} text @param {boolean} [urgent] */
  const speak = (text, urgent = false) => {
    if (!urgent && clock() - last < QUIET) return false;
    last = clock();
    say(text);
    return true;
  };

  return (/** @type {State} */ state) => {
    const { run } = state;
    if (state.notice && state.notice !== notice)
      speak(`${state.notice.problem.message} ${state.notice.problem.hint}`, true);
    notice = state.notice;
    if (run.status !== status) {
      if (run.status === "playing") speak("Training started.", true);
      if (run.status === "paused" && run.diverged) speak(divergedText(run.diverged), true);
      else if (run.status === "paused") speak(`Paused at ${stepText(state)}.`, true);
      if (run.status === "done") speak(`Training is done. ${shownView(state)?.contrast.sentence ?? ""}`, true);
      if (run.status === "idle") quarter = 0;
      status = run.status;
    }
    if (run.progress && run.status === "playing") {
      const all = stepsDone(state) + due(run.progress);
      const now = all > 0 ? Math.floor((4 * stepsDone(state)) / all) : 0;
      if (now > quarter && now < 4 && speak(`${now * 25} percent of the steps are done.`)) quarter = now;
    }
    if (state.study.status !== study) {
      if (state.study.status === "running") speak("The study is running.", true);
      if (study === "running" && state.study.status === "ready") speak("The study is paused.", true);
      if (study === "running" && state.study.status === "done")
        speak("The study is done. Open the Report tab for its report.", true);
      study = state.study.status;
    }
    if (study === "running") {
      const far = spent(state.study);
      if (far.runs > runs && speak(`${far.runs} of ${far.ofRuns} trials of the study are done.`)) runs = far.runs;
    } else runs = 0;
    const spoken = state.view?.contrast.sentence ?? "";
    if (ablationOf(state) && spoken && spoken !== sentence && run.status !== "playing" && speak(spoken))
      sentence = spoken;
    if (state.selected !== selected) {
      selected = state.selected;
      const site = state.description?.sites.find(({ path }) => path === selected);
      if (site) speak(`${site.label} selected. Its actions follow.`, true);
    }
  };
}
