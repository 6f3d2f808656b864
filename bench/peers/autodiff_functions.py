"""The functions of bench/src/autodiff/functions.ts by PyTorch: python3 autodiff_functions.py NAME writes the
milliseconds of each size as JSON."""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


def normals(size, dtype=torch.float32):
    return torch.randn(*size, dtype=dtype)


def uniform(size, low, high):
    return torch.rand(*size) * (high - low) + low


def indices(size, count):
    n = 1
    for k in size:
        n *= k
    return (torch.arange(n) * 7 % count).view(*size)


rows = [(256, 128), (33, 1000), (5, 20011)]
signals = [(64, 256), (16, 1000), (7, 4099)]
elements = [(1000,), (257, 129), (512, 512)]
squares = [(64, 12, 12), (4, 65, 65), (1, 200, 200)]
tall = [(64, 20, 8), (4, 130, 33), (1, 300, 100)]
pictures = [(8, 16, 16, 16), (3, 24, 29, 31), (4, 32, 64, 64)]


def elementwise(f, low=-0.9, high=0.9):
    return elements, lambda size: [uniform(size, low, high)], f


def of_rows(f):
    return rows, lambda size: [normals(size)], f


def of_matrices(sizes, f):
    return sizes, lambda size: [normals(size, torch.float64)], f


def pairwise(f):
    return elements[1:] + [(64, 1001)], lambda size: [normals(size), normals(size)], f


def of_images(f, given=lambda size: [normals(size)]):
    return pictures, given, f


functions = {
    "rfft": (signals, lambda s: [normals(s)], torch.fft.rfft),
    "irfft": ([(64, 129), (16, 501), (7, 2050)], lambda s: [normals(s, torch.complex64)], torch.fft.irfft),
    "fft": (signals, lambda s: [normals(s, torch.complex64)], torch.fft.fft),
    "complexMul": (elements, lambda s: [normals(s, torch.complex64), normals(s, torch.complex64)], torch.mul),
    "complexDiv": (elements, lambda s: [normals(s, torch.complex64), normals(s, torch.complex64)], torch.div),
    "complexExp": (elements, lambda s: [normals(s, torch.complex64)], torch.exp),
    "complexAbs": (elements, lambda s: [normals(s, torch.complex64)], torch.abs),
    "sort": of_rows(lambda x: torch.sort(x)[0]),
    "topK": of_rows(lambda x: torch.topk(x, 10)[0]),
    "median": of_rows(lambda x: torch.quantile(x, 0.5, dim=-1)),
    "cumsum": of_rows(lambda x: torch.cumsum(x, -1)),
    "cumprod": (rows, lambda s: [uniform(s, 0.9, 1.1)], lambda x: torch.cumprod(x, -1)),
    "scatterAdd": (
        rows,
        lambda s: [normals(s), indices(s, s[1]), normals(s)],
        lambda x, at, u: torch.scatter_add(x, 1, at, u),
    ),
    "indexAdd": (
        [(128, 256), (1000, 33), (20011, 5)],
        lambda s: [normals(s), indices((s[0],), s[0]), normals(s)],
        lambda x, at, u: torch.index_add(x, 0, at, u),
    ),
    "asin": elementwise(torch.asin),
    "atan": elementwise(torch.atan),
    "tan": elementwise(torch.tan),
    "asinh": elementwise(torch.asinh),
    "cosh": elementwise(torch.cosh),
    "lgamma": elementwise(torch.lgamma, 0.5, 9),
    "digamma": elementwise(torch.digamma, 0.5, 9),
    "leakyRelu": elementwise(F.leaky_relu),
    "elu": elementwise(F.elu),
    "selu": elementwise(F.selu),
    "softsign": elementwise(F.softsign),
    "hardtanh": elementwise(lambda x: F.hardtanh(x, -0.5, 0.5)),
    "lu": of_matrices(squares, lambda a: torch.linalg.lu(a)[1:]),
    "lstsq": (
        tall,
        lambda s: [normals(s, torch.float64), normals((*s[:-1], 3), torch.float64)],
        lambda a, b: torch.linalg.lstsq(a, b)[0],
    ),
    "pinv": of_matrices(tall, torch.linalg.pinv),
    "qr": of_matrices(tall, torch.linalg.qr),
    "svd": of_matrices(tall, lambda a: torch.linalg.svd(a, full_matrices=False)),
    "conv1d": (
        [(16, 32, 128), (5, 17, 301), (2, 64, 2000)],
        lambda s: [normals(s), normals((48, s[1], 5))],
        lambda x, f: F.conv1d(x, f, padding=2),
    ),
    "conv3d": (
        [(4, 1, 16, 16, 16), (2, 7, 9, 13, 11), (1, 16, 16, 24, 24)],
        lambda s: [normals(s), normals((16, s[1], 3, 3, 3))],
        lambda x, f: F.conv3d(x, f, padding=1),
    ),
    "depthwise": of_images(
        lambda x, f: F.conv2d(x, f, padding=1, groups=x.shape[1]), lambda s: [normals(s), normals((s[1], 1, 3, 3))]
    ),
    "groups": of_images(
        lambda x, f: F.conv2d(x, f, padding=1, groups=4), lambda s: [normals(s), normals((32, s[1] // 4, 3, 3))]
    ),
    "groupNorm": of_images(lambda x: F.group_norm(x, 4)),
    "instanceNorm": of_images(F.instance_norm),
    "upsample": of_images(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)),
    "huber": pairwise(F.huber_loss),
    "toF16": elementwise(lambda x: x.half()),
    "toBf16": elementwise(lambda x: x.bfloat16()),
    "fromF16": (elements, lambda s: [normals(s).half()], lambda x: x.float()),
    "fromBf16": (elements, lambda s: [normals(s).bfloat16()], lambda x: x.float()),
    "halfWeights": (
        [(1, 768, 768), (33, 300, 1000), (256, 512, 512)],
        lambda s: [normals(s[:2]), normals((s[2], s[1])).bfloat16()],
        lambda x, w: F.linear(x, w.float()),
    ),
    "bceWithLogits": pairwise(lambda a, b: F.binary_cross_entropy_with_logits(a, torch.sigmoid(b).detach())),
    "kl": pairwise(lambda a, b: F.kl_div(torch.log_softmax(a, -1), torch.softmax(b, -1), reduction="batchmean")),
    "cosine": pairwise(lambda a, b: F.cosine_embedding_loss(a, b, torch.ones(a.shape[0]))),
    "triplet": pairwise(lambda a, b: F.triplet_margin_loss(a, b, -b)),
}


def timed(step, warm_up=0.05):
    end = time.perf_counter() + warm_up
    steps = 0
    while time.perf_counter() < end or steps < 3:
        step()
        steps += 1
    count = max(1, round(steps / 5))
    rounds = []
    for _ in range(25):
        start, used = time.perf_counter(), time.process_time()
        for _ in range(count):
            step()
        rounds.append(((time.perf_counter() - start) / count * 1e3, (time.process_time() - used) / count * 1e3))
    walls = sorted(w for w, _ in rounds)
    return {"wall": walls[0], "median": walls[12], "cpu": min(c for _, c in rounds)}


def main():
    sizes, given, f = functions[sys.argv[1]]
    found = []
    for size in sizes:
        x = given(size)
        variables = [v.requires_grad_(True) for v in x if v.is_floating_point() or v.is_complex()]

        def forward():
            with torch.inference_mode():
                f(*x)

        def both():
            y = f(*x)
            parts = [torch.view_as_real(p) if p.is_complex() else p for p in ((y,) if torch.is_tensor(y) else y)]
            torch.autograd.grad(sum((p * p).mean() for p in parts), variables, allow_unused=True)

        found.append({"forward": timed(forward), "both": timed(both)})
    print(json.dumps(found))


main()
