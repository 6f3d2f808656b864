"""Rounding to two bytes, and derivatives through casts, by PyTorch. Writes JSON to standard output: python3 values.py >
values.json. The functions of the same names are in dtypes.test.ts."""
import hashlib
import json
import math
import sys

import numpy
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
formats = {"f16": torch.float16, "bf16": torch.bfloat16}


def wave(shape, seed):
    n = math.prod(shape)
    return torch.tensor([math.sin(1.3 * i + seed) + 0.3 * math.sin(0.7 * i * i + seed) for i in range(n)]).reshape(shape)


def bits(x):
    """Words of two bytes, NaN as 0."""
    return torch.where(x.isnan(), torch.zeros_like(x), x).view(torch.int16).numpy().astype("<i2")


def hashed(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


def rounding(dtype):
    """Hashes of the numbers of all words, and of the words of a number in the middle between two, and of its neighbours."""
    words = torch.from_numpy(numpy.arange(65536).astype("<u2").astype("<i2", casting="unsafe"))
    numbers = words.view(dtype).float()
    numbers = torch.where(numbers.isnan(), torch.zeros_like(numbers), numbers).numpy().astype("<f4")
    found = [hashed(numbers)]
    half = numbers[:-1] * numpy.float32(0.5) + numbers[1:] * numpy.float32(0.5)
    half = numpy.where(numpy.isfinite(half), half, 0).astype("<f4")
    for x in [half, numpy.nextafter(half, numpy.float32(1e38)), numpy.nextafter(half, numpy.float32(-1e38))]:
        found.append(hashed(bits(torch.from_numpy(x).to(dtype))))
    return found


def through(dtype):
    return {
        f"{dtype}: there and back": (lambda x: x.to(formats[dtype]).double().sin() ** 2, [[3, 4]], None),
        f"{dtype}: a product by weights": (lambda x, w: (x @ w.to(formats[dtype]).double()).tanh(), [[2, 3], [3, 4]], None),
        f"{dtype}: rows of a table": (
            lambda t: t.to(formats[dtype])[torch.tensor([2, 0, 2, 4])].double() ** 3, [[5, 3]], None),
        f"{dtype}: parts, used twice": (
            lambda x, y: torch.cat([x.to(formats[dtype])[1:], y.to(formats[dtype]).T, x.to(formats[dtype])[:1]]).double().exp(),
            [[3, 2], [2, 2]], None),
        f"{dtype}: variables of two bytes": (lambda x, w: (x.double() * w.double()).sin() * w.double(), [[7], [7]], dtype),
    }


def digits(x):
    return [float(f"{v:.14g}") for v in x.detach().double().reshape(-1).tolist()]


out = {"torch": torch.__version__, "rounding": {name: rounding(dtype) for name, dtype in formats.items()}, "cases": {}}
for name, (f, shapes, variables) in {**through("f16"), **through("bf16")}.items():
    x = [wave(shape, k + 1) for k, shape in enumerate(shapes)]
    x = [(t.to(formats[variables]) if variables else t).requires_grad_() for t in x]
    y = f(*x)
    loss = (y * wave(y.shape, 20)).sum()
    g = torch.autograd.grad(loss, x, create_graph=True)
    along = sum((d.double() * wave(d.shape, 30 + k)).sum() for k, d in enumerate(g))
    second = torch.autograd.grad(along, x)
    out["cases"][name] = {
        "shapes": shapes,
        "value": digits(y),
        "gradients": [digits(d) for d in g],
        "second": [digits(d) for d in second],
    }
json.dump(out, sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
