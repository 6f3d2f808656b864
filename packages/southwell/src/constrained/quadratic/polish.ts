import { largest } from '../vectors.ts';
import { addProduct, addTransposed } from './columns.ts';
import type { KktSystem } from './kkt.ts';
import type { Qp } from './problem.ts';
import type { Scaled } from './scaling.ts';
import { inOriginalUnits, isBetter, type QpState } from './state.ts';

/** Rounds of a proximal Newton method for the equality-constrained problem, and changes of the active set. */
const ROUNDS = 12;
const CHANGES = 6;
const SHIFT = 1e-9;

/**
 * Solves the problem with those rows and bounds as equations that are active at a point, which the multipliers tell,
 * and takes out those of the wrong sign or adds those that are violated. Undefined if that fails.
 */
export function polish(given: Qp, scaled: Scaled, kkt: KktSystem, from: QpState): QpState | undefined {
  const { qp, D, E, c } = scaled;
  const { m } = qp;
  const x = from.x.map((v, j) => v / D[j]);
  const y = from.rows.map((v, i) => (c * v) / E[i]);
  const z = from.bounds.map((v, j) => v * c * D[j]);
  const Ax = new Float64Array(m);
  addProduct(qp.A, x, Ax);
  // −1 at the lower side, 1 at the upper one, 0 if inactive, 2 for equations.
  const at = (v: number, low: number, up: number, multiplier: number) => {
    if (low === up) return 2;
    if (multiplier > Math.max(0, v - low)) return -1;
    return -multiplier > Math.max(0, up - v) ? 1 : 0;
  };
  const variables = Int8Array.from(x, (v, j) => at(v, qp.lower[j], qp.upper[j], z[j]));
  const rows = Int8Array.from(Ax, (v, i) => at(v, qp.rowLower[i], qp.rowUpper[i], y[i]));
  let best: QpState | undefined;
  for (let turn = 0; turn < CHANGES; turn++) {
    const found = onActiveSet(scaled, kkt, variables, rows, x, y);
    if (!found) break;
    const state = inOriginalUnits(given, scaled, x, signed(y, rows), signed(found, variables), heldOf(variables));
    if (best && !isBetter(state, best)) break;
    best = state;
    if (!change(qp, x, y, found, variables, rows)) break;
  }
  return best;
}

const heldOf = (variables: Int8Array): Uint8Array => Uint8Array.from(variables, (v) => (v === 2 ? 1 : 0));

/** Multipliers without those of the wrong sign. */
function signed(y: Float64Array, sides: Int8Array): Float64Array {
  return y.map((v, i) => (sides[i] === 2 ? v : sides[i] === -1 ? Math.max(v, 0) : sides[i] === 1 ? Math.min(v, 0) : 0));
}

/** Newton steps for the problem on its active set; x and y are overwritten. Returns the multipliers of bounds. */
function onActiveSet(
  { qp }: Scaled,
  kkt: KktSystem,
  variables: Int8Array,
  rows: Int8Array,
  x: Float64Array,
  y: Float64Array,
): Float64Array | undefined {
  const { n, m } = qp;
  const held = Uint8Array.from(variables, (v) => (v === 0 ? 0 : 1));
  const out = Uint8Array.from(rows, (v) => (v === 0 ? 1 : 0));
  for (let j = 0; j < n; j++) if (held[j]) x[j] = variables[j] === 1 ? qp.upper[j] : qp.lower[j];
  for (let i = 0; i < m; i++) if (out[i]) y[i] = 0;
  try {
    kkt.factorise(new Float64Array(n).fill(SHIFT), new Float64Array(m).fill(SHIFT), held, out);
  } catch {
    return undefined;
  }
  const [none, noneOfRows] = [new Float64Array(n), new Float64Array(m)];
  const [b, d] = [new Float64Array(n + m), new Float64Array(n + m)];
  const dual = new Float64Array(n);
  const Ax = new Float64Array(m);
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; ; round++) {
    dual.set(qp.q);
    addProduct(qp.P, x, dual);
    addTransposed(qp.A, y, dual, -1);
    Ax.fill(0);
    addProduct(qp.A, x, Ax);
    for (let j = 0; j < n; j++) b[j] = held[j] ? 0 : -dual[j];
    for (let i = 0; i < m; i++) b[n + i] = out[i] ? 0 : (rows[i] === 1 ? qp.rowUpper[i] : qp.rowLower[i]) - Ax[i];
    const error = largest(b);
    if (!Number.isFinite(error)) return undefined;
    if (round === ROUNDS || error === 0 || (round > 2 && !(error < 0.7 * before))) return dual;
    before = error;
    kkt.solve(b, d, none, noneOfRows, 2);
    for (let j = 0; j < n; j++) x[j] += d[j];
    for (let i = 0; i < m; i++) if (!out[i]) y[i] -= d[n + i];
  }
}

/** Takes out sides whose multipliers have the wrong sign, adds those that are violated; false if there are none. */
function change(
  qp: Qp,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  variables: Int8Array,
  rows: Int8Array,
): boolean {
  let changed = false;
  const Ax = new Float64Array(qp.m);
  addProduct(qp.A, x, Ax);
  const turn = (sides: Int8Array, i: number, v: number, low: number, up: number, multiplier: number) => {
    const side = sides[i];
    if (side === 2) return;
    const margin = 1e-12 * (1 + Math.abs(v));
    if (side === 0) {
      if (v < low - margin) sides[i] = -1;
      else if (v > up + margin) sides[i] = 1;
    } else if (side * multiplier > 1e-12) sides[i] = 0;
    changed ||= side !== sides[i];
  };
  for (let j = 0; j < qp.n; j++) turn(variables, j, x[j], qp.lower[j], qp.upper[j], z[j]);
  for (let i = 0; i < qp.m; i++) turn(rows, i, Ax[i], qp.rowLower[i], qp.rowUpper[i], y[i]);
  return changed;
}
