/** One bar to run a study: start, pause, discard, how far it is and how long it will take. */

import { BaseElement, setAttribute, h, setText } from "../dom.js";
import { about, count } from "../format.js";
import { pauseText } from "../pause.js";
import { canDiscard, canStudy, isHeld } from "../store.js";
import { TRIED, coresText, fasterOf, lanesOf, offersWebGpu } from "../study-device.js";
import { spent, studyLeft } from "../study-state.js";
import { trialsDone, trialsText } from "../trials.js";

/** @typedef {import("../store.js").State} State */

const KEPT = "Every result is saved in this browser: close the tab and resume the study later.";
const UNKEPT =
  "This browser does not save results here, so those that are found now are lost when the tab is closed: download " +
  "the record first.";
const DEVICES = /** @type {{value: State["study"]["wanted"], label: string}[]} */ ([
  { value: "faster", label: "the faster one" },
  { value: "cpu", label: "CPU" },
  { value: "webgpu", label: "WebGPU" },
]);
const UNSHARED = "This study is open in another tab as well. That tab does not get the results computed here.";

export class StudyBar extends BaseElement {
  /** Nothing can be pressed before the bar is drawn for the first time. */
  #go = h(
    "button",
    { type: "button", class: "primary", id: "study-go", disabled: true, onclick: () => this.#toggle() },
    "Start",
  );
  #discard = h("button", { type: "button", disabled: true, onclick: () => this.#ask() }, "Discard");
  #sure = h(
    "span",
    { class: "sure" },
    h("span", {}, "Delete the results? Studies that share trials with this one lose them too."),
    h("button", { type: "button", class: "warn", onclick: () => this.#throw() }, "Yes, discard"),
    h("button", { type: "button", onclick: () => this.#spare() }, "Keep them"),
  );
  #status = h("span", { class: "status" });
  #speed = h("span", { class: "speed number" });
  #left = h("span", { class: "left number" });
  #done = h("i");
  #begun = h("i", { class: "begun" });
  #bar = h(
    "div",
    { class: "phases", role: "progressbar", "aria-label": "Trials of the study", "aria-valuemin": 0 },
    this.#done,
    this.#begun,
  );
  #background = h("input", {
    type: "checkbox",
    onchange: () => this.store.send({ type: "background", on: this.#background.checked }),
  });
  #choices = DEVICES.map(({ value }) =>
    h("input", {
      type: "radio",
      name: "study-device",
      value,
      onchange: () => this.store.send({ type: "studyDevice", device: value }),
    }),
  );
  #devices = h(
    "fieldset",
    { hidden: true },
    h("legend", {}, "Device"),
    ...DEVICES.map(({ label }, index) => h("label", {}, this.#choices[index] ?? "", h("span", {}, label))),
  );
  #report = h(
    "button",
    { type: "button", disabled: true, onclick: () => this.store.send({ type: "tab", tab: "report" }) },
    "Report so far",
  );
  #record = h(
    "button",
    { type: "button", onclick: () => this.store.send({ type: "export", format: "record" }) },
    "Download the record",
  );
  #added = h("p", { class: "how added" });
  #since = h("p", { class: "how since" });
  #how = h("p", { class: "how" });

  build() {
    this.#sure.hidden = true;
    this.append(
      h(
        "div",
        { class: "controls", role: "group", "aria-label": "Run the study" },
        this.#go,
        this.#report,
        this.#record,
        this.#discard,
        this.#sure,
      ),
      h("div", { class: "progress" }, h("p", {}, this.#status, this.#speed, this.#left), this.#bar),
      h(
        "div",
        { class: "device" },
        this.#devices,
        h(
          "label",
          { class: "background" },
          this.#background,
          h("span", {}, "Keep the study running in the background"),
        ),
      ),
      this.#since,
      this.#added,
      this.#how,
    );
  }

  /** @param {State} state */
  draw(state) {
    const { study, background } = state;
    const { runs, begun: underway, parts, added, ofRuns } = spent(study);
    const running = study.status === "running";
    const ready = canStudy(state);
    setText(this.#go, running ? "Pause" : study.status === "done" ? "Done" : begun(study) ? "Resume" : "Start");
    setAttribute(this.#go, "data-going", running);
    setAttribute(this.#go, "disabled", !ready || study.status === "done" || study.status === "opening");
    setText(this.#report, study.status === "done" ? "See the report" : "Report so far");
    setAttribute(this.#report, "disabled", runs === 0 && !study.reported);
    setAttribute(this.#discard, "disabled", !canDiscard(state));
    if (!canDiscard(state)) this.#spare();
    const underWay = underway > 0 ? `, ${count(underway)} under way` : "";
    setText(this.#status, statusText(state, `${trialsDone(study)}${underWay}`, runs));
    const where = study.device === "webgpu" ? "WebGPU" : coresText(study.cores);
    setText(this.#speed, running && study.rate ? `${count(study.rate * lanesOf(study))} steps/s on ${where}` : "");
    setText(this.#left, running && study.rate ? `about ${about(studyLeft(study))} left` : "");
    setAttribute(this.#bar, "aria-valuemax", ofRuns);
    setAttribute(this.#bar, "aria-valuenow", runs);
    setAttribute(this.#bar, "aria-valuetext", trialsDone(study));
    const width = (/** @type {number} */ part) => `${ofRuns > 0 ? (100 * part) / ofRuns : 0}%`;
    this.#done.style.width = width(runs);
    this.#begun.style.width = width(parts);
    this.#added.hidden = added === 0;
    setText(
      this.#added,
      `${count(added)} of ${trialsText(study)} were added: the best point of a search lay at the edge of its ` +
        "range, so the range was widened for all arms alike.",
    );
    this.#background.checked = background;
    this.#record.hidden = study.kept || runs === 0;
    const since = sinceText(state);
    this.#since.hidden = since === "";
    setText(this.#since, since);
    this.#devices.hidden = !offersWebGpu(state);
    DEVICES.forEach(({ value }, index) => {
      const choice = this.#choices[index];
      if (!choice) return;
      choice.checked = study.wanted === value;
      setAttribute(choice, "disabled", !ready || running || study.status === "done" || study.status === "opening");
    });
    setText(this.#how, `${deviceText(state)} ${study.kept ? KEPT : UNKEPT}`.trim());
  }

  #toggle() {
    this.store.send({ type: this.store.state.study.status === "running" ? "studyPause" : "studyStart" });
  }

  #ask() {
    this.#sure.hidden = false;
    this.#discard.hidden = true;
    this.#sure.querySelector("button")?.focus();
  }

  #spare() {
    if (this.#sure.hidden) return;
    const focused = this.#sure.contains(document.activeElement);
    this.#sure.hidden = true;
    this.#discard.hidden = false;
    if (focused) (this.#discard.disabled ? this.#go : this.#discard).focus();
  }

  #throw() {
    this.#spare();
    this.store.send({ type: "studyDiscard" });
  }
}

/**
 * What a reader has to know of other tabs or of a pause, in a sentence; empty if there is nothing.
 *
 * @param {State} state
 */
function sinceText(state) {
  const { study } = state;
  const running = study.status === "running" && !isHeld(state);
  const unfinished = study.status === "running" || study.status === "ready";
  if (study.others.open > 0 && !study.kept) return UNSHARED;
  if (study.others.running > 0 && unfinished)
    return running
      ? "Another tab computes this study as well: the two share its trials, and each shows what both have found."
      : "Another tab computes this study, and what it finds is shown here. It can be paused there; started here as " +
          "well, the two share its trials.";
  const pause = study.status === "done" ? "" : pauseText(study.pause, Date.now());
  const open = study.others.open > 0 && unfinished && !running ? "This study is open in another tab as well. " : "";
  return `${open}${pause}`.trim();
}

/** What the study is computed on, and why. @param {State} state */
function deviceText({ study, device }) {
  if (study.status === "done") return "";
  const { speeds, cores } = study;
  if (speeds === "measuring") return `Measuring ${TRIED.steps} steps on the CPU and on WebGPU…`;
  const where = study.device === "webgpu" ? `Runs on WebGPU (${device.adapter}).` : "Runs on the processor's cores.";
  if (!speeds) return where;
  const faster = fasterOf(speeds) === "webgpu" ? "WebGPU" : "The CPU";
  const cpu = `${count(speeds.cpu)} steps/s on the CPU (${coresText(cores)})`;
  return `${where} Measured here: ${cpu}, ${count(speeds.webgpu)} on WebGPU. ${faster} is faster for this study.`;
}

/** Whether a trial is done or under way, so that the study is gone on with. @param {State["study"]} study */
function begun(study) {
  const { runs, begun } = spent(study);
  return runs > 0 || begun > 0;
}

/** @param {State} state @param {string} far  how far it is @param {number} runs */
function statusText({ study, engine, page, run, background }, far, runs) {
  if (page.stored) return "Stored results";
  if (engine.status === "failed") return "The engine could not be loaded";
  if (engine.status !== "ready") return "Loading the engine…";
  if (study.sheet && !study.sheet.study) return "Choose at least one component";
  if (!study.sheet || study.status === "opening" || study.status === "idle") return "Looking up stored results…";
  if (study.status === "running" && study.speeds === "measuring") return "Comparing CPU and WebGPU";
  if (study.status === "running") return run.hidden && !background ? "Paused while hidden" : `Running, ${far}`;
  if (study.status === "done") return `Done, ${count(runs)} trials`;
  if (study.status === "ready" && study.others.running > 0) return `Running in another tab, ${far}`;
  if (study.status === "failed") return `Stopped by a problem, ${far}`;
  return begun(study) ? `Paused, ${far}` : `Ready, ${far}`;
}
