import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Svd, svd } from '@southwell/numerics/linalg';

/** The singular values and directions of a matrix among the parameters. */
export function decomposed(t: ad.Tensor): Svd {
  const [m, n] = t.shape;
  const [values, matrix] = [t.data(), DenseMatrix.create(m, n)];
  for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) matrix.set(i, j, values[i * n + j]);
  return svd(matrix);
}

/**
 * Networks with parts of the weights: `strong` with the singular directions whose values are at least γ times the largest of their
 * matrix, `weak` with all others. Biases are zero, so that nothing else can be matched.
 */
export function partsOf(model: nn.Model, gamma: number): { readonly strong: nn.Model; readonly weak: nn.Model } {
  const [strong, weak]: Array<Record<string, ad.Tensor>> = [{}, {}];
  for (const [name, t] of Object.entries(model.parameters)) {
    const kept = new Float64Array(t.size);
    const all = t.data();
    if (t.rank === 2) {
      const n = t.shape[1];
      const { U, V, singularValues: s } = decomposed(t);
      for (let k = 0; k < s.length && s[k] >= gamma * s[0]; k++) {
        const [u, v] = [U.column(k), V.column(k)];
        for (let i = 0; i < u.length; i++) for (let j = 0; j < n; j++) kept[i * n + j] += s[k] * u[i] * v[j];
      }
    }
    const rest = t.rank === 2 ? kept.map((v, i) => all[i] - v) : kept;
    strong[name] = ad.tensor(kept, { shape: t.shape, dtype: t.dtype });
    weak[name] = ad.tensor(rest, { shape: t.shape, dtype: t.dtype });
  }
  return { strong: { ...model, parameters: strong }, weak: { ...model, parameters: weak } };
}

/** The largest change of a singular value, relative to the largest value of its matrix. */
export function changeOfValues(before: nn.Model, after: nn.Model): number {
  let most = 0;
  for (const [name, t] of Object.entries(before.parameters)) {
    if (t.rank !== 2) continue;
    const [was, is] = [t, after.parameters[name]].map((one) => decomposed(one).singularValues);
    was.forEach((s, k) => {
      most = Math.max(most, Math.abs(s - is[k]) / was[0]);
    });
  }
  return most;
}
