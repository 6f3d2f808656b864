import { DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import { matrixProduct } from './dense.ts';
import { checkSquare, largestEntry } from './factorisations/common.ts';
import { lu } from './factorisations/lu.ts';

/** Coefficients of the numerator of the [13/13] Padé approximant. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];

/** Largest one-norm for which the approximant is accurate to double precision. */
const THETA = 5.371920351148152;

/**
 * The exponential Σ Aᵏ/k! of a square matrix, by scaling and squaring with the [13/13] Padé approximant (Higham, SIAM
 * J. Matrix Anal. Appl. 26(4), 2005); A is not modified. O(16n³ + 2n³ for each doubling of the norm beyond 5).
 *
 * @throws INVALID_SHAPE, NON_FINITE also if the exponential overflows.
 */
export function exponential(A: DenseMatrix): DenseMatrix {
  const n = checkSquare(A, 'exponential');
  largestEntry(A);
  const { arena } = A;
  const make = () => DenseMatrix.create(n, n, { arena });
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (const v of A.column(j)) sum += Math.abs(v);
    norm = Math.max(norm, sum);
  }
  let squarings = 0;
  let scale = 1;
  while (norm * scale > THETA) {
    scale /= 2;
    squarings++;
  }
  const [S, S2, S4, S6, inner, odd, even] = [make(), make(), make(), make(), make(), make(), make()];
  const used = [S, S2, S4, S6, inner, odd, even];
  try {
    const s = S.data;
    A.data.forEach((v, k) => {
      s[k] = v * scale;
    });
    matrixProduct(S, S, S2);
    matrixProduct(S2, S2, S4);
    matrixProduct(S2, S4, S6);
    const [a, b, c] = [S2.data, S4.data, S6.data];
    /** out ← x·S6 + y·S4 + z·S2 + w·I, or out plus that if `add`. */
    const combine = (out: DenseMatrix, [x, y, z, w]: readonly number[], add: boolean) => {
      const to = out.data;
      for (let k = 0; k < to.length; k++) to[k] = (add ? to[k] : 0) + (x * c[k] + y * b[k] + z * a[k]);
      for (let k = 0; k < n; k++) to[k * (n + 1)] += w;
    };
    combine(inner, [PADE[13], PADE[11], PADE[9], 0], false);
    matrixProduct(S6, inner, even);
    combine(even, [PADE[7], PADE[5], PADE[3], PADE[1]], true);
    matrixProduct(S, even, odd);
    combine(inner, [PADE[12], PADE[10], PADE[8], 0], false);
    matrixProduct(S6, inner, even);
    combine(even, [PADE[6], PADE[4], PADE[2], PADE[0]], true);
    // Solves (even − odd)X = even + odd.
    const [p, q] = [even.data, odd.data];
    for (let k = 0; k < p.length; k++) [p[k], q[k]] = [p[k] - q[k], p[k] + q[k]];
    const factor = lu(even);
    const X = factor.solve(odd);
    factor.free();
    let [from, to] = [S, S2];
    from.data.set(X.data);
    X.free();
    for (let k = 0; k < squarings; k++) {
      matrixProduct(from, from, to);
      [from, to] = [to, from];
    }
    if (!from.data.every(Number.isFinite)) {
      fail('NON_FINITE', `The exponential of a matrix of norm ${norm} overflows.`);
    }
    used.splice(used.indexOf(from), 1);
    return from;
  } finally {
    for (const matrix of used) matrix.free();
  }
}
