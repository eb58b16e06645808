/**
 * What is measured: the shapes, and everything every contender must agree on (parameters, initial values, batches,
 * FLOPs).
 * One file, so that no contender can be given an easier problem than another.
 */

import { Random } from "./random.js";

/**
 * @typedef {{name: string, family: "transformer", B: number, T: number, d: number, L: number, H: number, V: number,
 *            chunk: number, rounds: number, link: string}} TransformerShape
 * @typedef {{name: string, family: "denoiser", B: number, width: number, features: number, L: number, S: number,
 *            chunk: number, rounds: number, link: string}} DenoiserShape
 * @typedef {TransformerShape | DenoiserShape} Shape   chunk: steps between two loss reads, which is also one sample
 * @typedef {Shape & {replicas: number}} Fleet   that many models of one shape, which are trained in lock-step
 */

/** What every link says beside the shape: the settings of `ADAMW` below, at a constant rate and without clipping. */
const TRAINING =
  "train.steps=20000&train.learning_rate=0.001&train.weight_decay=0.01&train.clip=0&train.warmup=0&train.schedule=constant";

/** Vocabulary, heads and data set are the same for every transformer shape. */
const transformer = (B, T, d, L, chunk, rounds) => ({
  name: `transformer (${B}, ${T}, ${d}, ${L})`,
  family: "transformer",
  B,
  T,
  d,
  L,
  H: 4,
  V: 32,
  chunk,
  rounds,
  link: `v=1&data.kind=repeat&data.length=${T}&data.vocabulary=32&model.layers=${L}&model.width=${d}&model.heads=4&train.batch=${B}&${TRAINING}`,
});

/** @type {Shape[]} */
export const SHAPES = [
  transformer(8, 16, 32, 2, 10, 40),
  transformer(32, 32, 64, 2, 10, 12),
  transformer(16, 64, 128, 4, 5, 6),
  {
    name: "denoiser 2-128-128-128-2, B 512",
    family: "denoiser",
    B: 512,
    width: 128,
    features: 32,
    L: 1,
    S: 100,
    chunk: 10,
    rounds: 20,
    link: `v=1&data.kind=two-moons&model.layers=1&model.width=128&train.batch=512&${TRAINING}`,
  },
];

/** Learning settings shared by all contenders; decay applies to the matrices only. */
export const ADAMW = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 };

/** Floating-point operations of one training step: three times the forward pass's matrix products. */
export function flops(shape) {
  if (shape.family === "transformer") {
    const { B, T, d, L, V } = shape;
    return 3 * (2 * (12 * L * d * d + d * V) + 4 * L * T * d) * B * T;
  }
  const { B, width: w, features, L } = shape;
  return 3 * 2 * (2 * w + features * w + L * 2 * w * w + w * 2) * B;
}

/**
 * The parameters of a shape, in forward order: `[path, shape, kind, size]`. Weights are `[in, out]`; size is the
 * standard deviation
 * of a table's initial values, and that of a matrix's times the root of its inputs.
 * @returns {Array<[string, number[], "matrix"|"table"|"gain"|"bias", number?]>}
 */
export function parameters(shape) {
  const norm = (path, d) => [
    [`${path}.gain`, [d], "gain"],
    [`${path}.bias`, [d], "bias"],
  ];
  const matrix = (path, from, to, size = 1) => [`${path}.weight`, [from, to], "matrix", size];
  const bias = (path, width) => [`${path}.bias`, [width], "bias"];
  const blocks = Array.from({ length: shape.L }, (_, i) => `blocks.${i}`);
  if (shape.family === "transformer") {
    const { T, d, V, L } = shape;
    const down = 1 / Math.sqrt(2 * L);
    return [
      ["embed.weight", [V, d], "table", 0.02],
      ["position.weight", [T, d], "table", 0.02],
      ...blocks.flatMap((b) => [
        ...norm(`${b}.attn_norm`, d),
        ...["query", "key", "value"].map((part) => matrix(`${b}.attn.${part}`, d, d)),
        matrix(`${b}.attn.output`, d, d, down),
        ...norm(`${b}.mlp_norm`, d),
        matrix(`${b}.mlp.up`, d, 4 * d),
        bias(`${b}.mlp.up`, 4 * d),
        matrix(`${b}.mlp.down`, 4 * d, d, down),
        bias(`${b}.mlp.down`, d),
      ]),
      ...norm("norm", d),
      matrix("unembed", d, V),
    ];
  }
  const { width: w, features, L } = shape;
  return [
    ["embed.weight", [2, w], "table", Math.SQRT1_2],
    bias("embed", w),
    matrix("time", features, w),
    bias("time", w),
    ...blocks.flatMap((b) => [
      ...norm(`${b}.mlp_norm`, w),
      matrix(`${b}.mlp.up`, w, w),
      bias(`${b}.mlp.up`, w),
      matrix(`${b}.mlp.down`, w, w, 1 / Math.sqrt(L)),
      bias(`${b}.mlp.down`, w),
    ]),
    ...norm("norm", w),
    matrix("unembed", w, 2),
    bias("unembed", 2),
  ];
}

/** How many numbers a shape's model learns. */
export function parameterCount(shape) {
  return parameters(shape).reduce((sum, [, dims]) => sum + dims.reduce((a, b) => a * b, 1), 0);
}

/**
 * Initial values: normal for tables and matrices, ones for gains, zeros for biases; drawn as ours are, from another
 * generator.
 */
export function initial([path, dims, kind, size]) {
  const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
  if (kind === "gain") values.fill(1);
  if (size !== undefined) {
    const deviation = kind === "matrix" ? size / Math.sqrt(dims[0]) : size;
    const random = new Random(path);
    for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
  }
  return values;
}

/**
 * An endless stream of batches. A transformer batch is `{inputs: [B*T, V] one-hot, targets: [B*T, V]}`, where a target
 * row is
 * one-hot divided by the number of positions that carry a target (so the loss is `-sum(targets * log p)`).
 * A denoiser batch is `{inputs: [B, 2], features: [B, F], targets: [B, 2]}`.
 */
export function* batches(shape) {
  const random = new Random(`batches of ${shape.name}`);
  for (;;) yield shape.family === "transformer" ? repeated(shape, random) : noised(shape, random);
}

/** The data set "repeat": a random half, then the same half again, which is what has to be predicted. */
function repeated({ B, T, V }, random) {
  const inputs = new Float32Array(B * T * V);
  const targets = new Float32Array(B * T * V);
  const half = T / 2;
  for (let b = 0; b < B; b++) {
    const symbols = Array.from({ length: half }, () => random.below(V));
    for (let t = 0; t < T; t++) {
      const row = (b * T + t) * V;
      inputs[row + symbols[t % half]] = 1;
      if (t >= half - 1 && t < T - 1) targets[row + symbols[(t + 1) % half]] = 1 / (B * half);
    }
  }
  return { inputs, targets };
}

/** Two moons, noised to a random time of a linear schedule; the target is the noise. */
function noised({ B, features: F, S }, random) {
  const inputs = new Float32Array(B * 2);
  const targets = new Float32Array(B * 2);
  const features = new Float32Array(B * F);
  for (let b = 0; b < B; b++) {
    const angle = Math.PI * random.uniform();
    const upper = random.below(2) === 0;
    const point = upper
      ? [Math.cos(angle) - 0.5, Math.sin(angle) - 0.25]
      : [0.5 - Math.cos(angle), 0.25 - Math.sin(angle)];
    const t = 1 + random.below(S);
    const keep = Math.exp(-5 * (t / S) ** 2);
    for (let c = 0; c < 2; c++) {
      const noise = random.normal();
      inputs[2 * b + c] = Math.sqrt(keep) * point[c] + Math.sqrt(1 - keep) * noise;
      targets[2 * b + c] = noise;
    }
    for (let k = 0; k < F / 2; k++) {
      const angular = ((1000 * t) / S) * 10000 ** (-k / (F / 2));
      features[b * F + k] = Math.sin(angular);
      features[b * F + F / 2 + k] = Math.cos(angular);
    }
  }
  return { inputs, features, targets };
}
