/** Studies, fields and sites of the fake engine: a transformer on `repeat` and a denoiser on `points`. */

/** @typedef {import("../../../web/app/generated/protocol.js").Site} Site */
/** @typedef {import("../../../web/app/generated/protocol.js").SetField} Field */
/** @typedef {import("../../../web/app/generated/protocol.js").Grade} Grade */
/** @template T @typedef {T extends unknown ? Omit<T, "value"> : never} WithoutValue  of each kind of field */
/** @typedef {WithoutValue<Field>} Unset */
/** @typedef {import("../../../web/app/generated/protocol.js").AblationOption} AblationOption */

/** @type {import("../../../web/app/generated/protocol.js").PresetLink[]} */
export const PRESETS = [
  {
    name: "repeat",
    label: "Copy a sequence",
    help: "A two-layer transformer repeats a short word. Ablate its position embedding.",
    link: "v=1&p=repeat",
  },
  {
    name: "two-moons",
    label: "Two moons",
    help: "A denoiser learns a cloud of points. Ablate its time embedding.",
    link: "v=1&p=two-moons",
  },
];

/** @param {Grade["grade"]} grade @param {string} reason @returns {Grade} */
const grade = (grade, reason) => ({ grade, reason });

/** @returns {AblationOption[]} */
function ablations() {
  return [
    {
      operator: "mean",
      phrase: "replaced by its mean",
      needs: "reference_set",
      label: "Mean",
      help: "Its output becomes its mean over held-out data.",
      grade: grade("sound", "The rest of the model keeps what this component says on average."),
      parameters: [],
    },
    {
      operator: "zero",
      phrase: "set to zero",
      needs: "nothing",
      label: "Zero",
      help: "Its output becomes zero, biases included.",
      grade: grade(
        "approximate",
        "The rest of the model never saw this value here, so part of the damage is surprise.",
      ),
      parameters: [],
    },
    {
      operator: "skip",
      phrase: "skipped",
      needs: "nothing",
      label: "Skip",
      help: "What comes in goes out unchanged.",
      grade: grade("refused", "It has no meaning for a component that adds to the stream. Use the mean."),
      parameters: [],
    },
    {
      operator: "scale",
      phrase: "scaled by {factor}",
      needs: "nothing",
      label: "Scale",
      help: "Its output is multiplied.",
      grade: grade("approximate", "A dose-response curve."),
      parameters: [
        {
          name: "factor",
          label: "Factor",
          help: "Multiplies it.",
          minimum: -2,
          maximum: 2,
          default: 0.5,
          intact: 1,
          at_zero: ["zero"],
        },
      ],
    },
  ];
}

/**
 * Where each kind stands; the others are branches.
 *
 * @type {Record<string, Site["placement"]>}
 */
const PLACEMENTS = {
  embedding: "source",
  unembedding: "source",
  block: "group",
  norm: "inline",
  activation: "inline",
  head: "slice",
};

/**
 * @param {string} path
 * @param {string} kind
 * @param {string} label
 * @param {Partial<Site>} [more]
 * @returns {Site}
 */
function site(path, kind, label, more = {}) {
  const parent = path.includes(".") ? path.slice(0, path.lastIndexOf(".")).replace(/\.heads$/, "") : null;
  return {
    path,
    parent: parent === "blocks" ? null : parent,
    kind,
    label,
    help: `What ${label} does, in a sentence.`,
    placement: PLACEMENTS[kind] ?? "branch",
    parameters: 0,
    positions: 16,
    channels: 32,
    // Branches read their norm; norms read the stream, which this engine does not follow.
    reads: kind === "attention" || kind === "mlp" ? [`${path}_norm`] : kind === "norm" ? ["embed"] : [],
    adds_to: PLACEMENTS[kind] === undefined ? "embed" : null,
    removal: grade("sound", "Trained from the same start, on the same batches, without it."),
    ablations: ablations(),
    swaps: [],
    ...more,
  };
}

/** @param {Record<string, any>} settings @returns {Site[]} */
export function sites(settings) {
  const all = [site("embed", "embedding", "token embedding", { parameters: 256 })];
  const points = settings["data.kind"] === "two-moons";
  if (points) all.push(site("time", "time", "time embedding", { parameters: 1056, positions: 1 }));
  else if (settings["model.position"] !== "none")
    all.push(site("position", "position", "position embedding", { parameters: 512 }));
  for (let block = 0; block < settings["model.layers"]; block++) {
    const path = `blocks.${block}`;
    all.push(site(path, "block", `block ${block}`, { parameters: 12608 }));
    if (!points) {
      all.push(
        site(`${path}.attn_norm`, "norm", "norm", { parameters: 64 }),
        site(`${path}.attn`, "attention", "attention", { parameters: 4096 }),
      );
      for (let head = 0; head < settings["model.heads"]; head++)
        all.push(
          site(`${path}.attn.heads.${head}`, "head", `head ${head} of block ${block}`, {
            parameters: 1024,
            channels: 8,
          }),
        );
    }
    all.push(
      site(`${path}.mlp_norm`, "norm", "norm", { parameters: 64 }),
      site(`${path}.mlp`, "mlp", "MLP", { parameters: 8352 }),
    );
    const other = settings["model.activation"] === "gelu" ? "relu" : "gelu";
    all.push(
      site(`${path}.mlp.act`, "activation", String(settings["model.activation"]), {
        swaps: [{ path: "model.activation", value: other, label: `${settings["model.activation"]} → ${other}` }],
      }),
    );
  }
  const no = grade("refused", "Without it there is no prediction to score. Ablate what feeds it instead.");
  all.push(
    site("norm", "norm", "final norm", { parameters: 64 }),
    site("unembed", "unembedding", "unembedding", {
      parameters: 256,
      removal: no,
      ablations: ablations().map((option) => ({ ...option, grade: no })),
    }),
  );
  return all;
}

/** What the page does not read of a field. */
const PLAIN = /** @type {const} */ ({ absent: null, role: "shape", meaning: null, affects: "nothing" });

/** @param {string} preset @returns {Unset[]} */
export function fields(preset) {
  const points = preset === "two-moons";
  /**
   * @type {(path: string, group: Field["group"], label: string, range: [number, number, number], unit?: string, kind?:
   *   "integer"|"number") => Unset}
   */
  const number = (path, group, label, [minimum, maximum, otherwise], unit, kind = "integer") => ({
    path,
    group,
    label,
    help: `How ${label.toLowerCase()} is set.`,
    unit: unit ?? null,
    kind,
    minimum,
    maximum,
    default: otherwise,
    ...PLAIN,
  });
  /** @type {(path: string, group: Field["group"], label: string, values: string[]) => Unset} */
  const choice = (path, group, label, values) => ({
    path,
    group,
    label,
    help: `Which ${label.toLowerCase()} is used.`,
    unit: null,
    kind: "choice",
    ...PLAIN,
    options: values.map((value) => ({ value, label: value || "none", help: "" })),
    default: values[0] ?? "",
  });
  return [
    choice("data.kind", "data", "Data set", points ? ["two-moons"] : ["repeat"]),
    ...(points ? [] : [number("data.length", "data", "Length", [4, 64, 16], "tokens")]),
    number("model.layers", "model", "Layers", [1, 4, 2]),
    number("model.width", "model", "Width", [8, 256, 32]),
    ...(points
      ? []
      : [
          number("model.heads", "model", "Heads", [1, 8, 4]),
          choice("model.position", "model", "Position", ["learned", "none"]),
        ]),
    choice("model.activation", "model", "Activation", ["gelu", "relu"]),
    number("train.steps", "training", "Steps", [10, 10000, 240], "steps"),
    number("train.learning_rate", "training", "Learning rate", [0.00001, 1, 0.003], undefined, "number"),
    number("seed", "training", "Seed", [0, 4294967295, 1]),
    number("sandbox.recovery_steps", "ablation", "Recovery steps", [0, 2000, 60], "steps"),
    choice("ablation.site", "ablation", "Site", [points ? "time" : "position", "none"]),
    choice("ablation.operator", "ablation", "Operator", ["mean", "zero", "skip", "scale"]),
    number("ablation.factor", "ablation", "Factor", [-2, 2, 0.5], undefined, "number"),
  ];
}
