# What people write: a table from a file, a model of it, its coefficients to a file.
args <- commandArgs(TRUE)
folds <- as.integer(args[4]); alpha <- as.numeric(args[5])
suppressPackageStartupMessages(library(glmnet))
fast <- requireNamespace("data.table", quietly = TRUE)
frame <- if (fast) as.data.frame(data.table::fread(args[1])) else read.csv(args[1])
y <- frame$y
X <- as.matrix(frame[, names(frame) != "y"])
family <- switch(args[3], logistic = "binomial", multinomial = "multinomial", "gaussian")
if (family != "gaussian") y <- factor(y)
b <- if (folds > 0) {
  b <- coef(cv.glmnet(X, y, family = family, nfolds = folds, standardize = FALSE), s = "lambda.min")
  if (is.list(b)) sapply(b, as.vector) else as.matrix(b)
} else {
  as.matrix(coef(glmnet(X, y, family, standardize = FALSE), s = alpha))
}
write.csv(b, args[2])
