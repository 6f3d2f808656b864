# What people write: a table from a file, a model of it, its coefficients to a file.
args <- commandArgs(TRUE)
folds <- as.integer(args[4]); alpha <- as.numeric(args[5])
suppressPackageStartupMessages(library(glmnet))
fast <- requireNamespace("data.table", quietly = TRUE)
frame <- if (fast) as.data.frame(data.table::fread(args[1])) else read.csv(args[1])
y <- frame$y
X <- as.matrix(frame[, names(frame) != "y"])
family <- if (args[3] == "logistic") "binomial" else "gaussian"
b <- if (folds > 0) {
  as.matrix(coef(cv.glmnet(X, y, nfolds = folds, standardize = FALSE), s = "lambda.min"))
} else {
  as.matrix(coef(glmnet(X, if (family == "binomial") factor(y) else y, family, standardize = FALSE), s = alpha))
}
write.csv(b, args[2])
