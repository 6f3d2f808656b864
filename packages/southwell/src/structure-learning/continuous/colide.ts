import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate, knownKeys, type OptionKeys, type Status } from '@southwell/numerics/core';
import { Adam, type AdamState } from '../../optimisers/index.ts';
import {
  type EstimateOptions,
  estimateFromRows,
  estimateGraph,
  type GraphEstimate,
  type GraphPoint,
  type ScoreOption,
  split,
} from '../estimate.ts';
import { checkKnowledge, freeRequired, holdForbidden, type KnowledgeOption } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { binarySamples, type Samples } from '../samples.ts';
import { addPenaltyGradients, logDetInto } from './acyclicity.ts';
import { type LogisticOptions, logisticKeys, type NoiseVariance, scoreOf } from './scores.ts';

export interface ColideOptions extends LogisticOptions, KnowledgeOption {
  /** Default 'unequal'. */
  readonly variance?: NoiseVariance;
  /** Weight of ‖W‖₁, without required edges. Default 0.05. */
  readonly lambda?: number;
  /** s of each stage's acyclicity function: their number is that of stages. Default [1, 0.9, 0.8, 0.7]. */
  readonly s?: readonly number[];
  /** Weight of the score in the first stage, and its factor from stage to stage. Defaults 1, 0.1. */
  readonly mu?: number;
  readonly muFactor?: number;
  /** Iterations planned for each stage but the last, and for the last. Defaults 20000, 70000. */
  readonly iterations?: number;
  readonly lastIterations?: number;
  /** Adam's step. Default 3e-4. */
  readonly learningRate?: number;
  /** A stage ends sooner when its objective changes by no more than this, relatively, over 1000 iterations. Default 1e-6. */
  readonly stageTol?: number;
  /** Smallest standard deviation of noise. Default: a hundredth of the least of the columns. */
  readonly scaleFloor?: number;
  /** What a checkpoint of an earlier run kept, for the same data and options. */
  readonly resume?: ColideState;
}

const colideKeys: OptionKeys<ColideOptions> = {
  ...logisticKeys,
  variance: true,
  lambda: true,
  knowledge: true,
  s: true,
  mu: true,
  muFactor: true,
  iterations: true,
  lastIterations: true,
  learningRate: true,
  stageTol: true,
  scaleFloor: true,
  resume: true,
};

/** What a run goes on from, at the top of an iteration, as plain data. */
export interface ColideState {
  readonly stage: number;
  /** Of the stage. */
  readonly iteration: number;
  readonly count: number;
  readonly most: number;
  readonly restarts: number;
  readonly s: readonly number[];
  readonly mu: number;
  readonly rate: number;
  /** The objective at the last look at it. */
  readonly previous: number;
  readonly W: Float64Array;
  readonly score: Float64Array;
  /** W and the scale of the noise at the beginning of the stage. */
  readonly start: Float64Array;
  readonly sigma?: Float64Array;
  readonly adam: AdamState;
  /** How the last stage ended, if it has. */
  readonly end?: Status;
}

/** The library DAGMA's own schedule. */
export const dagmaDefaults = {
  variance: 'none',
  lambda: 0.03,
  s: [1, 0.9, 0.8, 0.7, 0.6],
  iterations: 30_000,
  lastIterations: 60_000,
} as const satisfies ColideOptions;

export interface ColideIterate extends Iterate<GraphPoint> {
  /** From 0. */
  readonly stage: number;
  readonly h: number;
  /** The score with its penalty, without μ. */
  readonly score: number;
  /** Stages that were begun anew because W left the domain of h. */
  readonly restarts: number;
  /** Most iterations that may still come are this less `iteration`; grows where a stage begins anew. */
  readonly most: number;
}

const CHECK = 1000;

/** An objective that no other equals. */
const UNKNOWN = 1e16;

/**
 * CoLiDE (Saboksayr, Mateos & Tepper, ICLR 2024), and DAGMA as variance 'none': path following over stages that
 * minimise μS(W, σ) + h(W; s), by Adam steps on W between closed-form updates of σ. The objective of an iterate is its
 * stage's. Ends by the authors' schedule: `converged` where the last stage ends by `stageTol`, `completed` where it
 * makes all its iterations, `stalled` where no step however small keeps W in the domain. There is no certificate, since
 * steps of a fixed size go round a minimum of ‖W‖₁ rather than into it. O(d³) an iteration: one inverse and one
 * product; an iterate, and a boundary for checkpoints, is up to 100 of them.
 *
 * The guard against leaving the domain of h is exact here: elimination without pivoting meets a pivot that is not
 * positive just when (sI − W∘W)⁻¹ has a negative entry, which is what the authors' code looks for.
 *
 * On {@link binarySamples} the score is the logistic one of DAGMA (variance 'none' alone); O(nd²) an iteration more.
 * @throws INVALID_PARAMETER, and NUMERICAL where the domain cannot be kept.
 */
export function* colideIterates(data: Moments | Samples, options: ColideOptions = {}): Generator<ColideIterate> {
  knownKeys('colideIterates', options, colideKeys);
  const { variance = 'unequal', lambda = 0.05, mu = 1, muFactor = 0.1, stageTol = 1e-6 } = options;
  const { iterations = 20_000, lastIterations = 70_000, learningRate = 3e-4, resume } = options;
  const s = [...(options.s ?? [1, 0.9, 0.8, 0.7])];
  check('lambda', lambda, lambda >= 0);
  check('mu', mu, mu > 0);
  check('muFactor', muFactor, muFactor > 0);
  check('learningRate', learningRate, learningRate > 0);
  check('scaleFloor', options.scaleFloor ?? 1, (options.scaleFloor ?? 1) > 0);
  if (s.length === 0 || s.some((v) => !(v > 0))) fail('INVALID_PARAMETER', `s must hold numbers above 0, not [${s}].`);

  const { d } = data;
  const { knowledge } = options;
  checkKnowledge(knowledge, d);
  const { arena } = 'C' in data ? data.C : data.X;
  const make = () => DenseMatrix.create(d, d, { arena });
  // W, its start in the stage, the inverse M and the gradient.
  const [W, start, M, G] = [make(), make(), make(), make()];
  const model = scoreOf(data, W, { ...options, variance });
  const adam = new Adam(d * d, { beta1: 0.99, arena });

  const every = d <= 30 ? 100 : d <= 150 ? 10 : 1;
  let most = resume?.most ?? iterations * (s.length - 1) + lastIterations;
  let count = resume?.count ?? 0;
  let restarts = resume?.restarts ?? 0;
  if (resume) s.splice(0, s.length, ...resume.s);

  /** That of μS + h. */
  const computeGradient = (muNow: number) => {
    G.data.fill(0);
    model.addGradient(muNow, G);
    addPenaltyGradients(W, M, G, { weight: muNow * lambda });
    freeRequired(G.data, W.data, muNow * lambda, knowledge);
    holdForbidden(G.data, knowledge);
  };
  const score = (): number => {
    let sum = model.value;
    W.data.forEach((w, k) => {
      if (!knowledge?.required[k]) sum += lambda * Math.abs(w);
    });
    return sum;
  };
  const step = (rate: number) => {
    adam.descend(W, rate);
    model.refresh();
  };
  const iterate = (
    stage: number,
    muNow: number,
    h: number,
    checkpoint?: () => ColideState,
    done?: Status,
  ): ColideIterate => {
    const value = score();
    return {
      iteration: count,
      objective: muNow * value + h,
      metrics: { h, score: value, stage },
      work: { oracleCalls: count },
      mayFail: true,
      done,
      stage,
      h,
      score: value,
      restarts,
      most,
      snapshot: () => ({
        W: DenseMatrix.fromColumnMajor(W.data, d, d),
        sigma: model.deviations(),
      }),
      ...(checkpoint && { checkpoint }),
    };
  };

  try {
    let [stage, muNow, end] = [0, mu, resume?.end];
    let [rate, previous, from] = [learningRate, UNKNOWN, 0];
    let sigmaBefore: Float64Array | undefined;
    const state = (iteration: number, last: number): ColideState => ({
      ...{ stage, iteration, count, most, restarts, s: [...s], mu: muNow, rate, previous: last },
      ...{ W: W.data.slice(), score: model.state(), start: start.data.slice(), sigma: sigmaBefore },
      ...{ adam: adam.state(), end },
    });
    if (resume) {
      ({ stage, mu: muNow, rate, previous, iteration: from, sigma: sigmaBefore } = resume);
      W.data.set(resume.W);
      start.data.set(resume.start);
      adam.restore(resume.adam);
      model.restore(resume.score);
    } else {
      model.refresh();
      yield iterate(0, mu, 0);
    }
    for (; stage < s.length && !end; stage++, muNow *= muFactor) {
      const last = stage === s.length - 1;
      const limit = last ? lastIterations : iterations;
      const resumed = from > 0;
      if (!resumed) {
        sigmaBefore = model.sigma?.slice();
        start.data.set(W.data);
        rate = learningRate;
        adam.reset();
        previous = UNKNOWN;
      }
      let ended: Status = 'completed';
      for (let k = from; ; k++) {
        let h = logDetInto(W, s[stage], M);
        if (h === Number.POSITIVE_INFINITY && (k === 0 || s[stage] <= 0.9)) {
          // Begin the stage anew in a larger domain with smaller steps.
          if (rate <= 1e-16)
            fail('NUMERICAL', 'W leaves the domain of the acyclicity function however small the steps.');
          rate *= 0.5;
          s[stage] += 0.1;
          restarts++;
          W.data.set(start.data);
          if (sigmaBefore) model.sigma!.set(sigmaBefore);
          model.refresh();
          adam.reset();
          previous = UNKNOWN;
          most += k;
          k = -1;
          continue;
        }
        while (h === Number.POSITIVE_INFINITY && rate > 1e-16) {
          step(-rate);
          rate *= 0.5;
          step(rate);
          model.rescale();
          h = logDetInto(W, s[stage], M);
        }
        if (h === Number.POSITIVE_INFINITY) {
          step(-rate);
          ended = 'stalled';
          break;
        }
        if (k > 0 && (k % every === 0 || k === limit)) {
          const before = previous;
          const it = iterate(stage, muNow, h, () => state(k, before));
          if (k % CHECK === 0 || k === limit) {
            if (Math.abs((previous - it.objective) / previous) <= stageTol) {
              ended = 'converged';
              break;
            }
            previous = it.objective;
          }
          yield it;
          if (k === limit) break;
        }
        computeGradient(muNow);
        adam.take(G.data);
        step(rate);
        model.rescale();
        count++;
      }
      from = 0;
      if (last) end = ended;
    }
    const final = s.length - 1;
    const finalState = { ...state(0, previous), stage: s.length };
    yield iterate(final, muNow / muFactor, logDetInto(W, s[final], M), () => finalState, end);
  } finally {
    for (const used of [W, start, M, G, adam, model]) used.free();
  }
}

function check(name: string, value: number, ok: boolean): void {
  if (!ok || !Number.isFinite(value)) fail('INVALID_PARAMETER', `${name} cannot be ${value}.`);
}

/** Learns a graph, and unless `variance` is 'none' the scale of its noise; see {@link colideIterates}. */
export function colide(X: GraphData, options: ColideOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<ColideOptions>('colide', options, colideKeys);
  return estimateGraph(X, (data) => colideIterates(data, own), estimate);
}

/** {@link colide} with least squares and the defaults of DAGMA; `score: 'logistic'` is for binary variables, lambda 0.02. */
export function dagma(
  X: GraphData,
  options: Omit<ColideOptions, 'variance'> & EstimateOptions & ScoreOption = {},
): GraphEstimate {
  const { variance: _, ...keys } = colideKeys;
  const { score, ...rest } = options;
  const { own, estimate } = split<Omit<ColideOptions, 'variance'>>('dagma', rest, keys);
  if (score !== 'logistic') return colide(X, { ...dagmaDefaults, ...rest, variance: 'none' });
  const all = { ...dagmaDefaults, lambda: 0.02, ...own };
  return estimateFromRows(X, (data) => colideIterates(data, all), estimate, binarySamples);
}
