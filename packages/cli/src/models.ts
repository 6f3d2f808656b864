import { nearestName } from 'southwell/core';
import type { Estimator } from 'southwell/linear-models';
import * as linear from 'southwell/linear-models';
import { UsageError } from './errors.ts';

/** What a model takes from the command line; every field as the library has it. */
export interface ModelOptions {
  readonly alpha?: number;
  readonly l1Ratio?: number;
  readonly standardize?: boolean;
  readonly fitIntercept?: boolean;
  readonly positive?: boolean;
  readonly tol?: number;
  readonly maxIter?: number;
  readonly delta?: number;
  readonly quantile?: number;
  readonly gamma?: number;
}

export type Target = 'number' | 'class' | 'survival';

export interface ModelKind {
  readonly title: string;
  readonly target: Target;
  /** Options beyond those that all share. */
  readonly takes: ReadonlyArray<'l1Ratio' | 'positive' | 'delta' | 'quantile' | 'gamma'>;
  /** False where there is no strength to choose. */
  readonly penalised: boolean;
  /** A log-spaced path exists from the strength at which all coefficients are zero. */
  readonly sparse: boolean;
  readonly make: (options: ModelOptions) => Estimator;
}

type Make = (options: Record<string, unknown>) => Estimator;

const kind = (
  title: string,
  target: Target,
  make: unknown,
  takes: ModelKind['takes'] = ['l1Ratio', 'positive'],
  extra: Partial<ModelKind> = {},
): ModelKind => ({
  title,
  target,
  takes,
  penalised: true,
  sparse: true,
  make: (options) => {
    const { quantile: tau, ...rest } = options;
    return (make as Make)(Object.fromEntries(Object.entries({ ...rest, tau }).filter(([, v]) => v !== undefined)));
  },
  ...extra,
});

export const MODELS: Readonly<Record<string, ModelKind>> = {
  lasso: kind('Lasso', 'number', linear.lasso, ['positive']),
  'elastic-net': kind('Elastic net', 'number', linear.elasticNet),
  ridge: kind('Ridge regression', 'number', linear.ridge, ['positive'], { sparse: false }),
  logistic: kind('Logistic regression', 'class', linear.logisticRegression),
  svc: kind('Linear support vector classifier', 'class', linear.linearSvc),
  huber: kind('Huber regression', 'number', linear.huberRegression, ['l1Ratio', 'positive', 'delta']),
  quantile: kind('Quantile regression', 'number', linear.quantileRegression, ['l1Ratio', 'positive', 'quantile']),
  poisson: kind('Poisson regression', 'number', linear.poissonRegression),
  gamma: kind('Gamma regression', 'number', linear.gammaRegression),
  cox: kind('Cox proportional hazards', 'survival', linear.coxRegression),
  mcp: kind('MCP regression', 'number', linear.mcpRegression, ['gamma']),
  scad: kind('SCAD regression', 'number', linear.scadRegression, ['gamma']),
  nnls: kind('Non-negative least squares', 'number', linear.nnls, [], { penalised: false, sparse: false }),
};

/** The model of that name, or an error with the nearest. */
export function modelKind(name: string): ModelKind {
  if (Object.hasOwn(MODELS, name)) return MODELS[name];
  const names = Object.keys(MODELS);
  const near = nearestName(name, names);
  throw new UsageError(
    `There is no model '${name}'; ${near ? `did you mean '${near}'?` : `there are ${names.join(', ')}.`}`,
  );
}
