"""scikit-learn's cross-validated path with its folds spread over processes by joblib; the coefficients go to a file."""
import sys

import numpy as np
from joblib import parallel_config
from sklearn.linear_model import LassoCV

table, out, folds, jobs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = np.load(table)
X, y = np.asfortranarray(data[:, :-1]), data[:, -1]
with parallel_config(backend="loky", n_jobs=jobs):
    model = LassoCV(cv=folds, n_jobs=jobs).fit(X, y)
np.savetxt(out, np.r_[model.intercept_, model.coef_])
