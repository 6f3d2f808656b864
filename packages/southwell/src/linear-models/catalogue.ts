import type { Estimator } from './estimators.ts';
import { constructors } from './recipes.ts';

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
  name: string,
  title: string,
  target: TargetKind,
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
    return (constructors[name] as Make)(
      Object.fromEntries(Object.entries({ ...rest, tau }).filter(([, v]) => v !== undefined)),
    );
  },
  ...extra,
});

/** The estimators by the names that people type or pick. */
export const linearModels: Readonly<Record<string, ModelKind>> = {
  lasso: kind('lasso', 'Lasso', 'number', ['positive']),
  'elastic-net': kind('elastic-net', 'Elastic net', 'number'),
  ridge: kind('ridge', 'Ridge regression', 'number', ['positive'], { sparse: false }),
  logistic: kind('logistic', 'Logistic regression', 'class'),
  svc: kind('svc', 'Linear support vector classifier', 'class'),
  huber: kind('huber', 'Huber regression', 'number', ['l1Ratio', 'positive', 'delta']),
  quantile: kind('quantile', 'Quantile regression', 'number', ['l1Ratio', 'positive', 'quantile']),
  poisson: kind('poisson', 'Poisson regression', 'number'),
  gamma: kind('gamma', 'Gamma regression', 'number'),
  cox: kind('cox', 'Cox proportional hazards', 'survival'),
  mcp: kind('mcp', 'MCP regression', 'number', ['gamma']),
  scad: kind('scad', 'SCAD regression', 'number', ['gamma']),
  nnls: kind('nnls', 'Non-negative least squares', 'number', [], { penalised: false, sparse: false }),
};
