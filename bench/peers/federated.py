# Logistic regression of all rows by scikit-learn: argument {"file", "rows", "ridge"}, answer the coefficients and the intercept of the mean loss plus
# ridge/2 times the squared norm of the coefficients.
import json
import sys

import numpy as np
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression

asked = json.loads(sys.argv[1])
X, y = load_svmlight_file(asked["file"], n_features=asked["features"])
X, y = X[: asked["rows"]].toarray(), y[: asked["rows"]]
model = LogisticRegression(C=1 / (len(y) * asked["ridge"]), solver="newton-cholesky", tol=1e-13, max_iter=200).fit(X, y)
print(json.dumps({"coef": model.coef_[0].tolist(), "intercept": float(model.intercept_[0])}))
