"""faiss's neighbours: arguments folder, task, lists, probes where they are known; prints one line of JSON."""
import json
import sys
import time

import faiss
import numpy as np

faiss.omp_set_num_threads(1)
folder, task, lists = sys.argv[1], sys.argv[2], int(sys.argv[3])
K = 10
X, Q = (np.ascontiguousarray(np.load(f"{folder}/{name}.npy"), dtype=np.float32) for name in "XQ")
flat = faiss.IndexFlatL2(X.shape[1])
flat.add(X)
more = {}


def timed(run, repeats):
    """The best of up to so many runs, of at least two; no more are begun after two seconds."""
    best, total = np.inf, 0
    for i in range(repeats):
        if i >= 2 and total > 2:
            break
        t = time.process_time()
        result = run()
        t = time.process_time() - t
        best, total = min(best, t), total + t
    return best, result


if task == "exact-all":
    # The nearest is the row itself.
    cpu, (D, _) = timed(lambda: flat.search(X, K + 1), 5)
    value = np.sqrt(np.maximum(D[:, 1:], 0), dtype=float).sum()
elif task == "exact-queries":
    cpu, (D, _) = timed(lambda: flat.search(Q, K), 5)
    value = np.sqrt(D, dtype=float).sum()
else:
    exact = flat.search(Q, K)[0]
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(X.shape[1]), X.shape[1], lists)
    made = time.process_time()
    index.train(X)
    index.add(X)
    made = time.process_time() - made

    def recall(probes):
        index.nprobe = probes
        # Two sums of single precision differ by roundings.
        return float((index.search(Q, K)[0] <= exact[:, -1:] * (1 + 1e-5)).mean())

    low, high = 0, lists if len(sys.argv) < 5 else int(sys.argv[4])
    while len(sys.argv) < 5 and high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if recall(middle) < float(task.split("-")[1]) else (low, middle)
    more = {"recall": recall(high), "probes": high, "made": made}
    cpu, (D, _) = timed(lambda: index.search(Q, K), 5)
    value = np.sqrt(D, dtype=float).sum()
peak = next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"cpu": cpu, "value": float(value), "peak": peak, **more}))
