"""CMA-ES of Hansen's pycma on the functions of BBOB: the peer of `bench -- black-box --peer pycma`.

Reads {"sigma", "budget", "targets", "runs": [{"number", "dim", "instance", "x0"}]} as JSON from standard input and prints
a line of JSON a run: hits as bench/src/black-box.ts has them, and CPU seconds with and without those of the functions.
The functions are those of pycma's own `bbobbenchmarks`; values at `probe` come first, for the caller to compare.
SOUTHWELL_PYCMA names a folder with pycma where it is not installed. Exit code 4: there is no pycma.
"""
import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
if "SOUTHWELL_PYCMA" in os.environ:
    sys.path.insert(0, os.environ["SOUTHWELL_PYCMA"])
try:
    import cma
    import numpy as np
    from cma import bbobbenchmarks
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(4)


class Spent(Exception):
    pass


def run(job, number, dim, instance, x0):
    f, fopt = bbobbenchmarks.instantiate(number, instance)
    targets, budget = job["targets"], job["budget"] * dim
    x0 = np.array(x0)
    state = {"count": 0, "seconds": 0.0, "hits": []}
    random = np.random.RandomState(1000 * number + 10 * instance + dim)
    starts = [x0]

    def start():
        """The x0 given, then anew about it, as southwell restarts where there are no bounds."""
        return starts.pop() if starts else x0 + job["sigma"] * random.standard_normal(dim)

    def evaluate(X):
        begun = time.process_time()
        values = f(np.array(X))
        state["seconds"] += time.process_time() - begun
        for value in values:
            if state["count"] >= budget:
                raise Spent
            state["count"] += 1
            while len(state["hits"]) < len(targets) and value - fopt <= targets[len(state["hits"])]:
                state["hits"].append(state["count"])
            if len(state["hits"]) == len(targets):
                raise Spent
        return list(values)

    begun = time.process_time()
    options = {"verbose": -9, "seed": 1000 * number + instance, "maxfevals": np.inf}
    try:
        cma.fmin2(
            None, start, job["sigma"], options, parallel_objective=evaluate, bipop=True,
            restarts={"maxrestarts": 1000, "maxfevals": np.inf},
        )
    except Spent:
        pass
    spent = time.process_time() - begun
    return {
        "number": number, "dim": dim, "instance": instance, "hits": state["hits"], "evaluations": state["count"],
        "seconds": spent, "own": spent - state["seconds"],
    }


def main():
    job = json.load(sys.stdin)
    print(json.dumps({"version": cma.__version__}))
    for each in job["runs"]:
        f, _ = bbobbenchmarks.instantiate(each["number"], each["instance"])
        print(json.dumps({"probe": float(f(np.array(each["x0"])))}))
        print(json.dumps(run(job, **each)), flush=True)


main()
