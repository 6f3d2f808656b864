"""Poisson's problem by SciPy's SuperLU: arguments dimensions, points each way and the method; prints one line of JSON."""
import json
import resource
import sys
import time

import numpy as np
import scipy
import scipy.sparse as sp
from scipy.sparse.linalg import splu

d, k, method = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
line = sp.diags([-1, 2, -1], [-1, 0, 1], shape=(k, k))
one = sp.identity(k)
if d == 2:
    A = (sp.kron(line, one) + sp.kron(one, line)).tocsc()
else:
    A = (sp.kron(sp.kron(line, one), one) + sp.kron(sp.kron(one, line), one) + sp.kron(sp.kron(one, one), line)).tocsc()
b = np.ones(A.shape[0])
symmetric = dict(permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options=dict(SymmetricMode=True))


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


splu(sp.identity(10, format="csc")).solve(np.ones(10))
before = peak()
start = time.process_time()
factor = splu(A, **({} if method == "lu" else symmetric))
x = factor.solve(b)
seconds = time.process_time() - start
entries = factor.nnz if method == "lu" else (factor.nnz + A.shape[0]) // 2
print(json.dumps({
    "seconds": seconds, "megabytes": peak() - before, "entries": entries,
    "residual": float(abs(A @ x - b).max()), "versions": f"scipy {scipy.__version__}, numpy {np.__version__}",
}))
