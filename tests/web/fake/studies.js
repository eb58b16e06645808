/**
 * Studies of the fake engine: the stages of the real one, trials that train nothing, and outcomes that say only who
 * asked for them.
 */

import { scatter } from "./figures.js";

/** @typedef {import("../../../web/app/generated/protocol.js").Sheet} Sheet */
/** @typedef {import("../../../web/app/generated/protocol.js").ShownStudy} StudyShown */
/** @typedef {import("../../../web/app/generated/protocol.js").Entry} Entry */
/** @typedef {import("../../../web/app/generated/protocol.js").Plan} Plan */
/** @typedef {import("../../../web/app/generated/protocol.js").StudyReport} StudyReport */
/** @typedef {import("../../../web/app/generated/protocol.js").Site} Site */
/** @typedef {import("../../../web/app/generated/protocol.js").Answer} Answer */
/** @typedef {Entry & {origin?: string}} Trial */

/** Steps of a training. */
const STEPS = 40;
const USUAL = ["position"];

/** @param {string|null} list */
const entries = (list) => (list ?? "").split(",").filter(Boolean);

/**
 * @param {string} link
 * @param {string} bench  the canonical link of the bench
 * @param {Site[]} sites
 * @returns {Sheet}
 */
export function sheetOf(link, bench, sites) {
  const given = new URLSearchParams(link);
  const asked = given.has("study.without") ? entries(given.get("study.without")) : USUAL;
  const without = asked.filter((entry) =>
    entry
      .split("+")
      .every(
        (entry) =>
          entry.includes("*") || sites.some(({ path, removal }) => path === entry && removal.grade !== "refused"),
      ),
  );
  const corrections = asked
    .filter((entry) => !without.includes(entry))
    .map((entry) => ({
      path: "study.without",
      given: entry,
      used: "left out",
      reason: "there is no such component left to remove",
    }));
  const changes = entries(given.get("study.with"));
  const keys = [...given]
    .filter(([key]) => key.startsWith("study.") && key !== "study.without")
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const unmatched = Object.fromEntries(
    without.filter((entry) => entry !== "position").map((entry) => [entry, "no width gives it as many parameters"]),
  );
  const matched = entries(given.get("study.matched")).filter((entry) => !(entry in unmatched));
  if (without.join() !== USUAL.join()) keys.push(`study.without=${without.join()}`);
  const number = (/** @type {string} */ key, /** @type {number} */ usual) => Number(given.get(key) ?? usual);
  const design = {
    tier: given.get("study.tier") ?? "sketch",
    trials: number("study.trials", 4),
    tuning_seeds: 1,
    searches: 1,
    seeds: number("study.seeds", 3),
  };
  const variants = [...without, ...changes];
  const study =
    variants.length > 0
      ? shown(bench, variants, matched, without.length, {
          design,
          claim: given.get("study.claim") ?? "",
          seed: number("study.seed", 0),
        })
      : null;
  return {
    link: [bench, ...keys.sort()].join("&"),
    corrections,
    without,
    with: changes,
    matched,
    unmatched,
    file: JSON.stringify({ version: 2, variants }),
    refused: study ? null : { path: "variants", message: "there are 0; write 1 to 64" },
    study,
  };
}

/**
 * @param {string} bench
 * @param {string[]} names
 * @param {string[]} matched
 * @param {number} removed
 * @param {Pick<StudyShown, "design"|"claim"|"seed">} given
 * @returns {StudyShown}
 */
function shown(bench, names, matched, removed, { design, claim, seed }) {
  const sound = /** @type {const} */ ({ grade: "sound", reason: "It only adds." });
  const off = /** @type {const} */ ({ grade: "approximate", reason: "It never saw zero." });
  const variants = names.map((name, index) => ({
    name,
    label: index < removed ? `− ${name}` : name,
    remove: index < removed ? [name] : [],
    set: {},
    ablations:
      index < removed
        ? [
            { label: "mean", phrase: "replaced by its mean", grade: sound, sites: [{ site: name, operator: "mean" }] },
            { label: "zero", phrase: "set to zero", grade: off, sites: [{ site: name, operator: "zero" }] },
          ]
        : [],
    not_ablated: index < removed ? null : "a swap leaves nothing to ablate",
    grade: sound,
    parameters: /** @type {[number, number]} */ ([100, 90]),
    matched: matched.includes(name) ? { "model.width": 9 } : null,
  }));
  const text = {
    version: 2,
    title: "Fake",
    claim,
    preset: "repeat",
    unit: "nats",
    settings: { "model.width": 8, "data.kind": bench },
    known: {},
    variants,
    design,
    space: [],
    recovery: { budgets: [0.05], rates: [1], short_retrain: false },
    margin: { share: 0.02 },
    seed,
  };
  const hash = `hash of ${bench} ${names.join()} ${design.trials} ${design.seeds} ${seed}`;
  const cost = { runs: 0, updates: 0, items: [] };
  const all = {
    ...text,
    hash,
    units: design.seeds,
    cost,
    tiers: ["sketch", "standard", "gold"].map((tier) => ({ ...design, tier, cost })),
  };
  return { ...all, json: JSON.stringify(all) };
}

/** The tests of a gap that the page does not show. @type {Pick<Answer, "adjusted_t"|"adjusted_tost"|"t"|"p_t"|"ci90"|
 *   "signflip"|"tost_p"|"tost_signflip"|"wins"|"clopper_pearson">} */
export const UNTESTED = {
  adjusted_t: null,
  adjusted_tost: null,
  t: null,
  p_t: null,
  ci90: null,
  signflip: [1, 2],
  tost_p: null,
  tost_signflip: null,
  wins: 1,
  clopper_pearson: [0, 1],
};

export class Study {
  /** @param {string} json */
  static open(json) {
    return new Study(JSON.parse(json));
  }

  /** @param {StudyShown} study */
  constructor(study) {
    this.study = study;
    /** @type {Map<string, string>} */
    this.outcomes = new Map();
  }

  /**
   * Takes outcomes, except those that lack their device: such a one stands for any that the engine cannot use.
   *
   * @param {string[]} outcomes
   * @returns {import("../../../web/app/generated/protocol.js").RefusedOutcome[]}
   */
  add(outcomes) {
    const read = outcomes.map((text) => ({ text, ...JSON.parse(text) }));
    for (const { trial, device, text } of read) if (device) this.outcomes.set(trial, text);
    return read.flatMap(({ trial, device }) => (device ? [] : [{ id: trial, reason: "it lacks its device" }]));
  }

  missing() {
    return this.schedule().flatMap(({ id }) => (this.outcomes.has(id) ? [] : [id]));
  }

  /** @returns {Trial[]} */
  schedule() {
    const { design, variants, hash, seed } = this.study;
    const all = (/** @type {Trial[]} */ trials) => trials.every(({ id }) => this.outcomes.has(id));
    const id = (/** @type {(string|number)[]} */ ...parts) => [hash.length, seed, ...parts].join("/");
    const search = (
      /** @type {string} */ name,
      /** @type {import("../../../web/app/generated/protocol.js").Searched} */ arm,
    ) =>
      Array.from(
        { length: design.trials },
        (_, point) =>
          /** @type {Trial} */ ({
            id: id("search", name, point),
            role: "search",
            arm,
            search: 0,
            point,
            seed: 0,
            updates: STEPS,
          }),
      );
    const reference = search("reference", "reference");
    if (!all(reference)) return reference;
    const searches = [
      ...reference,
      ...search("aa", "aa"),
      ...variants.flatMap(({ name }, own) => search(name, { own })),
    ];
    if (!all(searches)) return searches;
    const pairs = Array.from({ length: design.seeds }, (_, one) => ({ search: 0, seed: one }));
    const finals = pairs.flatMap((pair) => [
      /** @type {Trial} */ ({
        id: id("final", "reference", pair.seed),
        role: "trained",
        arm: "reference",
        pair,
        updates: STEPS,
      }),
      ...variants.map(
        ({ name }, own) =>
          /** @type {Trial} */ ({
            id: id("final", name, pair.seed),
            role: "trained",
            arm: { own },
            pair,
            updates: STEPS,
          }),
      ),
    ]);
    const ablations = pairs.flatMap((pair) =>
      variants.flatMap(({ name, ablations: ways }, variant) =>
        ways.map(
          (_, ablation) =>
            /** @type {Trial} */ ({
              id: id("ablated", name, ablation, pair.seed),
              role: "ablated",
              variant,
              ablation,
              pair,
              updates: 0,
              origin: id("final", "reference", pair.seed),
            }),
        ),
      ),
    );
    return [...searches, ...finals, ...ablations];
  }

  /** @param {number} cores @param {boolean} gpu @param {string[]} running @returns {Plan} */
  plan(cores, gpu, running) {
    const schedule = this.schedule();
    const ready = schedule.filter(
      ({ id, origin }) => !this.outcomes.has(id) && !running.includes(id) && (!origin || this.outcomes.has(origin)),
    );
    const size = Math.max(1, Math.ceil(ready.length / (gpu ? 1 : cores)));
    const fleets = Array.from({ length: Math.ceil(ready.length / size) }, (_, index) =>
      ready.slice(index * size, (index + 1) * size),
    ).map((trials) => ({
      trials: JSON.stringify(trials),
      ids: trials.map(({ id }) => id),
      updates: trials.reduce((sum, { updates }) => sum + updates, 0),
      origins: [...new Set(trials.flatMap(({ origin }) => origin ?? []))].map((id) => ({
        id,
        trials: JSON.stringify(schedule.filter((trial) => trial.id === id)),
      })),
      keep: trials.filter((trial) => trial.role === "trained" && trial.arm === "reference").map(({ id }) => id),
    }));
    return {
      fleets,
      schedule,
      margin: this.outcomes.size > 0 ? 0.04 : null,
      complete: schedule.every(({ id }) => this.outcomes.has(id)) && schedule.some(({ role }) => role === "trained"),
    };
  }

  /** @returns {StudyReport} */
  report() {
    const { plan, study } = this;
    const { complete, schedule, margin } = plan.call(this, 1, false, []);
    const gap = (/** @type {number} */ mean) => ({
      ...UNTESTED,
      n: study.units,
      mean,
      sd: 0.1,
      ci95: /** @type {[number, number]} */ ([mean - 0.1, mean + 0.1]),
      values: [mean],
      adjusted: 0.03,
      verdict: /** @type {const} */ ({ verdict: "worse", extent: "material" }),
    });
    const components = study.variants.map(({ name, label }) => ({
      component: name,
      label,
      answers: { disruption: gap(1.4), necessity: gap(0.2) },
      changed: false,
      means: {},
      recovery: [],
      recovered_share: null,
      co_adaptation: null,
      combined: /** @type {const} */ ("overstated_by_ablation"),
      modifiers: [],
    }));
    return {
      report: {
        study: study.hash,
        registration: null,
        progress: { done: this.outcomes.size, known: schedule.length, complete },
        spent: { runs: this.outcomes.size, diverged: 0, updates: 0 },
        engines: [],
        constant_predictor: 2.08,
        reference: { n: study.units, mean: 0.4, sd: 0.01 },
        tuning: [],
        ablations: study.variants.map(() => []),
        analysis: {
          units: study.units,
          unit_of_analysis: "seed",
          margin,
          higher_is_better: false,
          components,
          families: [],
          ranks: null,
          aa_control: null,
          noise_floor_exceeded: false,
          untrained: false,
          at_ceiling: false,
        },
        stability: { settings: [], left_out: [] },
        warnings: [{ code: "one-search", text: "Each arm was tuned by one hyper-parameter search." }],
      },
      figures: [
        scatter("contrast", "Disruption and necessity", [
          [0, 0],
          [1, 1],
        ]),
      ],
      left_out: null,
      card: { title: "Fake", sections: [] },
      written: { html: "<p>card</p>", markdown: "card", json: "{}" },
      findings: [],
      tables: { markdown: "| a |", csv: "a", latex: "a", text: "a" },
      sentences: components.map(({ component, label }) => ({
        component,
        first: `${label}: ablating it raises the loss by 1.4 nats.`,
        rest: "",
      })),
    };
  }

  record() {
    return JSON.stringify({ study: this.study, outcomes: [...this.outcomes.values()], report: this.report().report });
  }

  free() {}
}

/** @param {string} text */
export function readRecord(text) {
  const { study, outcomes } = JSON.parse(text);
  return {
    sheet: /** @type {Sheet} */ ({
      link: null,
      corrections: [],
      without: [],
      with: [],
      matched: [],
      unmatched: {},
      file: "{}",
      refused: null,
      study: { ...study, json: JSON.stringify(study) },
    }),
    outcomes,
  };
}

export class Origins {
  /** @type {string[]} */
  ids = [];

  /** @param {string} id @param {Uint8Array} _bytes */
  add(id, _bytes) {
    this.ids.push(id);
  }

  free() {}
}

export class Lane {
  /** @param {string} trials @param {Origins} origins */
  static create(trials, origins) {
    return new Lane(JSON.parse(trials), origins);
  }

  /** @param {Trial[]} trials @param {Origins} origins */
  constructor(trials, origins) {
    const missing = trials.find(({ origin }) => origin && !origins.ids.includes(origin));
    if (missing) throw { code: "bad-study", message: `the weights of ${missing.origin} are not here`, hint: "" };
    this.trials = trials;
    this.total = Math.max(...trials.map(({ updates }) => updates));
    this.done = 0;
  }

  /** @param {number} steps */
  async step(steps) {
    this.done = Math.min(this.total, this.done + steps);
    return { done: this.done, total: this.total, losses: [] };
  }

  async finish() {
    const { trials } = this;
    return {
      outcomes: () => trials.map(({ id }) => JSON.stringify({ trial: id, device: "CPU (fake engine)" })),
      weights: () => new Uint8Array([1, 2, 3]),
      free() {},
    };
  }

  free() {}
}
