"""Layers and models by PyTorch, in double precision, on numbers that a formula gives: values, gradients with respect to parameters and inputs,
second derivatives, and 200 steps of Adam. Writes JSON to standard output: python3 values.py > values.json. The layers of the same names are in
torch.test.ts; parameters have the names and shapes of southwell/nn."""
import json
import math
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.backends.mkldnn.enabled = False
# The fused attention has no second derivative.
torch.backends.cuda.enable_flash_sdp(False)


def wave(shape, seed):
    n = math.prod(shape)
    return torch.tensor([math.sin(1.3 * i + seed) + 0.3 * math.sin(0.7 * i * i + seed) for i in range(n)]).reshape(shape)


def tokens(shape, count):
    return torch.tensor([(7 * i * i + 3 * i) % count for i in range(math.prod(shape))]).reshape(shape)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def shapes(module, rename=lambda n: n):
    return [(rename(n), tuple(p.shape)) for n, p in module.named_parameters()]


def plain(module, around=lambda f, x: f(x)):
    """A module whose parameters have the same names here and there."""
    return (lambda p, x: around(lambda v: functional_call(module, p, (v,)), x), shapes(module))


def first(module):
    """A recurrent net's outputs without its last states."""
    return (lambda p, x: functional_call(module, p, (x,))[0], shapes(module))


def images(module):
    return plain(module, lambda f, x: nhwc(f(nchw(x))))


def lines(module):
    return plain(module, lambda f, x: f(x.permute(0, 2, 1)).permute(0, 2, 1))


def volumes(module):
    return plain(module, lambda f, x: f(x.permute(0, 4, 1, 2, 3)).permute(0, 2, 3, 4, 1))


def linear_shapes(name, n, out, bias=True):
    return [(f"{name}.weight", (out, n))] + ([(f"{name}.bias", (out,))] if bias else [])


def attention_shapes(width, prefix=""):
    return [s for name in ["query", "key", "value", "out"] for s in linear_shapes(prefix + name, width, width)]


def packed(p, prefix=""):
    """Parameters of torch.nn.MultiheadAttention."""
    three = ["query", "key", "value"]
    return {
        "in_proj_weight": torch.cat([p[f"{prefix}{n}.weight"] for n in three]),
        "in_proj_bias": torch.cat([p[f"{prefix}{n}.bias"] for n in three]),
        "out_proj.weight": p[f"{prefix}out.weight"],
        "out_proj.bias": p[f"{prefix}out.bias"],
    }


def attention(width, heads, mask=None):
    module = nn.MultiheadAttention(width, heads, batch_first=True)
    return (
        lambda p, x: functional_call(module, packed(p), (x, x, x), {"attn_mask": mask, "need_weights": True})[0],
        attention_shapes(width),
    )


def block_shapes(width, hidden, prefix=""):
    norm = lambda n: [(f"{prefix}{n}.weight", (width,)), (f"{prefix}{n}.bias", (width,))]
    return (
        norm("attentionNorm")
        + attention_shapes(width, prefix + "attention.")
        + norm("hiddenNorm")
        + linear_shapes(prefix + "up", width, hidden)
        + linear_shapes(prefix + "down", hidden, width)
    )


def encoder(p, x, module, causal, prefix=""):
    """torch.nn.TransformerEncoderLayer with parameters of a transformerBlock."""
    own = {f"self_attn.{n}": v for n, v in packed(p, prefix + "attention.").items()}
    for ours, theirs in [("attentionNorm", "norm1"), ("hiddenNorm", "norm2"), ("up", "linear1"), ("down", "linear2")]:
        for kind in ["weight", "bias"]:
            own[f"{theirs}.{kind}"] = p[f"{prefix}{ours}.{kind}"]
    mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if causal else None
    return functional_call(module, own, (x,), {"src_mask": mask})


def crossed(module, t, width, source_width=None, mask=None):
    """Attention of the first t positions to the others, which have as many numbers or the first few."""
    s = source_width or width
    own = lambda p: packed(p) if s == width else {
        **{f"{n[0]}_proj_weight": p[f"{n}.weight"] for n in ["query", "key", "value"]},
        **{n: v for n, v in packed(p | {f"{n}.weight": p["query.weight"] for n in ["key", "value"]}).items() if n != "in_proj_weight"},
    }
    run = lambda p, x: functional_call(module, own(p), (x[:, :t], x[:, t:, :s], x[:, t:, :s]), {"key_padding_mask": mask})[0]
    named = [
        (n, (width, s) if n in ["key.weight", "value.weight"] else shape) for n, shape in attention_shapes(width)
    ]
    return (run, named)


def decoder(module, t, width, hidden, causal, padding):
    """torch.nn.TransformerDecoderLayer on the first t positions, with the others as its memory."""
    mask = nn.Transformer.generate_square_subsequent_mask(t) if causal else None
    norms = ["norm1", "norm2", "norm3"]
    named = (
        attention_shapes(width, "self_attn.")
        + attention_shapes(width, "multihead_attn.")
        + linear_shapes("linear1", width, hidden)
        + linear_shapes("linear2", hidden, width)
        + [(f"{n}.{kind}", (width,)) for n in norms for kind in ["weight", "bias"]]
    )

    def run(p, x):
        own = {n: v for n, v in p.items() if "attn" not in n}
        for name in ["self_attn.", "multihead_attn."]:
            own |= {name + n: v for n, v in packed(p, name).items()}
        return functional_call(module, own, (x[:, :t], x[:, t:]), {"tgt_mask": mask, "memory_key_padding_mask": padding})

    return (run, named)


def decoder_layer(width, heads, hidden, activation, norm_first):
    return nn.TransformerDecoderLayer(width, heads, hidden, 0.0, activation, batch_first=True, norm_first=norm_first)


def encoder_layer(width, heads, hidden, activation, norm_first):
    return nn.TransformerEncoderLayer(width, heads, hidden, 0.0, activation, batch_first=True, norm_first=norm_first)


def block(width, heads, hidden, activation, norm_first, causal):
    module = encoder_layer(width, heads, hidden, activation, norm_first)
    return (lambda p, x: encoder(p, x, module, causal), block_shapes(width, hidden))


def turned(x, pairs, base=10000.0):
    """Rotary positions of [n, t, heads, width]."""
    t, d = x.shape[1], x.shape[3]
    angle = torch.arange(t)[:, None] * base ** (-2 * torch.arange(d // 2) / d)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    if pairs == "halves":
        a, b = x[..., : d // 2], x[..., d // 2 :]
        return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)
    z = torch.view_as_complex(x.reshape(*x.shape[:3], d // 2, 2).contiguous()) * torch.complex(cos, sin)
    return torch.view_as_real(z).reshape(x.shape)


def grouped(p, x, heads, kv, d, pairs, prefix=""):
    n, t, _ = x.shape
    product = lambda name, v: F.linear(v, p[f"{prefix}{name}.weight"], p.get(f"{prefix}{name}.bias"))
    q, k, v = (product(name, x).reshape(n, t, -1, d) for name in ["query", "key", "value"])
    q, k = turned(q, pairs), turned(k, pairs)
    q, k, v = (s.transpose(1, 2) for s in (q, k.repeat_interleave(heads // kv, 2), v.repeat_interleave(heads // kv, 2)))
    scores = (q @ k.transpose(-1, -2) / math.sqrt(d)).masked_fill(torch.triu(torch.ones(t, t, dtype=torch.bool), 1), -math.inf)
    return product("out", (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, heads * d))


def grouped_shapes(width, heads, kv, d, bias, prefix=""):
    return (
        linear_shapes(prefix + "query", width, heads * d, bias)
        + linear_shapes(prefix + "key", width, kv * d, bias)
        + linear_shapes(prefix + "value", width, kv * d, bias)
        + linear_shapes(prefix + "out", heads * d, width, bias)
    )


def llama(p, x):
    y = x + grouped(p, F.rms_norm(x, (8,), p["attentionNorm.weight"], 1e-5), 4, 2, 2, "neighbours", "attention.")
    z = F.rms_norm(y, (8,), p["hiddenNorm.weight"], 1e-5)
    return y + (F.silu(z @ p["gate.weight"].T) * (z @ p["up.weight"].T)) @ p["down.weight"].T


llama_shapes = (
    [("attentionNorm.weight", (8,))]
    + grouped_shapes(8, 4, 2, 2, False, "attention.")
    + [("hiddenNorm.weight", (8,)), ("gate.weight", (5, 8)), ("up.weight", (5, 8)), ("down.weight", (8, 5))]
)

perceptron = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
convolutional = nn.Sequential(
    nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 2, 2), nn.GELU(), nn.Flatten(), nn.Linear(8, 3)
)
layer = encoder_layer(4, 2, 6, "gelu", True)


def transformer(p, x):
    h = p["embedding.weight"][x] + p["positions.weight"][: x.shape[1]]
    for k in range(2):
        h = encoder(p, h, layer, True, f"blocks.{k}.")
    return F.layer_norm(h, (4,), p["norm.weight"], p["norm.bias"]) @ p["embedding.weight"].T


transformer_shapes = (
    [("embedding.weight", (5, 4)), ("positions.weight", (6, 4))]
    + block_shapes(4, 6, "blocks.0.")
    + block_shapes(4, 6, "blocks.1.")
    + [("norm.weight", (4,)), ("norm.bias", (4,))]
)

mask = torch.tensor([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=torch.bool)
padding = torch.tensor([[0, 0, 1], [0, 0, 0]], dtype=torch.bool)
causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
running = (wave((2,), 5), wave((2,), 6) ** 2 + 0.5)

# Name: function and parameters, then the input: a shape, or a shape and a count for tokens.
cases = {
    "linear": (*plain(nn.Linear(3, 4)), (2, 3)),
    "linear without bias": (*plain(nn.Linear(3, 1, bias=False)), (2, 2, 3)),
    "conv2d": (*images(nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2))), (2, 5, 4, 2)),
    "conv2d same": (*images(nn.Conv2d(1, 2, 3, padding="same", bias=False)), (1, 3, 4, 1)),
    "conv2d in groups": (*images(nn.Conv2d(4, 6, 3, padding=1, stride=2, groups=2)), (1, 4, 3, 4)),
    "conv1d": (*lines(nn.Conv1d(2, 3, 3, stride=2, padding=1, dilation=2)), (2, 6, 2)),
    "conv1d in groups": (*lines(nn.Conv1d(4, 6, 2, padding="same", groups=2, bias=False)), (2, 5, 4)),
    "conv3d": (*volumes(nn.Conv3d(2, 3, (2, 3, 1), stride=(1, 2, 1), padding=(1, 0, 0), dilation=(2, 1, 1))), (1, 3, 4, 2, 2)),
    "conv3d in groups": (*volumes(nn.Conv3d(4, 4, 2, padding=1, groups=4)), (1, 2, 2, 2, 4)),
    "groupNorm": (*lines(nn.GroupNorm(2, 4)), (2, 3, 4)),
    "groupNorm of images": (*images(nn.GroupNorm(3, 6)), (2, 2, 3, 6)),
    "groupNorm of rows": (*plain(nn.GroupNorm(2, 6)), (3, 6)),
    "instanceNorm": (*lines(nn.InstanceNorm1d(3)), (2, 4, 3)),
    "instanceNorm of images": (*images(nn.InstanceNorm2d(2, affine=True)), (2, 2, 3, 2)),
    "more activations": (
        *plain(nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(), nn.Linear(4, 4), nn.ELU(), nn.CELU(), nn.SELU(), nn.Softsign(), nn.Hardtanh())), (2, 3)
    ),
    "embedding": (*plain(nn.Embedding(5, 3)), ((2, 4), 5)),
    "layerNorm": (*plain(nn.LayerNorm(4)), (2, 3, 4)),
    "rmsNorm": (*plain(nn.RMSNorm(4, eps=1e-5)), (2, 3, 4)),
    "batchNorm": (*plain(nn.BatchNorm1d(3)), (5, 3)),
    "batchNorm of images": (*images(nn.BatchNorm2d(2)), (2, 2, 3, 2)),
    "batchNorm in use": (lambda p, x: F.batch_norm(x, *running, p["weight"], p["bias"]), [("weight", (2,)), ("bias", (2,))], (3, 2)),
    "max pool": (*images(nn.MaxPool2d(2, stride=1, padding=1)), (1, 3, 4, 2)),
    "average pool": (*images(nn.AvgPool2d((2, 3), padding=(0, 1))), (1, 4, 5, 2)),
    "attention": (*attention(4, 2), (2, 3, 4)),
    "causal attention": (*attention(4, 2, causal), (2, 3, 4)),
    "masked attention": (*attention(4, 2, mask), (2, 3, 4)),
    "attention to another sequence": (*crossed(nn.MultiheadAttention(4, 2, batch_first=True), 2, 4, None, padding), (2, 5, 4)),
    "attention to another sequence of another width": (
        *crossed(nn.MultiheadAttention(4, 2, kdim=3, vdim=3, batch_first=True), 2, 4, 3), (2, 5, 4)
    ),
    "decoderBlock": (*decoder(decoder_layer(4, 2, 6, "gelu", True), 2, 4, 6, True, padding), (2, 5, 4)),
    "decoderBlock, norms last": (*decoder(decoder_layer(4, 1, 5, "relu", False), 3, 4, 5, False, None), (2, 5, 4)),
    "grouped attention": (lambda p, x: grouped(p, x, 4, 2, 4, "halves"), grouped_shapes(6, 4, 2, 4, True), (2, 3, 6)),
    "transformerBlock": (*block(4, 2, 6, "gelu", True, True), (2, 3, 4)),
    "transformerBlock, norms last": (*block(4, 1, 5, "relu", False, False), (2, 3, 4)),
    "transformerBlock as in Llama": (llama, llama_shapes, (2, 3, 8)),
    "gru": (*first(nn.GRU(3, 5, batch_first=True)), (2, 4, 3)),
    "gru of two layers": (*first(nn.GRU(3, 2, 2, batch_first=True)), (2, 4, 3)),
    "gru without bias": (*first(nn.GRU(2, 3, bias=False, batch_first=True)), (1, 1, 2)),
    "lstm": (*first(nn.LSTM(3, 5, batch_first=True)), (2, 4, 3)),
    "lstm of two layers": (*first(nn.LSTM(3, 2, 2, batch_first=True)), (2, 4, 3)),
    "lstm without bias": (*first(nn.LSTM(2, 3, bias=False, batch_first=True)), (1, 1, 2)),
    "gru both ways": (*first(nn.GRU(3, 2, 2, bidirectional=True, batch_first=True)), (2, 4, 3)),
    "lstm both ways": (*first(nn.LSTM(3, 2, 2, bidirectional=True, batch_first=True)), (2, 4, 3)),
    "a perceptron": (*plain(perceptron), (4, 3)),
    "a convolutional net": (*plain(convolutional, lambda f, x: f(nchw(x))), (4, 6, 6, 1)),
    "a transformer": (transformer, transformer_shapes, ((2, 6), 5)),
}


def digits(x):
    return [float(f"{v:.14g}") for v in x.detach().reshape(-1).tolist()]


def made(case):
    f, named, given = case
    p = {name: wave(shape, k + 1) for k, (name, shape) in enumerate(named)}
    x = tokens(*given) if isinstance(given[0], tuple) else wave(given, 50)
    return f, p, x


def trained(name, steps=200):
    """Losses every 20 steps of Adam from half of the waves, and the parameters after them."""
    f, p, x = made(cases[name])
    p = {n: (0.5 * v).requires_grad_() for n, v in p.items()}
    adam = torch.optim.Adam(p.values(), lr=0.01)
    losses = []
    for step in range(steps):
        adam.zero_grad()
        y = f(p, x)
        loss = F.cross_entropy(y.reshape(-1, y.shape[-1]), tokens((y.numel() // y.shape[-1],), 3))
        loss.backward()
        if step % 20 == 0:
            losses.append(float(f"{loss.item():.14g}"))
        adam.step()
    return {"losses": losses, "parameters": {n: digits(v) for n, v in p.items()}}


out = {"torch": torch.__version__, "cases": {}}
for name, case in cases.items():
    f, p, x = made(case)
    leaves = [v.requires_grad_() for v in p.values()]
    if x.is_floating_point():
        leaves.append(x.requires_grad_())
    y = f(p, x)
    g = torch.autograd.grad((y * wave(y.shape, 20)).sum(), leaves, create_graph=True)
    along = sum((d * wave(d.shape, 30 + k)).sum() for k, d in enumerate(g))
    second = torch.autograd.grad(along, leaves, allow_unused=True) if along.requires_grad else [None] * len(leaves)
    out["cases"][name] = {
        "parameters": {n: list(v.shape) for n, v in p.items()},
        "input": case[2],
        "value": digits(y),
        "gradients": [digits(d) for d in g],
        "second": [digits(d if d is not None else torch.zeros_like(leaves[k])) for k, d in enumerate(second)],
    }
signs = torch.tensor([1.0, -1, 1, -1])
classes = torch.tensor([1, 3, -1, 0])
ignored = {"ignore_index": -1}
losses = {
    "mse": lambda x, y, r: F.mse_loss(x, y, reduction=r),
    "mae": lambda x, y, r: F.l1_loss(x, y, reduction=r),
    "huber": lambda x, y, r: F.huber_loss(x, y, delta=0.4, reduction=r),
    "bceWithLogits": lambda x, y, r: F.binary_cross_entropy_with_logits(x, y.sigmoid(), reduction=r),
    "crossEntropy": lambda x, y, r: F.cross_entropy(x + y, classes, reduction=r, **ignored),
    "crossEntropy, smoothed": lambda x, y, r: F.cross_entropy(x * y, classes, reduction=r, label_smoothing=0.1, **ignored),
    "nll": lambda x, y, r: F.nll_loss((x * y).log_softmax(-1), classes, reduction=r, **ignored),
    "kl": lambda x, y, r: {"mean": lambda t: t.mean(), "sum": lambda t: t.sum(), "none": lambda t: t}[r](
        F.kl_div(x.log_softmax(-1), y.softmax(-1), reduction="none").sum(-1)
    ),
    "cosine": lambda x, y, r: F.cosine_embedding_loss(x, y, signs, margin=-0.2, reduction=r),
    "triplet": lambda x, y, r: F.triplet_margin_loss(x, y, x * y, margin=0.7, reduction=r),
    "hinge": lambda x, y, r: {"mean": lambda t: t.mean(), "sum": lambda t: t.sum(), "none": lambda t: t}[r](F.relu(1 - x * y.sign())),
}
out["losses"] = {}
for name, f in losses.items():
    x, y = wave((4, 4), 1).requires_grad_(), wave((4, 4), 2).requires_grad_()
    values = f(x, y, "none")
    g = torch.autograd.grad((values * wave(values.shape, 20)).sum(), [x, y], create_graph=True, allow_unused=True)
    along = sum((d * wave(d.shape, 30 + k)).sum() for k, d in enumerate(g))
    second = torch.autograd.grad(along, [x, y], allow_unused=True) if along.requires_grad else [None, None]
    out["losses"][name] = {
        "value": digits(values),
        "mean": digits(f(x, y, "mean")),
        "sum": digits(f(x, y, "sum")),
        "gradients": [digits(d) for d in g],
        # Adding zeros also fills derivatives that are known to be zero.
        "second": [digits(torch.zeros_like(x) if d is None else d + torch.zeros_like(x)) for d in second],
    }
norm = nn.BatchNorm1d(3)
for seed in [1, 2]:
    norm(wave((4, 3), seed))
out["running"] = {"running_mean": digits(norm.running_mean), "running_var": digits(norm.running_var)}
out["trained"] = {name: trained(name) for name in ["a perceptron", "a convolutional net", "a transformer"]}
json.dump(out, sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
