import * as ad from '@southwell/autodiff';

/** Codes [n, k], centred over the rows. */
const centred = (codes: readonly ad.Tensor[]): ad.Tensor[] => codes.map((z) => ad.sub(z, ad.mean(z, [0], true)));

/** tr Σ_{i≠j} Cov(Z_i, Z_j), a number. O(rows · k · views). */
export function betweenViews(codes: readonly ad.Tensor[]): ad.Tensor {
  const Z = centred(codes);
  const all = Z.reduce((sum, z) => ad.add(sum, z));
  const own = Z.map((z) => ad.sum(ad.square(z))).reduce((sum, s) => ad.add(sum, s));
  return ad.div(ad.sub(ad.sum(ad.square(all)), own), codes[0].shape[0] - 1);
}

/** Σ_i α_i W_i W_iᵀ + (1 − α_i) Var(Z_i), [k, k]; W_i [k, in] is needed where α_i is above 0. O(rows · k² · views). */
export function withinViews(
  codes: readonly ad.Tensor[],
  alpha: ArrayLike<number>,
  weights: readonly ad.Tensor[],
): ad.Tensor {
  return centred(codes)
    .flatMap((z, v) => [
      ...(alpha[v] < 1 ? [ad.mul(ad.matmul(ad.transpose(z), z), (1 - alpha[v]) / (z.shape[0] - 1))] : []),
      ...(alpha[v] > 0 ? [ad.mul(ad.matmul(weights[v], ad.transpose(weights[v])), alpha[v])] : []),
    ])
    .reduce((sum, V) => ad.add(sum, V));
}
