import { loadBundled } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import {
  type DescentOptions,
  descentIterates,
  linearTargets,
  type TargetLoss,
  type TargetOptions,
  type TargetProblem,
  type TrainingOptimiser,
  targetIterates,
} from 'southwell/optimisers';
import type { ExperimentContext } from '../experiment.ts';
import type { Pause } from '../pauses.ts';

/** The method under test: a run of target surrogates. */
export type Method = typeof targetIterates;
export const libraryMethod: Method = targetIterates;

export const losses = ['squared', 'logistic'] as const;
export type LossName = (typeof losses)[number];

/** An independent seed for each seed of the run and each draw. */
export const drawSeed = (context: ExperimentContext, draw: number): number => 1000 * context.seed + draw;

/** An ill-conditioned regression, its minimum loss and its loss at the initial point. */
export interface Regression extends TargetProblem {
  readonly name: LossName;
  readonly least: number;
  readonly first: number;
  /** Mean loss of all examples. */
  whole(parameters: Float64Array): number;
  /** The same, with its gradient. */
  oracle(parameters: Float64Array, gradient: Float64Array): number;
  /** 1/L of the loss in its parameters: the step size of gradient descent. */
  readonly length: number;
}

/**
 * n rows of d normal columns whose scales decrease from 1 to e⁻⁴; targets with weights of 0.3 over the scales, plus
 * noise, or signs drawn by their probability.
 */
export async function regression(
  name: LossName,
  n: number,
  d: number,
  seed: number,
  pause: Pause,
): Promise<Regression> {
  const random = new Random(seed).split(losses.indexOf(name));
  const scales = Float64Array.from({ length: d }, (_, j) => Math.exp((-4 * j) / (d - 1)));
  const columns = Array.from({ length: d }, (_, j) =>
    Float64Array.from({ length: n }, () => scales[j] * random.normal()),
  );
  const weights = scales.map((s) => (0.3 * random.normal()) / s);
  const y = Float64Array.from({ length: n }, (_, i) => {
    const z = columns.reduce((sum, column, j) => sum + column[i] * weights[j], 0);
    if (name === 'squared') return z + 0.1 * random.normal();
    return random.uniform() < 1 / (1 + Math.exp(-z)) ? 1 : -1;
  });
  return problemOf(name, columns, y, pause);
}

/**
 * Random rows of the table of mails, or as many of the others, with standardised columns and a last one of ones; logistic
 * loss of spam or not.
 */
export async function spam(rows: number, others: boolean, seed: number, pause: Pause): Promise<Regression> {
  const { columns } = await loadBundled('spambase');
  const all = columns.map((column) => (column.type === 'number' ? column.values : Float64Array.from(column.codes)));
  const order = new Random(seed).permutation(all[0].length);
  const chosen = others ? order.slice(-rows) : order.slice(0, rows);
  const kept = all.map((column) => Float64Array.from(chosen, (i) => column[i]));
  const y = kept.pop()!.map((v) => (v > 0 ? 1 : -1));
  const used = kept.flatMap((column) => standardised(column) ?? []);
  return problemOf('logistic', [...used, new Float64Array(y.length).fill(1)], y, pause);
}

/** With mean 0 and variance 1; undefined if it is constant. */
function standardised(column: Float64Array): Float64Array | undefined {
  const mean = column.reduce((a, b) => a + b, 0) / column.length;
  const deviation = Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length);
  return deviation > 0 ? column.map((v) => (v - mean) / deviation) : undefined;
}

/** Linear outputs with a loss, and its minimum. */
async function problemOf(
  name: LossName,
  columns: readonly Float64Array[],
  y: Float64Array,
  pause: Pause,
): Promise<Regression> {
  const [n, d] = [y.length, columns.length];
  const X = DenseMatrix.fromColumns([...columns]);
  const model = linearTargets(X);
  const loss = lossOf(name, y);
  const everyone = Int32Array.from({ length: n }, (_, i) => i);
  const [z, slope] = [new Float64Array(n), new Float64Array(n)];
  const oracle = (p: Float64Array, gradient?: Float64Array): number => {
    model.forward(p, everyone, z);
    const value = loss.evaluate(z, everyone, slope);
    if (gradient) {
      for (let i = 0; i < n; i++) slope[i] /= n;
      model.pull(p, everyone, slope, gradient);
    }
    return value;
  };
  // L-BFGS until rounding allows no further progress.
  const start = new Float64Array(d);
  let least = Number.POSITIVE_INFINITY;
  for (const it of descentIterates(oracle, start)) {
    least = Math.min(least, it.objective);
    if (it.done || it.iteration >= 5000) break;
    if (it.iteration % 64 === 0) await pause();
  }
  // The largest eigenvalue of XᵀX/n by power iteration.
  let v = new Float64Array(d).fill(1);
  let top = 0;
  for (let k = 0; k < 200; k++) {
    const Xv = new Float64Array(n);
    model.forward(v, everyone, Xv);
    const next = new Float64Array(d);
    model.pull(
      v,
      everyone,
      Xv.map((u) => u / n),
      next,
    );
    top = Math.sqrt(next.reduce((sum, u) => sum + u * u, 0));
    v = next.map((u) => u / top);
  }
  return {
    name,
    examples: n,
    model,
    loss,
    start,
    least,
    first: oracle(start),
    whole: (p) => oracle(p),
    oracle,
    length: 1 / (loss.smoothness! * top),
  };
}

function lossOf(name: LossName, y: Float64Array): TargetLoss {
  const softplus = (t: number): number => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
  if (name === 'squared') {
    return {
      smoothness: 1,
      evaluate(z, batch, gradient) {
        let value = 0;
        for (let k = 0; k < batch.length; k++) {
          const r = z[k] - y[batch[k]];
          value += (r * r) / 2;
          if (gradient) gradient[k] = r;
        }
        return value / batch.length;
      },
    };
  }
  return {
    smoothness: 1 / 4,
    evaluate(z, batch, gradient) {
      let value = 0;
      for (let k = 0; k < batch.length; k++) {
        const sign = y[batch[k]];
        value += softplus(-sign * z[k]);
        if (gradient) gradient[k] = -sign / (1 + Math.exp(sign * z[k]));
      }
      return value / batch.length;
    },
  };
}

export const gapOf = ({ least, first }: Regression, value: number): number => (value - least) / (first - least);

/** The progress of a run by evaluations: relative gaps before each but the first, and passes of the model. */
export interface Course {
  /** Number of evaluations until the gap is reached; infinite if it never is. */
  readonly calls: number;
  readonly passes: number;
  readonly gaps: readonly number[];
}

/** What ends a run: a relative gap, or a number of evaluations. */
export interface Ends {
  readonly gap: number;
  readonly calls: number;
}

/** A full-batch run until one of its ends. */
export async function course(
  method: Method,
  problem: Regression,
  options: TargetOptions,
  ends: Ends,
  pause: Pause,
): Promise<Course> {
  const gaps: number[] = [];
  for (const it of method(problem, { ...options, oracleCalls: ends.calls })) {
    const gap = gapOf(problem, it.objective);
    gaps.push(gap);
    const { modelPasses = 0 } = it.metrics ?? {};
    if (gap <= ends.gap) return { calls: it.iteration, passes: modelPasses, gaps };
    if (it.done) return { calls: Number.POSITIVE_INFINITY, passes: modelPasses, gaps };
    if (it.iteration % 16 === 0) await pause();
  }
  throw new Error('A method must say how it ended.');
}

/** Evaluations, trials of the search among them, until one of the ends; without options by L-BFGS. */
export async function searchCalls(
  problem: Regression,
  { gap, calls }: Ends,
  options: DescentOptions,
  pause: Pause,
): Promise<number> {
  let evaluations = 0;
  const f = (x: Float64Array, g: Float64Array): number => {
    evaluations++;
    return problem.oracle(x, g);
  };
  for (const it of descentIterates(f, problem.start, options)) {
    if (gapOf(problem, it.objective) <= gap) return evaluations;
    if (it.done || evaluations >= calls) break;
    if (it.iteration % 16 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}

/** Calls of an optimiser until one of the ends, and its gap then. */
export async function optimiserCalls(
  problem: Regression,
  optimiser: TrainingOptimiser,
  ends: Ends,
  pause: Pause,
): Promise<{ readonly calls: number; readonly gap: number }> {
  const [x, g] = [Float64Array.from(problem.start), new Float64Array(problem.start.length)];
  const state = optimiser.init(x);
  let gap = Number.POSITIVE_INFINITY;
  try {
    for (let call = 0; call < ends.calls; call++) {
      gap = gapOf(problem, problem.oracle(x, g));
      if (gap <= ends.gap) return { calls: call, gap };
      if (!g.every(Number.isFinite)) break;
      optimiser.step(state, x, g);
      if (call % 16 === 0) await pause();
    }
    return { calls: Number.POSITIVE_INFINITY, gap };
  } finally {
    state.free();
  }
}
