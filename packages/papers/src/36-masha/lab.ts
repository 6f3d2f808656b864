import { alone } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { largestEigenvalue, lu, qr } from '@southwell/numerics/linalg';
import {
  randK,
  topK,
  type VariationalProblem,
  type VariationalSettings,
  variationalIterates,
} from 'southwell/distributed-methods';
import type { Pause } from '../pauses.ts';

/** What games are made with (`locked.ts`). */
export interface GameSettings {
  readonly d: number;
  readonly least: number;
  readonly most: number;
  readonly apart: number;
  readonly offset: number;
  readonly lambda: number;
}

/** min over x, max over y of the mean of xᵀAₘy + aₘᵀx + bₘᵀy, with λ(‖x‖² − ‖y‖²)/2 added, on several devices. */
export interface Games {
  readonly operators: ReadonlyArray<(z: Float64Array) => Float64Array>;
  readonly solution: Float64Array;
  /** Lipschitz constants of the devices, and of the mean. */
  readonly lipschitz: readonly number[];
  readonly L: number;
}

/** A symmetric matrix of normal numbers. */
export function symmetric(d: number, random: Random): DenseMatrix {
  const A = DenseMatrix.create(d, d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const v = random.normal();
      A.set(i, j, v);
      A.set(j, i, v);
    }
  return A;
}

/** The spectral norm of a symmetric matrix. */
function normOf(A: DenseMatrix): number {
  const d = A.rows;
  const square = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += A.get(k, i) * A.get(k, j);
      square[i * d + j] = sum;
    }
  return Math.sqrt(largestEigenvalue(square, d));
}

/** The same matrix, symmetric, multiplied in place such that it has a spectral norm. */
export function scaledTo(A: DenseMatrix, norm: number): DenseMatrix {
  const factor = norm / normOf(A);
  for (let k = 0; k < A.data.length; k++) A.data[k] *= factor;
  return A;
}

/** The games of the card: the mean game has singular values spread evenly on a logarithmic scale. */
export function gamesOf(
  devices: number,
  { d, least, most, apart, offset, lambda }: GameSettings,
  random: Random,
): Games {
  const normals = DenseMatrix.create(d, d);
  for (let k = 0; k < d * d; k++) normals.data[k] = random.normal();
  const U = qr(normals).thinQ();
  const mean = DenseMatrix.create(d, d);
  for (let k = 0; k < d; k++) {
    const s = least * (most / least) ** (k / (d - 1));
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) mean.set(i, j, mean.get(i, j) + s * U.get(i, k) * U.get(j, k));
  }
  const noises = Array.from({ length: devices }, () => scaledTo(symmetric(d, random), apart));
  const centre = new Float64Array(d * d);
  for (const { data } of noises) for (let k = 0; k < d * d; k++) centre[k] += data[k] / devices;
  const parts = noises.map((N) => {
    const A = DenseMatrix.create(d, d);
    for (let k = 0; k < d * d; k++) A.data[k] = mean.data[k] + N.data[k] - centre[k];
    const linear = Float64Array.from({ length: 2 * d }, () => offset * random.normal());
    return { A: A.data.slice(), norm: normOf(A), linear };
  });
  const of = (A: Float64Array, c: Float64Array) => (z: Float64Array) => {
    const out = new Float64Array(2 * d);
    for (let i = 0; i < 2 * d; i++) out[i] = lambda * z[i] + c[i];
    for (let j = 0; j < d; j++) {
      // Column-major: column j of A.
      const [y, from] = [z[d + j], j * d];
      let sum = 0;
      for (let i = 0; i < d; i++) {
        out[i] += A[from + i] * y;
        sum += A[from + i] * z[i];
      }
      out[d + j] -= sum;
    }
    return out;
  };
  const linear = parts[0].linear.map((_, i) => parts.reduce((total, part) => total + part.linear[i], 0) / devices);
  const F = of(mean.data.slice(), linear);
  const K = DenseMatrix.create(2 * d, 2 * d);
  for (let j = 0; j < 2 * d; j++) {
    const unit = new Float64Array(2 * d);
    unit[j] = 1;
    K.column(j).set(F(unit).map((v, i) => v - linear[i]));
  }
  return {
    operators: parts.map(({ A, linear: c }) => of(A, c)),
    solution: lu(K).solve(linear.map((v) => -v)),
    lipschitz: parts.map(({ norm }) => Math.hypot(norm, lambda)),
    L: Math.hypot(most, lambda),
  };
}

/** The course of a run: squared errors relative to that of zero, and numbers that each device has sent. */
export interface Course {
  readonly errors: readonly number[];
  readonly floats: readonly number[];
  /** Whether the error was reached. */
  readonly solved: boolean;
}

export type Run = typeof variationalIterates;
/** The library's method. */
export const libraryRun: Run = variationalIterates;

/** Errors of which one in so many is kept, besides the first and the last. */
const THINNED = 500;

/**
 * Follows a method until it is solved or the steps are over. A compressed message counts as k numbers, a dense one as 2d.
 * @param k Entries of compressed messages; undefined for dense ones.
 * @param sent Numbers that are counted after some steps and refreshes, if not those that a device sends up.
 */
export async function follow(
  run: Run,
  { operators, solution }: Pick<VariationalProblem, 'operators'> & Pick<Games, 'solution'>,
  settings: VariationalSettings & { readonly gamma: number },
  {
    tol,
    steps,
    k,
    sent,
  }: {
    readonly tol: number;
    readonly steps: number;
    readonly k: number | undefined;
    readonly sent?: (step: number, refreshes: number) => number;
  },
  pause: Pause,
): Promise<Course> {
  const D = solution.length;
  const scale = solution.reduce((total, v) => total + v * v, 0);
  const [errors, floats]: [number[], number[]] = [[], []];
  const plain = settings.method === 'ceg' || settings.method === 'eg' ? 2 : 1;
  const program = alone((comm) => run(comm, { operators, z0: new Float64Array(D) }, settings));
  for (const iterate of program) {
    if (!('iteration' in iterate)) continue;
    const { iteration, metrics, done } = iterate;
    const { z } = iterate.snapshot();
    let error = 0;
    for (let i = 0; i < D; i++) error += (z[i] - solution[i]) ** 2;
    errors.push(done === 'diverged' ? Number.POSITIVE_INFINITY : error / scale);
    const masha = settings.method !== 'ceg' && settings.method !== 'csgda' && settings.method !== 'eg';
    const refreshes = metrics?.refreshes ?? 0;
    floats.push(sent?.(iteration, refreshes) ?? iteration * plain * (k ?? D) + (masha ? refreshes * D : 0));
    const solved = errors[errors.length - 1] <= tol;
    if (solved || done || iteration >= steps || errors[errors.length - 1] > 1e12) {
      return { errors, floats, solved };
    }
    await pause();
  }
  return { errors, floats, solved: false };
}

/** Numbers that each device sent until the end; infinite if that was no solution. */
export const sentBy = ({ floats, solved }: Course): number =>
  solved ? floats[floats.length - 1] : Number.POSITIVE_INFINITY;

/** A curve of about 500 points. */
export function thinned({ errors, floats }: Course): { readonly x: number[]; readonly y: number[] } {
  const every = Math.max(1, Math.ceil(errors.length / THINNED));
  const kept = errors.map((_, i) => i).filter((i) => i % every === 0 || i === errors.length - 1);
  return { x: kept.map((i) => floats[i]), y: kept.map((i) => errors[i]) };
}

/** The bound of MASHA1 on the step, from memory: min(√(1 − τ)/(2C), (1 − τ)/(2μ)), with 1 − τ = 1/q. */
export function boundOf({ lipschitz }: Games, q: number, mu: number): number {
  const devices = lipschitz.length;
  const mean = lipschitz.reduce((a, b) => a + b, 0) / devices;
  const square = lipschitz.reduce((a, b) => a + b * b, 0) / devices;
  const C = Math.sqrt((q * square + (devices - 1) * mean * mean) / devices);
  return Math.min(Math.sqrt(1 / q) / (2 * C), 1 / (2 * q * mu));
}

/** The methods by name, for k of 2d entries in a message, at a multiple of their unit of the step size. */
export function settingsOf(
  method: 'masha1' | 'masha2' | 'eg' | 'ceg' | 'csgda',
  games: Games,
  {
    q,
    lambda,
    multiple,
    seed,
    entries = 'random',
  }: {
    readonly q: number;
    readonly lambda: number;
    readonly multiple: number;
    readonly seed: number;
    readonly entries?: 'random' | 'largest';
  },
): { readonly settings: VariationalSettings & { readonly gamma: number }; readonly k: number | undefined } {
  const D = games.solution.length;
  const k = Math.round(D / q);
  const random = randK(k, { values: 'f64' });
  const largest = topK(k, { values: 'f64' });
  switch (method) {
    case 'masha1':
      return { settings: { method, uplink: random, gamma: multiple * boundOf(games, q, lambda), seed }, k };
    case 'masha2':
      return { settings: { method, uplink: largest, gamma: multiple * boundOf(games, q, lambda), seed }, k };
    case 'eg':
      return { settings: { method, gamma: multiple / games.L }, k: undefined };
    case 'ceg':
    case 'csgda': {
      const uplink = entries === 'random' ? random : largest;
      return { settings: { method, uplink, gamma: multiple / (q * games.L), seed }, k };
    }
  }
}
