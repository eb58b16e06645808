"""Reference tensors for the transformer. Makes tests/reference/transformer.safetensors with

    pip install -r tests/reference/requirements.txt && python tests/reference/transformer.py

(add --check to recompute and compare instead of writing). Names of tensors: common.py. Beside those, each case holds

  tokens   [B, T]     token ids
  targets  [B*T, V]   one-hot, a row for every position, scored or not (row b*T + t)
  weights  [B*T]      1 where the position carries a target, else 0; the loss is the mean over the ones
  logits   [B, T, V]

and "mean-ablated" holds constant.blocks.1.mlp [1, d], the mean over all positions of what that MLP adds in the case "gelu".
"""

import jax
import jax.numpy as jnp
import numpy as np

from common import case, draw, edited, float32, layer_norm, main, mlp, stream

V, T, D, BLOCKS, HEADS, B = 11, 6, 8, 2, 2, 3


def shapes(norm, position, hidden=4 * D, gated=False, key_heads=HEADS, query_key_norm=None, biases="mlp", shared=False, tied=False, kernel=0):
    """{path: shape}. `biases`: "mlp", "all" or "none". `shared`: only the first block has parameters. `tied`: there is no unembed.weight. Without norms there is no gain or bias at all, the last norm included, which post-norm models lack too; only
    learned positions have a position.weight. `query_key_norm`: "layer", "rms" or None."""
    result = {"embed.weight": (V, D)}
    width = D // HEADS
    if position == "learned":
        result["position.weight"] = (T, D)
    for i in range(1 if shared else BLOCKS):
        if norm == "sandwich":
            for branch in ("attn", "mlp"):
                result |= {f"blocks.{i}.{branch}.norm.gain": (1, D), f"blocks.{i}.{branch}.norm.bias": (1, D)}
        if biases == "all":
            result |= {f"blocks.{i}.attn.{name}.bias": (1, D) for name in ("query", "output")}
            result |= {f"blocks.{i}.attn.{name}.bias": (1, key_heads * width) for name in ("key", "value")}
        if norm != "none":
            result |= {f"blocks.{i}.attn_norm.gain": (1, D), f"blocks.{i}.attn_norm.bias": (1, D)}
        result |= {f"blocks.{i}.attn.{name}.weight": (D, D) for name in ("query", "output")}
        result |= {f"blocks.{i}.attn.{name}.weight": (D, key_heads * width) for name in ("key", "value")}
        if kernel:
            result[f"blocks.{i}.attn.conv.weight"] = (kernel, D)
        for name in ("query", "key") if query_key_norm else ():
            result[f"blocks.{i}.attn.{name}_norm.gain"] = (1, width)
            if query_key_norm == "layer":
                result[f"blocks.{i}.attn.{name}_norm.bias"] = (1, width)
        if norm != "none":
            result |= {f"blocks.{i}.mlp_norm.gain": (1, D), f"blocks.{i}.mlp_norm.bias": (1, D)}
        for name in ("up", "gate") if gated else ("up",):
            result |= {f"blocks.{i}.mlp.{name}.weight": (D, hidden), f"blocks.{i}.mlp.{name}.bias": (1, hidden)}
        result |= {f"blocks.{i}.mlp.down.weight": (hidden, D), f"blocks.{i}.mlp.down.bias": (1, D)}
        if biases == "none":
            result = {path: shape for path, shape in result.items() if ".mlp." not in path or not path.endswith(".bias")}
    if norm in ("pre", "sandwich"):
        result |= {"norm.gain": (1, D), "norm.bias": (1, D)}
    return result if tied else result | {"unembed.weight": (D, V)}


def rotated(x):
    """Rotary positions (Su et al., 2021) of one head [B, T, dh]: channels i and dh/2 + i are turned by p / 10000^(2i/dh) at position p."""
    half = x.shape[-1] // 2
    angle = np.arange(T)[:, None] / 10000.0 ** (np.arange(half) / half)
    first, second = x[..., :half], x[..., half:]
    return jnp.concatenate([first * np.cos(angle) - second * np.sin(angle), first * np.sin(angle) + second * np.cos(angle)], axis=-1)


def sinusoidal():
    """[T, d]: sin(p / 10000^(2i/d)) in channel 2i, the cosine in channel 2i + 1 (Vaswani et al., 2017)."""
    angle = np.arange(T)[:, None] / 10000.0 ** (np.arange(0, D, 2) / D)
    return float32(np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, D))


def convolved(x, parameters, path):
    """x_t + sum_j w_j * x_(t-j), channel by channel, if there is a convolution: what stands before the first position is zero."""
    if f"{path}.weight" not in parameters:
        return x
    delayed = lambda j: jnp.pad(x, ((0, 0), (j, 0), (0, 0)))[:, :T]
    return x + sum(w * delayed(j) for j, w in enumerate(parameters[f"{path}.weight"]))


def attention(x, parameters, path, edits, seen, position):
    """[B, T, d] -> [B, T, d]. `seen` [T, T] says who may look where. A head is edited where it enters the output projection: z_h, columns h*dh..(h+1)*dh.
    Where there are fewer heads of keys and values, heads beside each other share one."""
    width = D // HEADS
    x = convolved(x, parameters, f"{path}.conv")
    affine = lambda x, name: x @ parameters[f"{path}.{name}.weight"] + parameters.get(f"{path}.{name}.bias", 0)
    query, key, value = (affine(x, name) for name in ("query", "key", "value"))
    sharing = HEADS * width // key.shape[-1]
    place = rotated if position == "rotary" else lambda x: x
    heads = []
    for h in range(HEADS):
        columns, of_keys = (slice(i * width, (i + 1) * width) for i in (h, h // sharing))
        query_h = place(layer_norm(query[..., columns], parameters, f"{path}.query_norm"))
        key_h = place(layer_norm(key[..., of_keys], parameters, f"{path}.key_norm"))
        scores = query_h @ key_h.swapaxes(-1, -2) / np.sqrt(width)  # [B, T, T]
        if position == "alibi":  # Press et al., 2022
            scores = scores - 2.0 ** (-8 * (h + 1) / HEADS) * np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
        pattern = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf), axis=-1)
        heads.append(edited(pattern @ value[..., of_keys], f"{path}.heads.{h}", edits))
    return affine(jnp.concatenate(heads, axis=-1), "output")


def forward(parameters, tokens, activation, norm, causal, position, edits, window=T, replaced=(), parallel=False):
    """`replaced`: the branches without a residual connection; `parallel`: both branches of a block read the same stream.
    [B, T] -> logits [B, T, V], and what each MLP adds to the residual stream {path: [B, T, d]}."""
    x = parameters["embed.weight"][tokens]
    if position == "learned":
        x = x + parameters["position.weight"]
    if position == "sinusoidal":
        x = x + sinusoidal()
    everywhere = np.ones((T, T), bool)
    seen = np.tril(everywhere) & ~np.tril(everywhere, -window) if causal else everywhere
    added = {}
    for i in range(BLOCKS):
        # Blocks that share their weights are the first again and again.
        i = i if f"blocks.{i}.mlp.up.weight" in parameters else 0
        branches = {
            f"blocks.{i}.attn": lambda x, path: attention(x, parameters, path, edits, seen, position),
            f"blocks.{i}.mlp": lambda x, path: mlp(x, parameters, path, activation),
        }
        start = x
        for path, branch in branches.items():
            if norm == "post":  # Vaswani et al. 2017: the stream itself is normalised, after each addition
                added[path] = branch(x, path)
                x = layer_norm(x + edited(added[path], path, edits), parameters, f"{path}_norm")
            else:
                added[path] = branch(layer_norm(start if parallel else x, parameters, f"{path}_norm"), path)
                if norm == "sandwich":
                    added[path] = layer_norm(added[path], parameters, f"{path}.norm")
                x = (0 if path.split(".")[-1] in replaced else x) + edited(added[path], path, edits)
    unembed = parameters["unembed.weight"] if "unembed.weight" in parameters else parameters["embed.weight"].T
    return layer_norm(x, parameters, "norm") @ unembed, added


def batch():
    """Tokens, their successors as targets, and weights that leave out the first two positions and one more."""
    text = stream("tokens").integers(0, V, (B, T + 1))
    weights = np.ones((B, T))
    weights[:, :2] = 0
    weights[1, 4] = 0
    return text[:, :-1], text[:, 1:], weights


def cross_entropy(logits, targets, weights):
    """Nats, mean over the positions that carry a target."""
    each = -jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return (each * weights).sum() / weights.sum()


def focal(logits, targets, weights, gamma=1.5):
    """Lin et al., 2017: (1 - p)^gamma * -ln p."""
    log = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return ((1 - jnp.exp(log)) ** gamma * -log * weights).sum() / weights.sum()


def squared(logits, targets, weights):
    """Hui and Belkin, 2021: the mean over the classes of the squared difference to the one-hot target."""
    return (((logits - np.eye(V)[targets]) ** 2).mean(axis=-1) * weights).sum() / weights.sum()


def smoothed(logits, targets, weights, epsilon=0.1, z=0.01):
    """Cross-entropy with smoothed targets (Szegedy et al., 2016) and the z-loss (PaLM; ST-MoE)."""
    smooth = (1 - epsilon) * np.eye(V)[targets] + epsilon / V
    each = -(smooth * jax.nn.log_softmax(logits)).sum(axis=-1) + z * jax.scipy.special.logsumexp(logits, axis=-1) ** 2
    return (each * weights).sum() / weights.sum()


def make(activation="gelu", norm="pre", position="learned", causal=True, edits={}, named={}, window=T, replaced=(), parallel=False,
         loss=cross_entropy, **sizes):
    """One case. `sizes`: what `shapes` is told besides the norm and the positions; `named`: further tensors; `loss`: what is minimised."""
    tokens, targets, weights = batch()
    parameters = draw(shapes(norm, position, **sizes))
    run = lambda p: forward(p, tokens, activation, norm, causal, position, edits, window, replaced, parallel)[0]
    return case(
        lambda p: loss(run(p), targets, weights),
        parameters,
        lambda p: cross_entropy(run(p), targets, weights),
        tokens=tokens,
        targets=np.eye(V)[targets.ravel()],
        weights=weights.ravel(),
        logits=run(parameters),
        **named,
    )


def mean_output(path):
    """[1, d]: the mean over examples and positions of what the MLP at `path` adds in the reference."""
    _, added = forward(draw(shapes("pre", "learned")), batch()[0], "gelu", "pre", True, "learned", {})
    return float32(added[path].reshape(-1, D).mean(axis=0, keepdims=True))


if __name__ == "__main__":
    constant = mean_output("blocks.1.mlp")
    main(__file__, {
        "gelu": ("the plain model", make()),
        "relu": ("model.activation=relu", make(activation="relu")),
        "narrow": ("model.expansion=1.5", make(hidden=12)),
        "norm-none": ("model.norm=none, no norm anywhere", make(norm="none")),
        "norm-post": ("model.norm=post: a norm after each addition, none at the end", make(norm="post")),
        "bidirectional": ("model.attention=bidirectional", make(causal=False)),
        "bidirectional-post": ("both, and no positions", make(norm="post", causal=False, position="none")),
        "position-none": ("model.position=none", make(position="none")),
        "sinusoidal": ("model.position=sinusoidal", make(position="sinusoidal")),
        "rotary": ("model.position=rotary", make(position="rotary")),
        "alibi": ("model.position=alibi", make(position="alibi")),
        "alibi-bidirectional": ("model.position=alibi and model.attention=bidirectional", make(position="alibi", causal=False)),
        "window": ("model.attention=window and model.window=3", make(window=3)),
        "squared-relu": ("model.activation=squared-relu", make(activation="squared-relu")),
        "identity": ("model.activation=identity", make(activation="identity")),
        "gated-silu": ("model.mlp=gated and model.activation=silu", make(activation="silu", gated=True)),
        "gated-matched": ("model.mlp=gated-matched: 22 hidden channels", make(gated=True, hidden=22)),
        "grouped": ("model.key_heads=1", make(key_heads=1)),
        # With rotary positions, because a bias of every key alike moves no pattern, and AdamW makes steps of its rounding.
        "query-key-norm-layer": ("model.query_key_norm=layer and model.position=rotary", make(query_key_norm="layer", position="rotary")),
        "query-key-norm-rms": ("model.query_key_norm=rms and model.key_heads=1", make(query_key_norm="rms", key_heads=1)),
        "sandwich": ("model.norm=sandwich", make(norm="sandwich")),
        # With rotary positions, for the reason above.
        "biases-all": ("model.biases=all and model.position=rotary", make(biases="all", position="rotary")),
        "biases-none": ("model.biases=none", make(biases="none")),
        "residual-mlp": ("model.residual=mlp: attention replaces the stream", make(replaced=("attn",))),
        "residual-none": ("model.residual=none", make(replaced=("attn", "mlp"))),
        "parallel": ("model.blocks=parallel", make(parallel=True)),
        "shared": ("model.blocks=shared", make(shared=True)),
        "tied": ("model.embeddings=tied", make(tied=True)),
        "convolution": ("model.convolution=attention", make(kernel=4)),
        "focal": ("train.loss=focal and train.focal_gamma=1.5", make(loss=focal)),
        "squared": ("train.loss=squared", make(loss=squared)),
        "smoothed": ("train.label_smoothing=0.1 and train.z_loss=0.01", make(loss=smoothed)),
        "head-ablated": ("blocks.0.attn.heads.1 multiplied by 0, in training too", make(edits={"blocks.0.attn.heads.1": ("scale", 0.0)})),
        "attn-ablated": ("blocks.0.attn multiplied by 0, in training too", make(edits={"blocks.0.attn": ("scale", 0.0)})),
        "mean-ablated": (
            "blocks.1.mlp replaced by a constant, in training too",
            make(edits={"blocks.1.mlp": ("replace", constant)}, named={"constant.blocks.1.mlp": constant}),
        ),
    })
