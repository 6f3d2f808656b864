"""SciPy's linear_sum_assignment: arguments a file of costs, rows and columns; prints one line of JSON."""
import json
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment

costs = np.fromfile(sys.argv[1]).reshape(int(sys.argv[2]), int(sys.argv[3]))
seconds = np.inf
end = time.perf_counter() + 0.3
runs = 0
while runs < 1 or (time.perf_counter() < end and runs < 20):
    runs += 1
    t = time.process_time()
    rows, columns = linear_sum_assignment(costs)
    seconds = min(seconds, time.process_time() - t)
print(json.dumps({"seconds": seconds, "value": float(costs[rows, columns].sum())}))
