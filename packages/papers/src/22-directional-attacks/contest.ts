import type { Cell, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { type Course, follow, type Method, median } from './lab.ts';
import type { Problem } from './problems.ts';
import {
  attacksAlone,
  boundedLbfgs,
  directSearch,
  projectedGradient,
  randomLineSearch,
  withoutCovering,
} from './rivals.ts';

/** Methods on the same problems. */

/** In the order of legends. */
export const playerNames = [
  'hybrid',
  'direct search',
  'attacks alone',
  'random line search',
  'projected gradient',
  'L-BFGS-B',
  'hybrid without covering',
] as const;

export interface Player {
  readonly name: string;
  readonly method: Method;
  /** On how many of the problems it runs. */
  readonly runs: number;
  /** The problem as this method takes it. */
  readonly as?: (problem: Problem) => Problem;
}

/** The method under test on all problems, with direct search and attacks alone; the others on some of them. */
export function playersOf(method: Method, all: number, some: number): Player[] {
  const methods = [
    method,
    directSearch,
    attacksAlone,
    randomLineSearch,
    projectedGradient,
    boundedLbfgs,
    withoutCovering,
  ];
  return methods.map((one, k) => ({ name: playerNames[k], method: one, runs: k < 3 ? all : some }));
}

export interface Contest {
  readonly panel: string;
  readonly players: readonly Player[];
  /** Problem k and the seed of the methods. */
  readonly problem: (k: number) => { readonly problem: Problem; readonly seed: number };
  readonly count: number;
  readonly budget: number;
  /** What is drawn of a value after a number of passes. */
  readonly shown: (course: Course, passes: number) => number;
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

/** Median values after numbers of passes, by method; the control's and the rivals' too. */
export function standings(
  title: string,
  courses: Courses,
  at: readonly number[],
  shown: (course: Course, passes: number) => number,
): ExperimentEvent {
  const passes = [...new Set(at)];
  return {
    kind: 'table',
    title,
    columns: ['method', 'runs', ...passes.map((n) => `after ${n} passes`), 'passes of the longest run'],
    rows: [...courses].map(([name, own]): Cell[] => [
      name,
      own.length,
      ...passes.map((n) => median(own.map((course) => shown(course, n)))),
      Math.max(...own.map((course) => course.passes[course.passes.length - 1])),
    ]),
  };
}

/** Medians of the hybrid over those of another method, after numbers of passes. */
export const ratiosTo = (
  courses: Courses,
  name: (typeof playerNames)[number],
  passes: readonly number[],
  shown: (course: Course, passes: number) => number,
): Array<{ readonly label: string; readonly value: number }> =>
  passes.map((n) => {
    const of = (player: string) => median(courses.get(player)!.map((course) => shown(course, n)));
    return { label: `after ${n} passes`, value: of('hybrid') / of(name) };
  });
