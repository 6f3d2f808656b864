import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { CoxTies } from '../losses/index.ts';
import { type Penalty, type PenaltyName, penalties } from '../penalties/index.ts';
import type { FitOptions } from './fit.ts';
import type { LinearModel } from './model.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';
import { constructors } from './recipes.ts';
import type { Pilot } from './selection/adaptive.ts';
import type { CrossValidation, CrossValidationOptions } from './selection/crossValidation.ts';
import type { Scoring } from './selection/scoring.ts';
import type { SketchedRegressionOptions } from './sketched.ts';
import type { SolverName } from './solvers/index.ts';
import type { GroupSpec } from './structured/groups.ts';
import type { MultiResponseModel } from './structured/multiResponseModel.ts';

export type AnyModel = LinearModel | MultiResponseModel;

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
  readonly power?: number;
  readonly gamma?: number;
  readonly q?: number;
  readonly grouped?: boolean;
  readonly groups?: GroupSpec;
  readonly ties?: CoxTies;
  readonly penaltyFactor?: ArrayLike<number>;
  readonly lower?: number | ArrayLike<number>;
  readonly upper?: number | ArrayLike<number>;
  readonly solver?: SolverName;
  readonly relax?: boolean;
  readonly gammas?: ArrayLike<number>;
  readonly adaptive?: Pilot;
  readonly adaptiveGamma?: number;
  readonly adaptiveAlpha?: number;
  readonly sketch?: SketchedRegressionOptions['sketch'];
  readonly sketchRows?: number;
  readonly refine?: SketchedRegressionOptions['refine'];
  readonly seed?: number;
}

const modelKeys: OptionKeys<ModelOptions> = {
  alpha: true,
  l1Ratio: true,
  standardize: true,
  fitIntercept: true,
  positive: true,
  tol: true,
  maxIter: true,
  delta: true,
  quantile: true,
  power: true,
  gamma: true,
  q: true,
  grouped: true,
  groups: true,
  ties: true,
  penaltyFactor: true,
  lower: true,
  upper: true,
  solver: true,
  relax: true,
  gammas: true,
  adaptive: true,
  adaptiveGamma: true,
  adaptiveAlpha: true,
  sketch: true,
  sketchRows: true,
  refine: true,
  seed: true,
};

/** 'class' is one of two classes, 'classes' one of any number; 'numbers' are several numbers a row. */
export type TargetKind = 'number' | 'class' | 'classes' | 'numbers' | 'survival';

/** What every estimator of the catalogue has; the target must be of its kind. */
export interface CatalogueEstimator {
  readonly scorings: readonly Scoring[];
  fit(X: AnyMatrixLike, y: unknown, options?: FitOptions<unknown>): AnyModel;
  path(X: AnyMatrixLike, y: unknown, options?: PathFit<AnyModel, unknown>): RegularisationPath<AnyModel>;
  crossValidate(
    X: AnyMatrixLike,
    y: unknown,
    options?: CrossValidationOptions<unknown>,
  ): Promise<CrossValidation<AnyModel>>;
  prepare(X: AnyMatrixLike, y: unknown, options?: FitOptions<unknown>): PreparedFit<AnyModel, unknown>;
}

export interface ModelKind {
  readonly title: string;
  readonly target: TargetKind;
  /** Options beyond those that all share. */
  readonly takes: ReadonlyArray<
    | 'l1Ratio'
    | 'positive'
    | 'delta'
    | 'quantile'
    | 'power'
    | 'gamma'
    | 'q'
    | 'grouped'
    | 'groups'
    | 'ties'
    | 'penaltyFactor'
    | 'lower'
    | 'upper'
    | 'solver'
    | 'relax'
    | 'adaptive'
    | 'sketch'
    | 'sketchRows'
    | 'refine'
  >;
  /** The record of a penalty that is not convex: what it has for the shape that is left out, for one. */
  readonly penalty?: Penalty;
  /** Its fits need all rows in one place: they do not go over rows that are spread over ranks. */
  readonly whole?: true;
  /** Its fits draw, by a seed. */
  readonly draws?: true;
  /** False where there is no alpha to choose. */
  readonly penalised: boolean;
  /** Whether some alpha leaves no feature in the model, so that a path can start there. */
  readonly sparse: (options: ModelOptions) => boolean;
  readonly make: (options: ModelOptions) => CatalogueEstimator;
}

/** Parameters of penalties, which are options of the models that have them. */
type Shape = { [N in PenaltyName]: keyof (typeof penalties)[N]['parameters'] }[PenaltyName];

type Make = (options: Record<string, unknown>) => CatalogueEstimator;

const structured = (
  name: string,
  title: string,
  target: TargetKind,
  takes: ModelKind['takes'],
  { fixed, ...extra }: Partial<ModelKind> & { readonly fixed?: object } = {},
): ModelKind => ({
  title,
  target,
  takes,
  penalised: true,
  sparse: ({ l1Ratio = 1 }) => l1Ratio >= 1e-3,
  make: (options) => {
    knownKeys(name, options, modelKeys);
    const { quantile: tau, ...rest } = options;
    const given = Object.entries({ ...rest, tau, ...fixed }).filter(([, v]) => v !== undefined);
    const shapes = given.filter(([option]) => extra.penalty && Object.hasOwn(extra.penalty.parameters, option));
    return (constructors[name] as Make)({
      ...Object.fromEntries(given.filter((one) => !shapes.includes(one))),
      ...(extra.penalty && { penalty: { type: extra.penalty.name, ...Object.fromEntries(shapes) } }),
    });
  },
  ...extra,
});

/** An estimator that is solved by the solver that is named; bounds go with penalties that can have them. */
const kind = (
  name: string,
  title: string,
  target: TargetKind,
  takes: ModelKind['takes'] = ['l1Ratio', 'positive', 'adaptive', 'relax'],
  extra: Partial<ModelKind> = {},
): ModelKind =>
  structured(
    name,
    title,
    target,
    [...takes, ...(extra.penalised === false ? [] : (['penaltyFactor'] as const)), ...boundsOf(extra), 'solver'],
    extra,
  );

const boundsOf = ({ penalty, penalised = true }: Partial<ModelKind>): ReadonlyArray<'lower' | 'upper'> =>
  penalty && !penalty.bounded ? [] : penalised ? ['lower', 'upper'] : ['upper'];

/** Least squares with each of the penalties that are not convex, by its name. */
const concave = Object.fromEntries(
  Object.values<Penalty>(penalties)
    .filter(({ convex }) => !convex)
    .map((penalty) => {
      const shapes = Object.keys(penalty.parameters) as Shape[];
      return [penalty.name, kind('penalised', `${penalty.title} regression`, 'number', shapes, { penalty })];
    }),
);

/** The estimators by the names that people type or pick. */
export const linearModels: Readonly<Record<string, ModelKind>> = {
  lasso: kind('lasso', 'Lasso', 'number', ['positive', 'adaptive', 'relax']),
  'elastic-net': kind('elastic-net', 'Elastic net', 'number'),
  ridge: kind('ridge', 'Ridge regression', 'number', ['positive'], { sparse: () => false }),
  logistic: kind('logistic', 'Logistic regression', 'class'),
  multinomial: structured('multinomial', 'Multinomial regression', 'classes', ['l1Ratio', 'grouped']),
  svc: kind('svc', 'Linear support vector classifier', 'class', ['l1Ratio', 'positive', 'adaptive']),
  huber: kind('huber', 'Huber regression', 'number', ['l1Ratio', 'positive', 'delta', 'adaptive', 'relax']),
  quantile: kind('quantile', 'Quantile regression', 'number', ['l1Ratio', 'positive', 'quantile', 'adaptive'], {
    whole: true,
  }),
  poisson: kind('poisson', 'Poisson regression', 'number'),
  gamma: kind('gamma', 'Gamma regression', 'number'),
  tweedie: kind('tweedie', 'Tweedie regression', 'number', ['l1Ratio', 'positive', 'power', 'adaptive', 'relax']),
  cox: kind('cox', 'Cox proportional hazards', 'survival', ['l1Ratio', 'positive', 'ties', 'adaptive', 'relax'], {
    whole: true,
  }),
  ...concave,
  'group-lasso': structured('group-lasso', 'Group lasso', 'number', ['l1Ratio', 'groups'], { sparse: () => true }),
  'group-logistic': structured('group-lasso', 'Group lasso, logistic', 'class', ['l1Ratio', 'groups'], {
    sparse: () => true,
    fixed: { loss: 'logistic' },
  }),
  slope: structured('slope', 'SLOPE', 'number', ['q'], { whole: true }),
  'multitask-lasso': structured('multitask-lasso', 'Multitask lasso', 'numbers', [], { whole: true }),
  sketched: structured('sketched', 'Least squares by a sketch', 'number', ['sketch', 'sketchRows', 'refine'], {
    ...{ penalised: false, whole: true, draws: true },
    sparse: () => false,
  }),
  nnls: kind('nnls', 'Non-negative least squares', 'number', [], { penalised: false, sparse: () => false }),
};
