import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOption,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionsNeeding,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { adamW, sgd, stochasticIterates, type TrainingOptimiser } from '../../optimisers/index.ts';
import { batchesOf, type LeastSquares, leastSquaresOf, meanSquares } from './leastSquares.ts';
import { product } from './matrices.ts';
import { ridgeFilter } from './ridgeFilter.ts';
import { gdSpectralFilter, stableRate } from './spectralFilter.ts';

const solverTitles = {
  pinv: 'pseudoinverse',
  ridge: 'ridge regression',
  gd: 'gradient descent',
  'gd-closed': 'gradient descent in closed form',
  momentum: 'heavy-ball gradient descent',
  sgd: 'stochastic gradient descent',
  adam: 'Adam',
} as const;

export type LinearSolver = keyof typeof solverTitles;

const fitRecords = {
  /**
   * 'pinv', the minimum-norm least-squares solution; 'ridge'; 'gd' and 'momentum' (the heavy ball), full-batch;
   * 'gd-closed', the result of either in closed form; 'sgd', by batches; 'adam', full-batch.
   */
  solver: choiceOption(solverTitles),
  /** Number of steps T, for 'gd-closed' also Infinity. Default 1000. */
  iterations: limitOption(0),
  /** Step size in units of 1/L, L = 2 s_max²/(N C), default 1; for 'adam' the learning rate itself, default 0.001. */
  rate: numberOption({ min: 0, open: true, finite: true }),
  /** Momentum in [0, 1) of 'momentum' (default 0.9), 'gd-closed' and 'sgd' (default 0). */
  momentum: numberOption({ min: 0, below: 1 }),
  /** Batch size of 'sgd'. Default 20, or all examples if there are fewer. */
  batchSize: integerOption({ min: 1 }),
  /** Standard deviation times √P of the normal initial weights, for all but 'pinv' and 'ridge'. Default 0. */
  startScale: numberOption({ min: 0, finite: true }),
  /** Relative tolerance of 'pinv' below which singular values are treated as zero. Default 1e-13. It determines the height of the peak. */
  tolerance: numberOption({ min: 0, finite: true }),
  /** Weight of ‖W‖² relative to ‖Z W − Y‖² for 'ridge', at least 0. Default 1e-8. */
  ridge: numberOption({ min: 0, finite: true }),
  /** Seed of the initial weights and the order of batches. Default 0. */
  seed: integerOption({ min: 0 }),
};

export interface FitLinearOptions extends OptionsNeeding<typeof fitRecords, 'solver'> {}

const steps = ['iterations', 'rate', 'startScale', 'seed'] as const;
/** The options of each solver. */
const optionsOf: Readonly<Record<LinearSolver, ReadonlyArray<keyof FitLinearOptions>>> = {
  pinv: ['tolerance'],
  ridge: ['ridge'],
  gd: steps,
  'gd-closed': [...steps, 'momentum'],
  momentum: [...steps, 'momentum'],
  sgd: [...steps, 'momentum', 'batchSize'],
  adam: steps,
};
const inOneGo: readonly LinearSolver[] = ['pinv', 'ridge', 'gd-closed'];

export interface LinearFit {
  /** W, P × C. */
  readonly weights: DenseMatrix;
  /** ‖Z W − Y‖²/(N C). */
  readonly trainLoss: number;
  /** s_max/s_min of Z, over its min(N, P) singular values. */
  readonly condition: number;
  /** The Frobenius norm ‖W‖. */
  readonly weightNorm: number;
  /** Whether the loss became infinite or NaN. */
  readonly diverged: boolean;
}

/** @throws INVALID_PARAMETER, also for options that the solver does not have. */
export function checkFit(where: string, options: FitLinearOptions): void {
  knownKeys(where, options, keysOf(fitRecords));
  const { solver, iterations, rate, momentum } = options;
  checkOption('solver', fitRecords.solver, solver);
  for (const key of Object.keys(options) as Array<keyof FitLinearOptions>) {
    if (key === 'solver' || options[key] === undefined || optionsOf[solver].includes(key)) continue;
    const its = optionsOf[solver].join(', ');
    fail('INVALID_PARAMETER', `The solver '${solver}' has no option '${key}'; it has ${its}.`);
  }
  checkGiven(fitRecords, options);
  const endless = solver === 'gd-closed' && iterations === Number.POSITIVE_INFINITY;
  if (iterations !== undefined && !endless) wholeNumber('iterations', iterations, 0);
  if (rate === undefined) return;
  if (solver === 'gd' || solver === 'gd-closed' || solver === 'momentum') {
    stableRate(rate, momentum ?? (solver === 'momentum' ? 0.9 : 0));
  }
}

/**
 * Fits the last layer W of a model with features Z (N × P) and targets Y (N × C) by least squares, exactly or by a
 * number of steps of an optimiser, on which double descent depends (paper 32). One decomposition O(N P min(N, P));
 * steps O(N P C) each.
 *
 * @example fitLinear(Z, Y, { solver: 'gd-closed', iterations: 1e6 }).weights;
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function fitLinear(Z: DenseMatrix, Y: DenseMatrix, options: FitLinearOptions): LinearFit {
  checkFit('fitLinear', options);
  for (const { done, snapshot } of fitIterates(leastSquaresOf(Z, Y), options)) if (done) return snapshot();
  fail('NUMERICAL', 'A fit must say how it ended.');
}

/** The same for a prepared problem, as a generator of iterates. */
export function* fitIterates(problem: LeastSquares, options: FitLinearOptions): Generator<Iterate<LinearFit>> {
  const { Z, Y } = problem;
  const { solver, iterations = 1000, startScale = 0, seed = 0 } = options;
  const random = new Random(seed);
  const start = DenseMatrix.create(Z.cols, Y.cols);
  if (startScale > 0) {
    const { data } = start;
    for (let k = 0; k < data.length; k++) data[k] = (startScale / Math.sqrt(Z.cols)) * random.normal();
  }
  if (inOneGo.includes(solver)) {
    const fit = described(problem, closedForm(problem, start, options), false);
    yield { iteration: 0, objective: fit.trainLoss, work: {}, done: 'completed', snapshot: () => fit };
    return;
  }
  const batchSize = solver === 'sgd' ? Math.min(options.batchSize ?? 20, Z.rows) : Z.rows;
  const perEpoch = Math.floor(Z.rows / batchSize);
  const problemOf = batchesOf(problem, start, batchSize);
  const weightsNow = () => DenseMatrix.fromColumnMajor(problemOf.parameters, Z.cols, Y.cols);
  try {
    for (const iterate of stochasticIterates(problemOf, optimiserOf(problem, options), {
      epochs: Math.ceil(iterations / perEpoch),
      batchSize,
      seed: random.split(1).integer(2 ** 31),
    })) {
      const done = iterate.done === 'diverged' ? 'diverged' : iterate.iteration >= iterations ? 'completed' : undefined;
      yield {
        ...iterate,
        done,
        snapshot: () => described(problem, weightsNow(), done === 'diverged'),
      } as Iterate<LinearFit>;
      if (done) return;
    }
  } finally {
    problemOf.free();
  }
}

function optimiserOf(problem: LeastSquares, { solver, rate, momentum }: FitLinearOptions): TrainingOptimiser {
  if (solver === 'adam') return adamW({ rate: rate ?? 1e-3, weightDecay: 0 });
  // If all features are zero there is no curvature, and steps have no effect.
  const length = problem.lipschitz > 0 ? (rate ?? 1) / problem.lipschitz : 1;
  return sgd({ rate: length, momentum: momentum ?? (solver === 'momentum' ? 0.9 : 0) });
}

/** V diag(φ/s) UᵀY, plus the part of the initial weights that the filter leaves: W₀ − V diag(φ) VᵀW₀. */
function closedForm(problem: LeastSquares, start: DenseMatrix, options: FitLinearOptions): DenseMatrix {
  const { V, singularValues } = problem.decomposed;
  const filter = filterOf(singularValues, options);
  const inner = DenseMatrix.create(V.cols, start.cols, { arena: V.arena });
  const before = options.startScale ? product(V, start, true) : undefined;
  for (let c = 0; c < start.cols; c++) {
    const [out, projected] = [inner.column(c), problem.projected.column(c)];
    for (let i = 0; i < out.length; i++) {
      const fitted = filter[i] === 0 ? 0 : (filter[i] / singularValues[i]) * projected[i];
      out[i] = fitted - (before ? filter[i] * before.get(i, c) : 0);
    }
  }
  const W = product(V, inner);
  for (let k = 0; k < W.data.length; k++) W.data[k] += start.data[k];
  return W;
}

/** The filter factor of each singular direction in closed form. */
function filterOf(s: Float64Array, options: FitLinearOptions): Float64Array {
  const { solver, tolerance = 1e-13, ridge = 1e-8, iterations = 1000, rate, momentum } = options;
  if (solver === 'pinv') return s.map((v) => (v > tolerance * s[0] ? 1 : 0));
  if (solver === 'ridge') return ridgeFilter(s, ridge);
  return gdSpectralFilter(s, { iterations, ...(rate && { rate }), ...(momentum && { momentum }) });
}

function described(problem: LeastSquares, weights: DenseMatrix, diverged: boolean): LinearFit {
  const s = problem.decomposed.singularValues;
  return {
    weights,
    trainLoss: meanSquares(product(problem.Z, weights), problem.Y),
    condition: s[s.length - 1] > 0 ? s[0] / s[s.length - 1] : Number.POSITIVE_INFINITY,
    weightNorm: Math.sqrt(weights.data.reduce((sum, w) => sum + w * w, 0)),
    diverged,
  };
}
