"""scikit-learn's and SciPy's factorisations: arguments folder, task (nmf, kl, svd, exact or arpack), rank; prints a line of JSON."""
import json
import os
import sys
import time
import warnings

import numpy as np
from scipy import sparse

from arrays import matrix

warnings.filterwarnings("ignore")
os.environ["SCIPY_USE_PROPACK"] = "1"
folder, task, rank = sys.argv[1], sys.argv[2], int(sys.argv[3])
X = matrix(folder)
if sparse.issparse(X):
    # By rows, as scikit-learn would copy it otherwise.
    X = X.tocsr()
    warm = abs(sparse.random(60, 50, 0.2, format="csr", random_state=0))
else:
    warm = np.asfortranarray(X[:60, :50])


def memory(field):
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith(field))


def nmf(X, k):
    from sklearn.decomposition import NMF

    model = NMF(k, solver="cd", init="nndsvda", max_iter=200, tol=1e-6, random_state=0)
    model.fit_transform(X)
    return model


def kl(X, k):
    from sklearn.decomposition import NMF

    model = NMF(k, solver="mu", beta_loss="kullback-leibler", init="nndsvda", max_iter=200, tol=1e-6, random_state=0)
    model.fit_transform(X)
    return model


def svd(X, k):
    from sklearn.utils.extmath import randomized_svd

    return randomized_svd(X, k, random_state=0)


def svds(solver, tol):
    from scipy.sparse.linalg import svds

    return lambda X, k: svds(X, k, solver=solver, tol=tol, random_state=0)


exact, arpack = svds("propack", 1e-6), svds("arpack", 1e-8)
run = {"exact": exact, "arpack": arpack, "nmf": nmf, "kl": kl, "svd": svd}[task]
run(warm, 3)
loaded = memory("VmRSS")
cpu = np.inf
for _ in range(1 if task in ("nmf", "kl") else 3):
    t = time.process_time()
    out = run(X, rank)
    cpu = min(cpu, time.process_time() - t)
answer = {"cpu": cpu, "peak": memory("VmHWM"), "loaded": loaded}
if task in ("nmf", "kl"):
    # Of either loss: scikit-learn reports √(2 loss).
    answer |= {"value": 0.5 * out.reconstruction_err_**2, "iterations": int(out.n_iter_)}
else:
    U, s, V = out
    right = np.linalg.norm(X @ V.T - U * s, axis=0)
    left = np.linalg.norm(X.T @ U - V.T * s, axis=0)
    answer["value"] = float(max(right.max(), left.max()) / s.max())
print(json.dumps(answer))
