"""SciPy on nonlinear programs as text: reads one as JSON from standard input, prints a line of JSON."""
import json
import os
import sys
import time
import warnings

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint, minimize

warnings.simplefilter("ignore")
LIMIT = 30.0
problem = json.load(sys.stdin)
n = len(problem["start"])
names = {name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "sqrt", "pi")}


def function(text):
    code = compile(text.replace("^", "**"), "text", "eval")
    return lambda x: float(eval(code, names, {f"x{j + 1}": v for j, v in enumerate(x)}))


def together(texts):
    parts = [function(text) for text in texts]
    return lambda x: np.array([part(x) for part in parts])


def bound(values, absent):
    return np.array([absent if v is None else v for v in values or [None] * n], float)


f, start = function(problem["objective"]), np.array(problem["start"], float)
lower, upper = bound(problem.get("lower"), -np.inf), bound(problem.get("upper"), np.inf)
zero, rest = problem.get("zero") or [], problem.get("notNegative") or []
c = together(zero + rest)


def solve(method):
    begun = time.process_time()

    def late(*_):
        if time.process_time() - begun > LIMIT:
            raise TimeoutError

    if method == "SLSQP":
        constraints = [{"type": kind, "fun": together(texts)} for kind, texts in (("eq", zero), ("ineq", rest)) if texts]
        options = {"ftol": 1e-12, "maxiter": 3000}
    else:
        top = np.concatenate([np.zeros(len(zero)), np.full(len(rest), np.inf)])
        constraints = [NonlinearConstraint(c, np.zeros(len(top)), top)] if len(top) else []
        options = {"gtol": 1e-8, "xtol": 1e-12, "maxiter": 3000}
    try:
        r = minimize(f, start, method=method, bounds=Bounds(lower, upper), constraints=constraints, options=options, callback=late)
    except Exception as error:
        return {"seconds": time.process_time() - begun, "error": type(error).__name__}
    values = c(r.x)
    off = np.concatenate([np.abs(values[: len(zero)]), -values[len(zero) :], lower - r.x, r.x - upper, [0.0]])
    return {"seconds": time.process_time() - begun, "iterations": int(r.nit), "objective": float(r.fun), "violation": float(off.max())}


# What solvers print is not part of the answer.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
print(json.dumps({method: solve(method) for method in ("SLSQP", "trust-constr")}).replace("NaN", "null").replace("Infinity", "null"), file=answers)
