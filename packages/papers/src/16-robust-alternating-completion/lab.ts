import { elementary, type Random } from 'southwell';
import {
  alternating,
  completionIterates,
  type Factors,
  type HalfStep,
  libraryRegress,
  type Observed,
  observedMatrix,
  prepareEntries,
  type Sweep,
} from 'southwell/factorisation';
import type { Pause } from '../pauses.ts';
import { exactSweeps, orthonormalColumns, type RivalOptions } from './rival.ts';

/** The method under test; a test replaces it with negative controls. */
export interface Method {
  readonly regress: typeof libraryRegress;
  readonly iterates: typeof completionIterates;
}

export const libraryMethod: Method = { regress: libraryRegress, iterates: completionIterates };

/** A matrix of known rank, row-major, and its observed entries. */
export interface Planted {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
  readonly truth: Float64Array;
  readonly observed: Observed;
}

export interface PlantedShape {
  readonly size: number;
  readonly rank: number;
  readonly condition: number;
  /** Probability that an entry is observed. */
  readonly share: number;
}

/** Random orthonormal factors, with singular values evenly spaced from √(mn) down to √(mn)/condition. */
export async function planted(shape: PlantedShape, random: Random, pause: Pause): Promise<Planted> {
  const { size, rank, condition, share } = shape;
  const factor = () => {
    const f = Float64Array.from({ length: size * rank }, () => random.normal());
    orthonormalColumns(f, rank);
    return f;
  };
  const [left, right] = [factor(), factor()];
  const sizes = Array.from({ length: rank }, (_, a) => size * (1 - (a / Math.max(1, rank - 1)) * (1 - 1 / condition)));
  for (let at = 0; at < left.length; at++) left[at] *= sizes[at % rank];
  const truth = await product({ left, right }, rank, pause);
  return { rows: size, cols: size, rank, truth, observed: sample(truth, size, size, share, random) };
}

/** All entries, row-major. */
export async function product({ left, right }: Factors, rank: number, pause: Pause): Promise<Float64Array> {
  const [rows, cols] = [left.length / rank, right.length / rank];
  const out = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let a = 0; a < rank; a++) sum += left[i * rank + a] * right[j * rank + a];
      out[i * cols + j] = sum;
    }
    await pause();
  }
  return out;
}

/** Observes each entry with probability `share`. */
export function sample(truth: Float64Array, rows: number, cols: number, share: number, random: Random): Observed {
  const [r, c, v]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < rows * cols; at++) {
    if (random.uniform() >= share) continue;
    r.push(Math.floor(at / cols));
    c.push(at % cols);
    v.push(truth[at]);
  }
  return observedOf(rows, cols, r, c, v);
}

export function observedOf(
  rows: number,
  cols: number,
  r: ArrayLike<number>,
  c: ArrayLike<number>,
  v: ArrayLike<number>,
): Observed {
  const matrix = observedMatrix(rows, cols, r, c, v);
  const { observed } = prepareEntries(matrix);
  matrix.free();
  return observed;
}

/** Frobenius norm of the error over that of the truth. */
export async function relativeError(p: Planted, factors: Factors, pause: Pause): Promise<number> {
  const found = await product(factors, factors.left.length / p.rows, pause);
  let [error, size] = [0, 0];
  for (let at = 0; at < found.length; at++) {
    error += (found[at] - p.truth[at]) ** 2;
    size += p.truth[at] ** 2;
  }
  return Math.sqrt(error / size);
}

/** Measurements of a run by sweep; sweep 0 is the initial point. */
export interface Trace {
  readonly errors: number[];
  readonly seconds: number[];
  readonly innerSteps: number[];
  readonly multiplyAdds: number[];
}

/** Runs alternating minimisation with measurements after every sweep, until the error is at most `until`. */
export async function trace(
  p: Planted,
  regress: (step: HalfStep) => void,
  options: { readonly seed: number; readonly sweeps: number; readonly until?: number; readonly pause: Pause },
): Promise<Trace> {
  const sweeps = alternating(p.observed, { rank: p.rank, tol: 0, seed: options.seed, regress });
  return traceOf(p, sweeps, options);
}

export async function traceOf(
  p: Planted,
  iterates: Iterable<Pick<Sweep, 'iteration' | 'snapshot'> & Partial<Pick<Sweep, 'counted'>>>,
  options: { readonly sweeps: number; readonly until?: number; readonly pause: Pause },
): Promise<Trace> {
  const out: Trace = { errors: [], seconds: [], innerSteps: [], multiplyAdds: [] };
  let spent = 0;
  let begun = performance.now();
  for (const it of iterates) {
    spent += (performance.now() - begun) / 1000;
    // Before the first sweep one factor is zero.
    const error = it.iteration === 0 ? 1 : await relativeError(p, it.snapshot(), options.pause);
    out.errors.push(error);
    out.seconds.push(spent);
    out.innerSteps.push(it.counted?.innerIterations ?? 0);
    out.multiplyAdds.push(it.counted?.multiplyAdds ?? 0);
    await options.pause();
    if (it.iteration >= options.sweeps || error <= (options.until ?? 0) || !Number.isFinite(error)) break;
    begun = performance.now();
  }
  return out;
}

/** The library's initial factor, for a rival with the same initialisation. */
export function libraryStart({ observed, rank }: Planted, seed: number): Float64Array {
  for (const { factors } of alternating(observed, { rank, tol: 0, seed, regress: () => {} }))
    return factors.left.slice();
  throw new Error('Alternating minimisation has no start.');
}

/** As {@link trace}, for exact regressions by independent code. */
export const rivalTrace = (
  p: Planted,
  rival: Omit<RivalOptions, 'rank'>,
  options: { readonly sweeps: number; readonly until?: number; readonly pause: Pause },
): Promise<Trace> => traceOf(p, rivalIterates(p, rival), options);

function* rivalIterates(p: Planted, rival: Omit<RivalOptions, 'rank'>) {
  for (const it of exactSweeps(p.observed, { ...rival, rank: p.rank })) {
    yield { ...it, counted: { innerIterations: it.spent, multiplyAdds: 0 } };
  }
}

/** When the error reaches a level, in fractional sweeps, interpolated geometrically. */
export function sweepsAndParts(level: number, t: Trace): number {
  const at = sweepsTo(level, t);
  if (!Number.isFinite(at) || at === 0) return at;
  const [before, after] = [t.errors[at - 1], t.errors[at]].map((e) => elementary.log(e / level));
  return at - after / (after - before);
}

/** The first sweep with an error of at most `level`; infinite if there is none. */
export function sweepsTo(level: number, { errors }: Trace): number {
  const at = errors.findIndex((e) => e <= level);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** Perturbed regressions: a random direction of this relative norm is added to every solution. */
export function noisy(regress: (step: HalfStep) => void, noise: number, random: Random): (step: HalfStep) => void {
  return (step) => {
    regress(step);
    const { out, rank } = step;
    const direction = new Float64Array(rank);
    for (let at = 0; at < out.length; at += rank) {
      let [size, length] = [0, 0];
      for (let a = 0; a < rank; a++) {
        direction[a] = random.normal();
        length += direction[a] ** 2;
        size += out[at + a] ** 2;
      }
      const scale = noise * Math.sqrt(size / length);
      for (let a = 0; a < rank; a++) out[at + a] += scale * direction[a];
    }
  };
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
};

/** Slope of the line of least squares through the points. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
  }
  return xy / xx;
}
