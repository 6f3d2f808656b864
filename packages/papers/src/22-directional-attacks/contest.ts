import type { Cell, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { type Course, follow, type Method, median, type Shown } from './lab.ts';
import type { Problem } from './problems.ts';
import {
  attacksAlone,
  boundedLbfgs,
  directSearch,
  directSearchWithin,
  projectedGradient,
  randomLineSearch,
  withoutCovering,
} from './rivals.ts';

/** Methods on the same problems. */

/** In the order of legends; the first ones run on all problems. */
const methods = {
  'direct search': directSearch,
  'direct search, n + 1': directSearchWithin,
  'attacks alone': attacksAlone,
  'random line search': randomLineSearch,
  'projected gradient': projectedGradient,
  'L-BFGS-B': boundedLbfgs,
  'hybrid without covering': withoutCovering,
} as const satisfies Readonly<Record<string, Method>>;
const ON_ALL = ['direct search', 'direct search, n + 1', 'attacks alone'];

type PlayerName = 'hybrid' | keyof typeof methods;
export const playerNames: readonly PlayerName[] = ['hybrid', ...(Object.keys(methods) as Array<keyof typeof methods>)];

export interface Player {
  readonly name: string;
  readonly method: Method;
  /** On how many of the problems it runs. */
  readonly runs: number;
  /** The problem as this method takes it. */
  readonly as?: (problem: Problem) => Problem;
}

/** The method under test, direct searches and attacks alone on all problems; the others on some of them. */
export function playersOf(method: Method, all: number, some: number): Player[] {
  const others = Object.entries(methods).map(([name, one]) => ({
    ...{ name, method: one },
    runs: ON_ALL.includes(name) ? all : some,
  }));
  return [{ name: 'hybrid', method, runs: all }, ...others];
}

export interface Contest {
  readonly panel: string;
  readonly players: readonly Player[];
  /** Problem k and the seed of the methods. */
  readonly problem: (k: number) => { readonly problem: Problem; readonly seed: number };
  readonly count: number;
  readonly budget: number;
  /** What is drawn of a value after a number of passes. */
  readonly shown: Shown;
  readonly pause: Pause;
  /** Which of how many contests it is, from 0. */
  readonly part?: readonly [at: number, of: number];
}

export type Courses = ReadonlyMap<string, readonly Course[]>;

/** Runs all players on all problems, and yields their medians so far. */
export async function* contest(plan: Contest): AsyncGenerator<ExperimentEvent, Courses, undefined> {
  const { panel, players, count, budget, shown, pause, part: [at, of] = [0, 1] } = plan;
  const courses = new Map(players.map(({ name }) => [name, [] as Course[]]));
  const x = counts(budget);
  for (let k = 0; k < count; k++) {
    const { problem, seed } = plan.problem(k);
    for (const { name, method, runs, as = (p: Problem) => p } of players) {
      if (k >= runs) continue;
      yield { kind: 'progress', label: `${problem.name} ${k + 1}: ${name}`, fraction: (at + k / count) / of };
      const own = courses.get(name)!;
      own.push(await follow(method(as(problem), seed), budget, pause));
      const y = x.map((passes) => median(own.map((course) => shown(course, passes))));
      yield { kind: 'points', panel, series: name, restart: true, x, y };
    }
  }
  return courses;
}

/** Whole numbers from 1 to `most`, evenly on a log scale. */
function counts(most: number): number[] {
  const all = Array.from({ length: 61 }, (_, k) => Math.round(most ** (k / 60)));
  return [...new Set(all)];
}

/** Median values after numbers of passes and, without the passes of gradients, of points; the rivals' too. */
export function standings(
  title: string,
  courses: Courses,
  { passes, points = [] }: { readonly passes: readonly number[]; readonly points?: readonly number[] },
  shown: Shown,
): ExperimentEvent {
  const columns = [
    ...[...new Set(passes)].map((count) => ({ count, by: 'passes' as const })),
    ...points.map((count) => ({ count, by: 'points' as const })),
  ];
  return {
    kind: 'table',
    title,
    columns: [
      ...['method', 'runs'],
      ...columns.map(({ count, by }) => `after ${count} ${by}`),
      'passes of the longest run',
    ],
    rows: [...courses].map(([name, own]): Cell[] => [
      name,
      own.length,
      ...columns.map(({ count, by }) => median(own.map((course) => shown(course, count, by)))),
      Math.max(...own.map((course) => course.passes[course.passes.length - 1])),
    ]),
  };
}

/** The least median of some methods after a number of passes, or of points. */
export const leastOf = (
  courses: Courses,
  names: readonly PlayerName[],
  shown: Shown,
  count: number,
  by?: 'passes' | 'points',
): number => Math.min(...names.map((name) => median(courses.get(name)!.map((one) => shown(one, count, by)))));

/** Direct search with 2n directions, and the one within the hybrid. */
export const directSearches = ['direct search', 'direct search, n + 1'] as const satisfies readonly PlayerName[];

/** Medians of the hybrid over the least of those of other methods, after numbers of passes. */
export const ratiosTo = (
  courses: Courses,
  names: readonly PlayerName[],
  passes: readonly number[],
  shown: Shown,
): Array<{ readonly label: string; readonly value: number }> =>
  passes.map((n) => ({
    label: `after ${n} passes`,
    value: leastOf(courses, ['hybrid'], shown, n) / leastOf(courses, names, shown, n),
  }));
