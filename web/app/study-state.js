/**
 * What the page knows of its study: which it is, how far it is, what it says. Pure, as all of the state.
 *
 * The study itself stands in the link or in a file; a trial is known by its id alone. How far a study is follows from
 * the schedule and the ids that have an outcome, so that a study that was run on another day, or in another tab, looks
 * like one that was run here.
 */

import { FILE } from "./link.js";
import { lanesOf } from "./study-device.js";

/** @typedef {import("./generated/protocol.js").Sheet} Sheet */
/** @typedef {import("./generated/protocol.js").ShownStudy} StudyShown */
/** @typedef {import("./protocol.js").ShownReport} ShownReport */
/** @typedef {import("./generated/protocol.js").Entry} Entry */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {import("./protocol.js").StudyPreset} StudyPreset */
/** @typedef {{kind: "stored"|"computed"|"mixed"|"unverified", device: string}} StudySource */
/** @typedef {"idle"|"opening"|"ready"|"running"|"done"|"failed"} StudyStatus */
/**
 * @typedef {object} StudyState
 * @property {StudyPreset[]} presets  studies that ship with the page
 * @property {Sheet|null} sheet
 * @property {"link"|"file"} from
 * @property {string|null} name  of the file or the preset that it came from
 * @property {string|null} named  what the address calls it, if it is not the link's
 * @property {StudyStatus} status
 * @property {Entry[]} schedule  everything that is known to be needed
 * @property {ReadonlySet<string>} done  ids with an outcome
 * @property {ReadonlyMap<string, number>} running  how far each trial is that is under way, from 0 to 1
 * @property {number|null} margin
 * @property {boolean} complete
 * @property {number|null} rate  steps per second and core, or of the GPU
 * @property {boolean} measured  whether the rate was measured since the page was opened
 * @property {number} cores
 * @property {"faster"|import("./protocol.js").DeviceName} wanted  device that was asked for
 * @property {import("./protocol.js").DeviceName} device  device that computes the study
 * @property {import("./study-device.js").Speeds|"measuring"|null} speeds  of both devices, where they were measured
 * @property {import("./other-tabs.js").Others} others  tabs that have the study open as well
 * @property {import("./pause.js").Pause|null} pause  since when it stands still, or stood
 * @property {boolean} kept  whether what is found is there when the tab is opened again
 * @property {ShownReport|null} reported
 * @property {StudySource|null} source  of what is reported
 */
/**
 * @typedef {{type: "studies", presets: StudyPreset[]}
 *   | {type: "studied", sheet: Sheet, from: "link"|"file", name: string|null, named: string|null, asked: string|null}
 *   | {type: "studySet", changes: Record<string, import("./generated/protocol.js").Value|null>}
 *   | {type: "recorded", study: StudyShown, reported: ShownReport, name: string, named: string}
 *   | {type: "studyPreset", name: string}
 *   | {type: "studyFile", text: string, name: string}
 *   | {type: "studyAssigned", text: string, name: string}
 *   | {type: "studyOfSandbox"}
 *   | {type: "studyRefused", problem: Problem}
 *   | {type: "studyOpening"}
 *   | {type: "studyShared", others: import("./other-tabs.js").Others}
 *   | {type: "studyHeld", pause: import("./pause.js").Pause|null}
 *   | {type: "planned", schedule: Entry[], done: string[], margin: number|null, complete: boolean}
 *   | {type: "studyStart"} | {type: "studyPause"} | {type: "studyDiscard"}
 *   | {type: "studyStopped", problem: Problem|null}
 *   | {type: "fleetAt", ids: string[], fraction: number}
 *   | {type: "fleetDone", ids: string[]}
 *   | {type: "fleetLost", ids: string[]}
 *   | {type: "studyDevice", device: StudyState["wanted"]}
 *   | {type: "studySpeeds", speeds: StudyState["speeds"]}
 *   | {type: "studyMoved", device: StudyState["device"]}
 *   | {type: "rated", rate: number, measured: boolean}
 *   | {type: "storageRefused", problem: Problem}
 *   | {type: "reported", reported: ShownReport, source: StudySource}
 *   | {type: "export", format: string}} StudyEvent
 */

/** @returns {StudyState} */
export function initialStudy() {
  return {
    presets: [],
    sheet: null,
    from: "link",
    name: null,
    named: null,
    cores: 1,
    wanted: "faster",
    rate: null,
    measured: false,
    kept: true,
    ...UNOPENED,
  };
}

/**
 * What is forgotten with a study.
 *
 * @type {Pick<StudyState,
 *   "status"|"schedule"|"done"|"running"|"margin"|"complete"|"reported"|"source"|"others"|"pause"|"device"|"speeds">}
 */
const UNOPENED = {
  status: "idle",
  schedule: [],
  done: new Set(),
  running: new Map(),
  margin: null,
  complete: false,
  reported: null,
  source: null,
  others: { open: 0, running: 0 },
  pause: null,
  device: "cpu",
  speeds: null,
};

/**
 * The next state. Pure.
 *
 * @param {StudyState} study
 * @param {StudyEvent} event
 * @returns {StudyState}
 */
export function updateStudy(study, event) {
  switch (event.type) {
    case "studies":
      return { ...study, presets: event.presets };
    case "studied": {
      const same = study.sheet?.study?.hash === event.sheet.study?.hash;
      // What a record said of this study still holds.
      const kept =
        study.reported?.report.study === event.sheet.study?.hash
          ? { reported: study.reported, source: study.source }
          : {};
      return {
        ...study,
        ...(same ? {} : { ...UNOPENED, ...kept }),
        sheet: event.sheet,
        from: event.from,
        name: event.name,
        named: event.named,
      };
    }
    case "studySet":
      return study.sheet && study.from === "link" ? { ...study, sheet: chosenIn(study.sheet, event.changes) } : study;
    case "recorded": {
      const sheet = {
        link: null,
        corrections: [],
        without: [],
        with: [],
        matched: [],
        unmatched: {},
        file: "",
        refused: null,
        study: event.study,
      };
      // What ships with the page is the page's own. A file may say anything until the engine has checked it.
      const kind = event.named === FILE ? "unverified" : "stored";
      const source = /** @type {StudySource} */ ({ kind, device: "" });
      return {
        ...study,
        ...UNOPENED,
        sheet,
        from: "file",
        name: event.name,
        named: event.named,
        reported: event.reported,
        source,
      };
    }
    case "studyRefused":
      return study.sheet?.study?.json === ""
        ? { ...study, ...UNOPENED, sheet: null, from: "link", name: null, named: null }
        : study;
    case "studyOpening":
      // A study that was started stays started.
      return study.status === "running" ? study : { ...study, status: "opening" };
    case "studyShared":
      return { ...study, others: event.others };
    case "studyHeld":
      return { ...study, pause: event.pause };
    case "planned": {
      const status = study.status === "running" ? "running" : event.complete ? "done" : "ready";
      return {
        ...study,
        status,
        schedule: event.schedule,
        done: new Set(event.done),
        margin: event.margin,
        complete: event.complete,
      };
    }
    case "studyStart":
      return study.status === "done" ? study : { ...study, status: "running", pause: null };
    case "studyPause":
      return study.status === "running" ? { ...study, status: "ready" } : study;
    case "studyDiscard":
      return { ...study, ...UNOPENED };
    case "studyStopped":
      return {
        ...study,
        status: event.problem ? "failed" : study.complete ? "done" : "ready",
        running: event.problem ? new Map() : study.running,
      };
    case "fleetAt":
      return {
        ...study,
        running: new Map([
          ...study.running,
          ...event.ids.map((id) => /** @type {[string, number]} */ ([id, event.fraction])),
        ]),
      };
    case "fleetDone":
      return { ...study, running: without(study.running, event.ids), done: new Set([...study.done, ...event.ids]) };
    case "fleetLost":
      return { ...study, running: without(study.running, event.ids) };
    case "studyDevice":
      return { ...study, wanted: event.device };
    case "studySpeeds":
      return { ...study, speeds: event.speeds };
    case "studyMoved":
      // What was under way on the other device is planned again, and the speed of the other device says nothing.
      return { ...study, device: event.device, running: new Map(), rate: null, measured: false };
    case "rated":
      return { ...study, rate: event.rate, measured: event.measured };
    case "storageRefused":
      return { ...study, kept: false };
    case "reported":
      return { ...study, reported: event.reported, source: event.source };
    default:
      return study;
  }
}

/**
 * A box that was ticked stays ticked while the engine reads the study.
 *
 * @param {Sheet} sheet
 * @param {Record<string, import("./generated/protocol.js").Value|null>} changes
 * @returns {Sheet}
 */
function chosenIn(sheet, changes) {
  const list = (/** @type {string} */ key, /** @type {string[]} */ now) =>
    typeof changes[key] === "string" ? changes[key].split(",").filter(Boolean) : changes[key] === null ? [] : now;
  // What is left out when nothing is said of it is the engine's to say.
  const without = changes["study.without"] === null ? sheet.without : list("study.without", sheet.without);
  return { ...sheet, without, with: list("study.with", sheet.with), matched: list("study.matched", sheet.matched) };
}

/** @param {ReadonlyMap<string, number>} running @param {string[]} ids @returns {ReadonlyMap<string, number>} */
function without(running, ids) {
  return new Map([...running].filter(([id]) => !ids.includes(id)));
}

/**
 * Trials and steps that are done and that are expected in all: what is scheduled once all of that is known, before that
 * what was counted and what was added since, because a range was widened. Of trials that are begun: how many, and how
 * many whole ones they make.
 *
 * @param {StudyState} study
 * @returns {{runs: number, begun: number, parts: number, added: number, ofRuns: number, updates: number, ofUpdates:
 *   number}}
 */
export function spent({ sheet, schedule, done, running, complete }) {
  const { cost, design } = sheet?.study ?? {};
  let [runs, begun, parts, known, updates, all, added, addedUpdates] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const entry of distinct(schedule)) {
    const { id, updates: one } = entry;
    const share = done.has(id) ? 1 : (running.get(id) ?? 0);
    known += 1;
    all += one;
    updates += one * share;
    if (done.has(id)) runs += 1;
    else if (running.has(id)) [begun, parts] = [begun + 1, parts + share];
    if (design && entry.role === "search" && entry.point >= design.trials)
      [added, addedUpdates] = [added + 1, addedUpdates + one];
  }
  const settled = complete || schedule.some(({ role }) => role === "recovered");
  const expected = (/** @type {number} */ counted, /** @type {number} */ more, /** @type {number} */ scheduled) =>
    settled ? scheduled : Math.max(scheduled, counted + more);
  return {
    runs,
    begun,
    parts,
    added,
    ofRuns: expected(cost?.runs ?? 0, added, known),
    updates,
    ofUpdates: expected(cost?.updates ?? 0, addedUpdates, all),
  };
}

/** Two roles may ask for the same trial. @param {Entry[]} schedule */
function distinct(schedule) {
  return new Map(schedule.map((entry) => [entry.id, entry])).values();
}

/**
 * Seconds that so many steps take here, as far as that can be said.
 *
 * @param {Pick<StudyState, "rate"|"cores"|"device">} study
 * @param {number} updates
 */
export function estimate(study, updates) {
  return study.rate ? updates / (study.rate * lanesOf(study)) : null;
}

/** Seconds left. @param {StudyState} study */
export function studyLeft(study) {
  const { updates, ofUpdates } = spent(study);
  return estimate(study, ofUpdates - updates);
}
