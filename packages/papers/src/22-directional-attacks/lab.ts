import { type ThroughNetworkOptions, throughNetworkIterates } from 'southwell/black-box';
import type { Pause } from '../pauses.ts';
import { PASSES } from './oracle.ts';
import type { Problem } from './problems.ts';

/** A method after an iteration: its best point so far, and the passes through the network that it took. */
export interface Step {
  readonly passes: number;
  /** The objective with the penalty. */
  readonly f: number;
  readonly x: Float64Array;
}

export type Method = (problem: Problem, seed: number) => Iterable<Step>;

function* through(problem: Problem, options: ThroughNetworkOptions): Generator<Step> {
  const { network, objective, constraints, x0, lower, upper, radii } = problem;
  const { first: radius0, attack: attackRadius, poll: pollRadius } = radii;
  const given = { network, objective, constraints, x0, lower, upper };
  // Runs end with the budget of passes.
  const maxEvaluations = Number.MAX_SAFE_INTEGER;
  const all = { radius0, attackRadius, pollRadius, maxEvaluations, ...options };
  for (const { work, objective, snapshot } of throughNetworkIterates(given, all)) {
    const passes = PASSES.value * work.oracleCalls! + PASSES.gradient * work.gradientCalls!;
    yield { passes, f: objective!, x: snapshot()! };
  }
}

/** The hybrid of attacks and direct search, with the library's defaults. */
export const libraryMethod: Method = (problem, seed) => through(problem, { seed });

/** The covering direct search alone. */
export const directSearch: Method = (problem, seed) => through(problem, { attack: false, seed });

/** What a method has reached within a budget. */
export interface Course {
  readonly passes: readonly number[];
  readonly f: readonly number[];
  readonly path: readonly Float64Array[];
}

/** Runs a method until it ends or has taken the passes of the budget. */
export async function follow(steps: Iterable<Step>, budget: number, pause: Pause): Promise<Course> {
  const course = { passes: [] as number[], f: [] as number[], path: [] as Float64Array[] };
  for (const { passes, f, x } of steps) {
    if (passes > budget) break;
    course.passes.push(passes);
    course.f.push(f);
    course.path.push(x);
    await pause();
  }
  return course;
}

/** The value after so many passes: that of the last iteration which ended by then. */
export function valueAt({ passes, f }: Course, count: number): number {
  let at = 0;
  while (at + 1 < passes.length && passes[at + 1] <= count) at++;
  return f[at];
}

export const finalOf = ({ f }: Course): number => f[f.length - 1];

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Whole numbers from 1 to `most`, evenly on a log scale. */
export function counts(most: number): number[] {
  const all = Array.from({ length: 61 }, (_, k) => Math.round(most ** (k / 60)));
  return [...new Set(all)];
}
