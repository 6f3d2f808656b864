import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  type Status,
} from '@southwell/numerics/core';
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
import { checkKnowledge, freeRequired, holdForbidden, knowledgeRecords } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { binarySamples, type Samples } from '../samples.ts';
import { addPenaltyGradients, logDetInto } from './acyclicity.ts';
import { l1Option, logisticRecords, type Score, scoreOf } from './scores.ts';

const colideRecords = {
  ...logisticRecords,
  ...knowledgeRecords,
  /** How the scale of the noise is estimated. Default 'unequal'. */
  variance: choiceOption({ equal: 'equal', unequal: 'unequal', none: 'none: least squares' }),
  /** Weight of ‖W‖₁, without required edges. Default 0.05. */
  lambda: l1Option,
  /** s of the acyclicity function in each stage, one stage for each value. Default [1, 0.9, 0.8, 0.7]. */
  s: otherOption<readonly number[]>('numbers above 0'),
  /** Weight of the score in the first stage. Default 1. */
  mu: numberOption({ min: 0, open: true, finite: true }),
  /** Factor of `mu` from stage to stage. Default 0.1. */
  muFactor: numberOption({ min: 0, open: true, finite: true }),
  /** Maximum number of iterations of every stage but the last. Default 20000. */
  iterations: limitOption(0),
  /** Maximum number of iterations of the last stage. Default 70000. */
  lastIterations: limitOption(0),
  /** Adam's learning rate. Default 3e-4. */
  learningRate: numberOption({ min: 0, open: true, finite: true }),
  /** Early-stopping tolerance of a stage: relative change of its objective over 1000 iterations. Default 1e-6. */
  stageTol: numberOption({ min: 0 }),
  /** Lower bound on the standard deviation of the noise. Default: a hundredth of the smallest one of the columns. */
  scaleFloor: numberOption({ min: 0, open: true, finite: true }),
};

export interface ColideOptions extends OptionsOf<typeof colideRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: ColideState;
}

const colideKeys: OptionKeys<ColideOptions> = { ...keysOf(colideRecords), resume: true };

/** State at the start of an iteration, as plain data. */
export interface ColideState {
  readonly stage: number;
  /** Iteration within the stage. */
  readonly iteration: number;
  readonly count: number;
  readonly most: number;
  readonly restarts: number;
  readonly s: readonly number[];
  readonly mu: number;
  readonly rate: number;
  /** The objective at the last check of the early-stopping rule. */
  readonly previous: number;
  readonly W: Float64Array;
  readonly score: Float64Array;
  /** W and the scale of the noise at the beginning of the stage. */
  readonly start: Float64Array;
  readonly sigma?: Float64Array;
  readonly adam: AdamState;
  /** The status of the last stage, if it has ended. */
  readonly end?: Status;
}

/** The schedule of the DAGMA package. */
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
  /** The largest possible value of `iteration`; grows when a stage is restarted. */
  readonly most: number;
}

const CHECK = 1000;

/** Stands for an objective that has not been computed. */
const UNKNOWN = 1e16;

/**
 * CoLiDE (Saboksayr, Mateos & Tepper, ICLR 2024), and DAGMA with variance 'none': path following over stages that
 * minimise μS(W, σ) + h(W; s), by Adam steps on W between closed-form updates of σ. The objective of an iterate is that
 * of its stage. Follows the authors' schedule: `converged` where the last stage stops by `stageTol`, `completed` where
 * it uses all its iterations, `stalled` where no step, however small, keeps W in the domain. There is no certificate,
 * since steps of fixed size circle a minimum of ‖W‖₁ rather than reach it. O(d³) an iteration: one inverse and one
 * product. An iterate, at which checkpoints are possible, is up to 100 of them.
 *
 * The guard against leaving the domain of h is exact here: elimination without pivoting meets a pivot that is not
 * positive exactly when (sI − W∘W)⁻¹ has a negative entry, which is what the authors' code tests.
 *
 * On {@link binarySamples} the score is the logistic one of DAGMA (only with variance 'none'), which adds O(nd²) an
 * iteration.
 * @throws INVALID_PARAMETER, and NUMERICAL if W cannot be kept in the domain.
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
  checkGiven(colideRecords, settings);
  const { s } = settings;
  if (s.length === 0 || s.some((v) => !(v > 0))) fail('INVALID_PARAMETER', `s must be numbers above 0, but is [${s}].`);
  return settings;
}

/** State of the run between steps: the part of a checkpoint that is not a matrix. */
interface Course {
  stage: number;
  count: number;
  most: number;
  restarts: number;
  s: number[];
  mu: number;
  rate: number;
  previous: number;
  /** Scale of the noise at the beginning of the stage. */
  sigma: Float64Array | undefined;
  end: Status | undefined;
}

/** W with its score, the gradient of μS + h, and Adam. */
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

  /** h(W; s); keeps the inverse, which the gradient needs. Infinite outside the domain. */
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

  /** Updates Adam's moments with the gradient of μS + h; call after {@link acyclicity}. */
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

  /** A step of Adam; a step of −rate undoes it. */
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

  /** Returns to the beginning of the stage. */
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

/** Runs a stage to its end from one of its iterations; returns its status. */
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

/** Restarts a stage, after k iterations, with a larger domain and smaller steps. */
function enlarge(path: Path, course: Course, k: number): void {
  if (course.rate <= 1e-16)
    fail('NUMERICAL', 'W leaves the domain of the acyclicity function, however small the steps.');
  course.rate *= 0.5;
  course.s[course.stage] += 0.1;
  course.restarts++;
  course.previous = UNKNOWN;
  course.most += k;
  path.rewind(course);
}

/** Learns a graph and, unless `variance` is 'none', the scale of its noise; see {@link colideIterates}. */
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
