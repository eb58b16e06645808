/**
 * Every value that crosses between the page and a worker, typed once.
 *
 * The two sides are separate programs that share no memory and no compiler; without one list of messages they drift
 * apart and the drift shows as an `undefined` three elements later. Shapes of data come from the Rust side and are
 * repeated here as types only.
 */

/** @typedef {string|number|boolean} Value */
/** @typedef {{path: string, given: string, used: string, reason: string}} Correction */
/** @typedef {{value: string, label: string, help: string}} Option */
/**
 * @typedef {object} Field
 * @property {string} path
 * @property {"task"|"model"|"training"|"ablation"} group
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
/**
 * @typedef {{name: string, label: string, help: string, minimum: number, maximum: number, default: number}}
 *   AblationParameter  a number that an operator takes
 */
/**
 * @typedef {object} AblationOption
 * @property {string} operator
 * @property {string} label
 * @property {string} help
 * @property {string} phrase  what becomes of the component
 * @property {AblationParameter[]} parameters
 * @property {"nothing"|"reference_set"} needs
 * @property {Grade} grade
 */
/** @typedef {{path: string, value: string, label: string}} Swap */
/**
 * @typedef {object} Site
 * @property {string} path
 * @property {string|null} parent
 * @property {string} kind
 * @property {string} label
 * @property {string} help
 * @property {"branch"|"inline"|"source"|"slice"|"group"} placement  what removal means and how it is drawn
 * @property {number} parameters
 * @property {number} positions
 * @property {number} channels
 * @property {string[]} reads  sites whose outputs it reads; none where it reads the data
 * @property {string|null} adds_to  for a branch: the site whose output it adds to
 * @property {Grade} removal  training without it from the start
 * @property {AblationOption[]} ablations
 * @property {Swap[]} swaps
 */
/** @typedef {{columns: string[], rows: string[][]}} Table */
/** @typedef {{name: string, title: string, description: string, svg: string, table: Table}} Figure */
/**
 * @typedef {object} Task
 * @property {string} name
 * @property {string} label
 * @property {string} help
 * @property {{loss: number|null, score: number|null}} constant_predictor
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

/**
 * What is done to which site of the trained model. The engine writes the parameters of the operator beside the two
 * names: `{site, operator, factor}`.
 *
 * @typedef {{site: string, operator: string, [parameter: string]: string|number}} Cut
 */
/** @typedef {"reference"|"recovery"|"retrained"|"done"} Phase */
/**
 * @typedef {object} Progress
 * @property {Phase} phase
 * @property {Record<string, [number, number]>} steps  done and due, by phase
 * @property {Record<string, number|null>} losses
 */
/**
 * @typedef {{name: string, label: string, unit: string|null, goal: "higher"|"lower", value: number|null,
 *   constant_predictor: number|null}} Measure
 */
/**
 * @typedef {object} Arm
 * @property {"reference"|"ablated"|"recovered"|"sham"|"retrained"|"retrained-untuned"} name
 * @property {string} label  the difference from the reference
 * @property {"waiting"|"training"|"done"|"refused"} status
 * @property {string|null} reason
 * @property {number} step
 * @property {number} steps
 * @property {Measure[]} measures
 */
/**
 * @typedef {{name: "reference"|"ablated"|"recovered"|"retrained", label: string, note: string, arms: Arm[],
 *   figures: Figure[]}} Panel
 */
/**
 * @typedef {{site: string|null, disruption: number|null, recovery: number|null, necessity: number|null,
 *   untuned: number|null, unit: string, sentence: string}} Contrast
 */
/** @typedef {{kind: "stored"|"computed", device: string, seeds: number}} Source */
/** @typedef {{link: string, source: Source, panels: Panel[], contrast: Contrast}} View */
/** @typedef {{description: Description, view: View}} StoredRecord */

/**
 * A study, its trials and its outcomes are named by the hash of their text, which JavaScript would write differently.
 * So the page keeps these texts as they came and reads values only to show them.
 *
 * @typedef {{label: string, phrase: string, grade: Grade, sites: Cut[]}} Way
 */
/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} label  the difference from the reference
 * @property {string[]} remove
 * @property {Record<string, Value>} set
 * @property {Way[]} ablations  the ways it is ablated in the trained reference
 * @property {string|null} not_ablated  why there is none
 * @property {Grade} grade  how far its retraining can be trusted
 * @property {[number, number]} parameters  of the reference, and of the variant
 * @property {Record<string, Value>|null} matched
 */
/** @typedef {{tier: string, trials: number, tuning_seeds: number, searches: number, seeds: number}} Design */
/**
 * @typedef {"reference"|"ablated"|"sham"|"recovered"|"short-retrain"|"retrained-untuned"|"retrained"
 *   |"aa"|"matched"|"variant"} ArmName
 */
/** @typedef {"search"|"train"|"ablate"|"recover"} Stage */
/**
 * @typedef {{runs: number, updates: number, items: {stage: Stage, arm: ArmName, runs: number, updates: number}[]}} Cost
 */
/** @typedef {{share: number}|{absolute: number}} Margin */
/**
 * @typedef {object} StudyText
 * @property {string} title
 * @property {string} claim
 * @property {string} preset
 * @property {string} unit  of the loss
 * @property {Record<string, Value>} settings  of the reference
 * @property {Variant[]} variants
 * @property {Design} design
 * @property {{budgets: number[], rates: number[], short_retrain: boolean}} recovery
 * @property {Margin} margin
 * @property {number} seed
 */
/**
 * @typedef {StudyText & {json: string, hash: string, units: number, cost: Cost, tiers: (Design & {cost: Cost})[]}}
 *   StudyShown
 */
/**
 * @typedef {object} Sheet
 * @property {string|null} link  the canonical link, if the study came by one
 * @property {Correction[]} corrections
 * @property {string[]} without  its variants as the link says them
 * @property {string[]} with
 * @property {string[]} matched  those of both that are trained at the reference's size as well
 * @property {Record<string, string>} unmatched  those that cannot be, with the reasons
 * @property {string} file  the study file that says the same
 * @property {{path: string, message: string}|null} refused  why there is no study
 * @property {StudyShown|null} study
 */
/** @typedef {"reference"|"aa"|{own: number}} Searched */
/** @typedef {{search: number, seed: number}} Block */
/**
 * @typedef {{role: "search", arm: Searched, search: number, point: number, seed: number}
 *   | {role: "trained", arm: Searched, block: Block}
 *   | {role: "untuned"|"matched", variant: number, block: Block}
 *   | {role: "short_retrain", variant: number, budget: number, block: Block}
 *   | {role: "ablated", variant: number, cut: number, block: Block}
 *   | {role: "sham", budget: number, rate: number, block: Block}
 *   | {role: "recovered", variant: number, budget: number, rate: number, block: Block}} Role
 */
/** @typedef {Role & {id: string, updates: number}} Entry */
/**
 * @typedef {{trials: string, ids: string[], updates: number, origins: {id: string, trials: string}[], keep: string[]}}
 *   Fleet
 */
/** @typedef {{fleets: Fleet[], schedule: Entry[], margin: number|null, complete: boolean}} Plan */
/** @typedef {{id: string, bytes: Uint8Array}} Weights */
/** @typedef {{id: string, reason: string}} RefusedOutcome  one that the engine cannot use, and why */
/**
 * @typedef {{outcomes: string[], weights: Weights[], updates: number, took: number}} FleetDone  `took` in milliseconds,
 *   without what it was held
 */

/** @typedef {[low: number, high: number]} Interval */
/**
 * @typedef {{verdict: "worse", extent: "material"|"negligible"|"plain"}|{verdict: "better-without", extent:
 *   "material"|"negligible"|"plain"}|{verdict: "equivalent"}|{verdict: "inconclusive", needs: Needs|null}} Verdict
 */
/**
 * @typedef {{blocks: number, sought: {difference: number}|{either: number}}} Needs  units in all, to tell what: that
 *   there is a difference of a size, or either that or that there is none
 */
/**
 * @typedef {{n: number, mean: number, sd: number|null, ci95: Interval|null, ci90: Interval|null, values: number[],
 *   adjusted: number, verdict: Verdict|null}} Gap
 */
/**
 * @typedef {"necessity"|"disruption"|"recovery"|"tuning_confound"|"co_adaptation_gap"|"untuned"|"matched"
 *   |"recovery_advantage"|"aa"|"variant"} Question
 */
/**
 * @typedef {"co_adapted"|"overstated_by_ablation"|"necessary"|"redundant"|"needed_during_training"|"not_necessary"
 *   |"harmful"|"undetermined"} Combined
 */
/** @typedef {"recoverable"|"untuned_misleading"|"capacity"|"edge"|"search_failed"|"small"} Modifier */
/**
 * @typedef {object} Component
 * @property {string} component
 * @property {string} label
 * @property {boolean} changed  whether it is not left out but changed
 * @property {Partial<Record<Question, Gap>>} answers
 * @property {number|null} recovered
 * @property {number|null} co_adaptation
 * @property {Combined|null} combined
 * @property {Modifier[]} modifiers
 */
/**
 * @typedef {object} Report
 * @property {string} study  its hash
 * @property {string|null} registration
 * @property {{done: number, known: number, complete: boolean}} progress
 * @property {{runs: number, diverged: number, updates: number}} spent
 * @property {number|null} constant_predictor
 * @property {{n: number, mean: number, sd: number|null}|null} reference
 * @property {{arm: string, under_tuned: boolean, edges: string[]}[]} tuning
 * @property {{operator: string, primary: boolean}[][]} ablations  by component
 * @property {{units: number, unit_of_analysis: Unit, margin: number|null, components: Component[],
 *   aa_control: Gap|null, noise_floor_exceeded: boolean}} analysis
 */
/** @typedef {"seed"|"repetition"} Unit  what is paired and counted: final seeds, or repetitions of the whole search */
/** @typedef {{level: "error"|"warning"|"note", code: string, place: string, message: string, hint: string}} Finding */
/**
 * @typedef {{kind: "text", text: string} | {kind: "not_applicable", reason: string} | {kind: "list", items: string[]}
 *   | {kind: "check", passed: boolean, text: string}
 *   | {kind: "table", columns: string[], rows: (string|number|null)[][]}} CardContent
 */
/**
 * @typedef {{title: string, blocks: {number: number, title: string, items: {name: string, content: CardContent}[]}[]}}
 *   Card
 */
/**
 * What the engine makes of a study and its outcomes.
 *
 * @typedef {object} StudyReport
 * @property {Report} report
 * @property {Figure[]} figures
 * @property {Card|null} card  the protocol card
 * @property {{html: string, markdown: string, json: string}|null} written  the card as files
 * @property {Finding[]} findings
 * @property {{markdown: string, csv: string, latex: string, text: string}|null} tables
 * @property {string[]} sentences  one or two a component
 */
/** @typedef {{name: string, title: string, file: string, record: string}} StudyPreset */

/**
 * @typedef {"bad-study"|"refused"|"no-adapter"|"fallback-adapter"|"no-timestamp-query"|"device-lost"|"worker-died"
 *   |"load-failed"|"module-building"|"module-ready"|"bad-checkpoint"|"blocked-storage"|"damaged-storage"|"no-origin"
 *   |"no-asset"|"internal"} Code
 */
/** @typedef {{code: Code, message: string, hint: string}} Problem */
/** @typedef {{name: string, fallback: boolean}} Adapter */
/** @typedef {"cpu"|"webgpu"} DeviceName */

/**
 * What the page may ask of a worker, and what each call answers.
 *
 * @typedef {object} Calls
 * @property {{args: {force: boolean}, value: Adapter}} probe
 * @property {{args: {device: DeviceName, force: boolean, study?: boolean}, value: null}} load
 * @property {{args: {}, value: Catalog}} catalog
 * @property {{args: {link: string}, value: Description}} describe
 * @property {{args: {link: string, cut: Cut|null, bytes: Uint8Array|null}, value: null}} open
 * @property {{args: {cut: Cut|null}, value: null}} choose
 * @property {{args: {steps: number}, value: null}} advance
 * @property {{args: {}, value: null}} play
 * @property {{args: {}, value: null}} pause
 * @property {{args: {link: string}, value: Sheet}} studyOfLink
 * @property {{args: {text: string}, value: Sheet}} studyOfFile
 * @property {{args: {json: string, outcomes: string[]}, value: null}} openStudy
 * @property {{args: {outcomes: string[]}, value: RefusedOutcome[]}} addOutcomes
 * @property {{args: {}, value: string[]}} missing
 * @property {{args: {cores: number, running: string[]}, value: Plan}} plan
 * @property {{args: {}, value: StudyReport}} report
 * @property {{args: {}, value: string}} record
 * @property {{args: {text: string}, value: {sheet: Sheet, outcomes: string[]}}} readRecord
 * @property {{args: {trials: string, ids: string[], origins: Weights[], keep: string[]}, value: FleetDone}} fleet
 * @property {{args: {trials: string, time: number}, value: {updates: number, took: number}}} benchmark
 * @property {{args: {on: boolean}, value: null}} hold
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
  "device-lost",
  "worker-died",
  "load-failed",
  "module-building",
  "module-ready",
  "bad-checkpoint",
  "blocked-storage",
  "damaged-storage",
  "no-origin",
  "no-asset",
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
