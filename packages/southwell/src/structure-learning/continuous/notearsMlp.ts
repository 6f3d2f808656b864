import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  Random,
} from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { type EstimateOptions, estimateFromRows, type GraphEstimate, type NodeNetworks, split } from '../estimate.ts';
import { checkKnowledge, type Knowledge, knowledgeRecords } from '../knowledge.ts';
import type { GraphData } from '../moments.ts';
import { type Samples, samples } from '../samples.ts';
import { graphSeed } from '../seed.ts';
import {
  type AcyclicOptions,
  type AcyclicProblem,
  acyclicIterates,
  acyclicRecords,
  type NotearsIterate,
} from './acyclic.ts';
import { type NetworkTail, networkLoss } from './network.ts';
import { l1Option } from './scores.ts';

export const networkRecords = {
  ...knowledgeRecords,
  /** Hidden units of each column's network. Default 10. */
  hidden: integerOption({ min: 1 }),
  /** Weight of the L1 norm of the first layers, without the weights of required edges. Default 0.01. */
  lambda: l1Option,
  /** L2 penalty: weight of half the sum of squares of all weights except biases. Default 0.01. */
  ridge: numberOption({ min: 0, finite: true }),
  /** Seed of the initial weights. Default 0. */
  seed: graphSeed,
};

export interface NetworkOptions extends OptionsOf<typeof networkRecords> {}

export interface MlpOptions extends AcyclicOptions, NetworkOptions {}

const mlpRecords = { ...acyclicRecords, ...networkRecords };
const mlpKeys: OptionKeys<MlpOptions> = { ...keysOf(mlpRecords), resume: true };

/**
 * The squared error of d networks, each of which predicts one column of X from the others through one hidden layer of
 * sigmoid units. Parameters: first layers A (d × d·hidden, with unit u of network j in column j·hidden + u), their
 * biases, second layers (d·hidden), their biases (d). W[i, j] is the norm of the weights from input i in network j.
 */
export class MlpProblem implements AcyclicProblem {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  readonly W: DenseMatrix;
  private readonly A: DenseMatrix;
  private readonly Z: DenseMatrix;
  private readonly G: DenseMatrix;
  private readonly error: Float64Array;

  constructor(
    private readonly data: Samples,
    private readonly hidden: number,
    lambda: number,
    private readonly ridge: number,
    seed: number,
    private readonly knowledge?: Knowledge,
  ) {
    const { d, n, X } = data;
    const units = d * hidden;
    const make = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { arena: X.arena });
    this.W = make(d, d);
    this.A = make(d, units);
    this.G = make(d, units);
    this.Z = make(n, units);
    this.error = new Float64Array(n);
    // First layers start at zero, where there is no cycle; second layers and biases start at random, so that units
    // differ.
    this.x = new Float64Array(d * units + 2 * units + d);
    const random = new Random(seed);
    const uniform = (from: number, to: number, size: number) => {
      for (let k = from; k < to; k++) this.x[k] = size * (2 * random.uniform() - 1);
    };
    uniform(d * units, (d + 1) * units, 1 / Math.sqrt(d));
    uniform((d + 1) * units, (d + 2) * units, 1 / Math.sqrt(hidden));
    this.lambda = new Float64Array(this.x.length).fill(lambda, 0, d * units);
    for (let k = 0; knowledge && k < d * units; k++) if (knowledge.required[this.edgeOf(k)]) this.lambda[k] = 0;
  }

  /** Index in W of the edge to which a parameter of the first layers belongs. */
  private edgeOf(k: number): number {
    const { d } = this.data;
    return Math.floor(k / (d * this.hidden)) * d + (k % d);
  }

  evaluate(x: Float64Array, g: Float64Array): number {
    const { data, hidden, ridge, knowledge, A, Z, G, W, error } = this;
    const { X, d } = data;
    const units = d * hidden;
    const [biases, second, last] = [d * units, (d + 1) * units, (d + 2) * units];
    A.data.set(x.subarray(0, d * units));
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < d; i++) {
        let sum = 0;
        for (let u = j * hidden; u < (j + 1) * hidden; u++) sum += x[u * d + i] ** 2;
        W.data[j * d + i] = Math.sqrt(sum);
      }
    }
    matrixProduct(X, A, Z);
    let loss = 0;
    for (let j = 0; j < d; j++) {
      const tail = (v: Float64Array): NetworkTail => ({
        biases: v.subarray(biases + j * hidden, biases + (j + 1) * hidden),
        second: v.subarray(second + j * hidden, second + (j + 1) * hidden),
        last: v.subarray(last + j, last + j + 1),
      });
      loss += networkLoss(X.column(j), Z, j * hidden, tail(x), ridge, tail(g), error);
    }
    matrixProduct(X, Z, G, { transA: true });
    const first = G.data;
    for (let k = 0; k < d * units; k++) {
      g[k] = first[k] + ridge * x[k];
      loss += (ridge / 2) * x[k] ** 2;
    }
    // No column predicts itself.
    for (let u = 0; u < units; u++) g[u * d + Math.floor(u / hidden)] = 0;
    if (knowledge) for (let k = 0; k < d * units; k++) if (!knowledge.allowed[this.edgeOf(k)]) g[k] = 0;
    return loss;
  }

  /** The networks at x, copied. */
  networks(x: Float64Array): NodeNetworks {
    const { d } = this.data;
    const { hidden } = this;
    const units = d * hidden;
    const each = Array.from({ length: d }, (_, j) => {
      const part = (from: number, size: number) => x.subarray(from + j * size, from + (j + 1) * size);
      return Float64Array.from([
        ...part(0, units),
        ...part(d * units, hidden),
        ...part((d + 1) * units, hidden),
        ...part((d + 2) * units, 1),
      ]);
    });
    return { hidden, each };
  }

  addAcyclicity(E: DenseMatrix, factor: number, g: Float64Array): void {
    const { A, hidden } = this;
    const { d } = this.data;
    const [a, e] = [A.data, E.data];
    for (let u = 0; u < d * hidden; u++) {
      const j = Math.floor(u / hidden);
      for (let i = 0; i < d; i++) g[u * d + i] += factor * 2 * a[u * d + i] * e[i * d + j];
    }
  }

  free(): void {
    for (const matrix of [this.W, this.A, this.Z, this.G]) matrix.free();
  }
}

/**
 * Nonlinear NOTEARS (Zheng, Dan, Aragam, Ravikumar & Xing, AISTATS 2020): one network with one hidden layer for each
 * column, with an acyclicity constraint on the norms of their first layers. Weights have no sign: W[i, j] ≥ 0 measures
 * how much network j depends on i. The objective includes both penalties but not the terms of h. The initial point is
 * random, so that different seeds may give different graphs. O(nd²·hidden + 20d³) a step of L-BFGS, O(nd·hidden)
 * memory.
 * @throws INVALID_PARAMETER.
 */
export function* notearsMlpIterates(data: Samples, options: MlpOptions = {}): Generator<NotearsIterate> {
  knownKeys('notearsMlpIterates', options, mlpKeys);
  checkGiven(mlpRecords, options);
  const { hidden = 10, lambda = 0.01, ridge = 0.01, seed = 0 } = options;
  checkKnowledge(options.knowledge, data.d);
  const problem = new MlpProblem(data, hidden, lambda, ridge, seed, options.knowledge);
  try {
    yield* acyclicIterates(problem, options);
  } finally {
    problem.free();
  }
}

/** Learns a graph of nonlinear effects by {@link notearsMlpIterates}; takes rows, not moments. */
export function notearsMlp(X: GraphData, options: MlpOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<MlpOptions>('notearsMlp', options, mlpKeys);
  return estimateFromRows(X, (data) => notearsMlpIterates(data, own), estimate, samples);
}
