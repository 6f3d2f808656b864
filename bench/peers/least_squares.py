"""Least squares by SciPy's LAPACK drivers, and what both are judged by. Prints one line of JSON.

make DIR ROWS COLS COND NOISE   data whose solution is known to the last bit, as A.bin (column-major), b.bin, x.bin
solve DIR ROWS COLS DRIVER      gelsd, gelsy, or normal (Cholesky of A'A); writes found.bin
judge DIR ROWS COLS             of found.bin: the forward error, and |A'r| / (|A| |r|), in extended precision
"""
import json
import os
import resource
import sys
import time

import numpy as np
import scipy
import scipy.linalg as sl

BLOCK = 1 << 15


def make(folder, n, p, cond, noise):
    """A = [B; B], b = [Bx + e; Bx - e]: A'r = 0 exactly, and no sum rounds, as B has steps of 2^-40, x of 2^-3 and e of 2^-43."""
    r = np.random.default_rng(20231)
    half = n // 2
    scale = cond ** (-np.arange(p) / max(p - 1, 1))
    v = r.standard_normal(p)
    x = np.round(r.standard_normal(p) * 8) / 8
    A = np.memmap(os.path.join(folder, "A.bin"), np.float64, "w+", shape=(n, p), order="F")
    b = np.empty(n)
    for i in range(0, half, BLOCK):
        k = min(BLOCK, half - i)
        rows = r.standard_normal((k, p)) * scale
        # One reflection mixes the columns.
        rows -= np.outer(rows @ v, 2 * v / (v @ v))
        rows = np.round(rows * 2.0**40) / 2.0**40
        e = np.round(noise * r.standard_normal(k) * 2.0**43) / 2.0**43
        fit = rows @ x
        for at, sign in ((i, 1), (half + i, -1)):
            A[at : at + k] = rows
            b[at : at + k] = fit + sign * e
    A.flush()
    b.tofile(os.path.join(folder, "b.bin"))
    x.tofile(os.path.join(folder, "x.bin"))
    return {}


def load(folder, n, p):
    A = np.fromfile(os.path.join(folder, "A.bin")).reshape((n, p), order="F")
    return A, np.fromfile(os.path.join(folder, "b.bin"))


def solve(folder, n, p, driver):
    # What is loaded late, before the clock.
    small = np.random.default_rng(0).standard_normal((300, 20))
    by(driver, np.asfortranarray(small), np.ones(300))
    A, b = load(folder, n, p)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    x = by(driver, A, b)
    seconds = time.process_time() - start
    x.tofile(os.path.join(folder, "found.bin"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "megabytes": (peak - before) / 1024, "versions": f"scipy {scipy.__version__}, numpy {np.__version__}"}


def by(driver, A, b):
    if driver == "normal":
        try:
            return sl.cho_solve(sl.cho_factor(A.T @ A), A.T @ b)
        except sl.LinAlgError:
            return np.full(A.shape[1], np.nan)
    return sl.lstsq(A, b, overwrite_a=True, overwrite_b=True, check_finite=False, lapack_driver=driver)[0]


def judge(folder, n, p):
    A = np.memmap(os.path.join(folder, "A.bin"), np.float64, "r", shape=(n, p), order="F")
    b = np.fromfile(os.path.join(folder, "b.bin"))
    x = np.fromfile(os.path.join(folder, "x.bin"))
    found = np.fromfile(os.path.join(folder, "found.bin")).astype(np.longdouble)
    g = np.zeros(p, np.longdouble)
    r2 = a2 = np.longdouble(0)
    for i in range(0, n, BLOCK):
        rows = np.asarray(A[i : i + BLOCK])
        a2 += np.sum(rows * rows)
        rows = rows.astype(np.longdouble)
        r = b[i : i + BLOCK] - rows @ found
        g += r @ rows
        r2 += r @ r
    forward = np.linalg.norm((found - x).astype(float)) / np.linalg.norm(x)
    return {"forward": float(forward), "normal": float(np.sqrt(g @ g) / np.sqrt(a2) / np.sqrt(r2))}


what, folder, n, p = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if what == "make":
    out = make(folder, n, p, float(sys.argv[5]), float(sys.argv[6]))
elif what == "solve":
    out = solve(folder, n, p, sys.argv[5])
else:
    out = judge(folder, n, p)
print(json.dumps({k: (v if not isinstance(v, float) or np.isfinite(v) else None) for k, v in out.items()}))
