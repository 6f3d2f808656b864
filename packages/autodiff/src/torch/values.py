"""Values, gradients and second derivatives of composite functions by PyTorch, in double precision, on numbers that a formula
gives. Writes JSON to standard output: python3 values.py > values.json. The functions of the same names are in torch.test.ts."""
import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def wave(shape, seed):
    n = math.prod(shape)
    return torch.tensor([math.sin(1.3 * i + seed) + 0.3 * math.sin(0.7 * i * i + seed) for i in range(n)]).reshape(shape)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def filters(f):
    return f.permute(3, 2, 0, 1)


def conv(x, f, **options):
    return nhwc(F.conv2d(nchw(x), filters(f), **options))


def attention(q, k, v, causal=False):
    q, k, v = (t.permute(0, 2, 1, 3) for t in (q, k, v))
    s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        t, n = s.shape[-2:]
        s = s.masked_fill(torch.triu(torch.ones(t, n, dtype=torch.bool), diagonal=n - t + 1), -math.inf)
    return (s.softmax(-1) @ v).permute(0, 2, 1, 3)


def block(x, g, b, qkv, out, up, down):
    n, t, d = x.shape
    q, k, v = (F.layer_norm(x, (d,), g, b) @ qkv).reshape(n, t, 3, 2, d // 2).unbind(2)
    x = x + attention(q, k, v, True).reshape(n, t, d) @ out
    return x + F.gelu(F.layer_norm(x, (d,)) @ up) @ down


def lstm(x, w, u, b):
    h = c = torch.zeros(2, 2)
    outputs = []
    for row in x:
        i, f, g, o = (row @ w + h @ u + b).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        outputs.append(h)
    return torch.cat([torch.stack(outputs), c[None]])


def steep(x):
    """Pivots far from 0."""
    return x + 3 * torch.eye(x.shape[-1])


def factor(x):
    return torch.linalg.cholesky(x @ x.mT + torch.eye(x.shape[-1]))


def qr(x):
    """With a diagonal that is not negative."""
    q, r = torch.linalg.qr(x)
    s = torch.sign(torch.diagonal(r))
    return torch.cat([(q * s).flatten(), (s[:, None] * r).flatten()])


def svd(x):
    """What does not depend on signs."""
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    return torch.cat([((u * u) @ s).flatten(), s, (vh * vh).mT @ (s * s), ((u * s) @ vh**3).flatten()])


def eigh(x):
    w, v = torch.linalg.eigh(x + x.mT)
    return torch.cat([w, (v * v) @ torch.exp(w)])


idx = torch.tensor
cases = {
    "exp of sin": (lambda x: torch.exp(torch.sin(x)), [(3, 4)]),
    "log of squares": (lambda x: torch.log(x * x + 1), [(3, 4)]),
    "roots": (lambda x, y: torch.sqrt(x * x + y * y + 0.1), [(3, 4), (4,)]),
    "quotient": (lambda x, y: x / (2 + torch.cos(y)), [(2, 3), (2, 1)]),
    "powers": (lambda x, y: torch.pow(x.abs() + 0.5, y), [(3, 2), (2,)]),
    "tanh of sigmoid": (lambda x: torch.tanh(3 * torch.sigmoid(x)), [(5,)]),
    "gelu": (lambda x: F.gelu(2 * x), [(7,)]),
    "silu": (lambda x: F.silu(2 * x), [(7,)]),
    "softplus": (lambda x: F.softplus(5 * x), [(7,)]),
    "erf": (lambda x: torch.erf(2 * x), [(7,)]),
    "expm1 and log1p": (lambda x: torch.expm1(x) * torch.log1p(x * x), [(6,)]),
    "relu": (lambda x: F.relu(x) * x, [(3, 3)]),
    "abs and sign": (lambda x: x.abs() * x + torch.sign(x) * x, [(6,)]),
    "extremes": (lambda x, y: torch.maximum(x, y) * torch.minimum(x, 2 * y), [(3, 4), (4,)]),
    "where": (lambda x, y: torch.where(x > y, x * x, x * y), [(3, 4), (3, 1)]),
    "clip": (lambda x: torch.clamp(2 * x, -1, 1.1) * x, [(9,)]),
    "mean and variance": (lambda x: x.mean(0) * x.var(1, correction=1)[:2].sum() + x.var(unbiased=False), [(3, 4)]),
    "logsumexp": (lambda x: torch.logsumexp(3 * x, -1) * x.sum(-1), [(3, 4)]),
    "max and min": (lambda x: x.amax(1) * x.amin(0)[:3], [(3, 4)]),
    "prod": (lambda x: torch.prod(x, 1), [(3, 5)]),
    "cumsum": (lambda x: torch.cumsum(x * x, 0), [(4, 3)]),
    "slices": (lambda x: x[1:, ::2] * x.flip(1)[:-1, ::2], [(3, 5)]),
    "concat and pad": (lambda x, y: F.pad(torch.cat([x, y], 1), (1, 2)) ** 3, [(2, 3), (2, 2)]),
    "permute and reshape": (lambda x: torch.exp(x.permute(2, 0, 1).reshape(4, 6)), [(2, 3, 4)]),
    "take": (lambda x: x[idx([2, 0, 2, 1])] ** 2, [(3, 4)]),
    "gather": (lambda x: torch.gather(x, 1, idx([[2, 0], [1, 1], [3, 0]])) ** 2, [(3, 4)]),
    "sort": (lambda x: torch.sort(x, -1).values ** 2, [(3, 5)]),
    "topk": (lambda x: torch.topk(x, 2, 0).values ** 3, [(5, 3)]),
    "matmul": (lambda x, y: torch.tanh(x @ y), [(2, 3, 4), (4, 2)]),
    "batched matmul": (lambda x, y: torch.sin(x.transpose(-1, -2) @ y), [(2, 3, 4), (2, 3, 2)]),
    "einsum": (lambda x, y, z: torch.einsum("bij,bjk,bk->bi", x, y, z), [(2, 3, 4), (2, 4, 2), (2, 2)]),
    "softmax": (lambda x: torch.softmax(3 * x, 0) * torch.log_softmax(x, 1), [(3, 4)]),
    "cross-entropy": (lambda x: F.cross_entropy(3 * x, idx([1, 3, 0]), reduction="none"), [(3, 4)]),
    "layer norm": (lambda x, g, b: F.layer_norm(x, (5,), g, b), [(3, 5), (5,), (5,)]),
    "rms norm": (lambda x, g: F.rms_norm(x, (5,), g, 1e-5), [(3, 5), (5,)]),
    "batch norm": (lambda x, g, b: nhwc(F.batch_norm(nchw(x), None, None, g, b, training=True)), [(2, 3, 3, 2), (2,), (2,)]),
    "conv2d": (lambda x, f: torch.tanh(conv(x, f, padding=1)), [(2, 4, 5, 2), (3, 3, 2, 3)]),
    "conv2d strided": (lambda x, f: conv(x, f, stride=(2, 1), padding=(2, 1), dilation=(1, 2)), [(1, 5, 6, 2), (3, 2, 2, 2)]),
    "conv2d transposed": (
        lambda y, f: nhwc(F.conv_transpose2d(nchw(y), filters(f), stride=2, padding=1)),
        [(1, 3, 2, 3), (3, 3, 2, 3)],
    ),
    "conv2d in groups": (lambda x, f: conv(x, f, stride=2, padding=1, groups=2), [(1, 5, 4, 6), (3, 2, 3, 4)]),
    "conv2d depthwise": (
        lambda x, f: torch.tanh(conv(x, f, stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=3)),
        [(2, 5, 4, 3), (3, 2, 1, 6)],
    ),
    "conv2d of many channels": (lambda x, f: torch.tanh(conv(x, f, padding=1)), [(2, 4, 3, 5), (3, 3, 5, 2)]),
    "conv2d transposed in groups": (
        lambda y, f: nhwc(F.conv_transpose2d(nchw(y), filters(f), stride=2, padding=1, groups=2)),
        [(1, 3, 2, 4), (3, 3, 2, 4)],
    ),
    "conv2d transposed depthwise": (
        lambda y, f: nhwc(F.conv_transpose2d(nchw(y), filters(f), stride=2, groups=2)),
        [(1, 3, 2, 4), (2, 3, 1, 4)],
    ),
    "max pool": (lambda x: nhwc(F.max_pool2d(nchw(x), 2)) ** 2, [(1, 4, 5, 2)]),
    "average pool": (lambda x: nhwc(F.avg_pool2d(nchw(x), 3, 2, 1)) ** 2, [(1, 5, 4, 2)]),
    "attention": (lambda q, k, v: attention(q, k, v), [(1, 3, 2, 2), (1, 4, 2, 2), (1, 4, 2, 3)]),
    "causal attention": (lambda q, k, v: attention(q, k, v, True), [(1, 3, 2, 2), (1, 3, 2, 2), (1, 3, 2, 2)]),
    "cholesky": (lambda x, y: torch.linalg.solve_triangular(factor(x), y, upper=False), [(2, 4, 4), (4, 3)]),
    "solve and inverse": (lambda x, y: torch.linalg.solve(steep(x), y) + torch.linalg.inv(steep(x)) @ y**2, [(2, 4, 4), (4, 3)]),
    "solve of 24": (lambda x, y: torch.linalg.solve(steep(0.1 * x), y), [(24, 24), (24, 2)]),
    "log of the determinant": (lambda x: torch.linalg.slogdet(x)[1], [(3, 4, 4)]),
    "eigh": (lambda x: eigh(x), [(4, 4)]),
    "qr": (lambda x: qr(x), [(5, 3)]),
    "qr of a wide matrix": (lambda x: qr(x), [(3, 5)]),
    "svd": (lambda x: svd(x), [(5, 3)]),
    "svd of a wide matrix": (lambda x: svd(x), [(3, 4)]),
    "expm": (lambda x: torch.linalg.matrix_exp(x), [(2, 4, 4)]),
    "inverse trigonometric functions": (lambda x: torch.asin(0.7 * x) * torch.acos(0.5 * x) + torch.atan(3 * x) + torch.tan(x), [(3, 4)]),
    "hyperbolic functions": (lambda x: torch.sinh(x) * torch.asinh(2 * x) + torch.cosh(x) * torch.acosh(1.5 + x * x) + torch.atanh(0.7 * x), [(3, 4)]),
    "atan2": (lambda y, x: torch.atan2(y, x), [(3, 1), (4,)]),
    # The trigamma function of PyTorch is accurate to 1e-10 only, for small arguments.
    "gamma functions": (lambda x: torch.lgamma(x * x + 10) + torch.digamma(x + 12) * torch.polygamma(2, x * x + 1), [(3, 4)]),
    "leaky relu and elu": (lambda x: F.leaky_relu(x, 0.1) * F.elu(2 * x, 1.3), [(3, 4)]),
    "celu and selu": (lambda x: F.celu(2 * x, 1.5) * F.selu(x), [(3, 4)]),
    "softsign and hardtanh": (lambda x: F.softsign(x) * F.hardtanh(2 * x), [(3, 4)]),
    "scatter": (lambda x, u: x.scatter(1, idx([[2, 0], [1, 3], [3, 0]]), u) ** 2, [(3, 4), (3, 2)]),
    "scatter add": (lambda x, u: x.scatter_add(1, idx([[2, 0, 2], [1, 1, 1], [3, 0, 0]]), u) ** 2, [(3, 4), (3, 3)]),
    "index add": (lambda x, u: x.index_add(0, idx([2, 0, 2, 1]), u) ** 3, [(3, 4), (4, 4)]),
    "cumprod": (lambda x: torch.cumprod(x, 1), [(3, 4)]),
    "quantiles": (lambda x: torch.quantile(x, 0.3, 1) * torch.quantile(x, 0.5, 1), [(3, 6)]),
    "lu": (lambda x: torch.cat([t.reshape(-1) for t in torch.linalg.lu(x)]), [(2, 4, 4)]),
    "lu of a tall matrix": (lambda x: torch.cat([t.reshape(-1) for t in torch.linalg.lu(x)]), [(2, 5, 3)]),
    "lu of a wide matrix": (lambda x: torch.cat([t.reshape(-1) for t in torch.linalg.lu(x)]), [(2, 3, 5)]),
    "least squares of rank 1": (lambda x, y, z: torch.linalg.pinv(torch.outer(x, y)) @ z, [(4,), (3,), (4,)]),
    "least squares": (lambda x, y: torch.linalg.lstsq(x, y).solution, [(5, 3), (5, 2)]),
    "pinv": (lambda x: torch.linalg.pinv(x), [(2, 4, 3)]),
    "pinv of rank 1": (lambda x, y: torch.linalg.pinv(torch.outer(x, y)), [(4,), (3,)]),
    "rfft": (lambda x: torch.view_as_real(torch.fft.rfft(x)) ** 2, [(2, 7)]),
    "irfft": (lambda x: torch.fft.irfft(torch.view_as_complex(x), 8) ** 2, [(2, 5, 2)]),
    "a scan": (lambda x, w, u, b: lstm(x, w, u, b), [(4, 2, 3), (3, 8), (2, 8), (8,)]),
    "a choice": (lambda x, y: torch.sin(x * y) if (x.sum() < 1).item() else x * x + y, [(3,), (3,)]),
    "a perceptron": (
        lambda w, b, v: F.cross_entropy(F.relu(wave((4, 3), 9) @ w + b) @ v, idx([0, 1, 1, 0])),
        [(3, 5), (5,), (5, 2)],
    ),
    "a convolutional net": (
        lambda f, g, w: F.cross_entropy(
            F.relu(conv(F.max_pool2d(F.relu(nchw(conv(wave((2, 6, 6, 1), 9), f, padding=1))), 2).permute(0, 2, 3, 1), g)).reshape(2, -1) @ w,
            idx([0, 2]),
        ),
        [(3, 3, 1, 2), (2, 2, 2, 2), (8, 3)],
    ),
    "a transformer": (
        lambda e, g, b, qkv, o, u, d: F.cross_entropy((block(e[idx([[0, 2, 1], [2, 2, 0]])], g, b, qkv, o, u, d) @ e.T).flatten(0, 1), idx([2, 1, 0, 2, 0, 1])),
        [(3, 4), (4,), (4,), (4, 12), (4, 4), (4, 8), (8, 4)],
    ),
}


def trained(name, steps=200):
    """Parameters after steps of Adam from the wave: their sums with waves, and the losses every 20 steps."""
    f, shapes = cases[name]
    x = [(0.5 * wave(shape, k + 1)).requires_grad_() for k, shape in enumerate(shapes)]
    adam = torch.optim.Adam(x, lr=0.01)
    losses = []
    for step in range(steps):
        adam.zero_grad()
        loss = f(*x)
        loss.backward()
        if step % 20 == 0:
            losses.append(float(f"{loss.item():.14g}"))
        adam.step()
    return {"losses": losses, "parameters": [digits(p) for p in x]}


def digits(x):
    return [float(f"{v:.14g}") for v in x.detach().reshape(-1).tolist()]


out = {"torch": torch.__version__, "cases": {}}
for name, (f, shapes) in cases.items():
    x = [wave(shape, k + 1).requires_grad_() for k, shape in enumerate(shapes)]
    y = f(*x)
    loss = (y * wave(y.shape, 20)).sum()
    g = torch.autograd.grad(loss, x, create_graph=True)
    along = sum((d * wave(d.shape, 30 + k)).sum() for k, d in enumerate(g))
    second = torch.autograd.grad(along, x, allow_unused=True) if along.requires_grad else [None] * len(x)
    out["cases"][name] = {
        "shapes": shapes,
        "value": digits(y),
        "gradients": [digits(d) for d in g],
        "second": [digits(d if d is not None else torch.zeros_like(x[k])) for k, d in enumerate(second)],
    }
out["trained"] = {name: trained(name) for name in ["a perceptron", "a convolutional net", "a transformer"]}
json.dump(out, sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
