import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOptions,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { gramMatrix, matrixProduct } from '@southwell/numerics/linalg';
import { solveQuadraticSubproblem } from '../../blocks/index.ts';
import { l1 as l1Penalty, nonNegative as nonNegativePenalty } from '../../penalties/index.ts';
import { besides, denseSamples } from './samples.ts';
import { softmax } from './softmax.ts';
import { type BcdState, bcdIterates } from './supervisedBcd.ts';
import {
  type ClassLabel,
  covariateRecords,
  dataKeys,
  type SupervisedData,
  type SupervisedDataOptions,
  type SupervisedPoint,
  supervisedData,
  withOnes,
} from './supervisedData.ts';
import { type LiftedOptions, type LiftedState, liftedIterates, liftedKeys } from './supervisedLifted.ts';
import { youdenThreshold } from './youden.ts';

const signRecords = { dictionary: flagOption(), code: flagOption() };

export const supervisedRecords = {
  /** r, at most the number of columns of X and, for `lifted`, of rows. */
  rank: integerOption({ min: 1 }),
  /** Weight ξ of the reconstruction error relative to the classification loss. Default 1. `bcd` with `filter` allows 0. */
  xi: numberOption(
    { min: 0, finite: true },
    {
      title: 'Reconstruction weight',
      about: 'weight of the reconstruction error relative to the classification loss',
      argument: 'weight',
      otherwise: '1',
      form: { hint: '1' },
    },
  ),
  /** `filter` (default): labels depend on Wᵀx. `feature`: on the code h. */
  model: choiceOption(
    { filter: 'inner products with atoms', feature: 'the codes' },
    {
      title: 'Labels depend on',
      about: 'predict labels from the inner products of atoms and sample (filter) or from its code (feature)',
      default: 'filter',
    },
  ),
  /** `bcd` (default): block coordinate descent, non-negative by default. `lifted`: low-rank projected gradients, any signs. */
  algorithm: choiceOption(
    { bcd: 'block coordinate descent', lifted: 'the lifted problem' },
    {
      title: 'Algorithm',
      about: 'block coordinate descent (bcd) or the lifted problem (lifted)',
      default: 'bcd',
    },
  ),
  /** Which factors are constrained to be non-negative. Default: both for `bcd`; `lifted` supports neither. */
  nonNegative: otherOption<OptionsOf<typeof signRecords>>('an object with dictionary and code'),
  /** l1‖H‖₁, for `bcd`. Default 0. */
  l1: numberOption({ min: 0, finite: true }),
  /** ½l2‖·‖² on β and the coefficients of covariates (`lifted`: on Wβ or Hᵀβ and on all of Γ). Default 1. */
  l2: numberOption({ min: 0, finite: true }),
  /** `lifted`: the same step size for all blocks. Default: one for each block. */
  step: numberOption({ min: 0, open: true }),
  /**
   * `bcd`: limits the change of each block in iteration t to searchRadius/((t + 1)·log(t + 2)), which the paper's proof of
   * convergence requires. Default: no limit.
   */
  searchRadius: numberOption({ min: 0, open: true }),
  /** `bcd` with `filter`: `published` takes the steps of the authors' code. Default 'safe': the objective never rises. */
  steps: choiceOption({ safe: 'descent', published: "the authors' code" }),
  /** Default 1e-5 (relative to the first Σℓ) for `bcd`, 1e-8 (relative to the norm of the point) for `lifted`. */
  tol: numberOption({ min: 0 }),
  /** Default 500 for `bcd`, 2000 for `lifted`. */
  maxIter: limitOption(0),
  /** Default 0. */
  seed: seedOption('seed of the initialisation'),
};

export interface SupervisedOptions extends OptionsNeeding<typeof supervisedRecords, 'rank'> {}

/** State of either algorithm, as plain data. */
export type SupervisedState = BcdState | LiftedState;

/** Options of the data and of the run. */
export interface SupervisedFitOptions
  extends SupervisedDataOptions,
    Omit<RunOptions<SupervisedPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a fit of the same data with the same options. */
  readonly resume?: SupervisedState;
}

const { tol: _, maxIter: __, ...watchKeys } = runKeys;

const fitKeys: OptionKeys<SupervisedFitOptions> = { ...watchKeys, ...dataKeys, resume: true };

/** Covariates of the samples to predict. */
export interface SupervisedPredictOptions extends OptionsOf<typeof covariateRecords> {}

/**
 * Predicts labels and codes of samples: the parts of a supervised dictionary that do not depend on the training
 * samples.
 */
export class SupervisedRule {
  constructor(
    /** W, p × r, atoms as columns. */
    readonly dictionary: DenseMatrix,
    /** β, r × (κ − 1), for all classes but the first, whose activation is 0. */
    readonly coefficients: DenseMatrix,
    /** Γ, (1 + q) × (κ − 1), the intercept first. */
    readonly auxiliary: DenseMatrix,
    readonly classes: readonly ClassLabel[],
    /** For two classes: the probability from which the second is predicted, by Youden's J on the training samples. */
    readonly threshold: number,
    readonly model: 'filter' | 'feature',
    /** Whether codes are constrained to be non-negative. */
    readonly nonNegativeCode: boolean,
  ) {}

  /** Codes of samples without labels: argmin_h ‖x − Wh‖², subject to h ≥ 0 if the fit was. n × r. */
  transform(samples: MatrixLike): DenseMatrix {
    const { dictionary: W } = this;
    const X = denseSamples(samples, W.rows, 'X');
    const [n, r] = [X.rows, W.cols];
    const D = besides(X, W.data, W.rows, r);
    const G = DenseMatrix.create(r, r, { fill: false, arena: X.arena });
    const XW = DenseMatrix.create(n, r, { fill: false, arena: X.arena });
    const out = DenseMatrix.create(n, r);
    gramMatrix(D, G);
    matrixProduct(X, D, XW);
    const H = G.data.slice();
    const block = Int32Array.from({ length: r }, (_, k) => k);
    const penalty = this.nonNegativeCode ? nonNegativePenalty(0) : l1Penalty(0);
    const [zero, g, next] = [new Float64Array(r), new Float64Array(r), new Float64Array(r)];
    for (let s = 0; s < n; s++) {
      for (let k = 0; k < r; k++) g[k] = -XW.data[k * n + s];
      solveQuadraticSubproblem(H, g, block, zero, penalty, next);
      for (let k = 0; k < r; k++) out.data[k * n + s] = next[k];
    }
    for (const matrix of [X, D, G, XW]) matrix.free();
    return out;
  }

  /**
   * Probabilities of the classes, n × κ; rows sum to 1.
   * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
   */
  predictProba(samples: MatrixLike, options: SupervisedPredictOptions = {}): DenseMatrix {
    knownKeys('A prediction', options, keysOf(covariateRecords));
    const { dictionary: W, auxiliary, coefficients: beta } = this;
    const X = denseSamples(samples, W.rows, 'X');
    const n = X.rows;
    const Z = withOnes(X, options.covariates, auxiliary.rows - 1);
    const features = DenseMatrix.create(n, W.cols, { arena: X.arena });
    if (this.model === 'filter') {
      const D = besides(X, W.data, W.rows, W.cols);
      matrixProduct(X, D, features);
      D.free();
    } else {
      const codes = this.transform(X);
      features.data.set(codes.data);
      codes.free();
    }
    const out = probabilities(features, Z, beta.data, auxiliary.data);
    for (const matrix of [X, Z, features]) matrix.free();
    return out;
  }

  /** The most likely label of each sample; with two classes, the second if its probability reaches the threshold. */
  predict(samples: MatrixLike, options: SupervisedPredictOptions = {}): ClassLabel[] {
    const P = this.predictProba(samples, options);
    const { classes, threshold } = this;
    const out = Array.from({ length: P.rows }, (_, s) => {
      if (classes.length === 2) return classes[P.get(s, 1) >= threshold ? 1 : 0];
      let best = 0;
      for (let k = 1; k < classes.length; k++) if (P.get(s, k) > P.get(s, best)) best = k;
      return classes[best];
    });
    P.free();
    return out;
  }
}

/** A fitted supervised dictionary. */
export class SupervisedDictionary extends SupervisedRule {
  constructor(
    dictionary: DenseMatrix,
    /** Codes of the training samples, n × r; with `feature` they depend on the labels. */
    readonly codes: DenseMatrix,
    coefficients: DenseMatrix,
    auxiliary: DenseMatrix,
    classes: readonly ClassLabel[],
    /** ‖X − HᵀWᵀ‖²/‖X‖² of the fit. */
    readonly reconstructionError: number,
    threshold: number,
    model: 'filter' | 'feature',
    nonNegativeCode: boolean,
    readonly solution: Solution<SupervisedPoint>,
    readonly notes: readonly string[],
  ) {
    super(dictionary, coefficients, auxiliary, classes, threshold, model, nonNegativeCode);
  }
}

/** n × κ class probabilities for activations ΦB + ZΓ. */
function probabilities(Phi: DenseMatrix, Z: DenseMatrix, beta: Float64Array, gamma: Float64Array): DenseMatrix {
  const n = Phi.rows;
  const m = beta.length / Phi.cols;
  const B = besides(Phi, beta, Phi.cols, m);
  const G = besides(Phi, gamma, Z.cols, m);
  const a = DenseMatrix.create(n, m, { arena: Phi.arena });
  matrixProduct(Phi, B, a);
  matrixProduct(Z, G, a, { beta: 1 });
  softmax(a.data, n);
  const out = DenseMatrix.create(n, m + 1);
  for (let s = 0; s < n; s++) {
    let rest = 1;
    for (let j = 0; j < m; j++) {
      rest -= a.data[j * n + s];
      out.data[(j + 1) * n + s] = a.data[j * n + s];
    }
    out.data[s] = Math.max(0, rest);
  }
  for (const matrix of [B, G, a]) matrix.free();
  return out;
}

export interface SupervisedEstimator {
  /**
   * Fits to samples by rows and their labels.
   * @throws SouthwellError: EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_TARGET (one class), INVALID_PARAMETER,
   * NOT_SUPPORTED.
   */
  fit(X: MatrixLike, y: ArrayLike<ClassLabel>, options?: SupervisedFitOptions): SupervisedDictionary;
  /** As fit, but yields to the event loop. */
  fitAsync(X: MatrixLike, y: ArrayLike<ClassLabel>, options?: SupervisedFitOptions): Promise<SupervisedDictionary>;
}

/**
 * Supervised dictionary learning with auxiliary covariates (Lee, Lyu and Yao 2022): samples are reconstructed from r
 * atoms while a (multinomial) logistic model predicts their labels from their inner products with the atoms, or their
 * codes, and from covariates z, minimising Σℓ + ξ‖X − HᵀWᵀ‖² plus penalties.
 */
export function supervisedDictionary(options: SupervisedOptions): SupervisedEstimator {
  checkOptions('supervisedDictionary', supervisedRecords, options);
  const o = checked(options);
  const stops = (fit: SupervisedFitOptions): RunOptions<SupervisedPoint> =>
    only<RunOptions<SupervisedPoint>>({ ...fit, maxIter: o.maxIter }, runKeys);
  const dataOf = (X: MatrixLike, y: ArrayLike<ClassLabel>, fit: SupervisedFitOptions) => {
    knownKeys('fit', fit, fitKeys);
    return supervisedData(X, y, only<SupervisedDataOptions>(fit, dataKeys));
  };
  const iterates = (data: SupervisedData, { resume }: SupervisedFitOptions) =>
    supervisedIterates(data, { ...options, resume });
  return {
    fit(X, y, fit = {}) {
      const data = dataOf(X, y, fit);
      try {
        return fitted(data, run(iterates(data, fit), stops(fit)), o);
      } finally {
        data.free();
      }
    },
    async fitAsync(X, y, fit = {}) {
      const data = dataOf(X, y, fit);
      try {
        return fitted(data, await runAsync(iterates(data, fit), stops(fit)), o);
      } finally {
        data.free();
      }
    },
  };
}

const iteratesKeys: OptionKeys<SupervisedOptions & { resume?: SupervisedState }> = {
  ...keysOf(supervisedRecords),
  resume: true,
};

/**
 * The chosen algorithm as a generator of iterates for core's `run`.
 * @throws INVALID_PARAMETER.
 */
export function supervisedIterates(
  data: SupervisedData,
  options: SupervisedOptions & { readonly resume?: SupervisedState },
): Iterable<Iterate<SupervisedPoint>> {
  knownKeys('supervisedIterates', options, iteratesKeys);
  const o = checked(options);
  const { rows: n, cols: p } = data.X;
  const most = o.algorithm === 'lifted' ? Math.min(n, p) : p;
  if (o.rank > most) {
    fail('INVALID_PARAMETER', `rank must be at most ${most} for ${n} rows and ${p} columns, but is ${o.rank}.`);
  }
  return o.algorithm === 'lifted'
    ? liftedIterates(
        data,
        only<LiftedOptions & { resume?: LiftedState }>({ ...o, resume: options.resume as LiftedState }, liftedKeys),
      )
    : bcdIterates(data, { ...o, resume: options.resume as BcdState });
}

function checked(options: SupervisedOptions) {
  const { rank, xi = 1, model = 'filter', algorithm = 'bcd', nonNegative = {}, l1 = 0, l2 = 1, seed = 0 } = options;
  checkGiven(supervisedRecords, options);
  checkOptions('nonNegative', signRecords, nonNegative);
  const { step, searchRadius, steps = 'safe', tol } = options;
  const lifted = algorithm === 'lifted';
  if (xi === 0 && (lifted || model === 'feature')) {
    fail('INVALID_PARAMETER', 'xi may be 0 only with algorithm bcd and model filter.');
  }
  if (steps === 'published' && (lifted || model === 'feature' || l1 > 0)) {
    fail('NOT_SUPPORTED', 'steps published needs algorithm bcd and model filter, without l1.');
  }
  const { dictionary = !lifted, code = !lifted } = nonNegative;
  if (lifted && (dictionary || code || l1 > 0)) {
    fail('NOT_SUPPORTED', 'The lifted algorithm supports neither non-negativity nor l1; use bcd.');
  }
  const maxIter = options.maxIter ?? (lifted ? 2000 : 500);
  return {
    ...{ rank, xi, model, algorithm, l1, l2, seed, step, steps, searchRadius, tol, maxIter },
    nonNegative: { dictionary, code },
  };
}

function fitted(
  data: SupervisedData,
  solution: Solution<SupervisedPoint>,
  { rank: r, model, nonNegative, algorithm }: ReturnType<typeof checked>,
): SupervisedDictionary {
  const { X, Z, labels, classes } = data;
  const { rows: n, cols: p } = X;
  const m = classes.length - 1;
  const { dictionary, codes, coefficients, auxiliary } = solution.point;
  const W = besides(X, dictionary, p, r);
  const H = besides(X, codes, n, r);
  const back = DenseMatrix.create(n, p, { arena: X.arena });
  matrixProduct(H, W, back, { transB: true });
  let [error, size, negative] = [0, 0, false];
  for (let k = 0; k < n * p; k++) {
    error += (X.data[k] - back.data[k]) ** 2;
    size += X.data[k] ** 2;
    if (X.data[k] < 0) negative = true;
  }
  const features = DenseMatrix.create(n, r, { arena: X.arena });
  if (model === 'filter') matrixProduct(X, W, features);
  else features.data.set(codes);
  const P = probabilities(features, Z, coefficients, auxiliary);
  const notes: string[] = [];
  if (algorithm === 'bcd' && negative && nonNegative.code && nonNegative.dictionary) {
    notes.push(
      'X contains negative values, which non-negative atoms and codes cannot reconstruct; shift them or allow negative entries.',
    );
  }
  let threshold = 0.5;
  if (classes.length === 2) {
    const found = youdenThreshold(labels, P.column(1));
    if (found === undefined) notes.push('All samples are of one class: the threshold stays at 0.5.');
    else threshold = found;
  }
  for (const matrix of [W, H, back, features, P]) matrix.free();
  return new SupervisedDictionary(
    DenseMatrix.fromColumnMajor(dictionary, p, r),
    DenseMatrix.fromColumnMajor(codes, n, r),
    DenseMatrix.fromColumnMajor(coefficients, r, m),
    DenseMatrix.fromColumnMajor(auxiliary, Z.cols, m),
    classes,
    size > 0 ? error / size : 0,
    threshold,
    model,
    nonNegative.code,
    solution,
    notes,
  );
}
