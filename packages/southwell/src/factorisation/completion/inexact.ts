import { checkOptions, flagOption, integerOption, type OptionsNeeding, type Random } from '@southwell/numerics/core';
import { type Factors, type Sweep, Sweeps, sweepRecords } from './alternating.ts';
import { orthonormalise, residuals, residualsOf, rotate, squaresOf, startOf } from './factors.ts';
import type { Observed, ObservedRows } from './observed.ts';
import { type PlacedEntries, withPlaced } from './placed.ts';
import type { RegressionWork } from './regressions.ts';
import { exchange, ownPart } from './shares.ts';

const inexactRecords = {
  ...sweepRecords,
  /** Steps of conjugate gradients, or passes of coordinate descent, per regression. Default 1 with λ, else 2. */
  innerSteps: integerOption({ min: 1 }),
  /** Constrains both factors to be non-negative, by coordinate descent. Default false. */
  nonNegative: flagOption(),
};

export interface InexactOptions extends OptionsNeeding<typeof inexactRecords, 'rank'> {}

/**
 * Number of sweeps after which residuals are recomputed; until then they are updated, and rounding errors accumulate.
 */
const REFRESH = 8;
/** Minimum number of steps for a factor that starts from zero. */
const FIRST = 3;

/**
 * Alternating minimisation with inexact regressions, a few steps from the previous solution each. Residuals are updated
 * from one half-step to the next, so that a step costs two passes over entries and factor. Without λ the factor that is
 * regressed on is orthonormalised and the other one transformed inversely, which keeps the product. O(entries · rank ·
 * steps) per sweep, plus O((rows + cols) rank²) without λ.
 */
export function inexactAlternating(observed: Observed, options: InexactOptions): Generator<Sweep, void, undefined> {
  checkOptions('inexactAlternating', inexactRecords, options);
  return withPlaced(observed, options.rank, (placed) => inexactSweeps(observed, placed, options));
}

function* inexactSweeps(
  observed: Observed,
  placed: PlacedEntries,
  options: InexactOptions,
): Generator<Sweep, void, undefined> {
  const { rank: k, lambda = 0, nonNegative = false, seed = 0, tol = 1e-6, resume, from } = options;
  const balanced = lambda === 0 && !nonNegative;
  const steps = options.innerSteps ?? (balanced ? 2 : 1);
  const { byCol, byRow } = observed;
  const sweeps = new Sweeps(observed, { rank: k, lambda, tol }, { resume, from, seed }, (random) =>
    startingFactors(observed, placed, options, random),
  );
  const { U, V, work, random, size } = sweeps;
  if (nonNegative && from) for (const f of [U, V]) for (let at = 0; at < f.length; at++) f[at] = Math.max(0, f[at]);
  // In a distributed run an entry belongs to two ranks; each recomputes its residual, which is neither sent nor stored.
  const shared = byCol.shared !== undefined;
  const kept = shared ? undefined : resume?.residual;
  const r = kept?.slice() ?? byCol.values.slice();
  if (!kept && (from || resume)) residuals(observed, U, V, k, r);
  const turned = new Float64Array(byRow.values.length);
  const half = (side: 'byCol' | 'byRow', f: Float64Array, out: Float64Array, residual: Float64Array, count: number) => {
    const rows = observed[side];
    const own = ownPart(rows, out, k);
    const done = nonNegative
      ? coordinateDescent(rows, f, own, residual, lambda, count)
      : placed[side].conjugateSteps(f, own, residual, lambda, count);
    exchange(rows, out, k);
    work.innerIterations += done.innerIterations;
    work.multiplyAdds += done.multiplyAdds;
  };
  for (let sweep = resume?.iteration ?? 0; ; sweep++) {
    // In the very first half-step U contains only directions, and V is zero.
    const first = sweep === 1 && !from;
    if (sweep > (resume?.iteration ?? 0)) {
      const count = first ? Math.max(steps, FIRST) : steps;
      if (balanced && !first) balance(U, V, k, random);
      half('byCol', U, V, r, count);
      if (balanced) balance(V, U, k, random);
      if (balanced && first) {
        U.fill(0);
        turned.set(byRow.values);
      } else if (shared) residualsOf(byRow, V, U, k, turned);
      else for (let e = 0; e < r.length; e++) turned[e] = r[byRow.order[e]];
      half('byRow', V, U, turned, count);
      if (shared || sweep % REFRESH === 0) residuals(observed, U, V, k, r);
      else for (let e = 0; e < r.length; e++) r[byRow.order[e]] = turned[e];
    }
    const squares = sweep === 0 && !from ? size : squaresOf(byCol, r);
    const next = sweeps.iterate(sweep, squares, sweep > 1 || (sweep === 1 && !first), shared ? undefined : r);
    yield next;
    if (next.done) return;
  }
}

function startingFactors(
  observed: Observed,
  placed: PlacedEntries,
  { rank: k, lambda = 0, nonNegative = false, init = 'spectral' }: InexactOptions,
  random: Random,
): Factors {
  const { U, sizes } = startOf(init, observed, placed, k, random);
  if (lambda > 0 || nonNegative) for (let at = 0; at < U.length; at++) U[at] *= Math.sqrt(sizes[at % k]);
  if (nonNegative) for (let at = 0; at < U.length; at++) U[at] = Math.abs(U[at]);
  return { left: U, right: new Float64Array(observed.cols * k) };
}

/** own ← Q of own = QR, other ← other Rᵀ. */
function balance(own: Float64Array, other: Float64Array, k: number, random: Random): void {
  const before = own.slice();
  orthonormalise(own, k, random);
  const turn = new Float64Array(k * k);
  for (let at = 0; at < own.length; at += k) {
    for (let b = 0; b < k; b++) for (let a = 0; a < k; a++) turn[b * k + a] += before[at + b] * own[at + a];
  }
  rotate(other, k, turn);
}

/** One coordinate after the other, exactly, kept at or above zero (Cichocki and Phan 2009). */
function coordinateDescent(
  rows: ObservedRows,
  f: Float64Array,
  out: Float64Array,
  r: Float64Array,
  lambda: number,
  steps: number,
): Readonly<RegressionWork> {
  const work = { multiplyAdds: 0, innerIterations: 0 };
  const { pointers, indices, weights, count } = rows;
  const k = count > 0 ? out.length / count : 0;
  for (let j = 0; j < count; j++) {
    const [begin, end] = [pointers[j], pointers[j + 1]];
    for (let step = 0; step < steps && begin < end; step++) {
      for (let a = 0; a < k; a++) {
        const x = out[j * k + a];
        let [slope, curvature] = [-lambda * x, lambda];
        for (let e = begin; e < end; e++) {
          const v = f[indices[e] * k + a];
          const w = weights ? weights[e] * v : v;
          slope += w * r[e];
          curvature += w * v;
        }
        if (!(curvature > 0)) continue;
        const next = Math.max(0, x + slope / curvature);
        out[j * k + a] = next;
        if (next !== x) for (let e = begin; e < end; e++) r[e] -= (next - x) * f[indices[e] * k + a];
      }
      work.multiplyAdds += 3 * (end - begin) * k;
      work.innerIterations++;
    }
  }
  return work;
}
