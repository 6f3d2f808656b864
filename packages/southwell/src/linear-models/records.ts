import { flagOption, limitOption, numberOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { penaltyRecords } from './penalty.ts';

// The options common to estimators; options of few estimators are defined next to these.

export const linearRecords = {
  ...penaltyRecords,
  /** Fit an unpenalised intercept. Default true. Cox models have none. */
  fitIntercept: flagOption(),
  /** Penalise coefficients of columns scaled to unit variance; they are returned in the units of the data. Default false. */
  standardize: flagOption({
    title: 'standardise',
    about: 'scale features to unit variance for the penalty; coefficients are reported in the units of the data',
    form: { initial: true },
  }),
  /** Relative duality gap (or stationarity residual) at which a fit has converged. Default 1e-6. */
  tol: numberOption({ min: 0 }),
  /**
   * Maximum number of solver iterations per fit. Default 200 working sets; for other solvers see docs/linear-models.md.
   */
  maxIter: limitOption(1),
};

/** Options of every sparse linear model. */
export interface LinearOptions extends OptionsOf<typeof linearRecords> {}

/** Options of a problem, which takes a solver itself; estimators take its name. */
export const problemRecords = { ...linearRecords, solver: otherOption<unknown>('a solver') };

export const strengthRecords = {
  /** Weight of the penalty, relative to the mean loss (as in scikit-learn's Lasso). Default 1. */
  alpha: numberOption({ min: 0, finite: true }),
};

export const signRecords = {
  /** Constrain coefficients to be at least 0. */
  positive: flagOption({ title: 'non-negative coefficients', about: 'constrain coefficients to be non-negative' }),
};

export const ratioRecords = {
  /** 1 is the lasso, 0 ridge. Default 1 (elasticNet: 0.5). */
  l1Ratio: numberOption(
    { min: 0, max: 1 },
    {
      title: 'L1 ratio',
      about: 'elastic-net mixing parameter: 1 is the lasso, 0 ridge',
      argument: 'ratio',
      otherwise: '1; elastic-net 0.5',
    },
  ),
};

/**
 * Options of estimators with solvers of their own (working sets), whose `tol` is relative to the loss of the null
 * model.
 */
export const runRecords = {
  ...strengthRecords,
  fitIntercept: linearRecords.fitIntercept,
  standardize: linearRecords.standardize,
  tol: linearRecords.tol,
  maxIter: linearRecords.maxIter,
};
