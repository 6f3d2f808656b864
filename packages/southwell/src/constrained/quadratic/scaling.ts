import { largest } from '../vectors.ts';
import type { Columns } from './columns.ts';
import type { Qp } from './problem.ts';

/** A program in other units: x = D x̂, y = E ŷ/c, z = ẑ/(cD). */
export interface Scaled {
  readonly qp: Qp;
  readonly D: Float64Array;
  readonly E: Float64Array;
  readonly c: number;
}

const ROUNDS = 15;
const bounded = (v: number): number => (v === 0 ? 1 : Math.min(1e8, Math.max(1e-8, v)));

/**
 * Ruiz equilibration (2001) of [P Aᵀ; A 0] by powers of two, so that scaling costs no digits, and a factor for the
 * objective.
 */
export function equilibrateProgram(qp: Qp): Scaled {
  const { n, m, P, A, cones } = qp;
  const D = new Float64Array(n).fill(1);
  const E = new Float64Array(m).fill(1);
  const [columns, rows] = [new Float64Array(n), new Float64Array(m)];
  for (let round = 0; round < ROUNDS; round++) {
    columns.fill(0);
    rows.fill(0);
    for (let j = 0; j < n; j++) {
      for (let k = P.start[j]; k < P.start[j + 1]; k++) {
        columns[j] = Math.max(columns[j], Math.abs(P.value[k]) * D[j] * D[P.index[k]]);
      }
      for (let k = A.start[j]; k < A.start[j + 1]; k++) {
        const size = Math.abs(A.value[k]) * D[j] * E[A.index[k]];
        columns[j] = Math.max(columns[j], size);
        rows[A.index[k]] = Math.max(rows[A.index[k]], size);
      }
    }
    // Cones keep their shape.
    for (let k = 0; k + 1 < cones.length; k++) {
      rows.fill(largest(rows.subarray(cones[k], cones[k + 1])), cones[k], cones[k + 1]);
    }
    for (let j = 0; j < n; j++) if (columns[j] > 0) D[j] = bounded(D[j] / Math.sqrt(columns[j]));
    for (let i = 0; i < m; i++) if (rows[i] > 0) E[i] = bounded(E[i] / Math.sqrt(rows[i]));
  }
  for (let j = 0; j < n; j++) D[j] = powerOfTwo(D[j]);
  for (let i = 0; i < m; i++) E[i] = powerOfTwo(E[i]);
  let [linear, square] = [0, 0];
  for (let j = 0; j < n; j++) {
    linear = Math.max(linear, Math.abs(qp.q[j]) * D[j]);
    for (let k = P.start[j]; k < P.start[j + 1]; k++) {
      square = Math.max(square, Math.abs(P.value[k]) * D[j] * D[P.index[k]]);
    }
  }
  const c = powerOfTwo(1 / bounded(Math.max(linear, square)));
  return { qp: inUnits(qp, D, E, c), D, E, c };
}

/** Another program with the same P and A, in the units of the first. */
export function rescaled({ qp, D, E, c }: Scaled, given: Qp): Scaled {
  return { qp: { ...qp, ...vectors(given, D, E, c) }, D, E, c };
}

const powerOfTwo = (v: number): number => 2 ** Math.round(Math.log2(v));

function inUnits(qp: Qp, D: Float64Array, E: Float64Array, c: number): Qp {
  const { P, A } = qp;
  const scaled = (M: Columns, left: Float64Array, factor: number): Columns => {
    const value = M.value.slice();
    for (let j = 0; j < M.cols; j++) {
      for (let k = M.start[j]; k < M.start[j + 1]; k++) value[k] *= factor * D[j] * left[M.index[k]];
    }
    return { ...M, value };
  };
  return { ...qp, constant: 0, P: scaled(P, D, c), A: scaled(A, E, 1), ...vectors(qp, D, E, c) };
}

const vectors = (qp: Qp, D: Float64Array, E: Float64Array, c: number) => ({
  q: qp.q.map((v, j) => c * D[j] * v),
  lower: qp.lower.map((v, j) => v / D[j]),
  upper: qp.upper.map((v, j) => v / D[j]),
  rowLower: qp.rowLower.map((v, i) => v * E[i]),
  rowUpper: qp.rowUpper.map((v, i) => v * E[i]),
});
