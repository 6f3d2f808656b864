"""HiGHS and cvxopt on quadratic programs.

    constrained.py arrays FILE.npz …    their arrays as lines of JSON, with null for infinities
    constrained.py solve FILE …         of QPS files (also gzipped) or .npz: a line of JSON each
"""
import gzip
import json
import os
import sys
import tempfile
import time

import numpy as np
import scipy.sparse as sp

LIMIT = 60.0


def arrays(path):
    def plain(values):
        return [plain(v) for v in values] if values.ndim > 1 else [float(v) if np.isfinite(v) else None for v in values]

    return {key: plain(value) for key, value in np.load(path).items()}


def read_npz(path):
    d = dict(np.load(path))
    n = len(d["q"])
    blocks, low, up = [], [], []
    if "G" in d:
        blocks.append(d["G"]), low.append(np.full(len(d["h"]), -np.inf)), up.append(d["h"])
    if "A" in d:
        blocks.append(d["A"]), low.append(d["b"]), up.append(d["b"])
    A = sp.csc_matrix(np.vstack(blocks)) if blocks else sp.csc_matrix((0, n))
    join = lambda parts: np.concatenate(parts) if parts else np.zeros(0)
    lb, ub = d.get("lb", np.full(n, -np.inf)), d.get("ub", np.full(n, np.inf))
    return sp.csc_matrix(d["P"]), d["q"], A, join(low), join(up), lb, ub


def read_qps(path):
    import highspy

    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "problem.mps")
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as source, open(plain, "wb") as target:
            target.write(source.read())
        h = highspy.Highs()
        h.setOptionValue("output_flag", False)
        h.readModel(plain)
    model = h.getModel()
    lp, hessian = model.lp_, model.hessian_
    n, m = lp.num_col_, lp.num_row_
    A = sp.csc_matrix((lp.a_matrix_.value_, lp.a_matrix_.index_, lp.a_matrix_.start_), (m, n))
    if hessian.dim_ > 0:
        L = sp.csc_matrix((hessian.value_, hessian.index_, hessian.start_), (n, n))
        P = (L + sp.tril(L, -1).T).tocsc()
    else:
        P = sp.csc_matrix((n, n))
    return (P, *(np.array(v) for v in [lp.col_cost_]), A, *(np.array(v) for v in [lp.row_lower_, lp.row_upper_, lp.col_lower_, lp.col_upper_]))


def residuals(problem, x, y, z):
    """As in southwell: violations, Px + q - A'y - z, and the difference of the objectives; absolute and relative."""
    P, q, A, row_low, row_up, low, up = problem
    Ax, Px, Aty = A @ x, P @ x, A.T @ y
    largest = lambda *vs: max([float(np.abs(v).max()) for v in vs if v.size] + [0.0])
    primal = max(0.0, *(float(v.max()) for v in [row_low - Ax, Ax - row_up, low - x, x - up] if v.size))

    def side(multipliers, below, above):
        at = np.where(multipliers > 0, below, above)
        known = np.isfinite(at) & (multipliers != 0)
        return float(multipliers[known] @ at[known]), largest(multipliers[~known]), largest(at[known])

    rows, bounds = side(y, row_low, row_up), side(z, low, up)
    dual = max(largest(Px + q - Aty - z), rows[1], bounds[1])
    value = 0.5 * x @ Px + q @ x
    gap = abs(x @ Px + q @ x - rows[0] - bounds[0])
    return {
        "absolute": max(primal, dual, gap),
        "relative": max(
            primal / (1 + max(largest(Ax, x), rows[2], bounds[2])),
            dual / (1 + largest(Px, q, Aty, z)),
            gap / (1 + max(abs(value), abs(value - gap))),
        ),
    }


def highs(problem):
    import highspy

    P, q, A, row_low, row_up, low, up = problem
    L = sp.tril(P).tocsc()
    L.sort_indices()
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("time_limit", LIMIT)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(q), A.shape[0]
    lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = q, low, up, row_low, row_up
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = A.indptr, A.indices, A.data
    model = highspy.HighsModel()
    model.lp_ = lp
    if L.nnz:
        hessian = highspy.HighsHessian()
        hessian.dim_, hessian.format_ = len(q), highspy.HessianFormat.kTriangular
        hessian.start_, hessian.index_, hessian.value_ = L.indptr, L.indices, L.data
        model.hessian_ = hessian
    h.passModel(model)
    start = time.process_time()
    h.run()
    seconds = time.process_time() - start
    s = h.getSolution()
    return seconds, np.array(s.col_value), np.array(s.row_dual), np.array(s.col_dual)


def cvxopt(problem):
    from cvxopt import matrix, solvers, spmatrix

    P, q, A, row_low, row_up, low, up = problem
    n = len(q)
    equal = row_low == row_up
    I = sp.identity(n, format="csc")
    tight = low == up
    parts = [
        (A[~equal & np.isfinite(row_up)], row_up[~equal & np.isfinite(row_up)]),
        (-A[~equal & np.isfinite(row_low)], -row_low[~equal & np.isfinite(row_low)]),
        (I[~tight & np.isfinite(up)], up[~tight & np.isfinite(up)]),
        (-I[~tight & np.isfinite(low)], -low[~tight & np.isfinite(low)]),
    ]
    G, h = sp.vstack([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    E, b = sp.vstack([A[equal], I[tight]]), np.concatenate([row_low[equal], low[tight]])

    def sparse(M):
        M = sp.coo_matrix(M)
        return spmatrix(M.data.tolist(), M.row.tolist(), M.col.tolist(), M.shape)

    arguments = [sparse(P), matrix(q), sparse(G), matrix(h)] + ([sparse(E), matrix(b)] if E.shape[0] else [])
    options = {"show_progress": False, "abstol": 1e-9, "reltol": 1e-9, "feastol": 1e-9}
    start = time.process_time()
    r = solvers.qp(*arguments, options=options)
    seconds = time.process_time() - start
    x, s = np.array(r["x"]).ravel(), -np.array(r["z"]).ravel()
    e = -np.array(r["y"]).ravel()
    y, z = np.zeros(A.shape[0]), np.zeros(n)
    cuts = np.cumsum([p[0].shape[0] for p in parts])[:-1]
    upper_rows, lower_rows, upper, lower = np.split(s, cuts)
    y[~equal & np.isfinite(row_up)] += upper_rows
    y[~equal & np.isfinite(row_low)] -= lower_rows
    z[~tight & np.isfinite(up)] += upper
    z[~tight & np.isfinite(low)] -= lower
    y[equal], z[tight] = e[: equal.sum()], e[equal.sum() :]
    return seconds, x, y, z


def solve(path):
    problem = read_npz(path) if path.endswith(".npz") else read_qps(path)
    answer = {}
    for name, solver in [("HiGHS", highs), ("cvxopt", cvxopt)]:
        best = None
        try:
            # The best of three short runs; long ones once.
            for _ in range(3):
                seconds, *point = solver(problem)
                if best is None or seconds < best[0]:
                    best = (seconds, point)
                if seconds > 1:
                    break
            answer[name] = {"seconds": best[0], **residuals(problem, *best[1])}
        except Exception as error:
            answer[name] = {"error": str(error).replace("\n", " ")[:200]}
    return answer


command, *files = sys.argv[1:]
for file in files:
    print(json.dumps(arrays(file) if command == "arrays" else solve(file)).replace("NaN", "null").replace("Infinity", "null"), flush=True)
