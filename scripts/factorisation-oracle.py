"""Writes packages/southwell/src/factorisation/oracle.json: scikit-learn's NMF, sparse PCA, CCA and PLS on
small matrices."""
import json
from pathlib import Path

import numpy as np
from sklearn.cross_decomposition import CCA, PLSSVD
from sklearn.decomposition import NMF, SparsePCA
from sklearn.decomposition._nmf import _initialize_nmf

rng = np.random.default_rng(0)
X = np.round(rng.gamma(1, 1, (14, 3)) @ rng.gamma(1, 1, (3, 10)) + rng.random((14, 10)) * (rng.random((14, 10)) < 0.3), 3)
out = {"X": X.tolist(), "starts": {}, "fits": []}
for init in ("nndsvd", "nndsvda"):
    W, H = _initialize_nmf(X, 4, init=init, random_state=0)
    out["starts"][init] = {"W": W.tolist(), "H": H.tolist()}
for loss, solver, alpha, ratio in [
    ("frobenius", "cd", 0, 0),
    ("frobenius", "cd", 0.02, 0.5),
    ("frobenius", "cd", 0.05, 1),
    ("frobenius", "cd", 0.05, 0),
    ("kullback-leibler", "mu", 0, 0),
    ("kullback-leibler", "mu", 0.01, 0.5),
]:
    model = NMF(4, init="nndsvda", solver=solver, beta_loss=loss, alpha_W=alpha, alpha_H="same", l1_ratio=ratio,
                tol=1e-12, max_iter=200000, random_state=0)
    W = model.fit_transform(X)
    H = model.components_
    Y = W @ H
    fit = 0.5 * np.sum((X - Y) ** 2) if loss == "frobenius" else np.sum(np.where(X > 0, X * np.log(X / Y), 0) - X + Y)
    n, d = X.shape
    penalty = alpha * ratio * (d * W.sum() + n * H.sum()) + 0.5 * alpha * (1 - ratio) * (d * (W**2).sum() + n * (H**2).sum())
    out["fits"].append({"loss": loss, "alpha": alpha, "l1Ratio": ratio, "objective": fit + penalty})

X = np.round(rng.normal(size=(30, 3)) @ rng.normal(size=(3, 8)) * (np.arange(8) < 5) + 0.3 * rng.normal(size=(30, 8)) + 2, 3)
pca = SparsePCA(3, alpha=2, tol=1e-14, max_iter=100000, method="cd", random_state=0).fit(X)
out["sparsePca"] = {"X": X.tolist(), "objective": float(pca.error_[-1]), "components": pca.components_.tolist()}

x = np.round(rng.normal(size=(40, 4)), 3)
y = np.round(x[:, :3] @ rng.normal(size=(3, 3)) + rng.normal(size=(40, 3)), 3)
a, b = CCA(3, scale=False, tol=1e-14, max_iter=100000).fit_transform(x, y)
pls = PLSSVD(3, scale=False).fit(x, y)
out["views"] = {
    "x": x.tolist(), "y": y.tolist(),
    "correlations": [float(np.corrcoef(a[:, k], b[:, k])[0, 1]) for k in range(3)],
    "covariances": np.linalg.svd((x - x.mean(0)).T @ (y - y.mean(0)) / 39, compute_uv=False).tolist(),
    "plsWeights": pls.x_weights_.tolist(),
}
path = Path(__file__).parent.parent / "packages/southwell/src/factorisation/oracle.json"
path.write_text(json.dumps(out) + "\n")
print([f["objective"] for f in out["fits"]])
