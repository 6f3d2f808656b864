import { sparseLdlt } from '@southwell/numerics/sparse';
import { dot } from '../vectors.ts';
import type { NonlinearIterate } from './iterate.ts';
import type { CheckedProgram } from './program.ts';
import { type NonlinearPoint, violation } from './residuals.ts';
import { activeSides, systemOf } from './sensitivity.ts';
import { StoppedEvaluation } from './stopped.ts';

/** How often a run goes on from a saddle. */
const TIMES = 3;
/** Curvature relative to the largest second derivative that is put down to rounding. */
const ROUNDING = 1e-8;
/** First shift of the Hessian, relative to its largest entry, and the factor by which shifts grow. */
const [SHIFT, GROWTH] = [1e-6, 8];
/** Steps of inverse iteration; longest step from a saddle, factor by which it is shortened, and how often. */
const [INVERSE, LONGEST, SHORTEN, TRIALS] = [6, 0.1, 0.25, 15];
/** Share of the decrease that curvature promises. */
const DECREASE = 0.1;

const SADDLE =
  'The point meets first-order conditions, but has negative curvature: it need not be an optimum. Another initial point may lead to one.';

/**
 * The iterates of a method, which goes on from a saddle or a maximum: where second derivatives tell that the Lagrangian
 * has negative curvature along the active sides, a step is taken in such a direction.
 */
export function* beyondSaddles<T extends NonlinearIterate>(
  given: CheckedProgram,
  iterates: (program: CheckedProgram) => Generator<T>,
): Generator<T> {
  let program = given;
  let [steps, work] = [0, {}];
  for (let left = TIMES; ; left--) {
    let [last, next]: Array<T | undefined> = [];
    for (const iterate of iterates(program)) {
      next =
        steps === 0 ? iterate : { ...iterate, iteration: steps + iterate.iteration, work: sum(work, iterate.work) };
      if (next.done === 'converged' || next.rounded) break;
      last = next;
      yield next;
      next = undefined;
    }
    if (!next) return;
    const curved = hadRightInertia(last) ? undefined : leave(given, next);
    if (!curved?.x || left === 0) {
      yield curved ? { ...next, next: next.next ?? SADDLE } : next;
      return;
    }
    if (next.iteration !== last?.iteration) yield { ...next, done: undefined, rounded: undefined, next: undefined };
    [steps, work] = [next.iteration + 1, next.work];
    program = { ...given, start: curved.x, startMultipliers: undefined };
  }
}

/** Whether the step to a point of an interior point method needed no perturbation: it has no negative curvature then. */
function hadRightInertia(last: Perturbed | undefined): boolean {
  return last?.regularisation === 0 && last.primalLength! > 0;
}

/** What interior points say of their steps. */
interface Perturbed extends NonlinearIterate {
  readonly regularisation?: number;
  readonly primalLength?: number;
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number | undefined>>) {
  return Object.fromEntries(Object.entries(b).map(([key, value]) => [key, (a[key] ?? 0) + (value ?? 0)]));
}

/** A better point near one with negative curvature, if it has any; without x if no better point was found. */
function leave(program: CheckedProgram, iterate: NonlinearIterate): { x?: Float64Array } | undefined {
  if (!program.functions.hessian || program.functions.variables === 0) return undefined;
  try {
    const at = iterate.snapshot();
    const found = direction(program, at);
    return found && { x: better(program, at, found) };
  } catch (error) {
    // Out of time: the point stays what it is.
    if (!(error instanceof StoppedEvaluation)) throw error;
    return undefined;
  }
}

interface Direction {
  readonly d: Float64Array;
  /** dᵀ∇²L d. */
  readonly curvature: number;
  /** Where active sides are in the system, −1 for the others. */
  readonly place: Int32Array;
}

/** A direction of negative curvature along the active sides: inverse iteration with the least shift that allows it. */
function direction(program: CheckedProgram, at: NonlinearPoint): Direction | undefined {
  const { functions } = program;
  const { variables: n, constraints: m } = functions;
  const { place, order } = activeSides(program, at);
  const largest = largestCurvature(program, at);
  if (largest === 0) return undefined;
  const factorise = (shift: number) => {
    const factor = sparseLdlt(systemOf(functions, at, place, order, shift));
    const { negative, zero } = factor.inertia();
    if (negative === order - n && zero === 0) return factor;
    factor.free();
    return undefined;
  };
  const convex = factorise(ROUNDING * largest);
  convex?.free();
  if (convex) return undefined;
  let shift = SHIFT * largest;
  let factor = factorise(shift);
  for (; !factor && shift < GROWTH * n * largest; factor = factorise(shift)) shift *= GROWTH;
  if (!factor) return undefined;
  let right = Float64Array.from({ length: order }, (_, j) => (j < n ? Math.cos(j + 1) : 0));
  for (let k = 0; k < INVERSE; k++) {
    const found = factor.solve(right).fill(0, n);
    const length = Math.sqrt(dot(found, found));
    right = found.map((v) => v / length);
  }
  factor.free();
  const d = right.slice(0, n);
  const curvature = curvatureAlong(program, at, d);
  return curvature < -ROUNDING * largest ? { d, curvature, place: place.subarray(0, m) } : undefined;
}

function hessianAt({ functions }: CheckedProgram, { x, rows }: NonlinearPoint): Float64Array {
  const values = new Float64Array(functions.hessian!.rowIndices.length);
  functions.hessianValues!(
    x,
    1,
    rows.map((v) => -v),
    values,
  );
  return values;
}

const largestCurvature = (program: CheckedProgram, at: NonlinearPoint): number =>
  hessianAt(program, at).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

function curvatureAlong(program: CheckedProgram, at: NonlinearPoint, d: Float64Array): number {
  const { colPointers, rowIndices } = program.functions.hessian!;
  const values = hessianAt(program, at);
  let total = 0;
  for (let j = 0; j < d.length; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      total += (i === j ? 1 : 2) * values[k] * d[i] * d[j];
    }
  }
  return total;
}

/** A point along ±d where the Lagrangian is smaller and no inactive row is violated. */
function better(program: CheckedProgram, at: NonlinearPoint, along: Direction): Float64Array | undefined {
  const { functions, lower, upper, rowLower, rowUpper } = program;
  const { d, curvature, place } = along;
  const c = new Float64Array(functions.constraints);
  const lagrangian = (x: Float64Array): number => {
    functions.constraintValues(x, c);
    return functions.objective(x) - dot(at.rows, c) - dot(at.bounds, x);
  };
  const here = lagrangian(at.x);
  const size = at.x.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  for (let [k, t] = [0, LONGEST * size]; k < TRIALS; k++, t *= SHORTEN) {
    for (const sign of [1, -1]) {
      const x = at.x.map((v, j) => Math.min(Math.max(v + sign * t * d[j], lower[j]), upper[j]));
      if (!(lagrangian(x) <= here + DECREASE * 0.5 * t * t * curvature)) continue;
      if (c.every((v, i) => place[i] >= 0 || violation(v, rowLower[i], rowUpper[i]) === 0)) return x;
    }
  }
  return undefined;
}
