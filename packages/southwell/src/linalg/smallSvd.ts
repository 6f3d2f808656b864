import { symmetricEigen } from './symmetric.ts';

/**
 * A = P diag(s) Rᵀ for an m × m matrix by rows, s descending: the eigenvectors of AᵀA first, then one-sided Jacobi
 * rotations (Hestenes 1958), which give small singular values the accuracy that the square loses. P and R are by rows;
 * columns of P for s = 0 are zero. O(m³).
 */
export function smallSvd(
  A: Float64Array,
  m: number,
): { readonly P: Float64Array; readonly s: Float64Array; readonly R: Float64Array } {
  let largest = 0;
  for (let at = 0; at < m * m; at++) largest = Math.max(largest, Math.abs(A[at]));
  const scale = largest > 0 ? largest : 1;
  const gram = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let a = 0; a < m; a++) {
      const v = A[i * m + a] / scale;
      if (v !== 0) for (let b = 0; b < m; b++) gram[a * m + b] += v * (A[i * m + b] / scale);
    }
  }
  const { vectors } = symmetricEigen(gram, m);
  // Columns, each contiguous: of AR and of R.
  const B = new Float64Array(m * m);
  const R = new Float64Array(m * m);
  for (let c = 0; c < m; c++) {
    for (let a = 0; a < m; a++) R[c * m + a] = vectors[a * m + c];
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let a = 0; a < m; a++) sum += (A[i * m + a] / scale) * R[c * m + a];
      B[c * m + i] = sum;
    }
  }
  const squares = new Float64Array(m);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let c = 0; c < m; c++) {
      squares[c] = 0;
      for (let i = 0; i < m; i++) squares[c] += B[c * m + i] ** 2;
    }
    const noise = 1e-32 * squares.reduce((x, y) => Math.max(x, y), 0);
    let rotations = 0;
    for (let p = 0; p < m; p++) {
      for (let q = p + 1; q < m; q++) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += B[p * m + i] * B[q * m + i];
        if (!(Math.abs(dot) > 1e-15 * Math.sqrt(squares[p] * squares[q])) || Math.abs(dot) <= noise) continue;
        rotations++;
        const zeta = (squares[q] - squares[p]) / (2 * dot);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cos = 1 / Math.sqrt(1 + t * t);
        const sin = cos * t;
        for (const F of [B, R]) {
          for (let i = 0; i < m; i++) {
            const [x, y] = [F[p * m + i], F[q * m + i]];
            F[p * m + i] = cos * x - sin * y;
            F[q * m + i] = sin * x + cos * y;
          }
        }
        squares[p] -= t * dot;
        squares[q] += t * dot;
      }
    }
    if (rotations === 0) break;
  }
  const sizes = Float64Array.from({ length: m }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += B[c * m + i] ** 2;
    return Math.sqrt(sum);
  });
  const order = Array.from(sizes.keys()).sort((a, b) => sizes[b] - sizes[a] || a - b);
  const s = Float64Array.from(order, (c) => sizes[c] * scale);
  const byRows = (F: Float64Array, over?: Float64Array) => {
    const out = new Float64Array(m * m);
    order.forEach((c, at) => {
      const divisor = over ? over[c] : 1;
      if (divisor > 0) for (let i = 0; i < m; i++) out[i * m + at] = F[c * m + i] / divisor;
    });
    return out;
  };
  return { P: byRows(B, sizes), s, R: byRows(R) };
}
