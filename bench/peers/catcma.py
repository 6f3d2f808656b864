"""CatCMA of CyberAgent's cmaes on functions of words and numbers: the peer of `bench -- categories --peer`.

Reads {"budget", "target", "runs": [{"function", "n", "seed"}]} as JSON from standard input and prints a line of JSON a
run: evaluations to the target, or null. The mean begins at 3 in each coordinate, the step at 1, and words are 5 each.
SOUTHWELL_CMAES names a folder with cmaes where it is not installed. Exit code 4: there is no cmaes.
"""
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
if "SOUTHWELL_CMAES" in os.environ:
    sys.path.insert(0, os.environ["SOUTHWELL_CMAES"])
try:
    import numpy as np
    from cmaes import CatCMA
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(4)


def leading(c):
    return int(np.cumprod(c[:, 0]).sum())


def com(x, c):
    return float(x @ x) + len(c) - int(c[:, 0].sum())


def ellipsoid(x, c):
    return float(1e6 ** (np.arange(len(x)) / (len(x) - 1)) @ (x * x)) + len(c) - leading(c)


def rosenbrock(x, c):
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()) + len(c) - leading(c)


def proximity(x, c):
    z = np.argmax(c, axis=1) / c.shape[1]
    return float(((x - z) ** 2).sum() + z.sum())


functions = {"SphereCOM": com, "EllipsoidCLO": ellipsoid, "RosenbrockCLO": rosenbrock, "MCProximity": proximity}

job = json.load(sys.stdin)
for run in job["runs"]:
    f, n = functions[run["function"]], run["n"]
    search = CatCMA(mean=3.0 * np.ones(n), sigma=1.0, cat_num=np.full(n, 5), seed=run["seed"])
    evaluations, reached = 0, False
    while evaluations < job["budget"] and not reached and not search.should_stop():
        told = []
        for _ in range(search.population_size):
            x, c = search.ask()
            value = f(x, c)
            evaluations += 1
            reached = value <= job["target"]
            if reached:
                break
            told.append(((x, c), value))
        if not reached:
            search.tell(told)
    print(json.dumps(evaluations if reached else None))
