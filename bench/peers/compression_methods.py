"""Pruning and rounding of a layer's weights in PyTorch on one thread, single precision, as the papers describe them: python3 compression_methods.py FOLDER
reads layers.json, a list of {"name", "rows", "columns"}, and NAME.W.f32 [rows, columns] and NAME.H.f32 [columns, columns] = X'X, and writes JSON: for each layer
and method CPU seconds, the least of three, and the error tr((W − Ŵ) H (W − Ŵ)') / tr(W H W'). Exits with 3 if PyTorch is missing."""
import json
import sys
import time
from pathlib import Path

try:
    import numpy as np
    import torch
except ImportError:
    sys.exit(3)

torch.set_num_threads(1)
DAMPING, BLOCK = 0.01, 128


def two_of_four(scores):
    groups = scores.view(scores.shape[0], -1, 4)
    kept = groups.topk(2, dim=2).indices
    return torch.zeros_like(groups, dtype=torch.bool).scatter_(2, kept, True).view_as(scores)


def half_of_rows(scores):
    kept = scores.topk(scores.shape[1] // 2, dim=1).indices
    return torch.zeros_like(scores, dtype=torch.bool).scatter_(1, kept, True)


def wanda(W, H, choose):
    return W * choose(W.abs() * H.diagonal().sqrt())


def nowag(W, H, choose):
    Z = W / (W.norm(dim=0, keepdim=True) + 1e-5)
    Z = Z / (Z.norm(dim=1, keepdim=True) + 1e-5)
    return W * choose(Z.square() * H.diagonal())


def sweep(W, H, round_column, begin=None):
    """Optimal brain surgery, column by column, in blocks: SparseGPT and GPTQ."""
    W, columns = W.clone(), W.shape[1]
    H = H + DAMPING * H.diagonal().mean() * torch.eye(columns)
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    for start in range(0, columns, BLOCK):
        end = min(columns, start + BLOCK)
        part, errors, own = W[:, start:end].clone(), torch.zeros(W.shape[0], end - start), inverse[start:end, start:end]
        for j in range(end - start):
            if begin is not None:
                begin(part, own, start, j)
            w = part[:, j]
            q = round_column(w, start + j)
            error = (w - q) / own[j, j]
            part[:, j] = q
            part[:, j + 1 :] -= error.unsqueeze(1) @ own[j, j + 1 :].unsqueeze(0)
            errors[:, j] = error
        W[:, start:end] = part
        W[:, end:] -= errors @ inverse[start:end, end:]
    return W


def sparsegpt(W, H, grouped):
    mask = torch.zeros_like(W, dtype=torch.bool)

    def begin(part, own, start, j):
        if grouped and j % 4 == 0:
            mask[:, start + j : start + j + 4] = two_of_four((part[:, j : j + 4] / own.diagonal()[j : j + 4]).square())
        elif not grouped and j == 0:
            scores = (part / own.diagonal()).square()
            mask[:, start : start + part.shape[1]] = scores > scores.flatten().sort().values[scores.numel() // 2]

    return sweep(W, H, lambda w, j: w * mask[:, j], begin)


def levels(W, H, bits):
    """Evenly spaced levels with a scale for each row, the best of 25."""
    k, middle = 2**bits, (2**bits - 1) / 2
    best = torch.full((W.shape[0],), float("inf"))
    scales = torch.zeros(W.shape[0])
    most = W.abs().amax(dim=1)
    for i in range(25):
        scale = (1 - i / 40) * most / middle
        q = ((W / scale.unsqueeze(1) + middle).round().clamp(0, k - 1) - middle) * scale.unsqueeze(1)
        error = ((W - q).square() * H.diagonal()).sum(dim=1)
        better = error < best
        best, scales = torch.where(better, error, best), torch.where(better, scale, scales)
    return scales, middle, k


def gptq(W, H, bits):
    scales, middle, k = levels(W, H, bits)
    return sweep(W, H, lambda w, j: ((w / scales + middle).round().clamp(0, k - 1) - middle) * scales)


def codebook(W, H, bits):
    """k-means on the line by Lloyd's iterations from quantiles, then the same sweep."""
    values = W.flatten().sort().values
    sums = torch.cat([torch.zeros(1, dtype=torch.float64), values.double().cumsum(0)])
    k = 2**bits
    centres = values[((torch.arange(k) + 0.5) * values.numel() / k).long()].double()
    for _ in range(100):
        cuts = torch.searchsorted(values, ((centres[1:] + centres[:-1]) / 2).float())
        ends = torch.cat([torch.zeros(1, dtype=torch.long), cuts, torch.tensor([values.numel()])])
        counts = ends.diff()
        moved = torch.where(counts > 0, sums[ends].diff() / counts.clamp(min=1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    book = centres.float()
    middles = (book[1:] + book[:-1]) / 2
    return sweep(W, H, lambda w, j: book[torch.searchsorted(middles, w.contiguous())])


METHODS = {
    "wanda, half": lambda W, H: wanda(W, H, half_of_rows),
    "wanda, 2:4": lambda W, H: wanda(W, H, two_of_four),
    "nowag, 2:4": lambda W, H: nowag(W, H, two_of_four),
    "sparsegpt, half": lambda W, H: sparsegpt(W, H, False),
    "sparsegpt, 2:4": lambda W, H: sparsegpt(W, H, True),
    "gptq, 4 bits": lambda W, H: gptq(W, H, 4),
    "codebooks, 4 bits": lambda W, H: codebook(W, H, 4),
}

folder = Path(sys.argv[1])
answers = []
for layer in json.loads((folder / "layers.json").read_text()):
    name, rows, columns = layer["name"], layer["rows"], layer["columns"]
    W = torch.from_numpy(np.fromfile(folder / f"{name}.W.f32", dtype=np.float32).reshape(rows, columns).copy())
    H = torch.from_numpy(np.fromfile(folder / f"{name}.H.f32", dtype=np.float32).reshape(columns, columns).copy())
    exact, metric = W.double(), H.double()
    whole = ((exact @ metric) * exact).sum().item()
    for method, run in METHODS.items():
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            answer = run(W, H)
            best = min(best, time.process_time() - start)
        difference = exact - answer.double()
        error = ((difference @ metric) * difference).sum().item() / whole
        answers.append({"layer": name, "method": method, "seconds": best, "error": error})
print(json.dumps({"torch": torch.__version__, "answers": answers}))
