# Aggregation of gradients by NumPy, one thread: argument {"shapes": [[workers, entries], ...]}, answer for each shape, rule and precision
# of the sums the CPU seconds of the first call, and the least of a few later ones.
import json
import sys
import time

import numpy as np


def median_weights(K):
    # Weiszfeld's iteration on inner products, to the gap at which ours ends.
    p = len(K)
    w = np.full(p, 1 / p)
    for _ in range(1000):
        Kw = K @ w
        d = np.sqrt(np.maximum(np.diag(K) - 2 * Kw + w @ Kw, 1e-300))
        inverse = 1 / d
        residual = inverse - inverse.sum() * w
        length = np.sqrt(max(0.0, residual @ K @ residual)) / p
        gap = 1 - (d.sum() - ((K @ residual) - w @ K @ residual).sum() / p) / ((1 + length) * d.sum())
        if gap <= 1e-6:
            break
        w = inverse / inverse.sum()
    return w


def norms(G, double):
    if double:
        return np.sqrt([np.einsum("i,i->", g, g, dtype=np.float64, casting="same_kind") for g in G])
    return np.sqrt(np.einsum("ij,ij->i", G, G))


def products(G, double):
    if not double:
        return (G @ G.T).astype(np.float64)
    K = np.zeros((len(G), len(G)))
    # Blocks that stay in the cache, rather than a copy of all.
    for at in range(0, G.shape[1], 4096):
        part = G[:, at : at + 4096].astype(np.float64)
        K += part @ part.T
    return K


def combination(G, w, double):
    if not double:
        return w.astype(np.float32) @ G
    out = np.empty(G.shape[1])
    for at in range(0, G.shape[1], 4096):
        out[at : at + 4096] = w @ G[:, at : at + 4096].astype(np.float64)
    return out


rules = {
    "mean": lambda G, double: G.mean(axis=0, dtype=np.float64) if double else G.mean(axis=0),
    "normalized-mean": lambda G, double: combination(G, 1 / (len(G) * norms(G, double)), double),
    "geometric-median": lambda G, double: combination(G, median_weights(products(G, double)), double),
}


def timed(call):
    start = time.process_time()
    call()
    return time.process_time() - start


given = json.loads(sys.argv[1])
answers = []
for p, n in given["shapes"]:
    G = np.random.default_rng(1).standard_normal((p, n), dtype=np.float32)
    answer = {}
    for name, rule in rules.items():
        for bits, double in (("32", False), ("64", True)):
            first = timed(lambda: rule(G, double))
            rounds = max(5, min(200, round(1e8 / (p * n))))
            least = min(timed(lambda: rule(G, double)) for _ in range(rounds))
            answer[f"{name} {bits}"] = [first, least]
    answers.append(answer)
print(json.dumps({"numpy": np.__version__, "seconds": answers}))
