import type { Iterate } from 'southwell';
import type { Factors, Observed } from 'southwell/factorisation';

/**
 * Gradient descent on both factors of ½‖P(M − UVᵀ)‖² from a given initial point, with exact line search along each
 * factor's gradient in turn: alternating steepest descent (Tanner and Wei 2016), the rival that needs no regression.
 */
export function* gradientDescent(
  { rows, cols, byCol }: Observed,
  rank: number,
  start: Factors,
): Generator<Iterate<Factors>, void, undefined> {
  const U = start.left.slice();
  const V = start.right.slice();
  const { pointers, indices, values } = byCol;
  const r = values.slice();
  const each = (visit: (i: number, j: number, e: number) => void) => {
    for (let j = 0; j < cols; j++) for (let e = pointers[j]; e < pointers[j + 1]; e++) visit(indices[e], j, e);
  };
  const dot = (x: Float64Array, i: number, y: Float64Array, j: number) => {
    let sum = 0;
    for (let a = 0; a < rank; a++) sum += x[i * rank + a] * y[j * rank + a];
    return sum;
  };
  each((i, j, e) => {
    r[e] -= dot(U, i, V, j);
  });
  const descend = (moved: Float64Array, fixed: Float64Array, left: boolean) => {
    const gradient = new Float64Array((left ? rows : cols) * rank);
    each((i, j, e) => {
      const [own, other] = left ? [i, j] : [j, i];
      for (let a = 0; a < rank; a++) gradient[own * rank + a] += r[e] * fixed[other * rank + a];
    });
    const along = new Float64Array(r.length);
    let [slope, curvature] = [0, 0];
    for (const g of gradient) slope += g * g;
    each((i, j, e) => {
      along[e] = left ? dot(gradient, i, fixed, j) : dot(fixed, i, gradient, j);
      curvature += along[e] ** 2;
    });
    if (!(curvature > 0)) return;
    const step = slope / curvature;
    for (let at = 0; at < moved.length; at++) moved[at] += step * gradient[at];
    for (let e = 0; e < r.length; e++) r[e] -= step * along[e];
  };
  for (let iteration = 0; ; iteration++) {
    let objective = 0;
    for (const v of r) objective += 0.5 * v * v;
    const snapshot = () => ({ left: U.slice(), right: V.slice() });
    yield { iteration, objective, work: { epochs: iteration }, snapshot };
    descend(V, U, false);
    descend(U, V, true);
  }
}
