// Sparse QR by SuiteSparseQR: a Matrix Market file and the number of calls; prints one line of JSON.
// g++ -O2 -I/usr/include/suitesparse sparse_patterns.cpp -lspqr -lcholmod -lsuitesparseconfig
#include <SuiteSparseQR.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

static double seconds() { return (double)clock() / CLOCKS_PER_SEC; }

int main(int, char **args) {
  cholmod_common common;
  cholmod_l_start(&common);
  FILE *file = fopen(args[1], "r");
  cholmod_sparse *A = cholmod_l_read_sparse(file, &common);
  fclose(file);
  cholmod_dense *b = cholmod_l_zeros(A->nrow, 1, CHOLMOD_REAL, &common);
  for (size_t i = 0; i < A->nrow; i++) ((double *)b->x)[i] = std::sin(1.0 + i);
  double best = 1e300, first = 0, normal = 0;
  long rank = 0;
  for (int call = 0; call < atoi(args[2]); call++) {
    double start = seconds();
    auto *factor = SuiteSparseQR_factorize<double>(SPQR_ORDERING_DEFAULT, SPQR_DEFAULT_TOL, A, &common);
    cholmod_dense *y = SuiteSparseQR_qmult(SPQR_QTX, factor, b, &common);
    cholmod_dense *x = SuiteSparseQR_solve(SPQR_RETX_EQUALS_B, factor, y, &common);
    double taken = seconds() - start;
    if (call == 0) first = taken;
    best = std::min(best, taken);
    rank = factor->rank;
    double one[2] = {1, 0}, minus[2] = {-1, 0}, zero[2] = {0, 0};
    cholmod_dense *r = cholmod_l_copy_dense(b, &common), *g = cholmod_l_zeros(A->ncol, 1, CHOLMOD_REAL, &common);
    cholmod_l_sdmult(A, 0, minus, one, x, r, &common);
    cholmod_l_sdmult(A, 1, one, zero, r, g, &common);
    normal = cholmod_l_norm_dense(g, 0, &common);
    for (cholmod_dense *v : {y, x, r, g}) cholmod_l_free_dense(&v, &common);
    SuiteSparseQR_free(&factor, &common);
  }
  printf("{\"seconds\": %g, \"first\": %g, \"entries\": %ld, \"rank\": %ld, \"error\": %g, \"versions\": \"SuiteSparseQR %d.%d.%d\"}\n", best, first,
         (long)common.SPQR_istat[0] + (long)common.SPQR_istat[1], rank, normal, SPQR_MAIN_VERSION, SPQR_SUB_VERSION, SPQR_SUBSUB_VERSION);
}
