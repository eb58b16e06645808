/**
 * The controls that an author of a lesson may hide or lock, by the name that a link calls them. One table: the panel
 * "Make a lesson" lists it, `view.hide` and `view.lock` are checked against it, and the page finds its controls by it.
 */

/**
 * @typedef {object} Control
 * @property {string} name
 * @property {string} label
 * @property {string} at  a selector of what is hidden
 * @property {boolean} lockable  whether there is anything in it to change
 */

/** @param {string} name @param {string} label @param {string} at @param {boolean} [lockable] @returns {Control} */
const control = (name, label, at, lockable = true) => ({ name, label, at, lockable });

/** @type {readonly Control[]} */
export const CONTROLS = Object.freeze([
  control("header", "Heading of the page", ".masthead", false),
  control("footer", "What stands under the page", ".colophon", false),
  control("tabs", "Tabs: sandbox, study, report", "view-tabs"),
  control("preset", "Start from", "task-picker"),
  control("run", "Run bar", "run-bar"),
  control("seed", "New seed", 'run-bar [data-control="reseed"]'),
  control("options", "Run options", "run-bar .options"),
  control("step", "Run options: one step", 'run-bar [data-control="step"]'),
  control("restart", "Run options: restart with the same seed", 'run-bar [data-control="restart"]'),
  control("device", "Run options: device and background", "run-bar .device, run-bar .why"),
  control("contrast", "The answer: headline, axis and sentence", "answer-line, contrast-summary", false),
  control("cards", "The four arms at a glance", "arm-cards", false),
  control("model", "The model", ".model"),
  control("ablate", "Compare a part of the model", ".actions .ablating"),
  control("swap", "Swap a part of the model", ".actions .swapping"),
  control("inputs", "Task and settings", '[data-drawer="inputs"]'),
  control("task", "The task and a sample of its data", "task-card"),
  control("needs", "Expected to be needed", "task-card .needed"),
  control("settings", "All settings", "settings-form"),
  control("curves", "Loss curves, samples and attention maps", '[data-drawer="panels"]'),
  control("effects", "Direct and total effects", '[data-drawer="effects"]'),
  control("tour", "The short tour", "guided-tour"),
  control("study-source", "Which study is shown", "study-source"),
  control("components", "Components and settings to compare", "component-list"),
  control("protocol", "Protocol of the study", "study-protocol"),
  control("study-run", "Run bar of the study", "study-bar"),
  control("exports", "Downloads of the report", "report-exports"),
  control("embed", "Embed this", "embed-menu"),
  control("lesson", "Make a lesson", "lesson-maker"),
]);

/** The address of a setting, such as `train.learning_rate`: every field is a control of its own. */
const SETTING = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+$/;

/** Longest name of a control. */
const LONGEST = 64;

/** @param {string} name */
export function isControl(name) {
  return name.length <= LONGEST && (CONTROLS.some((one) => one.name === name) || SETTING.test(name));
}

/**
 * The selector of a control.
 *
 * @param {string} name  one that `isControl`
 * @returns {string}
 */
export function selectorOf(name) {
  const known = CONTROLS.find((one) => one.name === name);
  return known ? known.at : `.field:has(> [for="field-${name.replaceAll(".", "-")}"])`;
}
