import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  type Status,
} from '@southwell/numerics/core';
import { invert, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { Adam, type AdamState } from '../../optimisers/index.ts';
import { type EstimateOptions, estimateGraph, type GraphEstimate, type GraphPoint, split } from '../estimate.ts';
import { checkKnowledge, freeRequired, holdForbidden, type Knowledge, knowledgeRecords } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { addPenaltyGradients, exponentialInto } from './acyclicity.ts';
import { l1Option } from './scores.ts';

export const golemRecords = {
  ...knowledgeRecords,
  /** Whether noise variances are assumed equal. Default 'equal'. */
  variance: choiceOption(
    { unequal: 'unequal', equal: 'equal' },
    {
      title: 'Noise variances',
      about: 'noise variances of the variables',
      argument: 'which',
      otherwise: 'colide unequal, golem equal',
    },
  ),
  /** Weight of ‖W‖₁, without required edges. Default 0.02 for equal noise variances, 0.002 for unequal ones. */
  lambda: l1Option,
  /** Weight of h(W) = tr e^(W∘W) − d. Default 5. */
  acyclicity: numberOption({ min: 0, finite: true }),
  /** Maximum number of iterations of a stage. Default 100000. */
  iterations: integerOption({ min: 1 }),
  /** Adam's learning rate. Default 1e-3. */
  learningRate: numberOption({ min: 0, open: true, finite: true }),
  /** Early-stopping tolerance of a stage: change of its objective, divided by d, over 1000 iterations. Default 1e-5. */
  stageTol: numberOption({ min: 0, finite: true }),
};

export interface GolemOptions extends OptionsOf<typeof golemRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: GolemState;
}

const golemKeys: OptionKeys<GolemOptions> = { ...keysOf(golemRecords), resume: true };

/** State at the start of an iteration, as plain data. */
export interface GolemState {
  readonly stage: number;
  /** Iteration within the stage. */
  readonly iteration: number;
  readonly count: number;
  /** The objective at the last check of the early-stopping rule. */
  readonly previous: number;
  readonly W: Float64Array;
  readonly adam: AdamState;
}

export interface GolemIterate extends Iterate<GraphPoint> {
  /** 0 for equal noise variances, 1 for unequal ones. */
  readonly stage: number;
  readonly h: number;
  /** The largest possible value of `iteration`. */
  readonly most: number;
}

const CHECK = 1000;

/**
 * GOLEM (Ng, Ghassami & Zhang, NeurIPS 2020): the negative Gaussian log-likelihood with the scale of the noise profiled
 * out, (d/2) log Σⱼqⱼ (equal) or ½Σⱼ log qⱼ (unequal) minus log |det(I − W)|, plus λ‖W‖₁ and a soft penalty on cycles;
 * q are the residual variances. Adam from W = 0; the fit with unequal variances starts from the solution with equal
 * ones (and their own λ), as the authors advise. In the unequal score a variance is at least 1e-4 of that of its
 * column; otherwise there would be no minimum with few rows. Ends `converged` where the last stage stops by `stageTol`,
 * and `completed` where it uses all its iterations, which is the authors' rule. There is no certificate, since steps of
 * fixed size circle a minimum of ‖W‖₁ rather than reach it. Checkpoints are possible at every iterate. O(16d³) an
 * iteration.
 * @throws INVALID_PARAMETER, and NUMERICAL if I − W becomes singular.
 */
export function* golemIterates(data: Moments, options: GolemOptions = {}): Generator<GolemIterate> {
  knownKeys('golemIterates', options, golemKeys);
  checkGiven(golemRecords, options);
  const { variance = 'equal', acyclicity = 5, iterations = 100_000, learningRate = 1e-3, stageTol = 1e-5 } = options;
  const { resume, knowledge } = options;
  const stages: readonly Stage[] =
    variance === 'equal'
      ? [{ unequal: false, lambda: options.lambda ?? 0.02 }]
      : [
          { unequal: false, lambda: 0.02 },
          { unequal: true, lambda: options.lambda ?? 0.002 },
        ];
  const { d } = data;
  checkKnowledge(knowledge, d);
  const likelihood = new Likelihood(data, acyclicity, knowledge);
  const { W } = likelihood;
  const adam = new Adam(d * d, { arena: data.C.arena });
  const every = d <= 30 ? 100 : d <= 150 ? 10 : 1;
  const most = iterations * stages.length;
  let count = resume?.count ?? 0;
  const iterate = (
    stage: number,
    { value, h }: { readonly value: number; readonly h: number },
    checkpoint: () => GolemState,
    done?: Status,
  ): GolemIterate => ({
    ...{ iteration: count, objective: value, metrics: { h, stage }, work: { oracleCalls: count }, mayFail: true },
    ...{ done, stage, h, most, checkpoint },
    snapshot: () => ({
      W: DenseMatrix.fromColumnMajor(W.data, d, d),
      sigma: likelihood.deviations(stages[stage]),
    }),
  });

  try {
    if (resume) {
      W.data.set(resume.W);
      adam.restore(resume.adam);
    }
    for (let stage = resume?.stage ?? 0; stage < stages.length; stage++) {
      const resumed = resume?.stage === stage;
      const from = resumed ? resume.iteration : 0;
      if (!resumed) adam.reset();
      let previous = resumed ? resume.previous : Number.POSITIVE_INFINITY;
      for (let k = from; ; k++) {
        const now = likelihood.evaluate(stages[stage]);
        const before = previous;
        const state = (): GolemState => ({
          ...{ stage, iteration: k, count, previous: before },
          ...{ W: W.data.slice(), adam: adam.state() },
        });
        const settled = k > 0 && k % CHECK === 0 && Math.abs(previous - now.value) <= stageTol * d;
        if (k % CHECK === 0) previous = now.value;
        if (settled || k === iterations) {
          const last = stage === stages.length - 1;
          yield iterate(stage, now, state, last ? (settled ? 'converged' : 'completed') : undefined);
          break;
        }
        if (k % every === 0) yield iterate(stage, now, state);
        adam.take(likelihood.gradient.data);
        adam.descend(W, learningRate);
        count++;
      }
    }
  } finally {
    likelihood.free();
    adam.free();
  }
}

interface Stage {
  readonly unequal: boolean;
  readonly lambda: number;
}

/** The penalised likelihood as a function of W, with its gradient. */
class Likelihood {
  readonly W: DenseMatrix;
  readonly gradient: DenseMatrix;
  /** C(I − W), (I − W)⁻¹, W∘W, its exponential, and workspace. */
  private readonly work: readonly DenseMatrix[];
  /** Variances of the residuals. */
  private readonly residuals: Float64Array;

  constructor(
    private readonly data: Moments,
    private readonly acyclicity: number,
    private readonly knowledge: Knowledge | undefined,
  ) {
    const { C, d } = data;
    const make = () => DenseMatrix.create(d, d, { arena: C.arena });
    [this.W, this.gradient] = [make(), make()];
    this.work = [make(), make(), make(), make(), make()];
    this.residuals = new Float64Array(d);
  }

  /** The objective at W, and its gradient. */
  evaluate({ unequal, lambda }: Stage): { readonly value: number; readonly h: number } {
    const { data, W, gradient: G, residuals, acyclicity, knowledge } = this;
    const { C, d } = data;
    const [R, inverse, squares, E, spare] = this.work;
    const w = W.data;
    R.data.set(C.data);
    matrixProduct(C, W, R, { alpha: -1, beta: 1 });
    const r = R.data;
    let total = 0;
    for (let j = 0; j < d; j++) {
      let q = r[j * d + j];
      for (let i = 0; i < d; i++) q -= w[j * d + i] * r[j * d + i];
      residuals[j] = Math.max(q, 0);
      total += residuals[j];
    }
    const inv = inverse.data;
    for (let k = 0; k < inv.length; k++) inv[k] = -w[k];
    for (let j = 0; j < d; j++) inv[j * d + j] += 1;
    const logDet = invert(inverse);
    const h = exponentialInto(W, squares, E, spare);
    let value = acyclicity * h - logDet;
    if (!unequal) value += (d / 2) * elementary.log(total);
    let norm = 0;
    const g = G.data;
    for (let j = 0; j < d; j++) {
      const floor = 1e-4 * C.data[j * d + j];
      if (unequal) value += elementary.log(Math.max(residuals[j], floor)) / 2;
      const factor = unequal ? (residuals[j] > floor ? 1 / residuals[j] : 0) : d / total;
      for (let i = 0; i < d; i++) {
        const [k, turned] = [j * d + i, i * d + j];
        if (!knowledge?.required[k]) norm += Math.abs(w[k]);
        g[k] = inv[turned] - factor * r[k];
      }
    }
    addPenaltyGradients(W, E, G, { weight: lambda, factor: acyclicity });
    freeRequired(g, w, lambda, knowledge);
    holdForbidden(g, knowledge);
    // No self-loops: the diagonal stays 0.
    for (let j = 0; j < d; j++) g[j * d + j] = 0;
    value += lambda * norm;
    if (!Number.isFinite(value)) fail('NUMERICAL', 'The likelihood is not finite: try a smaller learning rate.');
    return { value, h };
  }

  /** Standard deviations of the noise at the last W that was evaluated. */
  deviations({ unequal }: Stage): Float64Array {
    const mean = this.residuals.reduce((a, b) => a + b) / this.data.d;
    return this.residuals.map((q) => Math.sqrt(unequal ? q : mean));
  }

  free(): void {
    for (const used of [this.W, this.gradient, ...this.work]) used.free();
  }
}

/** Learns a graph and the scale of its noise; see {@link golemIterates}. */
export function golem(X: GraphData, options: GolemOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<GolemOptions>('golem', options, golemKeys);
  return estimateGraph(X, (data) => golemIterates(data, own), estimate);
}
