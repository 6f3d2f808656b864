"""scikit-learn's import and its first fit in this process."""
import sys
import time

start = time.perf_counter()
import numpy as np
from sklearn.linear_model import Lasso, LogisticRegression, lasso_path

imported = time.perf_counter() - start
from scipy import sparse

from arrays import matrix

folder, loss, target, alphas_file, tol = sys.argv[1:6]
X = matrix(folder)
y, alphas, tol = np.load(folder + f"/{target}.npy"), np.load(alphas_file), float(tol)
if loss == "logistic":  # the layout that liblinear would otherwise copy into
    X = X.tocsr() if sparse.issparse(X) else np.ascontiguousarray(X)
cpu, wall = time.process_time(), time.perf_counter()
if loss == "logistic":
    LogisticRegression(penalty="l1", solver="liblinear", C=1 / (alphas[0] * len(y)), tol=tol, fit_intercept=False, max_iter=10**5).fit(X, y)
elif len(alphas) > 1:
    lasso_path(X, y, alphas=alphas, tol=tol, precompute=len(y) > X.shape[1], max_iter=10**6)
else:
    Lasso(alpha=alphas[0], tol=tol, fit_intercept=False, max_iter=10**6).fit(X, y)
print("@", imported, time.perf_counter() - wall, time.process_time() - cpu)
