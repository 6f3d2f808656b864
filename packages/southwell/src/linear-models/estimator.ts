import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import { keysOf, knownKeys, needsOnePlace, only, type SplitRows } from '@southwell/numerics/core';
import type { Loss, SurvivalTarget } from '../losses/index.ts';
import type { PenaltySpec } from '../penalties/index.ts';
import type { Family } from './family.ts';
import { type FitOptions, fitKeys, LinearProblem } from './fit.ts';
import { type FitReport, type Label, LinearModel, type Link, type Relaxed, reportOf } from './model.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit, Recipe } from './prepared.ts';
import { type LinearOptions, problemRecords } from './records.ts';
import { type AdaptiveOptions, adaptiveFactors, checkedAdaptive } from './selection/adaptive.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from './selection/crossValidation.ts';
import {
  blendOf,
  checkedGammas,
  predictorOf,
  Relaxer,
  type RelaxOptions,
  relaxedOf,
  relaxedReport,
} from './selection/relaxation.ts';
import { partOf, type Scoring, score, scoringsOf } from './selection/scoring.ts';
import type { SolverName } from './solvers/index.ts';
import { solverNamed } from './solvers/needs.ts';
import type { LinearPoint } from './solvers/state.ts';
import { checkedSurvival } from './survival.ts';
import { throughPrepared } from './throughPrepared.ts';
import { checkedClasses, checkedLength, filledData } from './validation.ts';

/** What a target may be: numbers, labels of two classes, or survival times. */
export type Target = ArrayLike<number> | ArrayLike<Label> | SurvivalTarget;

/** A sparse linear model: options first, then `fit`, which returns a model that predicts. */
export interface Estimator<Y = Target> extends Family<Y, LinearModel, LinearPoint> {
  readonly name: string;
  /** The smallest alpha at which all penalised coefficients are zero; 0 if alpha cannot do that (ridge). One pass. */
  alphaMax(X: AnyMatrixLike, y: Y, options?: FitOptions): number;
  /** Fits at the given alpha. */
  fit(X: AnyMatrixLike, y: Y, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. After an abort, the completed part is returned. */
  path(X: AnyMatrixLike, y: Y, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** K-fold cross-validation of the path; folds run in parallel if `threads` is above 1. */
  crossValidate(X: AnyMatrixLike, y: Y, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once; for cross-validation and for callers that drive a solver themselves. */
  prepare(X: AnyMatrixLike, y: Y, options?: FitOptions): Prepared;
}

/** Data bound to an estimator. */
export interface Prepared extends PreparedFit<LinearModel, LinearPoint> {
  readonly problem: LinearProblem;
}

/** Options for the elastic-net penalty and losses with curvature: {@link RelaxOptions} and {@link AdaptiveOptions}. */
export interface Selecting extends RelaxOptions, AdaptiveOptions {}

/** The definition of an estimator, independent of data. */
export interface Definition {
  readonly name: string;
  readonly loss: Loss<never>;
  readonly link: Link;
  readonly penalty: PenaltySpec;
  readonly scoring: Scoring;
  readonly alpha: number;
  readonly options: LinearOptions & Selecting;
  readonly solver: SolverName | undefined;
  readonly recipe: Recipe;
}

const FOR_GAUSSIAN = 'squared';

/** The checked options of an estimator. */
interface Settings {
  readonly options: LinearOptions & { readonly solver?: unknown };
  readonly solver: ReturnType<typeof solverNamed> | undefined;
  readonly gammas: ReturnType<typeof checkedGammas>;
  readonly pilot: ReturnType<typeof checkedAdaptive>;
}

/** The target in the form that losses take: numbers, signs of two classes, or survival times. */
function checkedTarget(
  link: Link,
  y: Target,
  n: number,
  rows: SplitRows,
): { readonly target: Float64Array | SurvivalTarget; readonly classes?: readonly Label[] } {
  if (link === 'cox') return { target: checkedSurvival(y, n) };
  checkedLength('the target', (y as ArrayLike<number>).length, n);
  if (link !== 'logit' && link !== 'sign') return { target: Float64Array.from(y as ArrayLike<number>) };
  const { signs, classes } = checkedClasses(y as ArrayLike<Label>, rows);
  return { target: signs, classes };
}

/** Data bound to the definition of an estimator. */
function prepare(
  d: Definition,
  { options, solver, gammas, pilot }: Settings,
  X: AnyMatrixLike,
  y: Target,
  fit: FitOptions,
): Prepared {
  const ofSquares = d.loss.name === FOR_GAUSSIAN;
  const { matrix, rows } = filledData(X, fit.rows); // LinearProblem finds what is not finite in its first pass
  if (gammas || pilot) needsOnePlace(rows, `${gammas ? 'A relaxed fit' : 'An adaptive fit'} needs`);
  const { target, classes } = checkedTarget(d.link, y, matrix.rows, rows);
  let part: ReturnType<typeof partOf> | undefined;
  const adapted = pilot && adaptiveFactors({ ...d, options, X: matrix, target, fit, pilot });
  const given = adapted ? { ...options, penaltyFactor: adapted.factors } : options;
  const problem = new LinearProblem(matrix, target, d.loss, d.penalty, { ...given, solver }, fit);
  const relaxer = gammas && new Relaxer(matrix, target, d.loss, options, fit);
  const modelAt = (
    { coef, intercept }: LinearPoint,
    eta: () => Float64Array,
    alpha: number,
    report: FitReport,
    relaxed?: Relaxed,
  ) => {
    const baseline = problem.bound.baseline?.(eta());
    const names = fit.featureNames;
    return new LinearModel(d.loss.name, d.link, coef, intercept, alpha, report, classes, names, baseline, relaxed);
  };
  /** The last blended model and its loss. */
  let blended: { readonly loss: number; readonly relaxed: Relaxed } | undefined;
  const blend = (relaxed: Relaxed, alpha: number, report: FitReport) => {
    const point = blendOf(relaxed.gamma, relaxed);
    const eta = predictorOf(matrix, point, fit.offset);
    blended = { loss: problem.lossAt(eta), relaxed };
    return modelAt(point, () => eta, alpha, report, relaxed);
  };
  return {
    problem,
    alphaMax: problem.alphaMax,
    rows: rows.all,
    cols: matrix.cols,
    targets: 1,
    channels: 1,
    gaussian: ofSquares,
    strata: classes ? (target as Float64Array) : undefined,
    ...(d.link === 'cox' && { events: (target as SurvivalTarget).event }),
    nullValue: problem.state.nullValue,
    get lossValue() {
      return blended?.loss ?? problem.lossValue;
    },
    plan(points) {
      problem.plan(points);
      relaxer?.plan(points);
    },
    model(alpha, watch = fit) {
      knownKeys('model', watch, fitKeys);
      const solution = problem.solve(alpha, watch);
      const solved = reportOf(solution, problem.tol, problem.solver.round);
      const report = adapted ? { ...solved, message: `${solved.message} ${adapted.about}` } : solved;
      if (!relaxer) return modelAt(solution.point, () => problem.linearPredictor(), alpha, report);
      const unpenalised = relaxer.at(solution.point, watch);
      return blend(relaxedOf(gammas[0], solution.point, unpenalised), alpha, relaxedReport(report, unpenalised));
    },
    ...(!relaxer && { advance: (alpha: number, watch: FitOptions = fit) => problem.advance(alpha, watch) }),
    ...(gammas && {
      gammas,
      blend: ({ alpha, report, relaxed }: LinearModel, gamma: number) =>
        blend({ ...relaxed!, gamma: relaxed!.unpenalised ? gamma : 1 }, alpha, report),
    }),
    pointOf: ({ coef, intercept, relaxed }) =>
      relaxed ? { coef: relaxed.penalised.coef.dense, intercept: relaxed.penalised.intercept } : { coef, intercept },
    score(scoring, weights, gamma) {
      const relaxed = blended?.relaxed;
      const share = relaxed?.unpenalised ? (gamma ?? relaxed.gamma) : 1;
      if (ofSquares && (scoring === 'mse' || scoring === 'deviance') && share === 1) {
        const square = problem.meanSquareOn(weights);
        if (square !== undefined) return scoring === 'mse' ? square : square / 2;
      }
      if (part?.weights !== weights) part = partOf(target, weights, rows);
      const held = part;
      const eta = problem.linearPredictor(held.rows);
      if (share < 1) {
        const other = relaxer!.predictor(held.rows);
        for (let i = 0; i < eta.length; i++) eta[i] = share * eta[i] + (1 - share) * other[i];
      }
      return score(
        scoring,
        held.target,
        eta,
        held.share,
        () => d.loss.bind(held.target as never, held.share, held.among),
        d.link,
        held.among,
      );
    },
    release() {
      problem.release();
      relaxer?.release();
    },
  };
}

/** The estimator for a loss and a penalty. */
export function estimator<Y extends Target>(d: Definition): Estimator<Y> {
  const solver = d.solver === undefined ? undefined : solverNamed(d.solver);
  const options = only<LinearOptions & { solver?: unknown }>(d.options, keysOf(problemRecords));
  const settings: Settings = { options, solver, gammas: checkedGammas(d.options), pilot: checkedAdaptive(d.options) };
  return {
    name: d.name,
    scoring: d.scoring,
    scorings: scoringsOf[d.link],
    recipe: d.recipe,
    ...throughPrepared((X: AnyMatrixLike, y: Y, fit: FitOptions) => prepare(d, settings, X, y, fit), d.alpha),
    crossValidate(X, y, options = {}) {
      return crossValidate(this, X, y, options);
    },
  };
}
