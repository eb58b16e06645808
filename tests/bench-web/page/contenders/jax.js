/**
 * jax-js on its wasm backend: the whole step (loss, gradients, AdamW) in one `jit`, which is how it is fastest.
 * Its arrays are reference counted: every use but the last takes `.ref`.
 */

import { numpy as np, nn, jit, valueAndGrad, defaultDevice, init } from "/node_modules/@jax-js/jax/dist/index.js";
import { ADAMW, batches, initial, parameters } from "../shapes.js";

export async function create(shape) {
  await init("wasm");
  defaultDevice("wasm");
  const specs = parameters(shape);
  const keys = specs.map(([path]) => path);
  const decays = specs.map(([, , kind]) => kind === "matrix");
  let params = specs.map((spec) => np.array(initial(spec)).reshape(spec[1]));
  let first = specs.map(([, dims]) => np.zeros(dims));
  let second = specs.map(([, dims]) => np.zeros(dims));

  const loss = shape.family === "transformer" ? transformer : denoiser;
  const step = jit((params, first, second, corrections, batch) => {
    const [value, grads] = valueAndGrad((p) => {
      const used = {};
      keys.forEach((key, i) => {
        used[key] = p[i];
      });
      return loss(shape, used, batch);
    })(params.map((p) => p.ref));
    const [c1, c2] = corrections;
    const next = params.map((p, i) => adamw(p, grads[i], first[i], second[i], c1, c2, decays[i]));
    c1.dispose();
    c2.dispose();
    return [next.map((n) => n[0]), next.map((n) => n[1]), next.map((n) => n[2]), value];
  });

  const source = batches(shape);
  let t = 0;
  return {
    /** @returns {Promise<number>} the loss of the last of `n` steps */
    async step(n) {
      let value;
      for (let i = 0; i < n; i++) {
        t += 1;
        const batch = upload(shape, source.next().value);
        const corrections = [np.array([1 / (1 - ADAMW.beta1 ** t)]), np.array([1 / (1 - ADAMW.beta2 ** t)])];
        value?.dispose();
        [params, first, second, value] = step(params, first, second, corrections, batch);
      }
      return (await value.data())[0];
    },
  };
}

function upload(shape, batch) {
  if (shape.family === "transformer") {
    const { B, T, V } = shape;
    return { inputs: np.array(batch.inputs).reshape([B * T, V]), targets: np.array(batch.targets).reshape([B * T, V]) };
  }
  const { B, features: F } = shape;
  return {
    inputs: np.array(batch.inputs).reshape([B, 2]),
    features: np.array(batch.features).reshape([B, F]),
    targets: np.array(batch.targets).reshape([B, 2]),
  };
}

function adamw(p, g, m, v, c1, c2, decayed) {
  const { rate, beta1, beta2, epsilon, decay } = ADAMW;
  const m2 = m.mul(beta1).add(g.ref.mul(1 - beta1));
  const v2 = v.mul(beta2).add(np.square(g).mul(1 - beta2));
  const update = m2.ref.mul(c1.ref).div(np.sqrt(v2.ref.mul(c2.ref)).add(epsilon));
  const kept = decayed ? p.mul(1 - rate * decay) : p;
  return [kept.sub(update.mul(rate)), m2, v2];
}

function layerNorm(x, gain, bias) {
  const centred = x.ref.sub(x.mean(-1, { keepdims: true }));
  const variance = np.square(centred.ref).mean(-1, { keepdims: true });
  return centred
    .div(np.sqrt(variance.add(1e-5)))
    .mul(gain)
    .add(bias);
}

function gelu(x) {
  const inner = x.ref.add(x.ref.mul(x.ref).mul(x.ref).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(np.tanh(inner).add(1)).mul(0.5);
}

function transformer({ B, T, d, L, H }, p, { inputs, targets }) {
  const heads = (x) => x.reshape([B, T, H, d / H]);
  const embedded = np.dot(inputs, p["embed.weight"]).reshape([B, T, d]);
  let x = embedded.add(p["position.weight"]).reshape([B * T, d]);
  for (let i = 0; i < L; i++) {
    const b = `blocks.${i}`;
    const a = layerNorm(x.ref, p[`${b}.attn_norm.gain`], p[`${b}.attn_norm.bias`]);
    const q = heads(np.dot(a.ref, p[`${b}.attn.query.weight`]));
    const k = heads(np.dot(a.ref, p[`${b}.attn.key.weight`]));
    const v = heads(np.dot(a, p[`${b}.attn.value.weight`]));
    const z = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B * T, d]);
    x = x.add(np.dot(z, p[`${b}.attn.output.weight`]));
    const m = layerNorm(x.ref, p[`${b}.mlp_norm.gain`], p[`${b}.mlp_norm.bias`]);
    const hidden = gelu(np.dot(m, p[`${b}.mlp.up.weight`]).add(p[`${b}.mlp.up.bias`]));
    x = x.add(np.dot(hidden, p[`${b}.mlp.down.weight`])).add(p[`${b}.mlp.down.bias`]);
  }
  x = layerNorm(x, p["norm.gain"], p["norm.bias"]);
  const logits = np.dot(x, p["unembed.weight"]);
  return nn.logSoftmax(logits).mul(targets).sum().neg();
}

function denoiser({ B, L }, p, { inputs, features, targets }) {
  let h = np
    .dot(inputs, p["embed.weight"])
    .add(p["embed.bias"])
    .add(np.dot(features, p["time.weight"]))
    .add(p["time.bias"]);
  for (let i = 0; i < L; i++) {
    const b = `blocks.${i}`;
    const m = layerNorm(h.ref, p[`${b}.mlp_norm.gain`], p[`${b}.mlp_norm.bias`]);
    const hidden = gelu(np.dot(m, p[`${b}.mlp.up.weight`]).add(p[`${b}.mlp.up.bias`]));
    h = h.add(np.dot(hidden, p[`${b}.mlp.down.weight`])).add(p[`${b}.mlp.down.bias`]);
  }
  h = layerNorm(h, p["norm.gain"], p["norm.bias"]);
  const out = np.dot(h, p["unembed.weight"]).add(p["unembed.bias"]);
  return np
    .square(out.sub(targets))
    .sum()
    .div(2 * B);
}
