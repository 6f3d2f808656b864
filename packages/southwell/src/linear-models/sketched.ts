import { type AnyMatrixLike, asMatrix } from '@southwell/numerics/arrays';
import {
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  needsOnePlace,
  type OptionKeys,
  type OptionsOf,
  type TraceEntry,
  wholeNumber,
} from '@southwell/numerics/core';
import { SKETCHES } from '@southwell/numerics/sketches';
import { type LeastSquaresIterate, REFINEMENTS, sketchedLeastSquares } from '../linear-systems/index.ts';
import { type FitOptions, fitKeys } from './fit.ts';
import { LinearModel, reportOf } from './model.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';
import type { CrossValidation, CrossValidationOptions } from './selection/crossValidation.ts';
import { type Scoring, scoringsOf } from './selection/scoring.ts';
import type { LinearPoint } from './solvers/state.ts';
import { checkedData, checkedLength, checkedOffset, checkedWeights } from './validation.ts';

/** The rows of a table have no Kronecker structure. */
const { 'tensor-srht': _, ...sketches } = SKETCHES;

export const sketchRecords = {
  /** The kind of random sketch. Default `osnap`, or `srht` without refinement. */
  sketch: choiceOption(sketches, {
    title: 'Sketch',
    about: 'kind of random sketch of the rows',
    argument: 'kind',
    otherwise: 'osnap; srht with {refine} none',
    form: { advanced: true },
  }),
  /** Rows of the sketch. Default: minimises the total work; without refinement 16 per column. */
  sketchRows: limitOption(1, {
    title: 'Rows of the sketch',
    about: 'number of rows of the sketch, at least the number of features',
    otherwise: 'chosen to minimise the work',
    form: { advanced: true },
  }),
  /** Default `lsqr`. */
  refine: choiceOption(REFINEMENTS, {
    title: 'Refinement',
    about: 'iterative refinement of the sketched solution, to {tol}',
    argument: 'method',
    otherwise: 'lsqr',
  }),
};

export interface SketchedRegressionOptions extends OptionsOf<typeof sketchRecords> {
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** Has no effect, as there is no penalty: coefficients are in the units of the data. */
  readonly standardize?: boolean;
  /**
   * Refinement ends when the estimated suboptimality of the objective is this fraction of the objective of the best
   * constant. Default 1e-6; 0: at rounding.
   */
  readonly tol?: number;
  /** Maximum number of steps, each of which reads the data once. Default 200. */
  readonly maxIter?: number;
  /** Seed of the sketch. Default 0. */
  readonly seed?: number;
}

const optionKeys: OptionKeys<SketchedRegressionOptions> = {
  ...keysOf(sketchRecords),
  fitIntercept: true,
  ...{ standardize: true, tol: true, maxIter: true, seed: true },
};

/** Unpenalised least squares, which has no regularisation path. */
export interface SketchedRegression {
  readonly name: string;
  readonly scorings: readonly Scoring[];
  /** @throws INVALID_SHAPE, NON_FINITE, EMPTY, SINGULAR, NOT_SUPPORTED for rows that are distributed over ranks. */
  fit(X: AnyMatrixLike, y: ArrayLike<number>, options?: FitOptions<LinearPoint>): LinearModel;
  /** @throws NOT_SUPPORTED: there is no alpha. */
  path(X: AnyMatrixLike, y: ArrayLike<number>, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** @throws NOT_SUPPORTED: there is no alpha to choose. */
  crossValidate(X: AnyMatrixLike, y: ArrayLike<number>, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** @throws NOT_SUPPORTED: there is no alpha. */
  prepare(
    X: AnyMatrixLike,
    y: ArrayLike<number>,
    options?: FitOptions<LinearPoint>,
  ): PreparedFit<LinearModel, LinearPoint>;
}

/**
 * Least squares with many rows by random sketching: {@link sketchedLeastSquares} as an estimator, with intercept,
 * weights and offsets. For linearly dependent columns the minimum-norm solution is returned, and the report says so.
 * @throws INVALID_PARAMETER.
 */
export function sketchedRegression(options: SketchedRegressionOptions = {}): SketchedRegression {
  knownKeys('sketchedRegression', options, optionKeys);
  const { sketch, sketchRows, refine = 'lsqr', fitIntercept = true, tol = 1e-6, maxIter = 200, seed = 0 } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  if (sketchRows !== undefined) wholeNumber('sketchRows', sketchRows, 1);
  wholeNumber('maxIter', maxIter, 1);
  const none = (what: string): never =>
    fail('NOT_SUPPORTED', `Sketched least squares has no penalty, so there is no ${what}: use fit, or a ridge.`);
  return {
    name: 'sketched',
    scorings: scoringsOf.identity,
    path: () => none('path of alphas'),
    crossValidate: () => none('alpha to choose in folds'),
    prepare: () => none('alpha to prepare for'),
    fit(X, y, fit = {}) {
      knownKeys('fit', fit, fitKeys);
      const { matrix: given, rows } = checkedData(X, fit.rows);
      needsOnePlace(rows, 'Sketched least squares need', 'run them on one rank');
      if (given.kind === 'parts') {
        fail('NOT_SUPPORTED', 'Sketched least squares needs all columns on one rank: run it on one rank.');
      }
      const matrix = asMatrix(given);
      const { rows: n, cols: p } = matrix;
      checkedLength('the target', y.length, n);
      if (n < p + (fitIntercept ? 1 : 0)) {
        fail(
          'INVALID_SHAPE',
          `There ${n === 1 ? 'is 1 row' : `are ${n} rows`} for ${p} features${fitIntercept ? ' and a constant' : ''}, so the solution is not unique, and sketching is for many more rows than features. Use more rows, fewer features, or a ridge.`,
        );
      }
      if (fit.featureNames && fit.featureNames.length !== p) {
        fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
      }
      if (sketchRows !== undefined) wholeNumber('sketchRows', sketchRows, p + (fitIntercept ? 1 : 0));
      const offset = checkedOffset(rows, fit.offset);
      const weights = checkedWeights(rows, fit.sampleWeight);
      const target = Float64Array.from({ length: n }, (_, i) => y[i] - (offset ? offset[i] : 0));
      const nullValue = nullObjective(target, weights, fitIntercept);
      // The objective is half a squared norm, so that its tolerances are squares of those on norms.
      const goal = Math.sqrt(2 * tol * nullValue);
      const began = performance.now();
      const trace: TraceEntry[] = [];
      // Weights sum to 1; without weights the norms are those of sums instead of means.
      const by = fit.sampleWeight ? 1 : 1 / Math.sqrt(n);
      const found = sketchedLeastSquares(matrix, target, {
        ...{ sketch, rows: sketchRows, refine, seed, fitIntercept, maxIter, near: goal / by },
        ...{ timeLimit: fit.timeLimit, signal: fit.signal, ...(fit.sampleWeight && { weights }) },
        onIterate(iterate) {
          const { residual = Number.NaN, distance } = iterate.metrics ?? {};
          const at = shown(iterate, { residual: residual * by, distance: distance && distance * by, nullValue, p });
          const { iteration, objective, certificate } = at;
          const seconds = (performance.now() - began) / 1000;
          trace.push({ iteration, objective, certificate: certificate?.relative, seconds });
          fit.onIterate?.(at);
        },
      });
      const { status, times } = found;
      fit.onExplain?.({
        solver: `sketch, ${REFINEMENTS[refine]}`,
        why: [
          found.sketch === 'none'
            ? 'the rows are few enough to be their own sketch'
            : `a sketch of ${found.rows} rows of kind ${found.sketch}`,
        ],
        phases: { sketch: times.sketch, 'factor of the sketch': times.factor, 'passes over the data': times.refine },
      });
      const objective = (found.residualNorm * by) ** 2 / 2;
      const gap = (found.distance * by) ** 2 / 2;
      const report = reportOf(
        {
          ...{ status, objective, iterations: found.iterations, seconds: (performance.now() - began) / 1000 },
          ...{ trace, work: { matrixVectorProducts: 2 * found.passes } },
          certificate: { kind: 'objectiveGap', value: gap, relative: nullValue > 0 ? gap / nullValue : 0 },
          ...(status !== 'converged' && found.next && { next: found.next }),
        },
        tol,
        'step',
      );
      const words = [report.message, found.note, sketchWords(found)].filter((word) => word !== undefined).join(' ');
      const told = { ...report, message: words };
      return new LinearModel('squared', 'identity', found.x, found.intercept, 0, told, undefined, fit.featureNames);
    },
  };
}

const sketchWords = ({ sketch, rows, passes }: ReturnType<typeof sketchedLeastSquares>): string =>
  sketch === 'none'
    ? 'The rows are few enough to be their own sketch.'
    : `A sketch of ${rows} rows (${sketch}), and ${passes} pass${passes === 1 ? '' : 'es'} over the data.`;

/** An iterate of least squares in the form of other estimators: with the objective and its suboptimality. */
function shown(
  iterate: LeastSquaresIterate,
  of: { readonly residual: number; readonly distance?: number; readonly nullValue: number; readonly p: number },
): Iterate<LinearPoint> {
  const { iteration, work } = iterate;
  const { residual, distance, nullValue, p } = of;
  const value = distance === undefined ? undefined : distance ** 2 / 2;
  return {
    ...{ iteration, objective: residual ** 2 / 2, work },
    ...(value !== undefined && {
      certificate: { kind: 'objectiveGap' as const, value, relative: nullValue > 0 ? value / nullValue : 0 },
    }),
    snapshot() {
      const all = iterate.snapshot();
      return { coef: all.slice(0, p), intercept: all[p] ?? 0 };
    },
  };
}

/** ½Σ w(y − c)² of the best constant, or of 0. */
function nullObjective(y: Float64Array, weights: Float64Array, constant: boolean): number {
  const mean = constant ? y.reduce((s, v, i) => s + weights[i] * v, 0) : 0;
  return y.reduce((s, v, i) => s + (weights[i] * (v - mean) ** 2) / 2, 0);
}
