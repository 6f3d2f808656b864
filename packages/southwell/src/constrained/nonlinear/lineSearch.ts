import type { Filter, SearchStart } from './filter.ts';
import type { Point } from './point.ts';
import { type Newton, primalLength, Step } from './step.ts';

/** Second-order corrections of a step, and the factor by which each must reduce the violation. */
const [CORRECTIONS, CORRECTED] = [4, 0.99];
/** Steps that do not change a variable by more than this, relatively, are tiny. */
const TINY = 10 * Number.EPSILON;

export interface Taken {
  readonly alpha: number;
  readonly step: Step;
  /** How the step was found, as Ipopt marks it: f, h, F, H (corrected), w, t, … */
  readonly mark: string;
  readonly trials: number;
}

export interface SearchState {
  readonly at: Point;
  readonly trial: Point;
  readonly step: Step;
  readonly newton: Newton;
  readonly filter: Filter;
  readonly mu: number;
  readonly tau: number;
  /** False if the factors are not those of the step, so that it cannot be corrected. */
  readonly corrects?: boolean;
}

/** trial.w ← w + αd, off the bounds by at least a rounding error. Returns whether f and c are finite there. */
export function moveTo(at: Point, d: Float64Array, alpha: number, trial: Point): boolean {
  const { lower, upper } = at.problem;
  for (let k = 0; k < d.length; k++) {
    let v = at.w[k] + alpha * d[k];
    if (v <= lower[k]) v = lower[k] + 1e-16 * Math.max(1, Math.abs(lower[k])) + (at.w[k] - lower[k]) * 1e-3;
    if (v >= upper[k]) v = upper[k] - 1e-16 * Math.max(1, Math.abs(upper[k])) - (upper[k] - at.w[k]) * 1e-3;
    trial.w[k] = v;
  }
  return trial.evaluate();
}

export function searchStart(at: Point, step: Step, mu: number): SearchStart {
  const gradient = new Float64Array(at.w.length);
  at.barrierGradient(mu, gradient);
  let slope = 0;
  for (let k = 0; k < gradient.length; k++) slope += gradient[k] * step.w[k];
  return { theta: at.theta, phi: at.phi(mu), slope };
}

export function isTiny({ at, step }: SearchState): boolean {
  if (at.theta > 1e-4) return false;
  for (let k = 0; k < step.w.length; k++) {
    if (Math.abs(step.w[k]) > TINY * (1 + Math.abs(at.w[k]))) return false;
  }
  return true;
}

/**
 * Backtracks from the longest step inside the bounds to one that the filter accepts (Wächter & Biegler 2006, Algorithm
 * A), with second-order corrections of the first trial. The accepted values are in `trial`.
 * @returns undefined if the step becomes too short.
 */
export function backtrack(state: SearchState, from: SearchStart): Taken | undefined {
  const { at, trial, step, filter, mu, tau } = state;
  const longest = primalLength(at.problem, at.w, step.w, tau);
  const least = filter.smallestStep(from);
  let trials = 0;
  for (let alpha = longest; alpha === longest || alpha >= least; alpha /= 2) {
    if (alpha < 1e-300) break;
    trials++;
    if (!moveTo(at, step.w, alpha, trial)) continue;
    const phi = trial.phi(mu);
    if (filter.accepts(from, alpha, trial.theta, phi)) {
      return { alpha, step, mark: filter.record(from, alpha, phi) ? 'f' : 'h', trials };
    }
    if (state.corrects !== false && alpha === longest && trial.theta >= from.theta) {
      const corrected = correct(state, from, alpha);
      if (corrected) return { ...corrected, trials };
    }
  }
  return undefined;
}

/** Second-order corrections of the full step (section 2.4 there). */
function correct(state: SearchState, from: SearchStart, alpha: number): Omit<Taken, 'trials'> | undefined {
  const { at, trial, newton, filter, mu, tau } = state;
  const other = new Step(at.problem);
  const c = at.c.slice();
  let length = alpha;
  let before = from.theta;
  let reached = trial.theta;
  for (let k = 0; k < CORRECTIONS && (k === 0 || reached <= CORRECTED * before); k++) {
    before = reached;
    for (let i = 0; i < c.length; i++) c[i] = trial.c[i] + length * c[i];
    if (!newton.corrected(at, mu, c, other)) return undefined;
    length = primalLength(at.problem, at.w, other.w, tau);
    if (!moveTo(at, other.w, length, trial)) return undefined;
    reached = trial.theta;
    const phi = trial.phi(mu);
    if (filter.accepts(from, alpha, reached, phi)) {
      return { alpha: length, step: other, mark: filter.record(from, alpha, phi) ? 'F' : 'H' };
    }
  }
  return undefined;
}
