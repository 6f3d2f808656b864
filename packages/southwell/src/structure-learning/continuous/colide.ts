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
import { type LogisticOptions, logisticKeys, type NoiseVariance, type Score, scoreOf } from './scores.ts';

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
  /** Adam's learning rate. Default 3e-4. */
  readonly learningRate?: number;
  /** Early-stopping tolerance of a stage: relative change of its objective over 1000 iterations. Default 1e-6. */
  readonly stageTol?: number;
  /** Smallest standard deviation of noise. Default: a hundredth of the least of the columns. */
  readonly scaleFloor?: number;
  /** State from a checkpoint of an earlier run, for the same data and options. */
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

/** State at the start of an iteration, as plain data. */
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
  /** Number of stage restarts because W left the domain of h. */
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
 * @throws INVALID_PARAMETER, and NUMERICAL if the domain cannot be kept.
 */
export function* colideIterates(data: Moments | Samples, options: ColideOptions = {}): Generator<ColideIterate> {
  knownKeys('colideIterates', options, colideKeys);
  const settings = settingsOf(options);
  checkKnowledge(options.knowledge, data.d);
  const { s, resume, learningRate } = settings;
  const path = new Path(data, settings);
  const course: Course = {
    ...{ stage: 0, count: 0, restarts: 0, most: settings.iterations * (s.length - 1) + settings.lastIterations },
    ...{ s: [...s], mu: settings.mu, rate: learningRate, previous: UNKNOWN, sigma: undefined, end: undefined },
  };
  try {
    let from = 0;
    if (resume) {
      const { stage, count, most, restarts, mu, rate, previous, sigma, end } = resume;
      Object.assign(course, { stage, count, most, restarts, s: [...resume.s], mu, rate, previous, sigma, end });
      from = resume.iteration;
      path.restore(resume);
    } else {
      path.model.refresh();
      yield path.iterate(course, 0);
    }
    for (; course.stage < s.length && !course.end; course.stage++, course.mu *= settings.muFactor) {
      const ended = yield* stageIterates(path, course, settings, from);
      from = 0;
      if (course.stage === s.length - 1) course.end = ended;
    }
    const final = s.length - 1;
    const finalState = { ...path.state(course, 0, course.previous), stage: s.length };
    const last = { ...course, stage: final, mu: course.mu / settings.muFactor };
    yield path.iterate(last, path.acyclicity(course.s[final]), () => finalState, course.end);
  } finally {
    path.free();
  }
}

const defaults = {
  ...{ variance: 'unequal', lambda: 0.05, s: [1, 0.9, 0.8, 0.7], mu: 1, muFactor: 0.1, stageTol: 1e-6 },
  ...{ iterations: 20_000, lastIterations: 70_000, learningRate: 3e-4 },
} as const;

type Settings = ColideOptions & { readonly [K in keyof typeof defaults]: NonNullable<ColideOptions[K]> };

/** Options with defaults, checked. */
function settingsOf(options: ColideOptions): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...defaults, ...Object.fromEntries(given) } as Settings;
  const { lambda, mu, muFactor, learningRate, scaleFloor = 1, s } = settings;
  check('lambda', lambda, lambda >= 0);
  check('mu', mu, mu > 0);
  check('muFactor', muFactor, muFactor > 0);
  check('learningRate', learningRate, learningRate > 0);
  check('scaleFloor', scaleFloor, scaleFloor > 0);
  if (s.length === 0 || s.some((v) => !(v > 0))) fail('INVALID_PARAMETER', `s must hold numbers above 0, not [${s}].`);
  return settings;
}

/** Where the run stands between steps: what of a checkpoint is no matrix. */
interface Course {
  stage: number;
  count: number;
  most: number;
  restarts: number;
  s: number[];
  mu: number;
  rate: number;
  previous: number;
  /** Of the noise at the beginning of the stage. */
  sigma: Float64Array | undefined;
  end: Status | undefined;
}

/** W with its score, the gradient of μS + h, and Adam's steps on it. */
class Path {
  readonly model: Score;
  private readonly W: DenseMatrix;
  /** W at the beginning of the stage. */
  private readonly start: DenseMatrix;
  /** (sI − W∘W)⁻¹, and the gradient. */
  private readonly M: DenseMatrix;
  private readonly G: DenseMatrix;
  private readonly adam: Adam;

  constructor(
    readonly data: Moments | Samples,
    private readonly settings: Settings,
  ) {
    const { d } = data;
    const { arena } = 'C' in data ? data.C : data.X;
    [this.W, this.start, this.M, this.G] = [0, 1, 2, 3].map(() => DenseMatrix.create(d, d, { arena }));
    this.model = scoreOf(data, this.W, settings);
    this.adam = new Adam(d * d, { beta1: 0.99, arena });
  }

  /** h(W; s), with what its gradient takes; infinite outside its domain. */
  acyclicity(s: number): number {
    return logDetInto(this.W, s, this.M);
  }

  /** The score with its penalty. */
  private score(): number {
    const { lambda, knowledge } = this.settings;
    let sum = this.model.value;
    this.W.data.forEach((w, k) => {
      if (!knowledge?.required[k]) sum += lambda * Math.abs(w);
    });
    return sum;
  }

  /** Hands Adam the gradient of μS + h, after {@link acyclicity}. */
  turn(mu: number): void {
    const { W, M, G, model } = this;
    const { lambda, knowledge } = this.settings;
    G.data.fill(0);
    model.addGradient(mu, G);
    addPenaltyGradients(W, M, G, { weight: mu * lambda });
    freeRequired(G.data, W.data, mu * lambda, knowledge);
    holdForbidden(G.data, knowledge);
    this.adam.take(G.data);
  }

  /** A step of Adam, which one of −rate undoes. */
  step(rate: number): void {
    this.adam.descend(this.W, rate);
    this.model.refresh();
  }

  /** Marks the beginning of a stage. */
  begin(course: Course): void {
    course.sigma = this.model.sigma?.slice();
    this.start.data.set(this.W.data);
    this.adam.reset();
  }

  /** Back to the beginning of the stage. */
  rewind({ sigma }: Course): void {
    this.W.data.set(this.start.data);
    if (sigma) this.model.sigma!.set(sigma);
    this.model.refresh();
    this.adam.reset();
  }

  state(course: Course, iteration: number, previous: number): ColideState {
    const { W, model, start, adam } = this;
    const { stage, count, most, restarts, s, mu, rate, sigma, end } = course;
    return {
      ...{ stage, iteration, count, most, restarts, s: [...s], mu, rate, previous },
      ...{ W: W.data.slice(), score: model.state(), start: start.data.slice(), sigma },
      ...{ adam: adam.state(), end },
    };
  }

  restore(state: ColideState): void {
    this.W.data.set(state.W);
    this.start.data.set(state.start);
    this.adam.restore(state.adam);
    this.model.restore(state.score);
  }

  iterate(
    { stage, mu, count, restarts, most }: Course,
    h: number,
    checkpoint?: () => ColideState,
    done?: Status,
  ): ColideIterate {
    const { d } = this.data;
    const value = this.score();
    return {
      ...{ iteration: count, objective: mu * value + h, metrics: { h, score: value, stage } },
      ...{ work: { oracleCalls: count }, mayFail: true, done, stage, h, score: value, restarts, most },
      snapshot: () => ({
        W: DenseMatrix.fromColumnMajor(this.W.data, d, d),
        sigma: this.model.deviations(),
      }),
      ...(checkpoint && { checkpoint }),
    };
  }

  free(): void {
    for (const used of [this.W, this.start, this.M, this.G, this.adam, this.model]) used.free();
  }
}

/** A stage to its end, from an iteration of it on; how it ended. */
function* stageIterates(
  path: Path,
  course: Course,
  settings: Settings,
  from: number,
): Generator<ColideIterate, Status> {
  const { stage, mu, s } = course;
  const limit = stage === s.length - 1 ? settings.lastIterations : settings.iterations;
  const { d } = path.data;
  const every = d <= 30 ? 100 : d <= 150 ? 10 : 1;
  if (from === 0) {
    path.begin(course);
    course.rate = settings.learningRate;
    course.previous = UNKNOWN;
  }
  for (let k = from; ; k++) {
    let h = path.acyclicity(s[stage]);
    if (h === Number.POSITIVE_INFINITY && (k === 0 || s[stage] <= 0.9)) {
      enlarge(path, course, k);
      k = -1;
      continue;
    }
    while (h === Number.POSITIVE_INFINITY && course.rate > 1e-16) {
      path.step(-course.rate);
      course.rate *= 0.5;
      path.step(course.rate);
      path.model.rescale();
      h = path.acyclicity(s[stage]);
    }
    if (h === Number.POSITIVE_INFINITY) {
      path.step(-course.rate);
      return 'stalled';
    }
    if (k > 0 && (k % every === 0 || k === limit)) {
      const before = course.previous;
      const it = path.iterate(course, h, () => path.state(course, k, before));
      if (k % CHECK === 0 || k === limit) {
        if (Math.abs((before - it.objective) / before) <= settings.stageTol) return 'converged';
        course.previous = it.objective;
      }
      yield it;
      if (k === limit) return 'completed';
    }
    path.turn(mu);
    path.step(course.rate);
    path.model.rescale();
    course.count++;
  }
}

/** Begins a stage anew, after k iterations, in a larger domain with smaller steps. */
function enlarge(path: Path, course: Course, k: number): void {
  if (course.rate <= 1e-16)
    fail('NUMERICAL', 'W leaves the domain of the acyclicity function however small the steps.');
  course.rate *= 0.5;
  course.s[course.stage] += 0.1;
  course.restarts++;
  course.previous = UNKNOWN;
  course.most += k;
  path.rewind(course);
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
