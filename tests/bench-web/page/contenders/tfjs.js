/**
 * TensorFlow.js on its wasm backend, as fast as we could make it: matrix products with explicit transposes in their
 * gradient
 * (its wasm backend runs the quick XNNPACK product only for operands that are not transposed; the plain gradient is
 * about three
 * times slower), layer norm with a closed-form gradient, a hand-written AdamW, and a one-hot embedding (its wasm
 * backend has
 * no gradient for gather).
 */

import "/node_modules/@tensorflow/tfjs/dist/tf.min.js";
import "/node_modules/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js";
import { ADAMW, batches, initial, parameters } from "../shapes.js";

const tf = globalThis.tf;

export async function create(shape) {
  tf.wasm.setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");
  await tf.setBackend("wasm");
  await tf.ready();
  tf.enableProdMode();
  const specs = parameters(shape);
  const keys = specs.map(([path]) => path);
  const decays = specs.map(([, , kind]) => kind === "matrix");
  let params = specs.map((spec) => tf.tensor(initial(spec), spec[1]));
  let first = specs.map(([, dims]) => tf.zeros(dims));
  let second = specs.map(([, dims]) => tf.zeros(dims));
  const loss = shape.family === "transformer" ? transformer : denoiser;
  const source = batches(shape);
  let t = 0;

  const one = () => {
    t += 1;
    const old = [...params, ...first, ...second];
    const [next, value] = tf.tidy(() => {
      const batch = upload(shape, source.next().value);
      const { value, grads } = tf.valueAndGrads((...p) => {
        const used = {};
        keys.forEach((key, i) => {
          used[key] = p[i];
        });
        return loss(shape, used, batch);
      })(params);
      return [params.map((p, i) => adamw(p, grads[i], first[i], second[i], t, decays[i])), value];
    });
    params = next.map((n) => n[0]);
    first = next.map((n) => n[1]);
    second = next.map((n) => n[2]);
    tf.dispose(old);
    return value;
  };

  return {
    /** @returns {Promise<number>} the loss of the last of `n` steps */
    async step(n) {
      let value;
      for (let i = 0; i < n; i++) {
        value?.dispose();
        value = one();
      }
      const read = (await value.data())[0];
      value.dispose();
      return read;
    },
  };
}

function upload(shape, batch) {
  if (shape.family === "transformer") {
    const { B, T, V } = shape;
    return { inputs: tf.tensor2d(batch.inputs, [B * T, V]), targets: tf.tensor2d(batch.targets, [B * T, V]) };
  }
  const { B, features: F } = shape;
  return {
    inputs: tf.tensor2d(batch.inputs, [B, 2]),
    features: tf.tensor2d(batch.features, [B, F]),
    targets: tf.tensor2d(batch.targets, [B, 2]),
  };
}

function adamw(p, g, m, v, t, decayed) {
  const { rate, beta1, beta2, epsilon, decay } = ADAMW;
  const m2 = m.mul(beta1).add(g.mul(1 - beta1));
  const v2 = v.mul(beta2).add(g.square().mul(1 - beta2));
  const update = m2.mul(rate / (1 - beta1 ** t)).div(
    v2
      .mul(1 / (1 - beta2 ** t))
      .sqrt()
      .add(epsilon),
  );
  return [(decayed ? p.mul(1 - rate * decay) : p).sub(update), m2, v2];
}

/** `a b` for matrices, with a gradient that never asks the backend for a transposed product. */
const product = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [a, b]) => [tf.matMul(dy, b.transpose()), tf.matMul(a.transpose(), dy)],
  };
});

/** Layer norm over the last axis with its gradient in closed form (the plain one is some thirty kernels). */
const layerNorm = tf.customGrad((x, gain, bias, save) => {
  const centred = x.sub(x.mean(-1, true));
  const inverse = centred.square().mean(-1, true).add(1e-5).rsqrt();
  const normal = centred.mul(inverse);
  save([normal, inverse, gain]);
  return {
    value: normal.mul(gain).add(bias),
    gradFunc: (dy, [normal, inverse, gain]) => {
      const scaled = dy.mul(gain);
      const dx = scaled
        .sub(scaled.mean(-1, true))
        .sub(normal.mul(scaled.mul(normal).mean(-1, true)))
        .mul(inverse);
      return [dx, dy.mul(normal).sum(0), dy.sum(0)];
    },
  };
});

function gelu(x) {
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}

const masks = new Map();

/** Minus a billion above the diagonal, kept for the whole run. */
function causal(T) {
  if (!masks.has(T)) {
    const values = new Float32Array(T * T).map((_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0));
    masks.set(T, tf.keep(tf.tensor(values, [1, T, T])));
  }
  return masks.get(T);
}

function transformer({ B, T, d, L, H }, p, { inputs, targets }) {
  const heads = (x) =>
    x
      .reshape([B, T, H, d / H])
      .transpose([0, 2, 1, 3])
      .reshape([B * H, T, d / H]);
  let x = product(inputs, p["embed.weight"])
    .reshape([B, T, d])
    .add(p["position.weight"])
    .reshape([B * T, d]);
  for (let i = 0; i < L; i++) {
    const b = `blocks.${i}`;
    const a = layerNorm(x, p[`${b}.attn_norm.gain`], p[`${b}.attn_norm.bias`]);
    const q = heads(product(a, p[`${b}.attn.query.weight`]));
    const k = heads(product(a, p[`${b}.attn.key.weight`]));
    const v = heads(product(a, p[`${b}.attn.value.weight`]));
    const scores = tf
      .matMul(q, k, false, true)
      .mul(1 / Math.sqrt(d / H))
      .add(causal(T));
    const z = tf
      .matMul(scores.softmax(), v)
      .reshape([B, H, T, d / H])
      .transpose([0, 2, 1, 3])
      .reshape([B * T, d]);
    x = x.add(product(z, p[`${b}.attn.output.weight`]));
    const m = layerNorm(x, p[`${b}.mlp_norm.gain`], p[`${b}.mlp_norm.bias`]);
    const hidden = gelu(product(m, p[`${b}.mlp.up.weight`]).add(p[`${b}.mlp.up.bias`]));
    x = x.add(product(hidden, p[`${b}.mlp.down.weight`])).add(p[`${b}.mlp.down.bias`]);
  }
  x = layerNorm(x, p["norm.gain"], p["norm.bias"]);
  return product(x, p["unembed.weight"]).logSoftmax().mul(targets).sum().neg();
}

function denoiser({ B, L }, p, { inputs, features, targets }) {
  let h = product(inputs, p["embed.weight"])
    .add(p["embed.bias"])
    .add(product(features, p["time.weight"]))
    .add(p["time.bias"]);
  for (let i = 0; i < L; i++) {
    const b = `blocks.${i}`;
    const m = layerNorm(h, p[`${b}.mlp_norm.gain`], p[`${b}.mlp_norm.bias`]);
    const hidden = gelu(product(m, p[`${b}.mlp.up.weight`]).add(p[`${b}.mlp.up.bias`]));
    h = h.add(product(hidden, p[`${b}.mlp.down.weight`])).add(p[`${b}.mlp.down.bias`]);
  }
  h = layerNorm(h, p["norm.gain"], p["norm.bias"]);
  return product(h, p["unembed.weight"])
    .add(p["unembed.bias"])
    .sub(targets)
    .square()
    .sum()
    .div(2 * B);
}
