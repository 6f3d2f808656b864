"""scikit-learn's k-means: arguments folder, clusters, steps, algorithm; prints one line of JSON."""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.cluster import KMeans

warnings.filterwarnings("ignore")
folder, k, steps, algorithm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
# By rows, as scikit-learn would copy it otherwise.
X = np.ascontiguousarray(np.load(folder + "/X.npy"))
start = np.ascontiguousarray(np.load(folder + "/start.npy"))
cpu = np.inf
for _ in range(5):
    t = time.process_time()
    model = KMeans(k, init=start, n_init=1, max_iter=steps, tol=0, algorithm=algorithm).fit(X)
    cpu = min(cpu, time.process_time() - t)
peak = next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"cpu": cpu, "inertia": float(model.inertia_), "peak": peak}))
