"""What both reference models share: layer norm, activations, AdamW, parameters drawn by path, and the file format.

Why this folder exists: a model tested only against itself agrees with its own mistakes. These scripts implement the same
mathematics a second time, from the formulas, in a different language and with a different source of gradients (JAX).

Everything is computed in float64 from parameters and inputs that were first rounded to float32, and stored as float32.
So the stored numbers are the correctly rounded answers, and any distance to them is the rounding of the model under test.

One file holds several cases. A tensor is called "<case>/<name>":

  <case>/<path>         a parameter before training: weights [in, out], gains and biases [1, n], position [T, d]
  <case>/grad.<path>    the gradient of the loss by that parameter, same shape
  <case>/after.<path>   the parameter after STEPS steps of AdamW on this one batch
  <case>/loss           [1], what is minimised, mean over the batch
  <case>/losses         [STEPS + 1], the loss that is shown before each step and after the last: the same, or cross-entropy

plus the inputs and outputs each script names. The header's "__metadata__" holds one key, "cases": JSON saying what each case is.
"""

import json
import sys
import zlib
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

jax.config.update("jax_enable_x64", True)

LEARNING_RATE = 0.01
WEIGHT_DECAY = 0.1
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
STEPS = 3
SEED = 20240


def stream(path):
    """The random stream of one named thing. Keyed by name, so that removing a component leaves every other draw unchanged."""
    return np.random.default_rng([SEED, zlib.crc32(path.encode())])


def float32(array):
    """Rounds to float32 and returns float64: the value that a float32 program will read from the file."""
    return np.asarray(array, np.float32).astype(np.float64)


def draw(shapes):
    """Parameters {path: array} for {path: shape}. Gains lie around 1, biases around 0, neither exactly: a gain or bias that
    is forgotten must change the result."""
    parameters = {}
    for path, shape in shapes.items():
        normal = stream(path).standard_normal(shape)
        if path.endswith(".gain"):
            value = 1 + 0.2 * normal
        elif path.endswith(".bias"):
            value = 0.2 * normal
        elif path.startswith(("embed.", "position.")):
            value = 0.7 * normal
        else:
            value = normal / np.sqrt(shape[0])
        parameters[path] = jnp.asarray(float32(value))
    return parameters


def layer_norm(x, parameters, path):
    """(x - mean) / sqrt(var + 1e-5) * gain + bias over the last axis, biased variance; without a bias, x / sqrt(mean(x^2) + 1e-5) * gain.
    The identity if the model has no such norm."""
    if f"{path}.gain" not in parameters:
        return x
    if f"{path}.bias" not in parameters:
        return x / jnp.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5) * parameters[f"{path}.gain"]
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return centred / jnp.sqrt(variance + 1e-5) * parameters[f"{path}.gain"] + parameters[f"{path}.bias"]


def gelu(x):
    """The tanh approximation (Hendrycks and Gimpel, 2016)."""
    return 0.5 * x * (1 + jnp.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def relu(x):
    return jnp.maximum(x, 0)


def silu(x):
    return x / (1 + jnp.exp(-x))


ACTIVATIONS = {"gelu": gelu, "relu": relu, "silu": silu, "squared-relu": lambda x: relu(x) ** 2, "identity": lambda x: x}


def mlp(x, parameters, path, activation):
    """act(x W_up + b_up) W_down + b_down; with a gate, (act(x W_gate + b_gate) * (x W_up + b_up)) W_down + b_down."""
    affine = lambda x, name: x @ parameters[f"{path}.{name}.weight"] + parameters.get(f"{path}.{name}.bias", 0)
    act = ACTIVATIONS[activation]
    gated = f"{path}.gate.weight" in parameters
    return affine(act(affine(x, "gate")) * affine(x, "up") if gated else act(affine(x, "up")), "down")


def edited(output, path, edits):
    """The output of the component at `path` under the case's edits: ("scale", factor) multiplies, ("replace", constant) replaces."""
    if path not in edits:
        return output
    kind, value = edits[path]
    return output * value if kind == "scale" else jnp.broadcast_to(value, output.shape)


def decays(path):
    """Weight decay acts on matrices only: not on gains and biases, and not on what is called embed, position or conv."""
    return path.endswith(".weight") and not path.startswith(("embed.", "position.")) and ".conv." not in path


def adamw(loss, parameters, shown):
    """STEPS steps of AdamW (Loshchilov and Hutter, 2019) with bias correction; the decay lr * wd * p is decoupled and uses the
    value before the step. No clipping, no warm-up. Returns the parameters, and what is `shown` of them before each step and after the last."""
    first = {path: jnp.zeros_like(p) for path, p in parameters.items()}
    second = {path: jnp.zeros_like(p) for path, p in parameters.items()}
    losses = []
    for step in range(1, STEPS + 1):
        gradients = jax.grad(loss)(parameters)
        losses.append(shown(parameters))
        updated = {}
        for path, p in parameters.items():
            g = gradients[path]
            first[path] = BETA1 * first[path] + (1 - BETA1) * g
            second[path] = BETA2 * second[path] + (1 - BETA2) * g**2
            mean = first[path] / (1 - BETA1**step)
            spread = second[path] / (1 - BETA2**step)
            decay = WEIGHT_DECAY * p if decays(path) else 0.0
            updated[path] = p - LEARNING_RATE * (mean / (jnp.sqrt(spread) + EPSILON) + decay)
        parameters = updated
    return parameters, jnp.stack([*losses, shown(parameters)])


def case(loss, parameters, shown=None, **named):
    """All tensors of one case, without the case's prefix. `shown`: the loss that is shown while another one is minimised, if it is another."""
    value, gradients = jax.value_and_grad(loss)(parameters)
    after, losses = adamw(loss, parameters, shown or loss)
    tensors = dict(named, loss=jnp.reshape(value, (1,)), losses=losses, **parameters)
    tensors |= {f"grad.{path}": g for path, g in gradients.items()}
    tensors |= {f"after.{path}": p for path, p in after.items()}
    return tensors


def main(script, cases):
    """Writes <script>.safetensors beside the script, or compares with it when called with --check."""
    file = Path(script).with_suffix(".safetensors")
    tensors = {
        f"{name}/{key}": np.ascontiguousarray(value, np.float32)
        for name, (_, content) in cases.items()
        for key, value in content.items()
    }
    about = json.dumps({name: text for name, (text, _) in cases.items()}, sort_keys=True)
    if "--check" not in sys.argv:
        save_file(tensors, file, metadata={"cases": about})
        print(f"{file.name}: {len(cases)} cases, {len(tensors)} tensors, {file.stat().st_size / 1000:.0f} KB")
        return
    stored = load_file(file)
    with safe_open(file, "numpy") as header:
        same_text = header.metadata() == {"cases": about}
    if not same_text or stored.keys() != tensors.keys():
        sys.exit(f"{file.name} has other cases or tensors than {Path(script).name} computes; run {Path(script).name} to remake it")
    worst = max(tensors, key=lambda name: np.abs(tensors[name] - stored[name]).max())
    distance = np.abs(tensors[worst] - stored[worst]).max()
    if not distance <= 1e-6:
        sys.exit(f"{file.name}: {worst} is off by {distance:.3g}; run {Path(script).name} to remake it")
    print(f"{file.name}: {len(tensors)} tensors agree, largest distance {distance:.1g}")
