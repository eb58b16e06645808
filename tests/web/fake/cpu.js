/**
 * A stand-in for the WebAssembly module: the same exports, plausible numbers, no model. For unit tests and for work on
 * the design only; the browser tests mean something on the real module alone.
 */

import { curve, heatmap, scatter, tokens } from "./figures.js";
import { PRESETS, fields, sites } from "./model.js";
import { readRecord, sheetOf } from "./studies.js";

export { Lane, Origins, Study } from "./studies.js";

/** @typedef {import("../../../web/app/generated/protocol.js").Correction} Correction */
/** @typedef {import("../../../web/app/generated/protocol.js").Ablation} Ablation */
/** @typedef {import("../../../web/app/generated/protocol.js").SetField} SetField */
/** @typedef {import("../../../web/app/generated/protocol.js").View} View */
/** @typedef {import("../../../web/app/generated/protocol.js").ArmView} Arm */
/** @typedef {import("../../../web/app/generated/protocol.js").BenchProgress} Progress */

/** Of models of any depth, causal and bidirectional. */
const ANY = { blocks: null, bidirectional: true };

/** Milliseconds that a step keeps the worker busy. */
const STEP = 4;

export default async function init() {}

export function catalog() {
  return { version: "0.0.0", presets: PRESETS };
}

/** @param {string} link */
function read(link) {
  /** @type {Correction[]} */
  const corrections = [];
  let pairs = new URLSearchParams(link);
  if (link && pairs.get("v") !== "1") {
    corrections.push({
      path: "link",
      given: link.slice(0, 60),
      used: "the default settings",
      reason: `this page reads links of version 1, this one says version ${pairs.get("v") ?? "?"}`,
    });
    pairs = new URLSearchParams();
  }
  if (pairs.has("z")) {
    corrections.push({
      path: "link",
      given: link.slice(0, 60),
      used: "the default settings",
      reason: "its packed part z cannot be read",
    });
    pairs = new URLSearchParams();
  }
  const preset = pairs.get("p") ?? "repeat";
  const list = fields(preset);
  /** @type {Record<string, any>} */
  const settings = Object.fromEntries(list.map((field) => [field.path, field.default]));
  for (const [path, given] of pairs) {
    const field = list.find((one) => one.path === path);
    if (path === "v" || path === "p" || path.startsWith("study.")) continue;
    if (!field) corrections.push({ path, given, used: "ignored", reason: "there is no such setting" });
    else if (field.kind === "choice" || field.kind === "file") settings[path] = given;
    else {
      const used = Math.min(field.maximum, Math.max(field.minimum, Number(given)));
      if (used !== Number(given))
        corrections.push({
          path,
          given,
          used: String(used),
          reason: `${field.label} takes a number from ${field.minimum} to ${field.maximum}`,
        });
      settings[path] = used;
    }
  }
  const differs = list
    .filter((field) => settings[field.path] !== field.default)
    .map((field) => [field.path, String(settings[field.path])]);
  const canonical = new URLSearchParams([["v", "1"], ["p", preset], ...differs.sort()]).toString();
  return { preset, settings, corrections, canonical, list };
}

/** @param {string} link @returns {import("../../../web/app/generated/protocol.js").Sheet} */
export function study_of_link(link) {
  const { settings, canonical } = read(link);
  return sheetOf(link, canonical, sites(settings));
}

/** @param {string} file */
export function study_of_file(file) {
  const { variants } = JSON.parse(file);
  if (!variants)
    throw { code: "bad-study", message: "`variants`: there is none", hint: "Correct the file and open it again." };
  return { ...sheetOf(`study.without=${variants.join()}`, "v=1&p=repeat", sites(read("").settings)), link: null };
}

export const study_of_record = readRecord;

/** @param {string} link @returns {import("../../../web/app/generated/protocol.js").Description} */
export function describe(link) {
  const { settings, corrections, canonical, list } = read(link);
  const points = settings["data.kind"] === "two-moons";
  const all = sites(settings);
  return {
    link: [canonical, ...link.split("&").filter((pair) => pair.startsWith("study."))].join("&"),
    settings,
    corrections,
    fields: list.map((field) => /** @type {SetField} */ ({ ...field, value: settings[field.path] })),
    data_set: {
      name: settings["data.kind"],
      label: points ? "Points" : "Repeat",
      help: points
        ? "A cloud of points in the plane is learned from noise."
        : "Random letters, then the same letters again. The model must say the second half: each answer stands half a sequence back.",
      constant_predictor: { loss: 2.08, score: 0.125 },
      score: { name: "accuracy", label: "Accuracy", unit: "", goal: "higher" },
      needs: points
        ? []
        : [
            { ...ANY, site: "blocks.*.attn", needed: true, why: "only attention looks at other positions" },
            { ...ANY, site: "blocks.*.mlp", needed: false, why: "copying is linear" },
            { ...ANY, site: "position", needed: true, why: "half a sequence back has no meaning without an order" },
          ],
    },
    data: [
      points
        ? scatter("data", "A sample of the data", cloud(1))
        : tokens("data", "A sample of the data", [[..."ABCDABCD"], [..."HFGAHFGA"], [..."CCBECCBE"]]),
    ],
    sites: all,
    parameters: all.reduce((sum, site) => sum + (site.parent === null ? site.parameters : 0), 0),
  };
}

/** @param {number} spread @returns {[number, number][]} */
function cloud(spread) {
  return Array.from({ length: 240 }, (_, i) => [
    Math.cos(i * 2.4) * (0.8 + 0.2 * spread * Math.sin(i * 7.1)),
    Math.sin(i * 2.4) * (0.8 + 0.2 * spread * Math.cos(i * 5.3)),
  ]);
}

/** @param {number} step @param {number} floor @param {number} seed */
function lossAt(step, floor, seed) {
  return floor + (2.3 - floor) * Math.exp(-step / 70) + 0.03 * Math.sin(step * 0.37 + seed);
}

export class Bench {
  /** @param {string} link */
  static async create(link) {
    return new Bench(link);
  }

  /** @param {Uint8Array} bytes */
  static async restore(bytes) {
    const { link, ablation, at } = JSON.parse(new TextDecoder().decode(bytes));
    return Object.assign(new Bench(link), { ablation, at });
  }

  /** @param {string} link */
  constructor(link) {
    this.link = link;
    this.study = read(link);
    this.at = { reference: 0, recovery: 0, retrained: 0 };
    /** @type {Ablation|null} */
    this.ablation = null;
    const { "ablation.site": site, "ablation.operator": operator, "ablation.factor": factor } = this.study.settings;
    if (site !== "none") this.choose({ site, operator, ...(operator === "scale" ? { factor } : {}) });
  }

  /** @param {Ablation|null} ablation */
  choose(ablation) {
    const option =
      ablation &&
      sites(this.study.settings)
        .find(({ path }) => path === ablation.site)
        ?.ablations.find(({ operator }) => operator === ablation.operator);
    if (ablation && (!option || option.grade.grade === "refused"))
      throw {
        code: "refused",
        message: `${ablation.operator} is refused at ${ablation.site}.`,
        hint: option?.grade.reason ?? "",
      };
    if (ablation?.site !== this.ablation?.site || ablation?.operator !== this.ablation?.operator)
      this.at = { ...this.at, recovery: 0, retrained: ablation?.site === this.ablation?.site ? this.at.retrained : 0 };
    this.ablation = ablation;
  }

  get due() {
    const { settings } = this.study;
    return {
      reference: settings["train.steps"],
      recovery: this.ablation ? settings["sandbox.recovery_steps"] : 0,
      retrained: this.ablation ? settings["train.steps"] : 0,
    };
  }

  /** @returns {Progress["phase"]} */
  get phase() {
    const { at, due } = this;
    return at.reference < due.reference
      ? "reference"
      : at.recovery < due.recovery
        ? "recovery"
        : at.retrained < due.retrained
          ? "retrained"
          : "done";
  }

  /** @param {number} steps @returns {Promise<Progress>} */
  async step(steps) {
    for (let i = 0; i < steps && this.phase !== "done"; i++) {
      const end = performance.now() + STEP;
      while (performance.now() < end);
      this.at[/** @type {"reference"} */ (this.phase)] += 1;
    }
    const { at, due } = this;
    return {
      phase: this.phase,
      steps: {
        reference: [at.reference, due.reference],
        recovery: [at.recovery, due.recovery],
        retrained: [at.retrained, due.retrained],
      },
      losses: { reference: lossAt(at.reference, 0.4, 1), recovery: null, retrained: null },
    };
  }

  async checkpoint() {
    return new TextEncoder().encode(
      JSON.stringify({ link: this.study.canonical, ablation: this.ablation, at: this.at }),
    );
  }

  free() {}

  /** @returns {Promise<View>} */
  async view() {
    const { at, due, ablation, study } = this;
    const trained = at.reference === due.reference;
    const seed = study.settings.seed;
    const reference = lossAt(at.reference, 0.42, seed);
    /** @type {Partial<Record<Arm["name"], number|null>>} */
    const values = {
      reference,
      ablated: trained && ablation ? reference + 1.43 : null,
      recovered: at.recovery ? reference + 0.9 * Math.exp(-at.recovery / 20) + 0.2 : null,
      sham: at.recovery ? reference - 0.02 : null,
      retrained: at.retrained ? lossAt(at.retrained, 0.47, seed) : null,
    };
    /** @type {(name: Arm["name"], label: string, step: number, steps: number) => Arm} */
    const arm = (name, label, step, steps) => {
      const loss = values[name] ?? null;
      return {
        name,
        label,
        status: loss === null ? "waiting" : step < steps ? "training" : "done",
        reason: loss === null ? (trained ? "choose a component to ablate" : "waits for the reference model") : null,
        step,
        steps,
        measures: [
          { name: "loss", label: "Loss", unit: "nats", goal: "lower", value: loss, constant_predictor: 2.08 },
          {
            name: "accuracy",
            label: "Accuracy",
            unit: "",
            goal: "higher",
            value: loss === null ? null : Math.max(0.1, 1 - loss / 2.4),
            constant_predictor: 0.125,
          },
        ],
      };
    };
    /** @type {(upto: number, floor: number) => [number, number][]} */
    const points = (upto, floor) =>
      Array.from({ length: Math.floor(upto / 4) + 1 }, (_, i) => [i * 4, lossAt(i * 4, floor, seed)]);
    const steps = due.reference + due.recovery;
    const diff = ablation ? `− ${ablation.site}` : "−";
    const done = this.phase === "done" && ablation;
    const sample = (/** @type {number} */ noise) =>
      study.preset === "two-moons"
        ? scatter("sample", "Generated points", cloud(noise))
        : heatmap("attention", "Attention, block 1, head 0", 12, (row, column) =>
            column > row ? 0 : row - column === 4 ? 1 - noise / 4 : 0.15 + noise / 12,
          );
    return {
      link: study.canonical,
      source: { kind: "computed", device: "CPU (fake engine)", seeds: 1 },
      panels: [
        {
          name: "reference",
          label: "Reference",
          note: "The model as it is.",
          arms: [arm("reference", "reference", at.reference, due.reference)],
          figures: [
            curve("Training loss", steps, [{ name: "reference", points: points(at.reference, 0.42) }], 2.6),
            sample(0.2),
          ],
        },
        {
          name: "ablated",
          label: "Ablated",
          note: "The component is ablated in the trained model.",
          arms: [arm("ablated", diff, 0, 0)],
          figures: [
            curve(
              "Training loss",
              steps,
              values.ablated === null
                ? []
                : [
                    {
                      name: "ablated",
                      points: [
                        [due.reference, reference + 1.43],
                        [steps, reference + 1.43],
                      ],
                    },
                  ],
              2.6,
            ),
            ...(values.ablated === null ? [] : [sample(2.4)]),
          ],
        },
        {
          name: "recovered",
          label: "Ablated, then fine-tuned",
          note: "Trained further without the component, beside a sham.",
          arms: [
            arm("recovered", diff, at.recovery, due.recovery),
            arm("sham", "not ablated, as many steps", at.recovery, due.recovery),
          ],
          figures: [
            curve(
              "Training loss",
              steps,
              values.recovered === null
                ? []
                : [
                    {
                      name: "recovered",
                      points: points(at.recovery, 0.6).map(([step, value]) => [due.reference + step, value]),
                    },
                    {
                      name: "sham",
                      points: points(at.recovery, 0.4).map(([step]) => [due.reference + step, reference]),
                    },
                  ],
              2.6,
            ),
            ...(values.recovered === null ? [] : [sample(1.1)]),
          ],
        },
        {
          name: "retrained",
          label: "Never had it",
          note: "Trained from scratch without the component.",
          arms: [arm("retrained", diff, at.retrained, due.retrained)],
          figures: [
            curve(
              "Training loss",
              steps,
              values.retrained === null ? [] : [{ name: "retrained", points: points(at.retrained, 0.47) }],
              2.6,
            ),
            ...(values.retrained === null ? [] : [sample(0.3)]),
          ],
        },
      ],
      contrast: {
        site: ablation?.site ?? null,
        disruption: ablation && trained ? 1.43 : null,
        recovery: done ? 0.24 : null,
        recovery_advantage: done ? 0.4 : null,
        necessity: done ? 0.05 : null,
        untuned: done ? 0.07 : null,
        unit: "nats",
        sentence: done
          ? `Ablating the ${ablation.site} embedding raises the test loss by 1.43 nats; retraining without it (best of 4 learning rates) ends 0.050 nats above the reference. After fine-tuning, the ablated model is 0.24 nats above the sham.`
          : ablation
            ? trained
              ? `Ablating the ${ablation.site} embedding raises the test loss by 1.43 nats.`
              : "The effect of ablating it is measured once the reference is trained."
            : "Choose a component of the model to ablate.",
      },
    };
  }
}
