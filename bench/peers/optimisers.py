"""Steps of PyTorch's optimisers on one thread: argument the number of parameters; prints one line of JSON, milliseconds."""
import json
import sys
import time

import torch

torch.set_num_threads(1)
n = int(sys.argv[1])
O = torch.optim
rules = {
    "sgd": lambda p: O.SGD([p], lr=1e-3),
    "momentum": lambda p: O.SGD([p], lr=1e-3, momentum=0.9),
    "adamW": lambda p: O.AdamW([p], lr=1e-3),
    "amsgrad": lambda p: O.AdamW([p], lr=1e-3, amsgrad=True),
    "adagrad": lambda p: O.Adagrad([p], lr=1e-3),
}
found = {}
for name, make in rules.items():
    for kind, dtype in (("f32", torch.float32), ("f64", torch.float64)):
        p = torch.sin(torch.arange(n, dtype=dtype)).requires_grad_()
        p.grad = torch.cos(torch.arange(n, dtype=dtype))
        optimiser = make(p)
        best = float("inf")
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            t = time.perf_counter()
            optimiser.step()
            best = min(best, time.perf_counter() - t)
        found[f"{name} {kind}"] = 1e3 * best
print(json.dumps(found))
