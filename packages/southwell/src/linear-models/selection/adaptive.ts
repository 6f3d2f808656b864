import type { AnyMatrix } from '@southwell/numerics/arrays';
import {
  choiceOption,
  fail,
  inOnePlace,
  nearestName,
  numberOption,
  type OptionsOf,
  SouthwellError,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { Loss, SurvivalTarget } from '../../losses/index.ts';
import { standardDeviations } from '../design/columnScales.ts';
import { type FitOptions, LinearProblem } from '../fit.ts';
import type { Link } from '../model.ts';
import { alphaGrid } from '../path.ts';
import type { LinearOptions } from '../records.ts';
import { checkedWeights } from '../validation.ts';
import { assignFolds } from './folds.ts';
import { Relaxer } from './relaxation.ts';
import { partOf, score } from './scoring.ts';

/** Pilot estimators of the adaptive lasso. */
const pilots = { ridge: 'a ridge', lasso: 'a lasso', unpenalised: 'a fit without a penalty' };
export type Pilot = keyof typeof pilots;

const PILOTS = Object.keys(pilots) as Pilot[];

export const adaptiveRecords = {
  /** The pilot estimator. Default: none, i.e. an ordinary fit. */
  adaptive: choiceOption(pilots, {
    title: 'Adaptive lasso, by a pilot',
    about: 'adaptive lasso: penalty weights 1/|b| from a pilot fit, which is refitted in every fold',
    argument: 'pilot',
    preset: 'ridge',
    form: { hint: 'no', advanced: true },
  }),
  /** Default 1. */
  adaptiveGamma: numberOption(
    { min: 0, open: true },
    {
      title: 'Exponent of the weights',
      about: 'exponent of |b| in the adaptive weights',
      argument: 'power',
      otherwise: '1',
      only: { adaptive: true },
      form: { advanced: true },
    },
  ),
  /** Alpha of the pilot. Default: the best of twenty in five-fold cross-validation. */
  adaptiveAlpha: numberOption(
    { min: 0, open: true },
    {
      title: 'Alpha of the pilot',
      about: 'alpha of the pilot fit',
      otherwise: 'chosen by five-fold cross-validation',
      only: { adaptive: ['ridge', 'lasso'] },
      form: { advanced: true },
    },
  ),
};

/**
 * The adaptive lasso (Zou 2006): penalty factors proportional to 1/|b|^adaptiveGamma, times any given factors, where b
 * is a pilot fit to the same rows (in cross-validation, to the training rows). The column of largest |b| has the factor
 * 1, so that alpha means the same whatever the scale of the pilot (Zou's λ is alpha·max|b|^adaptiveGamma). With
 * `standardize` b is the coefficient of the column scaled to unit variance. Columns with a zero pilot coefficient are
 * excluded.
 */
export interface AdaptiveOptions extends OptionsOf<typeof adaptiveRecords> {}

interface PilotOptions {
  readonly kind: Pilot;
  readonly gamma: number;
  readonly alpha: number | undefined;
}

/**
 * Undefined without a pilot.
 * @throws INVALID_PARAMETER.
 */
export function checkedAdaptive(options: AdaptiveOptions): PilotOptions | undefined {
  const { adaptive: kind, adaptiveGamma: gamma = 1, adaptiveAlpha: alpha } = options;
  if (kind === undefined) {
    for (const name of ['adaptiveGamma', 'adaptiveAlpha'] as const) {
      if (options[name] !== undefined) fail('INVALID_PARAMETER', `${name} requires the option adaptive.`);
    }
    return undefined;
  }
  if (!PILOTS.includes(kind)) {
    const near = nearestName(String(kind), PILOTS);
    fail(
      'INVALID_PARAMETER',
      `There is no pilot ${kind}; ${near ? `did you mean ${near}?` : `there are ${PILOTS.join(', ')}.`}`,
    );
  }
  if (!(gamma > 0 && gamma < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `adaptiveGamma must be finite and above 0, but is ${gamma}.`);
  }
  if (alpha !== undefined && !(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `adaptiveAlpha must be finite and above 0, but is ${alpha}.`);
  }
  if (alpha !== undefined && kind === 'unpenalised') {
    fail('INVALID_PARAMETER', 'An unpenalised pilot has no adaptiveAlpha.');
  }
  return { kind, gamma, alpha };
}

/** A problem and the pilot for it. */
interface Given {
  readonly X: AnyMatrix;
  readonly target: Float64Array | SurvivalTarget;
  readonly loss: Loss<never>;
  readonly link: Link;
  readonly options: LinearOptions;
  readonly fit: FitOptions;
  readonly pilot: PilotOptions;
}

/**
 * Penalty factors from a pilot, and a sentence that describes them.
 * @throws a sentence if the pilot does not exist.
 */
export function adaptiveFactors(given: Given): { readonly factors: Float64Array; readonly about: string } {
  const { X, options, fit, pilot } = given;
  const { coef, how } = pilot.kind === 'unpenalised' ? unpenalisedPilot(given) : penalisedPilot(given);
  const here = inOnePlace(X.rows);
  const units = options.standardize ? standardDeviations(X, checkedWeights(here, fit.sampleWeight), here) : undefined;
  const own = options.penaltyFactor;
  // standardDeviations returns factors to multiply a column by.
  const sizes = coef.map((b, j) => Math.abs(units ? b / units[j] : b));
  const strongest = sizes.reduce((most, size, j) => (own?.[j] === 0 ? most : Math.max(most, size)), 0);
  let out = 0;
  const factors = sizes.map((size, j) => {
    const factor = own ? own[j] : 1;
    if (factor === 0) return 0;
    const ratio = strongest / size;
    const weight = pilot.gamma === 1 ? ratio : elementary.power(ratio, pilot.gamma);
    if (weight < Number.POSITIVE_INFINITY) return factor * weight;
    out++;
    return Number.POSITIVE_INFINITY;
  });
  const kept = out === 0 ? '' : `; ${out} of ${coef.length} columns are kept out, as it is zero there`;
  return {
    factors,
    about: `Penalty factors are proportional to 1/|b|${pilot.gamma === 1 ? '' : `^${pilot.gamma}`} of ${how}${kept}.`,
  };
}

interface Found {
  readonly coef: Float64Array;
  /** A description of it. */
  readonly how: string;
}

function unpenalisedPilot({ X, target, loss, options, fit }: Given): Found {
  const relaxer = new Relaxer(X, target, loss, options, fit);
  try {
    const columns = relaxer.movable(options.penaltyFactor);
    if (columns.length === 0) return { coef: new Float64Array(X.cols), how: 'an unpenalised fit' };
    const { point, about } = relaxer.on(columns, { signal: fit.signal, timeLimit: fit.timeLimit });
    const other = 'take a ridge for the pilot of the adaptive lasso.';
    if (!point) return fail('NOT_SUPPORTED', `There is no unpenalised pilot: ${about}; ${other}`);
    if (!relaxer.independent(columns)) {
      return fail(
        'NOT_SUPPORTED',
        `There is no unique unpenalised pilot, as columns are linearly dependent, such as all levels of a category; ${other}`,
      );
    }
    return { coef: point.coef, how: 'an unpenalised fit' };
  } finally {
    relaxer.release();
  }
}

/** Number of alphas of a pilot in cross-validation. */
const ALPHAS = 20;
const FOLDS = 5;
/** Tolerance of pilot fits on folds, which are only used to choose an alpha. */
const ROUGH = 1e-4;
/**
 * Ridge pilots: as in glmnet, the grid starts at the alphaMax of an L1 ratio of 0.001; `eps` is the ratio of its end to
 * its start.
 */
const RIDGE = { start: 1000, eps: 1e-6 };

function penalisedPilot(given: Given): Found {
  const { X, fit, pilot, options, target, loss } = given;
  const { signal, timeLimit, offset, pool, products } = fit;
  const watch = { signal, timeLimit, offset, pool, products };
  const { maxIter: _, ...rest } = options;
  const open = (sampleWeight: ArrayLike<number> | undefined, l1Ratio: number, tol = options.tol) =>
    new LinearProblem(X, target, loss, { type: 'elastic-net', l1Ratio }, { ...rest, tol }, { ...watch, sampleWeight });
  const l1Ratio = pilot.kind === 'ridge' ? 0 : 1;
  const whole = open(fit.sampleWeight, l1Ratio);
  try {
    let { alpha } = pilot;
    let how = '';
    if (alpha === undefined) {
      // Products of all rows, from which those of the folds are derived.
      whole.plan(ALPHAS);
      const grid = gridOf(given, l1Ratio === 1 ? whole.alphaMax : lassoAlphaMax(() => open(fit.sampleWeight, 1)));
      if (!grid) return { coef: new Float64Array(X.cols), how: `a ${pilot.kind} that has no column` };
      alpha = chosenAlpha(given, grid, (weights) => open(weights, l1Ratio, Math.max(options.tol ?? 0, ROUGH)));
      how = `, the best of ${ALPHAS} on ${FOLDS} folds`;
    }
    const { coef } = whole.solve(alpha, { signal: fit.signal, timeLimit: fit.timeLimit }).point;
    return { coef, how: `a ${pilot.kind} of alpha ${Number(alpha.toPrecision(4))}${how}` };
  } finally {
    whole.release();
  }
}

function lassoAlphaMax(open: () => LinearProblem): number {
  const problem = open();
  const { alphaMax } = problem;
  problem.release();
  return alphaMax;
}

/** Undefined if no column is related to the target. */
function gridOf({ X, pilot }: Given, alphaMax: number): Float64Array | undefined {
  if (!(alphaMax > 0)) return undefined;
  const ridge = pilot.kind === 'ridge';
  const options = { nAlphas: ALPHAS, ...(ridge && { eps: RIDGE.eps }) };
  return alphaGrid(ridge ? RIDGE.start * alphaMax : alphaMax, X.rows, X.cols, options);
}

/** The alpha of least mean deviance over folds of the rows with weight; folds for which no fit exists are omitted. */
function chosenAlpha(given: Given, grid: Float64Array, open: (weights: Float64Array) => LinearProblem): number {
  const { X, target, loss, link, fit, pilot } = given;
  const here = inOnePlace(X.rows);
  const weights = checkedWeights(here, fit.sampleWeight);
  const rows = Array.from(weights.keys()).filter((i) => weights[i] > 0);
  const strata = link === 'logit' || link === 'sign' ? rows.map((i) => (target as Float64Array)[i]) : undefined;
  const count = Math.min(FOLDS, rows.length);
  const foldOf = assignFolds(rows.length, count, 0, strata);
  const sums = new Float64Array(grid.length);
  let scored = 0;
  for (let fold = 0; fold < count; fold++) {
    const held = new Float64Array(X.rows);
    const training = weights.slice();
    rows.forEach((i, k) => {
      if (foldOf[k] !== fold) return;
      held[i] = weights[i];
      training[i] = 0;
    });
    const total = held.reduce((a, b) => a + b, 0);
    const part = partOf(
      target,
      held.map((w) => w / total),
      here,
    );
    let problem: LinearProblem;
    try {
      problem = open(training);
    } catch (error) {
      // All rows of a class, or all events, are held out.
      if (error instanceof SouthwellError && /^INVALID_(TARGET|PARAMETER)$/.test(error.code)) continue;
      throw error;
    }
    try {
      problem.plan(grid.length);
      const scores = Array.from(grid, (alpha) => {
        problem.solve(alpha, { signal: fit.signal, timeLimit: fit.timeLimit });
        const eta = problem.linearPredictor(part.rows);
        const bind = () => loss.bind(part.target as never, part.share);
        return score('deviance', part.target, eta, part.share, bind, link, part.among);
      });
      if (scores.some((value) => Number.isNaN(value))) continue;
      scores.forEach((value, k) => {
        sums[k] += value;
      });
      scored++;
    } finally {
      problem.release();
    }
  }
  if (scored === 0) {
    fail(
      'INVALID_PARAMETER',
      `There are too few rows to choose the alpha of the ${pilot.kind} pilot by cross-validation: give adaptiveAlpha.`,
    );
  }
  return grid[sums.indexOf(sums.reduce((a, b) => Math.min(a, b)))];
}
