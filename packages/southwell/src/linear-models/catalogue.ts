import {
  coxRegression,
  type Estimator,
  elasticNet,
  gammaRegression,
  huberRegression,
  lasso,
  linearSvc,
  logisticRegression,
  mcpRegression,
  nnls,
  poissonRegression,
  quantileRegression,
  ridge,
  scadRegression,
} from './estimators.ts';

/** What a model of the catalogue takes; every field as its estimator has it. */
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

export type TargetKind = 'number' | 'class' | 'survival';

export interface ModelKind {
  readonly title: string;
  readonly target: TargetKind;
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
  target: TargetKind,
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

/** The estimators by the names that people type or pick. */
export const linearModels: Readonly<Record<string, ModelKind>> = {
  lasso: kind('Lasso', 'number', lasso, ['positive']),
  'elastic-net': kind('Elastic net', 'number', elasticNet),
  ridge: kind('Ridge regression', 'number', ridge, ['positive'], { sparse: false }),
  logistic: kind('Logistic regression', 'class', logisticRegression),
  svc: kind('Linear support vector classifier', 'class', linearSvc),
  huber: kind('Huber regression', 'number', huberRegression, ['l1Ratio', 'positive', 'delta']),
  quantile: kind('Quantile regression', 'number', quantileRegression, ['l1Ratio', 'positive', 'quantile']),
  poisson: kind('Poisson regression', 'number', poissonRegression),
  gamma: kind('Gamma regression', 'number', gammaRegression),
  cox: kind('Cox proportional hazards', 'survival', coxRegression),
  mcp: kind('MCP regression', 'number', mcpRegression, ['gamma']),
  scad: kind('SCAD regression', 'number', scadRegression, ['gamma']),
  nnls: kind('Non-negative least squares', 'number', nnls, [], { penalised: false, sparse: false }),
};
