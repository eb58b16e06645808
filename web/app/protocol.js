/**
 * The messages between the page and a worker.
 *
 * The two sides are separate programs that share no memory and no compiler; without one list of messages they drift
 * apart and the drift shows as an `undefined` three elements later. What the engine computes is typed in
 * `generated/protocol.d.ts`, which is made from the engine's own types.
 */

/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./generated/protocol.js").BenchProgress} BenchProgress */
/** @typedef {import("./generated/protocol.js").Catalog} Catalog */
/** @typedef {import("./generated/protocol.js").Description} Description */
/** @typedef {import("./generated/protocol.js").Figure} Figure */
/** @typedef {import("./generated/protocol.js").Plan} Plan */
/** @typedef {import("./generated/protocol.js").RefusedOutcome} RefusedOutcome */
/** @typedef {import("./generated/protocol.js").Sheet} Sheet */
/** @typedef {import("./generated/protocol.js").StudyReport} StudyReport */
/** @typedef {import("./generated/protocol.js").Together} Together */
/** @typedef {import("./generated/protocol.js").View} View */

/** @typedef {import("./generated/protocol.js").Card} Card */
/** @typedef {import("./generated/protocol.js").Tables} Tables */
/** @typedef {import("./generated/protocol.js").Written} Written */

/**
 * A report as the page shows it. Of a stored report that no engine has read yet there are no files.
 *
 * @typedef {Omit<StudyReport, "card"|"tables"|"written">
 *   & {card: Card|null, tables: Tables|null, written: Written|null}} ShownReport
 */
/** @typedef {{description: Description, view: View}} StoredRecord */
/** @typedef {{id: string, bytes: Uint8Array}} Weights */
/** @typedef {import("./texts.js").Text} Text */
/**
 * @typedef {{outcomes: string[], weights: Weights[], updates: number, took: number}} FleetDone  `took` in milliseconds,
 *   without what it was held
 */
/**
 * @typedef {{name: string, title: string, file: string, record: string, published?: string, here?: string}} StudyPreset
 *   `published`: what a paper reports; `here`: what a toy shows of it, and what not
 */

/**
 * @typedef {"bad-study"|"refused"|"no-adapter"|"fallback-adapter"|"no-timestamp-query"|"no-simd"|"device-lost"
 *   |"worker-died"|"blocked-worker"|"load-failed"|"module-building"|"module-ready"|"bad-checkpoint"|"blocked-storage"
 *   |"damaged-storage"|"no-origin"|"no-asset"|"bad-assignment"
 *   |"not-included"|"internal"} Code
 */
/** @typedef {{code: Code, message: string, hint: string}} Problem */
/** @typedef {{name: string, fallback: boolean}} Adapter */
/** @typedef {"cpu"|"webgpu"} DeviceName */

/**
 * What the page may ask of a worker, and what each call answers.
 *
 * @typedef {object} Calls
 * @property {{args: {force: boolean}, value: Adapter}} probe
 * @property {{args: {device: DeviceName, force: boolean, study?: boolean, tokens?: boolean},
 *   value: null}} load  `tokens`: the module that encodes texts and does nothing else
 * @property {{args: {}, value: Catalog}} catalog
 * @property {{args: {link: string, texts?: Text[]}, value: Description}} describe
 * @property {{args: {link: string, ablation: Ablation|null, bytes: Uint8Array|null, texts?: Text[]}, value: null}} open
 * @property {{args: {ablation: Ablation|null}, value: null}} choose
 * @property {{args: {steps: number}, value: null}} advance
 * @property {{args: {steps: number, limit: number}, value: {made: number, took: number}}} time  milliseconds of so many
 *   steps, or of as many as fit into `limit`
 * @property {{args: {}, value: null}} play
 * @property {{args: {}, value: null}} pause
 * @property {{args: {link: string}, value: Sheet}} studyOfLink
 * @property {{args: {text: string}, value: Sheet}} studyOfFile
 * @property {{args: {json: string, outcomes: string[]}, value: null}} openStudy
 * @property {{args: {outcomes: string[]}, value: RefusedOutcome[]}} addOutcomes
 * @property {{args: {}, value: string[]}} missing
 * @property {{args: {cores: number, device: DeviceName, running: string[]}, value: Plan}} plan
 * @property {{args: {}, value: StudyReport}} report
 * @property {{args: {}, value: string}} record
 * @property {{args: {text: string}, value: {sheet: Sheet, outcomes: string[]}}} readRecord
 * @property {{args: {trials: string, ids: string[], origins: Weights[], keep: string[], texts?: Text[]},
 *   value: FleetDone}} fleet
 * @property {{args: {trials: string, time: number, steps: number, texts?: Text[]},
 *   value: {updates: number, took: number}}} benchmark  steps of a lane, which is thrown away: as many as are asked
 *   for, or fit into `time` milliseconds
 * @property {{args: {}, value: Uint8Array}} checkpoint  of the bench that is open
 * @property {{args: {bytes: Uint8Array, operator: string, texts?: Text[]},
 *   value: {bars: Figure, heads: Figure|null}}} effects  of the trained reference in a checkpoint; no heads where there
 *   are none
 * @property {{args: {bytes: Uint8Array, operator: string, components: string[], texts?: Text[]},
 *   value: Together}} together  every set of these components of the trained reference in a checkpoint
 * @property {{args: {}, value: Figure|null}} retrainHeads  trains without each head of what effects were asked for
 * @property {{args: {on: boolean}, value: null}} hold
 * @property {{args: {text: Uint8Array, size: number}, value: string}} encode  a text, encoded with a vocabulary of at
 *   most `size` tokens that is learned on it (see `encoded-text.js`)
 */
/** @typedef {keyof Calls} CallName */
/** @typedef {{id: number, call: CallName, args: any}} Request */

/**
 * What a worker says: answers carry the `id` of their request, news carry none.
 *
 * @typedef {{id: number, value: any} | {id: number, problem: Problem}} Answer
 */
/**
 * @typedef {{news: "hello"}
 *   | {news: "progress", progress: BenchProgress, steps: number, took: number}
 *   | {news: "view", view: View}
 *   | {news: "checkpoint", bytes: Uint8Array, steps: number}
 *   | {news: "stopped", done: boolean, problem: Problem|null}
 *   | {news: "lane", done: number, total: number}
 *   | {news: "lost", problem: Problem}
 *   | {news: "died", problem: Problem}} News
 */

/** @type {ReadonlySet<string>} */
const CODES = new Set([
  "bad-study",
  "refused",
  "no-adapter",
  "fallback-adapter",
  "no-timestamp-query",
  "no-simd",
  "device-lost",
  "worker-died",
  "blocked-worker",
  "load-failed",
  "module-building",
  "module-ready",
  "bad-checkpoint",
  "blocked-storage",
  "damaged-storage",
  "no-origin",
  "no-asset",
  "bad-assignment",
  "not-included",
  "internal",
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
 * Whatever was thrown, as a problem. Loose outside, strict inside: the Rust side throws problems, a browser throws
 * anything.
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
      return problem(
        "worker-died",
        `The worker stopped: ${String(message)}.`,
        "It is replaced, and the run goes on from its last checkpoint.",
      );
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
