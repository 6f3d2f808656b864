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


def armor(W, H, b=32, steps=100, rate=1e-3, damping=1e-3):
    """Gradients by autograd, Adam, and one group of four of every block decided again in each step, in all blocks at once."""
    r1 = W.norm(dim=0) + 1e-5
    r2 = (W / r1).norm(dim=1) + 1e-5
    rows, columns = W.shape
    m, n = -(-rows // b) * b, -(-columns // b) * b
    Z = torch.zeros(m, n)
    Z[:rows, :columns] = W / r1 / r2.unsqueeze(1)
    h = torch.zeros(n)
    h[:columns] = H.diagonal() / H.diagonal().mean() + damping
    mask = two_of_four(Z.square() * h).float()
    whole = (Z.square() * h).sum()
    mb, nb = m // b, n // b
    A = torch.eye(b).repeat(mb, 1, 1).requires_grad_()
    B = torch.eye(b).repeat(nb, 1, 1).requires_grad_()
    S = (Z * mask).requires_grad_()

    def product():
        left = torch.bmm(A, S.view(mb, b, n)).view(m, nb, b)
        return torch.bmm(left.transpose(0, 1), B).transpose(0, 1).reshape(m, n)

    pairs = torch.combinations(torch.arange(4), 2)
    blocks = torch.arange(mb).repeat_interleave(nb), torch.arange(nb).repeat(mb)
    ADAM = torch.optim.Adam([A, B, S], lr=rate)
    best = float("inf")
    for _ in range(steps):
        ADAM.zero_grad()
        loss = ((product() - Z).square() * h).sum() / whole
        loss.backward()
        sizes = S.grad.abs().view(mb, b, nb, b // 4, 4).sum(4).permute(0, 2, 1, 3).reshape(mb * nb, -1)
        S.grad *= mask
        ADAM.step()
        with torch.no_grad():
            R = product() - Z
            loss = ((R.square() * h).sum() / whole).item()
            chosen = torch.multinomial(sizes, 1).squeeze(1)
            row, group = chosen // (b // 4), chosen % (b // 4)
            I, J = blocks
            a = A[I, :, row]
            own = torch.arange(4)
            rest = B[J.unsqueeze(1), (4 * group).unsqueeze(1) + own]
            weighted = rest * h.view(nb, 1, b)[J]
            parts = R.view(mb, b, nb, b).permute(0, 2, 1, 3).reshape(mb * nb, b, b)
            u = torch.bmm(a.unsqueeze(1), parts)
            G = torch.bmm(weighted, rest.transpose(1, 2))
            s = a.square().sum(1, keepdim=True)
            at = (I * b + row).unsqueeze(1), (J * b + 4 * group).unsqueeze(1) + own
            now = S[at]
            Gn = s * torch.bmm(G, now.unsqueeze(2)).squeeze(2)
            f = Gn - torch.bmm(weighted, u.transpose(1, 2)).squeeze(2)
            before = (now * (2 * f - Gn)).sum(1)
            p, q = pairs[:, 0], pairs[:, 1]
            gp, gq, gpq = G[:, p, p], G[:, q, q], G[:, p, q]
            det = gp * gq - gpq * gpq
            vp, vq = (gq * f[:, p] - gpq * f[:, q]) / det / s, (gp * f[:, q] - gpq * f[:, p]) / det / s
            gains = torch.where(det > 1e-12 * gp * gq, vp * f[:, p] + vq * f[:, q], -1.0)
            gain, pair = gains.max(1)
            better = (gain > before).unsqueeze(1)
            take = pair.unsqueeze(1)
            values = torch.zeros_like(now).scatter_(1, pairs[pair], torch.cat([vp.gather(1, take), vq.gather(1, take)], 1))
            kept = torch.zeros_like(now).scatter_(1, pairs[pair], 1.0)
            S[at] = torch.where(better, values, now)
            mask[at] = torch.where(better, kept, mask[at])
            state = ADAM.state[S]
            for moments in (state["exp_avg"], state["exp_avg_sq"]):
                moments *= mask
            loss -= ((gain - before) * better.squeeze(1)).sum().item() / whole.item()
            if loss < best:
                best, answer = loss, product()
    return answer[:rows, :columns] * r2.unsqueeze(1) * r1


METHODS = {
    "wanda, half": lambda W, H: wanda(W, H, half_of_rows),
    "wanda, 2:4": lambda W, H: wanda(W, H, two_of_four),
    "nowag, 2:4": lambda W, H: nowag(W, H, two_of_four),
    "sparsegpt, half": lambda W, H: sparsegpt(W, H, False),
    "sparsegpt, 2:4": lambda W, H: sparsegpt(W, H, True),
    "gptq, 4 bits": lambda W, H: gptq(W, H, 4),
    "codebooks, 4 bits": lambda W, H: codebook(W, H, 4),
    "armor, 2:4, 100 steps": lambda W, H: armor(W, H),
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
