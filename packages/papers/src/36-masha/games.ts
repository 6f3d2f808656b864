import { alone } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { projectSimplex } from '@southwell/numerics/projections';
import { gapFunction, type VariationalSettings } from 'southwell/distributed-methods';
import { median } from '../median.ts';
import type { Pause } from '../pauses.ts';
import type { Run } from './lab.ts';

/** A matrix game whose payoffs are the mean of those on several devices: x minimises and y maximises xᵀAy, both on simplices. */
export interface MatrixGames {
  readonly operators: ReadonlyArray<(z: Float64Array) => Float64Array>;
  /** The duality gap of the mean game at z = (x, y). */
  readonly gapOf: (z: Float64Array) => number;
  /** 2d, the length of z. */
  readonly length: number;
}

/** Games of d × d normal payoffs, the same on all devices up to normal numbers of the standard deviation `apart`. */
export function matrixGamesOf(
  { d, devices, apart }: { readonly d: number; readonly devices: number; readonly apart: number },
  random: Random,
): MatrixGames {
  const square = (scale: number) => Float64Array.from({ length: d * d }, () => scale * random.normal());
  const common = square(1);
  const parts = Array.from({ length: devices }, () => square(apart).map((v, k) => v + common[k]));
  const mean = common.map((_, k) => parts.reduce((sum, A) => sum + A[k], 0) / devices);
  // The rows of the game belong to the player who maximises, who comes second in z.
  const gap = gapFunction(DenseMatrix.fromColumnMajor(mean, d, d));
  const operators = parts.map((A) => (z: Float64Array) => {
    const out = new Float64Array(2 * d);
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < d; i++) {
        out[j] += A[j * d + i] * z[d + i];
        out[d + i] -= A[j * d + i] * z[j];
      }
    }
    return out;
  });
  return { operators, gapOf: (z) => gap(z.subarray(d), z.subarray(0, d)).gap, length: 2 * d };
}

/** The Euclidean projection onto the product of two simplices. */
export function projectPair(z: Float64Array): Float64Array {
  const d = z.length / 2;
  const out = new Float64Array(z.length);
  out.set(projectSimplex(z.subarray(0, d)));
  out.set(projectSimplex(z.subarray(d)), d);
  return out;
}

/** The course of a run: the smaller one of the gaps of the point and of the average, and numbers that each device has sent. */
export interface GapCourse {
  readonly gaps: readonly number[];
  readonly floats: readonly number[];
  readonly solved: boolean;
}

/**
 * Follows a method from the uniform strategies until the gap is reached or the steps are over.
 * @param sent numbers that a device has sent after some steps and refreshes.
 */
export async function followGap(
  run: Run,
  { operators, gapOf, length }: MatrixGames,
  settings: VariationalSettings,
  { gap, steps }: { readonly gap: number; readonly steps: number },
  sent: (step: number, refreshes: number) => number,
  pause: Pause,
): Promise<GapCourse> {
  const [gaps, floats]: [number[], number[]] = [[], []];
  const problem = { operators, z0: new Float64Array(length).fill(2 / length), prox: projectPair };
  for (const iterate of alone((comm) => run(comm, problem, settings))) {
    if (!('iteration' in iterate)) continue;
    const { iteration, metrics, done } = iterate;
    const { z, zAverage } = iterate.snapshot();
    gaps.push(done === 'diverged' ? Number.POSITIVE_INFINITY : Math.min(gapOf(z), gapOf(zAverage)));
    floats.push(sent(iteration, metrics!.refreshes));
    if (gaps[gaps.length - 1] <= gap) return { gaps, floats, solved: true };
    if (done || iteration >= steps) break;
    await pause();
  }
  return { gaps, floats, solved: false };
}

/**
 * The candidate that solves most tuning games, of these that with the least median of numbers sent, of these the first.
 * @param numbers by candidate and game; infinite where a game was not solved.
 */
export function bestOf(numbers: ReadonlyArray<readonly number[]>): number {
  const scores = numbers.map((own) => {
    const solved = own.filter(Number.isFinite);
    return { solved: solved.length, median: solved.length > 0 ? median(solved) : Number.POSITIVE_INFINITY };
  });
  return scores.reduce((best, { solved, median: middle }, at) => {
    const least = scores[best];
    return solved > least.solved || (solved === least.solved && middle < least.median) ? at : best;
  }, 0);
}
