import { dot, largest } from '../vectors.ts';
import { addProduct, addTransposed, type Columns, stacked } from './columns.ts';
import { byCone, raiseIntoCones, tail } from './cones.ts';
import { MEETING, type Qp } from './problem.ts';

/**
 * A proof that no point is feasible: the rows and those of cones, multiplied by `rows` and `cones` and added, require more of gᵀx, where g = Aᵀrows + Gᵀcones,
 * than the bounds of the variables allow, by a margin of 1.
 */
export interface Infeasibility {
  readonly rows: Float64Array;
  /** −g: multipliers of the bounds. */
  readonly bounds: Float64Array;
  /** The rows with a share in the proof, the largest first. */
  readonly worst: Int32Array;
  /** Multipliers of the cones, if there are any, in the dual cones. */
  readonly cones?: readonly Float64Array[];
}

/**
 * Largest coefficient that the proof may leave at a variable without the bound that it needs. As the margin is 1, a
 * feasible point would have a 1-norm of at least its reciprocal.
 */
const LEFT = 1e-9;
/** Shares of at most this part of the largest one are not named. */
const SHARE = 1e-6;

/** Multiplies the rows out: the proof that y gives, if it is one. */
export function infeasibility(qp: Qp, y: Float64Array): Infeasibility | undefined {
  const { n, m, A, lower, upper, rowLower, rowUpper, cones } = qp;
  const rows = new Float64Array(m);
  let [margin, terms] = [0, 0];
  const shares = new Float64Array(m);
  const size = largest(y);
  if (!(size > 0) || !Number.isFinite(size)) return undefined;
  for (let i = 0; i < m; i++) {
    const at = y[i] > 0 ? rowLower[i] : rowUpper[i];
    if (!Number.isFinite(at) || Math.abs(y[i]) < 1e-14 * size) continue;
    rows[i] = y[i];
  }
  raiseIntoCones(cones, rows);
  for (let i = 0; i < m; i++) {
    if (rows[i] === 0) continue;
    const at = rows[i] > 0 ? rowLower[i] : rowUpper[i];
    if (i < cones[0]) shares[i] = Math.abs(rows[i]);
    margin += rows[i] * at;
    terms += Math.abs(rows[i] * at);
  }
  const g = new Float64Array(n);
  addTransposed(A, rows, g);
  let left = 0;
  for (let j = 0; j < n; j++) {
    const at = g[j] > 0 ? upper[j] : lower[j];
    if (g[j] === 0) continue;
    if (Number.isFinite(at)) {
      margin -= g[j] * at;
      terms += Math.abs(g[j] * at);
    } else left = Math.max(left, Math.abs(g[j]));
  }
  // A margin that rounding could have made proves nothing.
  if (!(margin > 1e-9 * terms) || !(left <= LEFT * margin) || !(margin > 0)) return undefined;
  const most = largest(shares);
  const named = most > 0 ? Array.from(shares.keys()).filter((i) => shares[i] > SHARE * most) : [];
  named.sort((a, b) => shares[b] - shares[a]);
  const multipliers = rows.map((v) => v / margin);
  const proof = {
    rows: multipliers.slice(0, cones[0]),
    bounds: g.map((v) => -v / margin),
    worst: Int32Array.from(named),
  };
  return cones.length > 1 ? { ...proof, cones: byCone(cones, multipliers) } : proof;
}

/** Largest rate, relative to the largest entry of the ray, at which a ray may leave the feasible set. */
const RATE = 1e-9;
/**
 * The same for cones, and the least slope of the ray. A direction along the boundary of a cone leaves it only by the
 * square of its distance, so that what a larger rate or a flatter ray shows may be a bounded problem.
 */
const RATE_OF_CONE = 1e-14;
const SLOPE_IN_CONES = 1e-6;

/** A direction d with qᵀd = −1, Pd = 0 that leaves no side and no cone: the ray that d gives, if it is one. */
export function unboundedRay(qp: Qp, d: Float64Array): Float64Array | undefined {
  const { n, m, P, q, A, lower, upper, rowLower, rowUpper, cones } = qp;
  const ray = d.map((v, j) => ((v > 0 && upper[j] < Infinity) || (v < 0 && lower[j] > -Infinity) ? 0 : v));
  const slope = -dot(q, ray);
  if (!(slope > 0) || !Number.isFinite(slope)) return undefined;
  for (let j = 0; j < n; j++) ray[j] /= slope;
  const most = largest(ray);
  const least = cones.length > 1 ? SLOPE_IN_CONES : 1e-9;
  if (!(-dot(q, ray) > least * most * largest(q)) || !Number.isFinite(most)) return undefined;
  const products = new Float64Array(n);
  addProduct(P, ray, products);
  for (let j = 0; j < n; j++) if (Math.abs(products[j]) > RATE * most * rowSize(P, j)) return undefined;
  const Ad = new Float64Array(m);
  const sizes = new Float64Array(m);
  addProduct(A, ray, Ad);
  for (let k = 0; k < A.index.length; k++) sizes[A.index[k]] = Math.max(sizes[A.index[k]], Math.abs(A.value[k]));
  for (let i = 0; i < cones[0]; i++) {
    const allowed = RATE * most * sizes[i];
    if (Ad[i] > allowed && rowUpper[i] < Infinity) return undefined;
    if (Ad[i] < -allowed && rowLower[i] > -Infinity) return undefined;
  }
  for (let k = 0; k + 1 < cones.length; k++) {
    const [from, to] = [cones[k], cones[k + 1]];
    const allowed = RATE_OF_CONE * most * largest(sizes.subarray(from, to));
    if (tail(Ad, from, to) - Ad[from] > allowed) return undefined;
  }
  return ray;
}

/** The largest entry of a row of a symmetric matrix. */
function rowSize({ start, value }: Columns, j: number): number {
  let most = 0;
  for (let k = start[j]; k < start[j + 1]; k++) most = Math.max(most, Math.abs(value[k]));
  return most;
}

/** What a row or a variable alone asks for that nothing satisfies. */
export interface Contradiction {
  readonly of: 'row' | 'variable';
  readonly index: number;
  readonly why: string;
}

/** A row or variable whose lower side is above its upper one, or a row without entries whose sides leave out 0. */
export function contradiction(qp: Qp, empty: Uint8Array): Contradiction | undefined {
  const { n, lower, upper, rowLower, rowUpper } = qp;
  const m = qp.cones[0];
  for (let i = 0; i < m; i++) {
    if (contradicts(rowLower[i], rowUpper[i])) {
      return { of: 'row', index: i, why: `row ${i + 1} must be at least ${rowLower[i]} and at most ${rowUpper[i]}` };
    }
  }
  for (let j = 0; j < n; j++) {
    if (contradicts(lower[j], upper[j])) {
      return {
        of: 'variable',
        index: j,
        why: `variable ${j + 1} must be at least ${lower[j]} and at most ${upper[j]}`,
      };
    }
  }
  for (let i = 0; i < m; i++) {
    if (empty[i] && (rowLower[i] > MEETING || rowUpper[i] < -MEETING)) {
      return { of: 'row', index: i, why: `row ${i + 1} has no entries, but may not be 0` };
    }
  }
  return undefined;
}

const contradicts = (low: number, up: number): boolean => low > up || low === Infinity || up === -Infinity;

/**
 * A linear program that always has a solution: the least sum of violations of rows within the bounds. Its multipliers
 * prove infeasibility if that is above 0.
 */
export function leastViolation(qp: Qp): Qp {
  const { n, m, A } = qp;
  const nnz = A.value.length;
  const start = new Int32Array(n + 2 * m + 1);
  const [index, value] = [new Int32Array(nnz + 2 * m), new Float64Array(nnz + 2 * m)];
  start.set(A.start);
  index.set(A.index);
  value.set(A.value);
  const sizes = new Float64Array(m);
  for (let k = 0; k < nnz; k++) sizes[A.index[k]] = Math.max(sizes[A.index[k]], Math.abs(A.value[k]));
  for (let i = 0; i < m; i++) {
    for (const [turn, sign] of [1, -1].entries()) {
      const at = nnz + 2 * i + turn;
      index[at] = i;
      value[at] = sign * (sizes[i] || 1);
      start[n + 2 * i + turn + 1] = at + 1;
    }
  }
  const wide = n + 2 * m;
  const extended = (v: Float64Array, rest: number) => {
    const out = new Float64Array(wide).fill(rest);
    out.set(v);
    return out;
  };
  return {
    ...{ n: wide, m, constant: 0, A: { rows: m, cols: wide, start, index, value } },
    P: {
      rows: wide,
      cols: wide,
      start: new Int32Array(wide + 1),
      index: new Int32Array(0),
      value: new Float64Array(0),
    },
    q: extended(new Float64Array(n), 1),
    ...{ lower: extended(qp.lower, 0), upper: extended(qp.upper, Infinity) },
    ...{ rowLower: qp.rowLower, rowUpper: qp.rowUpper, cones: qp.cones },
  };
}

/** A linear program for the steepest ray within a box: minimise qᵀd subject to Pd = 0 and d within the recession cone. */
export function steepestRay(qp: Qp): Qp {
  const { n, m, P, A, q } = qp;
  const cone = (v: number) => (Number.isFinite(v) ? 0 : v);
  const zeros = new Float64Array(n);
  const sides = (v: Float64Array) => Float64Array.from([...zeros, ...v.map(cone)]);
  return {
    ...{ n, m: n + m, constant: 0, q, A: stacked([P, A]), cones: qp.cones.map((at) => n + at) },
    P: { rows: n, cols: n, start: new Int32Array(n + 1), index: new Int32Array(0), value: new Float64Array(0) },
    ...{ rowLower: sides(qp.rowLower), rowUpper: sides(qp.rowUpper) },
    lower: qp.lower.map((v) => Math.max(cone(v), -1)),
    upper: qp.upper.map((v) => Math.min(cone(v), 1)),
  };
}
