"""The authors' codes for graphs, from PYTHONPATH: arguments folder, method; prints one line of JSON."""
import contextlib
import json
import os
import sys
import time

import numpy as np
from scipy.linalg import expm

folder, method = sys.argv[1:3]
X = np.ascontiguousarray(np.load(folder + "/X.npy"))


def notears():
    from notears.linear import notears_linear

    return lambda: notears_linear(X.copy(), 0.1, "l2", w_threshold=0)


def colide():
    from model import colide_ev

    # As its main.py calls it.
    options = dict(lambda1=0.05, T=4, s=[1.0, 0.9, 0.8, 0.7], warm_iter=2e4, max_iter=7e4, lr=0.0003)
    return lambda: colide_ev().fit(X.copy(), **options)[0]


def dagma():
    from dagma.linear import DagmaLinear

    return lambda: DagmaLinear("l2").fit(X.copy(), lambda1=0.03, w_threshold=0)


def golem():
    """3000 Adam steps of GOLEM-EV by its formulas: the score of Ng et al. (2020), lambda 0.02 and 5."""

    def fit(steps=3000, rate=1e-3):
        centred = X - X.mean(0)
        C = centred.T @ centred / len(X)
        d = len(C)
        W, m, v = np.zeros((d, d)), 0, 0
        for t in range(1, steps + 1):
            A = np.eye(d) - W
            R = C @ A
            G = np.linalg.inv(A).T - d * R / np.sum(A * R) + 10 * W * expm(W * W).T + 0.02 * np.sign(W)
            np.fill_diagonal(G, 0)
            m, v = 0.9 * m + 0.1 * G, 0.999 * v + 0.001 * G**2
            W = W - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return W

    return fit


try:
    fit = {"notears": notears, "colide": colide, "dagma": dagma, "golem": golem}[method]()
except ImportError as error:
    print(json.dumps({"absent": f"the official code cannot be loaded: {error}"}))
    sys.exit()
start = time.process_time()
with open(os.devnull, "w") as quiet, contextlib.redirect_stderr(quiet), contextlib.redirect_stdout(quiet):
    W = fit()
cpu = time.process_time() - start
out = f"{folder}/{method}-peer.npy"
np.save(out, np.asfortranarray(W))
print(json.dumps({"cpu": cpu, "W": out}))
