/**
 * Every value that crosses between the page and a worker, typed once.
 *
 * The two sides are separate programs that share no memory and no compiler; without one list of messages they drift apart and the
 * drift shows as an `undefined` three elements later. Shapes of data come from the Rust side and are repeated here as types only.
 */

/** @typedef {string|number|boolean} Value */
/** @typedef {{path: string, given: string, used: string, reason: string}} Correction */
/** @typedef {{value: string, label: string, help: string}} Option */
/**
 * @typedef {object} Field
 * @property {string} path
 * @property {"task"|"model"|"training"|"cut"} group
 * @property {string} label
 * @property {string} help
 * @property {string|null} unit
 * @property {"integer"|"number"|"choice"} kind
 * @property {number|null} minimum
 * @property {number|null} maximum
 * @property {Option[]|null} options
 * @property {Value} default
 * @property {Value} value
 */
/** @typedef {{grade: "sound"|"approximate"|"refused", reason: string}} Grade */
/** @typedef {{minimum: number, maximum: number, default: number}} FactorRange */
/** @typedef {{kind: string, label: string, help: string, grade: Grade, factor: FactorRange|null}} CutOption */
/** @typedef {{path: string, value: string, label: string}} Swap */
/**
 * @typedef {object} Site
 * @property {string} path
 * @property {string|null} parent
 * @property {string} kind
 * @property {string} label
 * @property {string} help
 * @property {boolean} branch  adds to the residual stream; drawn beside it, joining at a plus
 * @property {boolean} [inline]  a norm that the stream itself passes through
 * @property {number} parameters
 * @property {string|number[]} shape
 * @property {Grade} removal  training without it from the start
 * @property {CutOption[]} cuts
 * @property {Swap[]} swaps
 */
/** @typedef {{columns: string[], rows: string[][]}} Table */
/** @typedef {{name: string, title: string, description: string, svg: string, table: Table}} Figure */
/**
 * @typedef {object} Task
 * @property {string} name
 * @property {string} label
 * @property {string} help
 * @property {{loss: number|null, score: number|null}} trivial
 * @property {{name: string, label: string, unit: string|null, goal: "higher"|"lower"}} score
 * @property {{site: string, needed: boolean, why: string}[]} needs
 */
/**
 * @typedef {object} Description
 * @property {string} link  canonical, starts with `v=1`
 * @property {Record<string, Value>} settings
 * @property {Correction[]} corrections
 * @property {Field[]} fields
 * @property {Task} task
 * @property {Figure[]} data
 * @property {Site[]} sites
 * @property {number} parameters
 */
/** @typedef {{name: string, label: string, help: string, link: string}} Preset */
/** @typedef {{version: string, presets: Preset[]}} Catalog */

/** @typedef {{site: string, kind: string, factor: number|null}} Cut */
/** @typedef {"intact"|"healing"|"never"|"done"} Phase */
/**
 * @typedef {object} Progress
 * @property {Phase} phase
 * @property {Record<string, [number, number]>} steps  done and due, by phase
 * @property {Record<string, number|null>} losses
 */
/** @typedef {{name: string, label: string, unit: string|null, goal: "higher"|"lower", value: number|null, trivial: number|null}} Measure */
/**
 * @typedef {object} Arm
 * @property {"intact"|"cut"|"healed"|"sham"|"never"} name
 * @property {string} label  the difference from the reference
 * @property {"waiting"|"training"|"done"|"refused"} status
 * @property {string|null} reason
 * @property {number} step
 * @property {number} steps
 * @property {Measure[]} measures
 */
/** @typedef {{name: "intact"|"cut"|"healed"|"never", label: string, note: string, arms: Arm[], figures: Figure[]}} Panel */
/** @typedef {{site: string|null, disruption: number|null, recovery: number|null, necessity: number|null, unit: string, sentence: string}} Contrast */
/** @typedef {{kind: "stored"|"computed", device: string, seeds: number}} Source */
/** @typedef {{link: string, source: Source, panels: Panel[], contrast: Contrast}} View */
/** @typedef {{description: Description, view: View}} StoredRecord */

/** @typedef {"bad-study"|"refused"|"no-adapter"|"fallback-adapter"|"no-timestamp-query"|"device-lost"|"worker-died"|"load-failed"|"bad-checkpoint"|"internal"} Code */
/** @typedef {{code: Code, message: string, hint: string}} Problem */
/** @typedef {{name: string, fallback: boolean}} Adapter */
/** @typedef {"cpu"|"webgpu"} DeviceName */

/**
 * What the page may ask of a worker, and what each call answers.
 *
 * @typedef {object} Calls
 * @property {{args: {force: boolean}, value: Adapter}} probe
 * @property {{args: {device: DeviceName, force: boolean}, value: null}} load
 * @property {{args: {}, value: Catalog}} catalog
 * @property {{args: {link: string}, value: Description}} describe
 * @property {{args: {link: string, cut: Cut|null, bytes: Uint8Array|null}, value: null}} open
 * @property {{args: {cut: Cut|null}, value: null}} choose
 * @property {{args: {steps: number}, value: null}} advance
 * @property {{args: {}, value: null}} play
 * @property {{args: {}, value: null}} pause
 */
/** @typedef {keyof Calls} CallName */
/** @typedef {{id: number, call: CallName, args: any}} Request */

/**
 * What a worker says: answers carry the `id` of their request, news carry none.
 *
 * @typedef {{id: number, value: any} | {id: number, problem: Problem}} Answer
 */
/**
 * @typedef {{news: "progress", progress: Progress, steps: number, took: number}
 *   | {news: "view", view: View}
 *   | {news: "checkpoint", bytes: Uint8Array, steps: number}
 *   | {news: "stopped", done: boolean, problem: Problem|null}
 *   | {news: "lost", problem: Problem}
 *   | {news: "died", problem: Problem}} News
 */

/** @type {ReadonlySet<string>} */
const CODES = new Set([
  "bad-study", "refused", "no-adapter", "fallback-adapter", "no-timestamp-query", "device-lost", "worker-died", "load-failed", "bad-checkpoint", "internal",
]);

/**
 * A problem in the shape that the page shows.
 *
 * @param {Code} code
 * @param {string} message
 * @param {string} [hint]
 * @returns {Problem}
 */
export function problem(code, message, hint = "") {
  return { code, message, hint };
}

/**
 * Whatever was thrown, as a problem. Loose outside, strict inside: the Rust side throws problems, a browser throws anything.
 *
 * @param {unknown} thrown
 * @param {Code} [otherwise]  the code of what does not say its own
 * @returns {Problem}
 */
export function toProblem(thrown, otherwise = "internal") {
  if (thrown !== null && typeof thrown === "object") {
    const { code, message, hint } = /** @type {Partial<Problem>} */ (thrown);
    if (typeof code === "string" && CODES.has(code)) return problem(code, String(message ?? code), String(hint ?? ""));
    if (typeof WebAssembly === "object" && thrown instanceof WebAssembly.RuntimeError) {
      return problem("worker-died", `The worker stopped: ${String(message)}.`, "It is replaced, and the run goes on from its last checkpoint.");
    }
    if (typeof message === "string") return problem(otherwise, message);
  }
  return problem(otherwise, String(thrown));
}

/**
 * Whether a thing that a worker said is an answer to a request.
 *
 * @param {Answer|News} message
 * @returns {message is Answer}
 */
export function isAnswer(message) {
  return "id" in message;
}
