"""A Python peer as a contender: loads the arrays, then answers lines `tol repeats out`. Only the fit is timed."""
import math
import sys
import time
import warnings

import numpy as np
from scipy import sparse

from arrays import matrix

warnings.filterwarnings("ignore")
folder, loss, target, alphas_file, method, group, folds = sys.argv[1:8]
group, folds = int(group), int(folds)
X = matrix(folder)
y = np.load(folder + f"/{target}.npy")
alphas = np.load(alphas_file)
n = len(y)


def memory(field):
    try:
        return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith(field))
    except OSError:
        return math.nan


def validated(model, X, y, alphas):
    """Which alpha a cross-validation chose, then the coefficients on all rows."""
    model.fit(X, y)
    return np.concatenate([[np.argmin(abs(alphas - model.alpha_))], model.coef_]).reshape(-1, 1)


def scikit_learn(X, y, alphas, tol, precompute=False):
    from sklearn.linear_model import Lasso, LassoCV, lasso_path

    if folds:
        cv = LassoCV(alphas=alphas, tol=tol, cv=folds, fit_intercept=False, precompute=precompute, max_iter=10**7)
        return validated(cv, X, y, alphas)
    if len(alphas) > 1:
        return lasso_path(X, y, alphas=alphas, tol=tol, precompute=precompute, max_iter=10**7)[1]
    model = Lasso(alpha=alphas[0], tol=tol, fit_intercept=False, max_iter=10**7)
    return model.fit(X, y).coef_.reshape(-1, 1)


def adelie(X, y, alphas, tol):
    import adelie as ad

    glm = ad.glm.gaussian(y) if loss == "squared" else ad.glm.binomial((y > 0).astype(float))
    starts = np.arange(0, X.shape[1], group)
    state = ad.grpnet(
        X, glm, groups=starts, penalty=np.ones(len(starts)), lmda_path=alphas, tol=tol, intercept=False,
        early_exit=False, progress_bar=False, n_threads=1,
    )
    return state.betas.toarray().T


def logistic_regression(solver, iterations):
    def fit(X, y, alphas, tol):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(
            penalty="l1", solver=solver, C=1 / (alphas[0] * n), tol=tol, fit_intercept=False, max_iter=iterations,
            random_state=0,
        )
        return model.fit(X, y).coef_.reshape(-1, 1)

    return fit


def celer(X, y, alphas, tol):
    from celer.homotopy import celer_path

    options = dict(tol=tol, max_iter=100, prune=True)
    if group > 1:
        return celer_path(X, y, "grouplasso", alphas=alphas, groups=group, **options)[1]
    if loss == "squared":
        return celer_path(X, y, "lasso", alphas=alphas, **options)[1]
    return celer_path(X, y, "logreg", alphas=alphas * n, use_PN=True, tol=tol, max_iter=100)[1]


def skglm(X, y, alphas, tol):
    from skglm.datafits import Logistic, Quadratic, QuadraticGroup
    from skglm.penalties import L1, WeightedGroupL2
    from skglm.solvers import AndersonCD, GroupBCD, ProxNewton
    from skglm.utils.data import grp_converter

    options = dict(tol=tol, max_iter=1000, fit_intercept=False)
    if group > 1:
        indices, pointers = grp_converter(group, X.shape[1])
        penalty = WeightedGroupL2(alphas[0], np.ones(len(pointers) - 1), pointers, indices)
        w = GroupBCD(**options).solve(X, y, QuadraticGroup(pointers, indices), penalty)[0]
    elif loss == "squared" and len(alphas) > 1:
        return AndersonCD(**options).path(X, y, Quadratic(), L1(alphas[0]), alphas)[1]
    elif loss == "squared":
        w = AndersonCD(**options).solve(X, y, Quadratic(), L1(alphas[0]))[0]
    else:
        w = ProxNewton(**options).solve(X, y, Logistic(), L1(alphas[0]))[0]
    return w.reshape(-1, 1)


def blitz(X, y, alphas, tol):
    import blitzl1

    blitzl1.set_use_intercept(False)
    blitzl1.set_tolerance(tol)
    problem = (blitzl1.LassoProblem if loss == "squared" else blitzl1.LogRegProblem)(X, y)
    w = np.zeros(X.shape[1])
    columns = []
    for alpha in alphas:
        w = problem.solve(alpha * n, initial_x=w.copy(), max_iter=1000).x
        columns.append(w)
    return np.column_stack(columns)


fits = {
    "scikit-learn": scikit_learn,
    "scikit-learn-gram": lambda X, y, alphas, tol: scikit_learn(X, y, alphas, tol, precompute=True),
    "adelie": adelie,
    "liblinear": logistic_regression("liblinear", 10**5),
    "saga": logistic_regression("saga", 10**6),
    "celer": celer,
    "skglm": skglm,
    "blitz": blitz,
}
fit = fits[method]
if method in ("liblinear", "saga"):  # the layout they would otherwise copy into
    X = X.tocsr() if sparse.issparse(X) else np.ascontiguousarray(X)


def say(*words):
    print("@", *words, flush=True)


try:
    # Imports and compiles, outside the timing.
    few = X[:, :50]
    few = few.copy() if method in ("liblinear", "saga") else few.tocsc() if sparse.issparse(few) else np.asfortranarray(few)
    small = 0.1 * np.max(np.abs(few.T @ y)) / n
    fit(few, y, np.geomspace(small, small / 2, len(alphas[:2])) if small > 0 else alphas[:2], 1e-6)
except Exception:
    pass
say("ready", memory("VmRSS"))
for line in sys.stdin:
    tol, repeats, out = line.split()
    repeats = int(repeats)
    try:
        cpu = wall = math.inf
        total, k = 0.0, 0
        # As for southwell: short fits up to 1000 times.
        while k < repeats or (repeats > 1 and total < 0.3 and k < 1000):
            c, t = time.process_time(), time.perf_counter()
            w = fit(X, y, alphas, float(tol))
            t, c = time.perf_counter() - t, time.process_time() - c
            cpu, wall, total, k = min(cpu, c), min(wall, t), total + t, k + 1
        peak = memory("VmHWM")  # before the result is laid out for the file
        np.save(out, np.asfortranarray(w, dtype=float))
        say("done", cpu, wall, peak)
    except Exception as error:
        say("error", str(error).replace("\n", " ")[:200])
