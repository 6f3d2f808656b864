# quadprog on a sequence of quadratic programs, in a file of numbers: how many, n, m, then P, q, G, h of each, by rows.
suppressPackageStartupMessages(library(quadprog))
all <- scan(commandArgs(TRUE)[1], quiet = TRUE)
at <- 3
take <- function(k) { at <<- at + k; all[(at - k + 1):at] }
n <- all[2]; m <- all[3]
problems <- lapply(seq_len(all[1]), function(k) {
  P <- matrix(take(n * n), n, byrow = TRUE); q <- take(n)
  G <- matrix(take(m * n), m, byrow = TRUE); h <- take(m)
  list(P = P, q = -q, A = -t(G), b = -h)
})
solve_all <- function() lapply(problems, function(p) solve.QP(p$P, p$q, p$A, p$b)$value)
invisible(solve_all())
rounds <- 200
best <- min(sapply(1:5, function(i) { t <- proc.time(); for (r in seq_len(rounds)) solve_all(); sum((proc.time() - t)[1:2]) / rounds }))
cat(sprintf('{"seconds": %.9f, "objectives": [%s]}\n', best, paste(sprintf("%.15g", unlist(solve_all())), collapse = ", ")))
