import { type SketchedSqpOptions, sketchedSqpIterates } from 'southwell/constrained';
import type { Pause } from '../pauses.ts';
import { type Problem, programOf } from './problems.ts';

/** A method after an outer step. */
export interface Outer {
  /** ‖(∇L, c)‖. */
  readonly kkt: number;
  /** Length of the last step; 0 before the first. */
  readonly alpha: number;
  /** Steps within systems so far: projections, or steps of GMRES. */
  readonly inner: number;
  /** Evaluations of functions so far. */
  readonly evaluations: number;
  readonly x: Float64Array;
  readonly f: number;
  readonly ended?: 'converged' | 'failed';
}

/** The method under test; a control replaces it. */
export type Method = (problem: Problem, options: SketchedSqpOptions) => Iterable<Outer>;

export const libraryMethod: Method = function* (problem, options) {
  for (const { metrics, work, objective, done, snapshot } of sketchedSqpIterates(programOf(problem), options)) {
    yield {
      ...{ kkt: metrics!.kkt, alpha: metrics!.alpha, inner: work.innerSteps!, evaluations: work.evaluations! },
      ...{ x: snapshot()!.x, f: objective! },
      ...(done && { ended: done === 'converged' ? done : 'failed' }),
    };
  }
};

/** A run to its end, or to a number of outer steps. */
export interface Course {
  readonly kkt: readonly number[];
  /** Of every step. */
  readonly alphas: readonly number[];
  readonly last: Outer;
  /** Outer steps; infinite for a run that did not converge. */
  readonly outer: number;
}

export async function follow(steps: Iterable<Outer>, most: number, pause: Pause): Promise<Course> {
  const kkt: number[] = [];
  const alphas: number[] = [];
  for (const step of steps) {
    if (kkt.length > 0) alphas.push(step.alpha);
    kkt.push(step.kkt);
    await pause();
    if (!step.ended && kkt.length <= most) continue;
    const outer = step.ended === 'converged' ? alphas.length : Number.POSITIVE_INFINITY;
    return { kkt, alphas, last: step, outer };
  }
  throw new Error('A method must say how it ended.');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** ‖x − y‖/‖y‖. */
export function distance(x: Float64Array, y: Float64Array): number {
  let [error, size] = [0, 0];
  for (let k = 0; k < y.length; k++) {
    error += (x[k] - y[k]) ** 2;
    size += y[k] ** 2;
  }
  return Math.sqrt(error / size);
}

/** The points of a curve of KKT residuals; zeros have no logarithm. */
export const curve = (panel: string, series: string, { kkt }: Course) => ({
  ...{ kind: 'points' as const, panel, series },
  x: kkt.map((_, k) => k),
  y: kkt.map((v) => Math.max(v, 1e-16)),
});

/** A count of steps for a table. */
export const counted = (steps: number): number | null => (Number.isFinite(steps) ? steps : null);
