"""Reference tensors for the denoiser. Makes tests/reference/denoiser.safetensors with

    pip install -r tests/reference/requirements.txt && python tests/reference/denoiser.py

(add --check to recompute and compare instead of writing). Names of tensors: common.py. Beside those, each case holds

  x_t       [B, 2]   noised points
  t         [B]      diffusion steps, whole numbers in 1..=S
  steps     [1]      S
  features  [B, F]   f(t): F/2 sines, then F/2 cosines
  target    [B, 2]   the noise that was mixed in; the loss is the mean squared error over all B*2 numbers
  output    [B, 2]

and "mean-ablated" holds constant.blocks.1.mlp [1, width], the mean over the batch of what that MLP adds in the case "gelu".
"""

import numpy as np

from common import case, draw, edited, float32, layer_norm, main, mlp, stream

WIDTH, BLOCKS, F, B, S = 8, 2, 32, 5, 50


def shapes(norm):
    """{path: shape}. Without norms there is no gain or bias of a norm at all, the last one included, which post-norm models lack too."""
    result = {"embed.weight": (2, WIDTH), "embed.bias": (1, WIDTH), "time.weight": (F, WIDTH), "time.bias": (1, WIDTH)}
    for i in range(BLOCKS):
        if norm != "none":
            result |= {f"blocks.{i}.mlp_norm.gain": (1, WIDTH), f"blocks.{i}.mlp_norm.bias": (1, WIDTH)}
        result |= {f"blocks.{i}.mlp.{name}.weight": (WIDTH, WIDTH) for name in ("up", "down")}
        result |= {f"blocks.{i}.mlp.{name}.bias": (1, WIDTH) for name in ("up", "down")}
    if norm == "pre":
        result |= {"norm.gain": (1, WIDTH), "norm.bias": (1, WIDTH)}
    return result | {"unembed.weight": (WIDTH, 2), "unembed.bias": (1, 2)}


def features(t):
    """[B] -> [B, F]: sin(1000 (t/S) w_k) for all k, then the cosines; w_k = 10000^(-k / (F/2))."""
    frequencies = 10000.0 ** (-np.arange(F // 2) / (F // 2))
    angles = 1000 * (t[:, None] / S) * frequencies
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def forward(parameters, x_t, f, activation, norm, edits):
    """[B, 2], [B, F] -> predicted noise [B, 2], and what each MLP adds {path: [B, width]}."""
    h = x_t @ parameters["embed.weight"] + parameters["embed.bias"]
    h = h + edited(f @ parameters["time.weight"] + parameters["time.bias"], "time", edits)
    added = {}
    for i in range(BLOCKS):
        path = f"blocks.{i}.mlp"
        added[path] = mlp(h if norm == "post" else layer_norm(h, parameters, f"{path}_norm"), parameters, path, activation)
        h = h + edited(added[path], path, edits)
        if norm == "post":
            h = layer_norm(h, parameters, f"{path}_norm")
    return layer_norm(h, parameters, "norm") @ parameters["unembed.weight"] + parameters["unembed.bias"], added


def batch():
    """x_t, t, features, noise; the mixing is the cosine path x_t = cos(a) x_0 + sin(a) noise, a = (pi/2) t/S. Only the model is
    under test here: any x_t would do."""
    t = np.array([1, 7, 23, 41, S], np.float64)
    clean = stream("clean").standard_normal((B, 2))
    noise = float32(stream("noise").standard_normal((B, 2)))
    angle = np.pi / 2 * t[:, None] / S
    return float32(np.cos(angle) * clean + np.sin(angle) * noise), t, float32(features(t)), noise


def make(activation="gelu", norm="pre", edits={}, **named):
    x_t, t, f, noise = batch()
    parameters = draw(shapes(norm))
    run = lambda p: forward(p, x_t, f, activation, norm, edits)[0]
    return case(
        lambda p: ((run(p) - noise) ** 2).mean(),
        parameters,
        x_t=x_t,
        t=t,
        steps=np.array([S]),
        features=f,
        target=noise,
        output=run(parameters),
        **named,
    )


def mean_output(path):
    """[1, width]: the mean over the batch of what the MLP at `path` adds in the reference."""
    x_t, _, f, _ = batch()
    _, added = forward(draw(shapes("pre")), x_t, f, "gelu", "pre", {})
    return float32(added[path].mean(axis=0, keepdims=True))


if __name__ == "__main__":
    constant = mean_output("blocks.1.mlp")
    main(__file__, {
        "gelu": ("the plain model", make()),
        "relu": ("model.activation=relu", make(activation="relu")),
        "norm-none": ("model.norm=none, no norm anywhere", make(norm="none")),
        "norm-post": ("model.norm=post: a norm after each addition, none at the end", make(norm="post")),
        "time-ablated": ("time multiplied by 0, in training too", make(edits={"time": ("scale", 0.0)})),
        "mlp-ablated": ("blocks.0.mlp multiplied by 0, in training too", make(edits={"blocks.0.mlp": ("scale", 0.0)})),
        "mean-ablated": (
            "blocks.1.mlp replaced by a constant, in training too",
            make(edits={"blocks.1.mlp": ("replace", constant)}, **{"constant.blocks.1.mlp": constant}),
        ),
    })
