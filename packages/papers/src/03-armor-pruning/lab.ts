import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import {
  type CompressedWeights,
  type CompressionMethodName,
  compressNetworkIterates,
  type FactorizeOptions,
  type Factors,
  factorizeSparseIterates,
  factorsToDense,
  type InputMoments,
  packWeights,
} from 'southwell/compression';
import type { Pause } from '../pauses.ts';

/** A matrix, and the mean squares of its inputs. */
export interface Problem {
  readonly W: DenseMatrix;
  readonly h: Float64Array;
}

/** Standard normal weights, and inputs whose mean squares are log-normal. */
export function gaussian(side: number, seed: number): Problem {
  const random = new Random(seed);
  const W = DenseMatrix.create(side, side);
  for (let i = 0; i < W.data.length; i++) W.data[i] = random.normal();
  return { W, h: Float64Array.from({ length: side }, () => elementary.exp(random.normal())) };
}

/** Scales by which NoWag normalises: columns of length 1, then rows. */
function normalisation({ W }: Problem): { readonly rows: Float64Array; readonly columns: Float64Array } {
  const columns = Float64Array.from({ length: W.cols }, (_, j) => Math.hypot(...W.column(j)) + 1e-5);
  const rows = new Float64Array(W.rows);
  for (let j = 0; j < W.cols; j++) for (let i = 0; i < W.rows; i++) rows[i] += (W.get(i, j) / columns[j]) ** 2;
  return { rows: rows.map((sum) => Math.sqrt(sum) + 1e-5), columns };
}

/** Σ h_j·(W̄ − Ŵ̄)²_ij relative to Σ h_j·W̄²_ij, from the approximation Ŵ alone; h with a thousandth of its mean added, as fitted. */
export function proxyLoss(problem: Problem, approximation: DenseMatrix): number {
  const { W, h } = problem;
  const { rows, columns } = normalisation(problem);
  const floor = h.reduce((sum, v) => sum + v, 0) / (1000 * h.length);
  let [error, size] = [0, 0];
  for (let j = 0; j < W.cols; j++)
    for (let i = 0; i < W.rows; i++) {
      const scale = (h[j] + floor) / (rows[i] * columns[j]) ** 2;
      error += scale * (W.get(i, j) - approximation.get(i, j)) ** 2;
      size += scale * W.get(i, j) ** 2;
    }
  return error / size;
}

/** What a fit went through. */
export interface Fitted {
  readonly loss: number;
  /** Largest relative rise of the loss in a discrete step, and the share of the first loss that they remove together. */
  readonly rise: number;
  readonly fall: number;
  /** The best loss over the first. */
  readonly best: number;
  readonly factors: Factors;
}

/** ARMOR on one matrix; `each` sees the loss of some steps. */
export async function fitted(
  problem: Problem,
  options: FactorizeOptions & { readonly steps: number },
  each: (step: number, loss: number) => void,
  pause: Pause,
): Promise<Fitted> {
  const { W, h } = problem;
  const moments: InputMoments = { samples: 1, diagonal: h, full: undefined };
  const lossOf = (factors: Factors): number => {
    const dense = factorsToDense(factors);
    const loss = proxyLoss(problem, dense);
    dense.free();
    return loss;
  };
  let [first, before, rise, fall] = [0, 0, 0, 0];
  for (const { iteration, objective, metrics, done, snapshot } of factorizeSparseIterates(W, moments, options)) {
    if (iteration === 0) first = objective;
    else {
      const gain = metrics!.discrete;
      fall += gain / first;
      // Where this step has the best loss so far, the factors are those of the step: their loss is computed from the matrix.
      if (iteration % 10 === 0 && objective === metrics!.best && objective < before) {
        const whole = objective + gain;
        rise = Math.max(rise, (lossOf(snapshot()) - whole) / whole);
      }
    }
    before = metrics!.best;
    if (done || iteration % 10 === 0) each(iteration, metrics!.best);
    if (done) {
      const factors = snapshot();
      const loss = lossOf(factors);
      return { loss, rise, fall, best: loss / first, factors };
    }
    await pause();
  }
  throw new Error('A fit must say how it ended.');
}

/** What a network is judged by. */
export interface Judged {
  /** What is to stay low. */
  readonly loss: number;
  /** Another measure: accuracy, cross-entropy, quality of search. */
  readonly score: number;
}

/** A trained network, some layers of which are compressed. */
export interface Subject {
  readonly parameters: nn.Parameters;
  apply(parameters: nn.Parameters, x: ad.Tensor): ad.Tensor;
  /** Inputs that calibrate. */
  readonly batches: readonly ad.Tensor[];
  /** Whether layers are calibrated on the inputs that they have in the dense network, or in the one compressed so far. */
  readonly inputs: 'dense' | 'compressed';
  /** Layers that stay as they are. */
  readonly keep: (name: string) => boolean;
  judge(parameters: nn.Parameters): Promise<Judged>;
}

/** How layers are compressed. */
export interface Way {
  readonly method: CompressionMethodName;
  readonly pattern?: string;
  readonly density?: number;
  readonly blockSize?: number;
  readonly steps?: number;
  readonly seed?: number;
}

/** A network of which layers are compressed. */
export interface Compressed extends Judged {
  /** Bytes of these layers, packed. */
  readonly bytes: number;
  /** Numbers of these layers. */
  readonly weights: number;
}

/** Compresses the layers of a network, one after the other, and judges it. */
export async function compressed(
  { parameters, apply, batches, inputs, keep, judge }: Subject,
  way: Way,
  reconstruct: boolean,
  pause: Pause,
): Promise<Compressed> {
  const iterates = compressNetworkIterates({ parameters, apply }, batches, { ...way, reconstruct, keep, inputs });
  for (const { done, snapshot } of iterates) {
    await pause();
    if (!done) continue;
    const { layers, parameters: now } = snapshot();
    const bytes = layers.reduce((sum, { weights }) => sum + bytesOf(weights), 0);
    const weights = layers.reduce((sum, { outputs, inputs }) => sum + outputs * inputs, 0);
    return { ...(await judge(now)), bytes, weights };
  }
  throw new Error('Compression must say how it ended.');
}

const bytesOf = (weights: CompressedWeights): number => ad.packedBytes(packWeights(weights));

/** ARMOR with 2:4 cores. */
export const armor = (
  subject: Subject,
  sizes: { readonly blockSize: number; readonly steps: number; readonly seed: number },
  reconstruct: boolean,
  pause: Pause,
): Promise<Compressed> => compressed(subject, { method: 'armor', pattern: '2:4', ...sizes }, reconstruct, pause);

/** The seeds of the networks of a run. */
export function networkSeeds(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, k) => random.split(k).integer(2 ** 31));
}
