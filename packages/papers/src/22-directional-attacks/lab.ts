import { type ThroughNetworkOptions, throughNetworkIterates } from 'southwell/black-box';
import type { Pause } from '../pauses.ts';
import { PASSES, type Step } from './oracle.ts';
import type { Problem } from './problems.ts';

export type Method = (problem: Problem, seed: number) => Iterable<Step>;

/** The library's method for networks with the radii of a problem. */
export function* through(problem: Problem, options: ThroughNetworkOptions): Generator<Step> {
  const { network, objective, constraints, x0, lower, upper, radii } = problem;
  const { first: radius0, attack: attackRadius, poll: pollRadius } = radii;
  const given = { network, objective, constraints, x0, lower, upper };
  // Runs end with the budget of passes.
  const maxEvaluations = Number.MAX_SAFE_INTEGER;
  const all = { radius0, attackRadius, pollRadius, maxEvaluations, ...options };
  for (const { work, objective, snapshot } of throughNetworkIterates(given, all)) {
    const passes = PASSES.value * work.oracleCalls! + PASSES.gradient * work.gradientCalls!;
    yield { passes, points: work.oracleCalls!, f: objective!, x: snapshot()! };
  }
}

/** The hybrid of attacks and direct search, with the library's defaults. */
export const libraryMethod: Method = (problem, seed) => through(problem, { seed });

/** What a method has reached within a budget of passes, by iteration. */
export interface Course {
  readonly passes: readonly number[];
  readonly points: readonly number[];
  readonly f: readonly number[];
  /** The last point. */
  readonly x: Float64Array;
}

/** Runs a method until it ends or has taken the passes of the budget. */
export async function follow(
  steps: Iterable<Step>,
  budget: number,
  pause: Pause,
  see: (step: Step) => void = () => {},
): Promise<Course> {
  const [passes, points, f]: number[][] = [[], [], []];
  let x = new Float64Array(0);
  for (const step of steps) {
    if (step.passes > budget) break;
    see(step);
    passes.push(step.passes);
    points.push(step.points);
    f.push(step.f);
    x = Float64Array.from(step.x);
    await pause();
  }
  return { passes, points, f, x };
}

/** What is shown of a run after a number of passes, or of points. */
export type Shown = (course: Course, count: number, by?: 'passes' | 'points') => number;

/** The value of the last iteration that ended by then. */
export const valueAt: Shown = (course, count, by = 'passes') => {
  let at = 0;
  while (at + 1 < course.f.length && course[by][at + 1] <= count) at++;
  return course.f[at];
};

/** Share of the value at the start that remains. */
export const gapAt: Shown = (course, count, by) => valueAt(course, count, by) / course.f[0];

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
