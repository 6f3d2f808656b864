"""Alternating least squares with biases, plain NumPy or loops compiled by Numba: the peer of `bench -- completion`.

python3 als.py DATA KIND RANK LAMBDA SWEEPS REPEATS; prints what bench/src/completion/contender.ts prints.
"""
import json
import resource
import sys
import time

import numpy as np


def read(path):
    a = np.fromfile(path)
    rows, cols, n, m = (int(v) for v in a[:4])
    train = (a[4 : 4 + n].astype(np.int32), a[4 + n : 4 + 2 * n].astype(np.int32), a[4 + 2 * n : 4 + 3 * n])
    b = a[4 + 3 * n :]
    test = (b[:m].astype(np.int32), b[m : 2 * m].astype(np.int32), b[2 * m : 3 * m])
    return rows, cols, train, test


def biases(rows, cols, i, j, v, damping=5.0, sweeps=20):
    mean = v.mean()
    row, col = np.zeros(rows), np.zeros(cols)
    ci, cj = np.bincount(i, minlength=rows) + damping, np.bincount(j, minlength=cols) + damping
    for _ in range(sweeps):
        col = np.bincount(j, v - mean - row[i], minlength=cols) / cj
        row = np.bincount(i, v - mean - col[j], minlength=rows) / ci
    return mean, row, col


def lines(count, own, other, values):
    order = np.argsort(own, kind="stable")
    pointers = np.concatenate(([0], np.cumsum(np.bincount(own, minlength=count))))
    return pointers, other[order], values[order]


def half_numpy(pointers, index, values, F, out, lam):
    ridge = lam * np.eye(F.shape[1])
    for j in range(len(pointers) - 1):
        a, b = pointers[j], pointers[j + 1]
        if a == b:
            out[j] = 0
            continue
        A = F[index[a:b]]
        out[j] = np.linalg.solve(A.T @ A + ridge, A.T @ values[a:b])


def half_numba():
    import numba

    @numba.njit
    def half(pointers, index, values, F, out, lam):
        k = F.shape[1]
        G = np.empty((k, k))
        s = np.empty(k)
        for j in range(len(pointers) - 1):
            G[:] = 0.0
            s[:] = 0.0
            for e in range(pointers[j], pointers[j + 1]):
                f = F[index[e]]
                for a in range(k):
                    s[a] += values[e] * f[a]
                    for b in range(a + 1):
                        G[a, b] += f[a] * f[b]
            for a in range(k):
                G[a, a] += lam
                for b in range(a):
                    G[b, a] = G[a, b]
            out[j] = np.linalg.solve(G, s)

    return half


def main():
    path, kind, rank, lam, sweeps, repeats = sys.argv[1:]
    rank, lam, sweeps, repeats = int(rank), float(lam), int(sweeps), int(repeats)
    rows, cols, (i, j, v), (ti, tj, tv) = read(path)
    mean, row, col = biases(rows, cols, i, j, v)
    r = v - mean - row[i] - col[j]
    by_col, by_row = lines(cols, j, i, r), lines(rows, i, j, r)
    half = half_numpy if kind == "numpy" else half_numba()
    if kind == "numba":
        half(*by_col, np.ones((rows, rank)), np.empty((cols, rank)), lam)
    base = mean + row[ti] + col[tj]
    runs = []
    for repeat in range(repeats):
        trace = []
        spent, begun = 0.0, time.process_time()
        U = 0.1 * np.random.default_rng(repeat).standard_normal((rows, rank))
        V = np.zeros((cols, rank))
        for sweep in range(sweeps + 1):
            if sweep > 0:
                half(*by_col, U, V, lam)
                half(*by_row, V, U, lam)
            spent += time.process_time() - begun
            predicted = base + (U[ti] * V[tj]).sum(axis=1)
            trace.append({"seconds": spent, "error": float(np.sqrt(np.mean((tv - predicted) ** 2)))})
            begun = time.process_time()
        runs.append(trace)
    print(json.dumps({"runs": runs, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


main()
