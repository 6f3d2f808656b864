"""Parameters after steps of PyTorch's optimisers, and rates of its schedules, in double precision on numbers that a formula gives;
of Muon by the published description, on PyTorch's layout of matrices, [outputs, inputs]. Writes JSON to standard output:
python3 values.py > values.json. The optimisers of the same names are in torch.test.ts."""
import json
import math
import sys

import torch
from torch.optim import lr_scheduler as lr

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def wave(n, seed=1):
    return torch.tensor([math.sin(1.3 * i + seed) + 0.3 * math.sin(0.7 * i * i + seed) for i in range(n)])


def slope(x):
    """A gradient of its own for each parameter."""
    i = torch.arange(x.numel())
    return (1 + 0.1 * i) * x + torch.sin(3 * x + i)


def digits(x):
    return [float(f"{v:.15g}") for v in x.detach().reshape(-1).tolist()]


N, STEPS = 23, 60


def trained(make, groups=None, schedule=None):
    """Every twentieth point of a run; groups are ends and options of parts."""
    start = wave(N)
    cuts = [0] + [end for end, _ in groups or []] + ([N] if not groups or groups[-1][0] < N else [])
    parts = [start[a:b].clone().requires_grad_() for a, b in zip(cuts, cuts[1:])]
    options = [o for _, o in groups or []] + [{}]
    optimiser = make([{"params": [p], **o} for p, o in zip(parts, options) if not o.get("frozen")])
    scheduler = schedule(optimiser) if schedule else None
    points = []
    for step in range(STEPS):
        g = slope(torch.cat([p.detach() for p in parts]))
        for p, a in zip(parts, cuts):
            p.grad = g[a : a + p.numel()].clone()
        optimiser.step()
        if scheduler:
            scheduler.step()
        if step % 20 == 19:
            points.append(digits(torch.cat(parts)))
    return points


O = torch.optim
optimisers = {
    "sgd": trained(lambda p: O.SGD(p, lr=0.05)),
    "momentum": trained(lambda p: O.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.1)),
    "nesterov": trained(lambda p: O.SGD(p, lr=0.02, momentum=0.8, nesterov=True)),
    "adam": trained(lambda p: O.Adam(p, lr=0.03)),
    "adam with a penalty": trained(lambda p: O.Adam(p, lr=0.03, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2)),
    "amsgrad": trained(lambda p: O.Adam(p, lr=0.05, betas=(0.9, 0.9), amsgrad=True)),
    "adamW": trained(lambda p: O.AdamW(p, lr=0.03, weight_decay=0.3)),
    "adamW in groups": trained(
        lambda p: O.AdamW(p, lr=0.03, weight_decay=0.1),
        [(5, {"lr": 0.06}), (11, {"frozen": True}), (14, {"weight_decay": 0.0})],
    ),
    "adamW on a schedule": trained(
        lambda p: O.AdamW(p, lr=0.05), schedule=lambda o: lr.CosineAnnealingLR(o, T_max=50, eta_min=0.001)
    ),
    "adagrad": trained(lambda p: O.Adagrad(p, lr=0.3, weight_decay=0.05, initial_accumulator_value=0.2)),
}


def orthogonalised(G):
    """Jordan et al. 2024: five steps of X <- aX + (bA + cA²)X with A = XXᵀ, on the wide orientation."""
    a, b, c = 3.4445, -4.7750, 2.0315
    X = G.mT if G.size(0) > G.size(1) else G
    X = X / (X.norm() + 1e-7)
    for _ in range(5):
        A = X @ X.mT
        X = a * X + (b * A + c * A @ A) @ X
    return X.mT if G.size(0) > G.size(1) else X


def muon():
    """Momentum 0.95 by Nesterov; AdamW with betas 0.9, 0.95 and eps 1e-10 for the rest."""
    shapes = [(3, 5), (6, 4), (2, 2, 3), (7,), (8, 8)]
    sizes = [math.prod(s) for s in shapes]
    x = wave(sum(sizes))
    momentum = torch.zeros_like(x)
    parts = [x[sum(sizes[:k]) : sum(sizes[: k + 1])] for k in range(len(sizes))]
    vector = parts[3].clone().requires_grad_()
    adam = O.AdamW([vector], lr=0.02 * 0.015, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.1)
    points = []
    for step in range(STEPS):
        g = slope(x)
        momentum.lerp_(g, 0.05)
        update = g.lerp(momentum, 0.95)
        for k, shape in enumerate(shapes):
            a, b = sum(sizes[:k]), sum(sizes[: k + 1])
            if len(shape) == 1:
                vector.grad = g[a:b].clone()
                adam.step()
                x[a:b] = vector.detach()
                continue
            W = update[a:b].reshape(-1, shape[-1]).T
            O_ = orthogonalised(W) * max(1, W.size(0) / W.size(1)) ** 0.5
            x[a:b] = x[a:b] * (1 - 0.02 * 0.1) - 0.02 * O_.T.reshape(-1)
        if step % 20 == 19:
            points.append(digits(x))
    return points


optimisers["muon"] = muon()


def rates(make, steps=30):
    optimiser = O.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = make(optimiser)
    found = []
    for _ in range(steps):
        found.append(float(f"{optimiser.param_groups[0]['lr']:.15g}"))
        optimiser.step()
        schedule.step()
    return found


def warmed(then, warmup):
    return lambda o: lr.SequentialLR(
        o, [lr.LinearLR(o, start_factor=1 / (warmup + 1), total_iters=warmup), then(o)], milestones=[warmup]
    )


schedules = {
    "step": rates(lambda o: lr.StepLR(o, 7, 0.3)),
    "exponential": rates(lambda o: lr.ExponentialLR(o, 0.9)),
    "cosine": rates(lambda o: lr.CosineAnnealingLR(o, 29, 0.01)),
    "cosine with a warm-up": rates(warmed(lambda o: lr.CosineAnnealingLR(o, 25, 0.02), 4)),
    "linear with a warm-up": rates(warmed(lambda o: lr.LinearLR(o, 1.0, 0.1, 20), 5)),
    "one cycle": rates(lambda o: lr.OneCycleLR(o, 0.5, 31, cycle_momentum=False)),
    "one cycle in lines": rates(
        lambda o: lr.OneCycleLR(o, 0.5, 30, pct_start=0.25, div_factor=10, final_div_factor=100, anneal_strategy="linear", cycle_momentum=False)
    ),
    "up, along and down": rates(
        lambda o: lr.LambdaLR(o, lambda t: (t + 1) / 5 if t < 4 else 1 if t < 14 else max(0, (24 - t) / 10))
    ),
}

from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def averaged(**options):
    module = torch.nn.Linear(3, 2)
    average = AveragedModel(module, **options)
    for k in range(9):
        with torch.no_grad():
            for p in module.parameters():
                p.copy_(wave(p.numel(), k).reshape(p.shape))
        average.update_parameters(module)
    return digits(average.module.weight)


def clipped(most):
    p = torch.zeros(N, requires_grad=True)
    p.grad = slope(wave(N))
    norm = torch.nn.utils.clip_grad_norm_([p], most)
    return {"norm": float(norm), "gradient": digits(p.grad)}


json.dump(
    {
        "torch": torch.__version__,
        "optimisers": optimisers,
        "schedules": schedules,
        "averages": {"equal": averaged(), "exponential": averaged(multi_avg_fn=get_ema_multi_avg_fn(0.7))},
        "clipped": clipped(2.0),
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
