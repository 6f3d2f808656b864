"""Writes packages/southwell/src/factorisation/nmf.oracle.json: scikit-learn's NMF on a small matrix."""
import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import NMF
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
path = Path(__file__).parent.parent / "packages/southwell/src/factorisation/nmf.oracle.json"
path.write_text(json.dumps(out) + "\n")
print([f["objective"] for f in out["fits"]])
