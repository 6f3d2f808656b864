"""What people write: a table from a file, a model of it, its coefficients to a file."""
import sys

reader, table, out, kind, folds, alpha = sys.argv[1:7]
folds, alpha = int(folds), float(alpha)
import numpy as np

if reader == "pandas":
    import pandas as pd

    frame = pd.read_csv(table)
    y = frame["y"].to_numpy()
    X = frame.drop(columns="y").to_numpy()
else:
    header = open(table).readline().strip().split(",")
    if kind == "logistic":
        raw = np.loadtxt(table, delimiter=",", skiprows=1, dtype=str)
        X, y = raw[:, :-1].astype(float), raw[:, -1]
    else:
        raw = np.loadtxt(table, delimiter=",", skiprows=1)
        X, y = raw[:, :-1], raw[:, -1]
if kind == "logistic":
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(penalty="l1", solver="liblinear", C=1 / (len(y) * alpha)).fit(X, y)
    coefficients = np.r_[model.intercept_, model.coef_.ravel()]
else:
    from sklearn.linear_model import Lasso, LassoCV

    model = LassoCV(cv=folds).fit(X, y) if folds else Lasso(alpha=alpha).fit(X, y)
    coefficients = np.r_[model.intercept_, model.coef_]
np.savetxt(out, coefficients)
