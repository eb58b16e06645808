/**
 * One state, changed only by events, read by everybody.
 *
 * Elements that keep their own copy of what is true end up disagreeing on it. Here an element sends an event, a pure
 * function makes the next state of it, listeners draw the state, and followers (see `bench.js`) do what has to be done
 * outside.
 */

import { count } from "./format.js";
import { PAGE_DEFAULTS, chosenAblation, recipe, sameAblation, withSettings } from "./link.js";
import { divergence } from "./divergence.js";
import { beganEffects, shownEffects } from "./effects.js";
import { constantLoss } from "./headline.js";
import { done, due, nextRate } from "./pace.js";
import { keptSeeds } from "./seeds.js";
import { initialStudy, updateStudy } from "./study-state.js";
import { keysAfter, keysOf, updateAssignment } from "./assignment/state.js";
import { storeOf } from "./store-of.js";

/** @typedef {import("./generated/protocol.js").Description} Description */
/** @typedef {import("./generated/protocol.js").PresetLink} Preset */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {import("./generated/protocol.js").View} View */
/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./generated/protocol.js").Value} Value */
/** @typedef {import("./generated/protocol.js").BenchProgress} Progress */
/** @typedef {import("./generated/protocol.js").Correction} Correction */
/** @typedef {import("./protocol.js").StoredRecord} StoredRecord */
/** @typedef {import("./protocol.js").DeviceName} DeviceName */
/** @typedef {Record<DeviceName, number> & {steps: number}} Times  milliseconds of a step, over so many steps */
/** @typedef {{model: string, times: Times}} Measured */
/** @typedef {"idle"|"opening"|"playing"|"paused"|"done"|"failed"} RunStatus */
/**
 * @typedef {{status: RunStatus, progress: Progress|null, rate: number|null, hidden: boolean, waiting: boolean,
 *   diverged: import("./headline.js").Diverged|null}} Run
 *   `hidden`: nobody looks; `waiting`: another sandbox of the same page trains
 */
/** @typedef {{tone: "info"|"error", problem: Problem}} Notice */
/**
 * @typedef {object} State
 * @property {import("./link.js").PageKeys} page
 * @property {Correction[]} pageCorrections  page keys that could not be used
 * @property {string} link  the study's link as it was asked for
 * @property {string|null} pending  the link that was set and is not described yet
 * @property {boolean} describing  whether a description was asked for and is not there yet
 * @property {{status: "off"|"loading"|"ready"|"failed", problem: Problem|null, version: string|null}} engine
 * @property {import("./generated/protocol.js").PresetLink[]} presets
 * @property {Description|null} description
 * @property {boolean} live  whether the description comes from the engine rather than from a stored record
 * @property {StoredRecord|null} stored
 * @property {string|null} storedMissing  why there is no stored record
 * @property {View|null} view  what was computed here
 * @property {string|null} selected  path of the site whose actions are shown
 * @property {string|null} component  the component of the report that is pointed at, marked wherever it stands
 * @property {string|null} pointed  path of the attention head that is pointed at, whose map is lit
 * @property {{chosen: DeviceName, webgpu: "unknown"|"available"|"unavailable", why: Problem|null, adapter:
 *   string|null, measured: Measured|"measuring"|null}} device
 * @property {Run} run
 * @property {boolean} background  go on while nobody looks
 * @property {Notice|null} notice
 * @property {number|null} encoding  tokens of the vocabulary that is being learned on a text, `null` while none is
 * @property {import("./effects.js").Effects|null} effects  of the components of a trained model
 * @property {number|null} cursor  the step that all curves are read at
 * @property {string|null} replaced  the link of the set-up that another one was put in the place of
 * @property {import("./seeds.js").Seeds} seeds  what other seeds of the same set-up came to
 * @property {"worker"|"page"} place  where the engine runs: in workers, or in the page's own thread
 * @property {{status: "unknown"|"kept"|"refused", reason: string}} kept  for use without a network
 * @property {boolean} newer  whether a newer version of the page is ready
 * @property {import("./study-state.js").StudyState} study
 * @property {import("./assignment/state.js").AssignmentState|null} assignment  the one that is open
 * @property {ReadonlyMap<string, import("./predict.js").Guess>} guesses  made before results were shown, by the id
 *   of their question (see `predict.js`)
 */
/**
 * @typedef {{type: "asked", fragment: import("./link.js").PageKeys, link: string, corrections: Correction[]}
 *   | {type: "engine", status: "off"|"loading"|"ready"|"failed", problem?: Problem, presets?: Preset[], version?:
 *     string}
 *   | {type: "describing"} | {type: "described", description: Description} | {type: "undescribed", problem: Problem}
 *   | {type: "stored", record: StoredRecord}
 *   | {type: "storedMissing", why: string}
 *   | {type: "probed", adapter: string|null, problem: Problem|null}
 *   | {type: "device", device: DeviceName}
 *   | {type: "measure"}
 *   | {type: "measured", measured: Measured|null}
 *   | {type: "moved", device: DeviceName}
 *   | {type: "set", changes: Record<string, Value|null>, play?: boolean}
 *   | {type: "goto", link: string, play?: boolean}
 *   | {type: "select", site: string|null}
 *   | {type: "point", site: string|null}
 *   | {type: "component", component: string|null}
 *   | {type: "ablate", ablation: Ablation|null, play?: boolean}
 *   | {type: "play"} | {type: "pause"} | {type: "step"} | {type: "restart"} | {type: "reseed"}
 *   | {type: "stop"}
 *   | {type: "opening"} | {type: "opened"}
 *   | {type: "reset"}
 *   | {type: "progress", progress: Progress, steps: number, took: number}
 *   | {type: "viewed", view: View}
 *   | {type: "stopped", done: boolean, problem: Problem|null}
 *   | {type: "notice", notice: Notice|null}
 *   | {type: "place", place: "worker"|"page"}
 *   | {type: "kept", status: "kept"|"refused", reason: string} | {type: "newer"}
 *   | {type: "hidden", hidden: boolean, waiting?: boolean}
 *   | {type: "background", on: boolean}
 *   | {type: "text", file: Blob, name: string, size?: number} | {type: "encoding", size: number|null}
 *   | {type: "effects", operator: string, retrain: boolean} | {type: "stopEffects"}
 *   | {type: "together", operator: string, components: string[]}
 *   | {type: "effectsFound", found: Partial<import("./effects.js").Effects>}
 *   | {type: "saveText", what: "encoded"|"tokenizer", name: string|null}
 *   | {type: "textUsed", name: string, link: string}
 *   | {type: "theme", theme: "auto"|"light"|"dark"}
 *   | {type: "tab", tab: import("./link.js").Tab}
 *   | {type: "lesson", keys: Partial<Pick<import("./link.js").PageKeys, "hide"|"lock"|"predict">>}
 *   | import("./study-state.js").StudyEvent
 *   | import("./assignment/state.js").AssignmentEvent
 *   | {type: "cursor", step: number|null}} Event
 */

/** @type {Run} */
const IDLE = { status: "idle", progress: null, rate: null, hidden: false, waiting: false, diverged: null };

/** @returns {State} */
export function initial() {
  return {
    page: { ...PAGE_DEFAULTS },
    pageCorrections: [],
    link: "",
    pending: null,
    describing: false,
    engine: { status: "off", problem: null, version: null },
    presets: [],
    description: null,
    live: false,
    stored: null,
    storedMissing: null,
    view: null,
    selected: null,
    component: null,
    pointed: null,
    device: { chosen: "cpu", webgpu: "unknown", why: null, adapter: null, measured: null },
    run: IDLE,
    background: false,
    notice: null,
    encoding: null,
    effects: null,
    cursor: null,
    replaced: null,
    seeds: { key: "", marks: [] },
    place: "worker",
    kept: { status: "unknown", reason: "" },
    newer: false,
    study: initialStudy(),
    assignment: null,
    guesses: new Map(),
  };
}

/**
 * The next state. Pure.
 *
 * @param {State} state
 * @param {Event} event
 * @returns {State}
 */
export function update(state, event) {
  switch (event.type) {
    case "asked": {
      // Of the assignment that is open the link says the name only.
      const { assignment: named } = event.fragment;
      const open = state.assignment && named !== null && named === state.page.assignment ? state.assignment : null;
      return {
        ...state,
        page: open ? keysOf(event.fragment, open.assignment, named ?? "") : event.fragment,
        assignment: open,
        pageCorrections: event.corrections,
        link: event.link,
        pending: null,
        replaced: null,
      };
    }
    case "engine":
      return {
        ...state,
        engine: {
          status: event.status,
          problem: event.problem ?? null,
          version: event.version ?? state.engine.version,
        },
        presets: event.presets ?? state.presets,
      };
    case "describing":
      return { ...state, describing: true };
    case "described":
      return described({ ...state, describing: false }, event.description);
    case "undescribed":
      return { ...state, describing: false, notice: { tone: "error", problem: event.problem } };
    case "stored":
      return seeded({
        ...state,
        stored: event.record,
        storedMissing: null,
        ...(state.live ? {} : { description: event.record.description }),
      });
    case "storedMissing":
      return { ...state, stored: null, storedMissing: event.why };
    case "probed":
      return {
        ...state,
        device: {
          ...state.device,
          webgpu: event.adapter === null ? "unavailable" : "available",
          why: event.problem,
          adapter: event.adapter,
        },
      };
    case "device":
      return { ...state, device: { ...state.device, chosen: event.device }, run: IDLE, view: null };
    case "measure":
      return { ...state, device: { ...state.device, measured: "measuring" } };
    case "measured":
      return { ...state, device: { ...state.device, measured: event.measured } };
    case "moved":
      // The run was taken to another device and is still this run.
      return { ...state, device: { ...state.device, chosen: event.device } };
    case "set":
      return set({ ...state, replaced: null }, event.changes);
    case "goto":
      // Undoing is going back to what was replaced, and is undone in the same way.
      return { ...state, replaced: state.description?.link ?? state.link };
    case "ablate":
      return { ...state, replaced: null };
    case "select":
      return { ...state, selected: event.site };
    case "point":
      return state.pointed === event.site ? state : { ...state, pointed: event.site };
    case "component":
      return state.component === event.component ? state : { ...state, component: event.component };
    case "play":
      return { ...state, run: { ...state.run, status: "opening", hidden: false, diverged: null }, notice: null };
    case "pause":
      return state.run.status === "playing" || state.run.status === "opening"
        ? { ...state, run: { ...state.run, status: "paused", rate: null } }
        : state;
    case "opening":
      return { ...state, run: { ...state.run, status: "opening" } };
    case "opened":
      return { ...state, run: { ...state.run, status: "playing" } };
    case "reset":
      return { ...state, run: IDLE, view: null, cursor: null };
    case "progress":
      return {
        ...state,
        run: {
          ...state.run,
          progress: event.progress,
          diverged: state.run.diverged ?? divergence(event.progress, constantOf(state), searches(state)),
          rate: nextRate({ at: 0, steps: 0, rate: state.run.rate }, event),
        },
      };
    case "viewed":
      return seeded({ ...state, view: event.view });
    case "stopped":
      return stopped(state, event);
    case "notice":
      return { ...state, notice: event.notice };
    case "place":
      // One thread is one core.
      return {
        ...state,
        place: event.place,
        study: event.place === "page" ? { ...state.study, cores: 1 } : state.study,
      };
    case "kept":
      return { ...state, kept: { status: event.status, reason: event.reason } };
    case "newer":
      return { ...state, newer: true };
    case "hidden":
      return { ...state, run: { ...state.run, hidden: event.hidden, waiting: event.waiting ?? false } };
    case "background":
      return { ...state, background: event.on };
    case "theme":
      return { ...state, page: { ...state.page, theme: event.theme } };
    case "encoding":
      return { ...state, encoding: event.size };
    case "effects":
    case "together": {
      const { description } = state;
      return { ...state, effects: description && beganEffects(recipe(description), event, shownEffects(state)) };
    }
    case "effectsFound":
      return { ...state, effects: state.effects && { ...state.effects, ...event.found } };
    case "stopEffects":
      return { ...state, effects: state.effects && { ...state.effects, status: "done" } };
    case "textUsed":
      return { ...state, page: { ...state.page, text: event.name } };
    case "lesson":
      return { ...state, page: { ...state.page, ...event.keys } };
    case "cursor":
      return state.cursor === event.step ? state : { ...state, cursor: event.step };
    case "tab":
      return { ...state, page: { ...state.page, tab: event.tab } };
    case "studied":
      return studied(state, event);
    case "recorded":
      return { ...state, page: { ...state.page, study: event.named }, study: updateStudy(state.study, event) };
    case "studyRefused": {
      // What is shown is what was shown before, unless that was only what a record said of itself.
      const study = updateStudy(state.study, event);
      return {
        ...state,
        page: { ...state.page, study: study.named },
        notice: { tone: "error", problem: event.problem },
        study,
      };
    }
    case "studyFile":
    case "assignmentFile":
      return { ...state, notice: null };
    case "assigned":
      return {
        ...state,
        page: keysOf(state.page, event.assignment, event.named),
        assignment: updateAssignment(state.assignment, event),
      };
    case "assignmentClosed":
      return { ...state, page: keysAfter(state.page), assignment: null };
    case "guessed":
      return { ...state, guesses: new Map([...state.guesses, [event.id, event.guess]]) };
    case "storageRefused":
      return { ...state, notice: { tone: "info", problem: event.problem }, study: updateStudy(state.study, event) };
    case "studyStart":
      return { ...state, notice: null, study: updateStudy(state.study, event) };
    case "studyStopped":
      return {
        ...state,
        notice: event.problem ? { tone: "error", problem: event.problem } : state.notice,
        study: updateStudy(state.study, event),
      };
    default: {
      // The rest ask for something to be done outside, whose outcome arrives as another event, or are about the study.
      const study = updateStudy(state.study, /** @type {import("./study-state.js").StudyEvent} */ (event));
      const assignment = updateAssignment(state.assignment, event);
      return study === state.study && assignment === state.assignment ? state : { ...state, study, assignment };
    }
  }
}

/**
 * A study that came by the link has a canonical one. The address names a study from when it is shown.
 *
 * @param {State} state
 * @param {Extract<Event, {type: "studied"}>} event
 * @returns {State}
 */
function studied(state, event) {
  // Something else may have been set since it was asked for.
  const canonical =
    event.asked !== null && state.pending === null && state.description?.link === event.asked ? event.sheet.link : null;
  const link = canonical ?? state.link;
  const description =
    state.description && canonical !== null && canonical !== event.asked
      ? { ...state.description, link: canonical }
      : state.description;
  const page = { ...state.page, study: event.named };
  return { ...state, page, link, description, study: updateStudy(state.study, event) };
}

/**
 * What was set is wanted before the engine has judged it: a second change made meanwhile keeps the first.
 *
 * @param {State} state
 * @param {Record<string, Value|null>} changes
 * @returns {State}
 */
function set(state, changes) {
  const { description, study } = state;
  if (!description) return state;
  const pending = withSettings({ link: state.pending ?? description.link, settings: description.settings }, changes);
  return { ...state, pending, study: updateStudy(study, { type: "studySet", changes }) };
}

/** @param {State} state @param {Description} description @returns {State} */
function described(state, description) {
  const same = state.live && state.description !== null && recipe(state.description) === recipe(description);
  const selected = description.sites.some((site) => site.path === state.selected) ? state.selected : null;
  const next = { ...state, description, live: true, link: description.link, pending: null, selected };
  if (!same) return seeded({ ...next, run: IDLE, view: null, cursor: null });
  if (sameAblation(chosenAblation(state.description), chosenAblation(description))) return seeded(next);
  // Another ablation has steps of its own that are due again, and what is shown still is what the last one came to.
  const run = state.run.status === "done" ? { ...next.run, status: /** @type {const} */ ("paused") } : next.run;
  return seeded({ ...next, run }, storedView(next));
}

/** Keeps what the seed that is shown came to. @param {State} state @param {View|null} [view] @returns {State} */
function seeded(state, view = shownView(state)) {
  const seeds = keptSeeds(state.seeds, state.description, view);
  return seeds === state.seeds ? state : { ...state, seeds };
}

/** The loss of the constant predictor on the task. @param {State} state */
function constantOf(state) {
  return state.description?.data_set.constant_predictor.loss ?? constantLoss(state.view);
}

/** Whether the arms that are trained from scratch try several learning rates. @param {State} state */
function searches({ description }) {
  return (description?.settings["sandbox.search"] ?? "none") !== "none";
}

/** @param {State} state @param {{done: boolean, problem: Problem|null}} event @returns {State} */
function stopped(state, { done: finished, problem }) {
  if (problem)
    return { ...state, run: { ...state.run, status: "failed", rate: null }, notice: { tone: "error", problem } };
  return { ...state, run: { ...state.run, status: finished ? "done" : "paused", rate: null } };
}

/**
 * The view to draw: what was computed here, or the stored one of this very study.
 *
 * @param {State} state
 * @returns {View|null}
 */
export function shownView(state) {
  return state.view ?? storedView(state);
}

/**
 * The stored view, if it is of the study that is asked for.
 *
 * @param {State} state
 * @returns {View|null}
 */
export function storedView({ stored, description, live }) {
  if (!stored) return null;
  return !live || (description !== null && sameStudy(description, stored.description)) ? stored.view : null;
}

/**
 * The stored view of the same model with another ablation, of which the reference still holds.
 *
 * @param {State} state
 * @returns {View|null}
 */
export function referenceView({ stored, description }) {
  return stored && description && recipe(description) === recipe(stored.description) ? stored.view : null;
}

/**
 * The view whose contrast is said. While the arms of a run here are still under way, the stored contrast of the same
 * study stays, badged as what it is, rather than an empty line.
 *
 * @param {State} state
 * @returns {View|null}
 */
export function settledView(state) {
  const stored = storedView(state);
  const open =
    state.view !== null &&
    state.view.contrast.disruption === null &&
    stored !== null &&
    stored.contrast.disruption !== null;
  return open ? stored : shownView(state);
}

/**
 * Whether two descriptions are of one study. A link alone does not tell: what a preset means can change from one
 * release to the next.
 *
 * @param {Description} a
 * @param {Description} b
 */
function sameStudy(a, b) {
  return recipe(a) === recipe(b) && sameAblation(chosenAblation(a), chosenAblation(b));
}

/**
 * Whether an ablation is chosen whose effect shows only after more training, and nothing is being trained.
 *
 * @param {State} state
 */
export function awaitsTraining(state) {
  const rests = ["idle", "paused", "failed"].includes(state.run.status);
  return (
    canRun(state) && rests && ablationOf(state) !== null && (shownView(state)?.contrast.disruption ?? null) === null
  );
}

/**
 * Whether training stands still because nobody looks or another sandbox of the same page trains, and goes on by itself.
 *
 * @param {Pick<State, "run"|"background">} state
 */
export function isHeld({ run, background }) {
  return run.waiting || (run.hidden && !background);
}

/** @param {State} state */
export function canRun({ engine, description, live }) {
  return engine.status === "ready" && live && description !== null;
}

/** Whether the study can be changed, or with `whole` run. @param {State} state @param {boolean} [whole] */
export function canStudy({ engine, page, study }, whole = true) {
  return engine.status === "ready" && !page.stored && (!whole || Boolean(study.sheet?.study));
}

/**
 * Whether there may be results of the study to throw away: those that are known, or, where it could not be opened,
 * those that are stored.
 *
 * @param {State} state
 */
export function canDiscard({ engine, page, study }) {
  const possible = engine.status === "ready" && !page.stored && Boolean(study.sheet?.study);
  return possible && (study.status === "failed" || study.status === "opening" || study.done.size > 0);
}

/** @param {State} state @returns {Ablation|null} */
export function ablationOf(state) {
  return chosenAblation(state.description);
}

/**
 * Why the numbers of the ablation that is shown are approximate; empty if they are not.
 *
 * @param {State} state
 */
export function approximationOf(state) {
  const ablation = ablationOf(state);
  const site = state.description?.sites.find(({ path }) => path === ablation?.site);
  const grade = site?.ablations.find(({ operator }) => operator === ablation?.operator)?.grade;
  return grade?.grade === "approximate" ? grade.reason : "";
}

/** @param {State} state @returns {number|null} seconds left at the present speed */
export function timeLeft({ run: { progress, rate } }) {
  return progress && rate ? due(progress) / rate : null;
}

/**
 * How far the phase is that is under way, such as `step 243 of 400`. Where an arm tries several learning rates, they
 * are trained side by side, and a step is one of each.
 *
 * @param {State} state
 */
export function stepText({ run: { progress } }) {
  const [steps, of] = progress?.steps[progress.phase] ?? [progress ? done(progress) : 0, 0];
  return `step ${count(steps)}${of > 0 ? ` of ${count(of)}` : ""}`;
}

/** The device on which a step takes less. @param {Record<DeviceName, number>} times @returns {DeviceName} */
export function fasterDevice({ cpu, webgpu }) {
  return webgpu < cpu ? "webgpu" : "cpu";
}

/** Steps of all phases. @param {State} state */
export function stepsDone({ run: { progress } }) {
  return progress ? done(progress) : 0;
}

/** The store of the page. */
export function createStore(state = initial()) {
  return storeOf(state, update);
}

/** @typedef {ReturnType<typeof createStore>} Store */
