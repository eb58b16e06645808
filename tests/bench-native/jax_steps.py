"""Milliseconds per training step of JAX, on one thread of this processor: the peer of `cargo xtask bench --native`.

    pip install -r tests/reference/requirements.txt && python tests/bench-native/jax_steps.py [--fleet N]

The shapes are those of the browser benchmark (tests/bench-web/page/shapes.js): the same models, AdamW at a constant rate without
clipping, float32. The whole step is one `jax.jit` whose arguments are given away, which is how JAX is fastest. `--fleet N` trains N
models side by side with `vmap`, on whatever device JAX finds. Prints one line of JSON a shape: its name, milliseconds a step (the
median of rounds, and the best), the loss before and after.
"""

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax  # noqa: E402  (reads the flags when it is imported)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

VOCABULARY, HEADS = 32, 4
RATE, BETA1, BETA2, EPSILON, DECAY = 1e-3, 0.9, 0.999, 1e-8, 0.01
FEATURES, TIMES = 32, 100
ROUNDS, SECONDS = 15, 0.4
BATCHES = 8


def transformer_shapes(length, width, layers):
    shapes = {"embed": (VOCABULARY, width), "position": (length, width)}
    for i in range(layers):
        shapes |= {f"{i}.attn_norm.gain": (width,), f"{i}.attn_norm.bias": (width,)}
        shapes |= {f"{i}.{name}": (width, width) for name in ("query", "key", "value", "output")}
        shapes |= {f"{i}.mlp_norm.gain": (width,), f"{i}.mlp_norm.bias": (width,)}
        shapes |= {f"{i}.up": (width, 4 * width), f"{i}.up.bias": (4 * width,)}
        shapes |= {f"{i}.down": (4 * width, width), f"{i}.down.bias": (width,)}
    return shapes | {"norm.gain": (width,), "norm.bias": (width,), "unembed": (width, VOCABULARY)}


def denoiser_shapes(width):
    shapes = {"embed": (2, width), "embed.bias": (width,), "time": (FEATURES, width), "time.bias": (width,)}
    shapes |= {"mlp_norm.gain": (width,), "mlp_norm.bias": (width,), "up": (width, width), "up.bias": (width,)}
    shapes |= {"down": (width, width), "down.bias": (width,), "norm.gain": (width,), "norm.bias": (width,)}
    return shapes | {"unembed": (width, 2), "unembed.bias": (2,)}


def layer_norm(x, p, path):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p[f"{path}.gain"] + p[f"{path}.bias"]


def transformer_loss(p, batch, layers):
    """`batch`: token ids [B, T], their successors [B, T], and the weight of each position [B, T], which add up to one."""
    tokens, targets, weights = batch
    x = p["embed"][tokens] + p["position"]
    seen = np.tril(np.ones((tokens.shape[1],) * 2, bool))
    for i in range(layers):
        a = layer_norm(x, p, f"{i}.attn_norm")
        query, key, value = (
            (a @ p[f"{i}.{name}"]).reshape(*tokens.shape, HEADS, -1) for name in ("query", "key", "value")
        )
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / np.sqrt(query.shape[-1])
        pattern = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        x = x + jnp.einsum("bhqk,bkhd->bqhd", pattern, value).reshape(x.shape) @ p[f"{i}.output"]
        hidden = jax.nn.gelu(layer_norm(x, p, f"{i}.mlp_norm") @ p[f"{i}.up"] + p[f"{i}.up.bias"])
        x = x + hidden @ p[f"{i}.down"] + p[f"{i}.down.bias"]
    logits = layer_norm(x, p, "norm") @ p["unembed"]
    each = -jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1)[..., 0]
    return (each * weights).sum()


def denoiser_loss(p, batch):
    """`batch`: noised points [B, 2], features of the time [B, F], and the noise [B, 2]."""
    points, features, noise = batch
    h = points @ p["embed"] + p["embed.bias"] + features @ p["time"] + p["time.bias"]
    hidden = jax.nn.gelu(layer_norm(h, p, "mlp_norm") @ p["up"] + p["up.bias"])
    h = layer_norm(h + hidden @ p["down"] + p["down.bias"], p, "norm")
    return ((h @ p["unembed"] + p["unembed.bias"] - noise) ** 2).mean()


def transformer_batch(random, size, length):
    """A random half and the same half again, which is what has to be predicted."""
    half = length // 2
    text = np.tile(random.integers(0, VOCABULARY, (size, half)), 2)
    targets = np.roll(text, -1, axis=1)
    weights = np.zeros((size, length), np.float32)
    weights[:, half - 1 : length - 1] = 1 / (size * half)
    return text, targets, weights


def denoiser_batch(random, size):
    """Two moons, noised to a random time; the target is the noise."""
    angle, upper = np.pi * random.random(size), random.random(size) < 0.5
    moon = np.where(upper, np.cos(angle) - 0.5, 0.5 - np.cos(angle)), np.where(upper, np.sin(angle) - 0.25, 0.25 - np.sin(angle))
    time_ = random.integers(1, TIMES + 1, size)
    keep = np.exp(-5 * (time_ / TIMES) ** 2)[:, None]
    noise = random.standard_normal((size, 2))
    angular = (1000 * time_ / TIMES)[:, None] * 10000.0 ** (-np.arange(FEATURES // 2) / (FEATURES // 2))
    features = np.concatenate([np.sin(angular), np.cos(angular)], axis=1)
    points = np.sqrt(keep) * np.stack(moon, axis=1) + np.sqrt(1 - keep) * noise
    return tuple(array.astype(np.float32) for array in (points, features, noise))


def initial(shapes, random):
    def value(path, shape):
        if path.endswith("gain"):
            return np.ones(shape, np.float32)
        if len(shape) == 1:
            return np.zeros(shape, np.float32)
        deviation = 0.02 if path in ("embed", "position") else 1 / np.sqrt(shape[0])
        return (deviation * random.standard_normal(shape)).astype(np.float32)

    return {path: value(path, shape) for path, shape in shapes.items()}


def adamw(loss):
    """One step: parameters and moments by path, the number of the step, a batch. Decay applies to the matrices only."""

    def step(state, batch):
        parameters, first, second, count = state
        value, gradients = jax.value_and_grad(loss)(parameters, batch)
        count = count + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)

        def update(path, p):
            kept = p * (1 - RATE * DECAY) if p.ndim == 2 and path not in ("embed", "position") else p
            m, v = first[path] / (1 - BETA1**count), second[path] / (1 - BETA2**count)
            return kept - RATE * m / (jnp.sqrt(v) + EPSILON)

        return ({path: update(path, p) for path, p in parameters.items()}, first, second, count), value

    return step


def measure(name, shapes, loss, batch, fleet):
    random = np.random.default_rng(7)

    def stacked(trees):
        return trees[0] if fleet is None else jax.tree.map(lambda *arrays: np.stack(arrays), *trees)

    replicas = 1 if fleet is None else fleet
    parameters = stacked([initial(shapes, random) for _ in range(replicas)])
    zeros = lambda: jax.tree.map(np.zeros_like, parameters)  # noqa: E731
    count = np.float32(0) if fleet is None else np.zeros(fleet, np.float32)
    state = jax.device_put((parameters, zeros(), zeros(), count))
    batches = [jax.device_put(stacked([batch(random) for _ in range(replicas)])) for _ in range(BATCHES)]
    step = adamw(loss)
    step = jax.jit(step if fleet is None else jax.vmap(step), donate_argnums=0)

    def run(state, steps):
        for i in range(steps):
            state, value = step(state, batches[i % BATCHES])
        return state, float(np.mean(jax.block_until_ready(value)))

    state, before = run(state, 1)
    begun = time.perf_counter()
    state, _ = run(state, 10)
    steps = max(10, int(SECONDS * 10 / (time.perf_counter() - begun)))
    samples = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        state, after = run(state, steps)
        samples.append(1000 * (time.perf_counter() - begun) / steps)
    told = {"shape": name, "median": statistics.median(samples), "best": min(samples), "before": before, "after": after}
    print(json.dumps(told), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fleet", type=int, help="how many models are trained side by side")
    fleet = parser.parse_args().fleet
    for size, length, width, layers in [(8, 16, 32, 2), (32, 32, 64, 2), (16, 64, 128, 4)]:
        measure(
            f"transformer ({size}, {length}, {width}, {layers})",
            transformer_shapes(length, width, layers),
            lambda p, batch, layers=layers: transformer_loss(p, batch, layers),
            lambda random, size=size, length=length: transformer_batch(random, size, length),
            fleet,
        )
    measure("denoiser 2-128-128-128-2, B 512", denoiser_shapes(128), denoiser_loss, lambda random: denoiser_batch(random, 512), fleet)


if __name__ == "__main__":
    main()
