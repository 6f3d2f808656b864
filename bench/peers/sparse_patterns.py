"""Sparse LU by SciPy's SuperLU: a Matrix Market file and the number of calls; prints one line of JSON."""
import json
import sys
import time

import numpy as np
import scipy
import scipy.io
import scipy.sparse as sp
from scipy.sparse.linalg import splu

A = sp.csc_matrix(scipy.io.mmread(sys.argv[1]))
b = A @ np.ones(A.shape[1])
times = []
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    factor = splu(A)
    x = factor.solve(b)
    times.append(time.process_time() - start)
print(json.dumps({
    "seconds": min(times), "first": times[0], "entries": factor.nnz,
    "error": float(abs(x - 1).max()), "versions": f"SuperLU of scipy {scipy.__version__}",
}))
