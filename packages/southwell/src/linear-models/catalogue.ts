import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import {
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionRecords,
  type OptionsOf,
} from '@southwell/numerics/core';
import { lossParameters } from '../losses/index.ts';
import { type Penalty, type PenaltyName, penalties } from '../penalties/index.ts';
import type { FitOptions } from './fit.ts';
import type { LinearModel } from './model.ts';
import { LOSS_NAMES, type LossName, namedLosses } from './namedLosses.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';
import { constructors } from './recipes.ts';
import { linearRecords, ratioRecords, signRecords, strengthRecords } from './records.ts';
import { adaptiveRecords } from './selection/adaptive.ts';
import type { CrossValidation, CrossValidationOptions } from './selection/crossValidation.ts';
import { relaxRecords } from './selection/relaxation.ts';
import type { Scoring } from './selection/scoring.ts';
import { sketchRecords } from './sketched.ts';
import type { SolverName } from './solvers/index.ts';
import type { GroupSpec } from './structured/groups.ts';
import { groupedRecords } from './structured/multiResponse.ts';
import type { MultiResponseModel } from './structured/multiResponseModel.ts';
import { slopeRecords } from './structured/slope.ts';

export type AnyModel = LinearModel | MultiResponseModel;

const { tau: quantile, ...parameters } = lossParameters;

/** The concavity parameter of the non-convex penalties. */
const shape = numberOption(
  { min: 0, open: true },
  {
    title: 'Concavity gamma',
    about: 'concavity parameter of the penalty',
    argument: 'shape',
    otherwise: Object.values<Penalty>(penalties)
      .flatMap(({ name, parameters: { gamma } }) => (gamma ? [`${name} ${gamma.default}`] : []))
      .join(', '),
  },
);

/** All options that models of the catalogue can have, as defined by their estimators. */
export const modelRecords = {
  ...strengthRecords,
  ...ratioRecords,
  ...linearRecords,
  ...signRecords,
  ...relaxRecords,
  ...adaptiveRecords,
  ...parameters,
  quantile,
  gamma: shape,
  ...slopeRecords,
  ...sketchRecords,
  ...groupedRecords,
};

/** Options of the models of the catalogue; which of them a model takes is in {@link ModelKind}. */
export interface ModelOptions extends OptionsOf<typeof modelRecords> {
  readonly groups?: GroupSpec;
  readonly solver?: SolverName;
  /** Seed of the random numbers. */
  readonly seed?: number;
}

const modelKeys: OptionKeys<ModelOptions> = { ...keysOf(modelRecords), groups: true, solver: true, seed: true };

/** 'class' has two classes, 'classes' any number of classes; 'numbers' has several numbers per row. */
export type TargetKind = 'number' | 'class' | 'classes' | 'numbers' | 'survival';

/** The interface common to all estimators of the catalogue; y must match the model's {@link TargetKind}. */
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
  /** Options beyond those common to all models. */
  readonly takes: ReadonlyArray<keyof ModelOptions>;
  /** The penalty that the model is named after, e.g. for the default of its shape parameter. */
  readonly penalty?: Penalty;
  /** Fitting needs all rows on one rank: rows may not be distributed. */
  readonly whole?: true;
  /** Fitting is randomised and takes a seed. */
  readonly draws?: true;
  /** False if there is no alpha to choose. */
  readonly penalised: boolean;
  /** Whether some alpha leaves no feature in the model, so that a path can start there. */
  readonly sparse: (options: ModelOptions) => boolean;
  readonly make: (options: ModelOptions) => CatalogueEstimator;
}

/** Parameters of penalties, which become options of the models with that penalty. */
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

/** An estimator with a choice of solver; bounds are options if the penalty allows them. */
const kind = (
  name: string,
  title: string,
  target: TargetKind,
  takes: ModelKind['takes'] = ['l1Ratio', 'positive', 'adaptive', 'relax'],
  extra: Partial<ModelKind> & { readonly fixed?: object } = {},
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

/** Least squares with each of the non-convex penalties, by the name of the penalty. */
const concave = Object.fromEntries(
  Object.values<Penalty>(penalties)
    .filter(({ convex }) => !convex)
    .map((penalty) => {
      const shapes = Object.keys(penalty.parameters) as Shape[];
      return [penalty.name, kind('penalised', `${penalty.title} regression`, 'number', shapes, { penalty })];
    }),
);

/** The parameters of a loss by their names as model options. */
const of = (loss: LossName): Array<keyof ModelOptions> =>
  namedLosses[loss].takes.map((name) => (name === 'tau' ? 'quantile' : name));

const namesOf = (records: OptionRecords) => Object.keys(records) as Array<keyof ModelOptions>;

/** The elastic net with each loss that is a model in its own right, by the name of the loss. */
const byLoss = Object.fromEntries(
  LOSS_NAMES.flatMap((loss) => {
    const { title } = namedLosses[loss];
    if (title === undefined) return [];
    const takes = ['l1Ratio', 'positive', ...of(loss)] as const;
    const penalty = penalties['elastic-net'];
    return [[loss, kind('penalised', title, 'number', takes, { penalty, fixed: { loss } })]];
  }),
);

/** The estimators by their names in commands and menus. */
export const linearModels: Readonly<Record<string, ModelKind>> = {
  lasso: kind('lasso', 'Lasso', 'number', ['positive', 'adaptive', 'relax']),
  'elastic-net': kind('elastic-net', 'Elastic net', 'number'),
  ridge: kind('ridge', 'Ridge regression', 'number', ['positive'], { sparse: () => false }),
  logistic: kind('logistic', 'Logistic regression', 'class'),
  multinomial: structured('multinomial', 'Multinomial regression', 'classes', ['l1Ratio', ...namesOf(groupedRecords)]),
  svc: kind('svc', 'Linear support vector classifier', 'class', ['l1Ratio', 'positive', 'adaptive']),
  huber: kind('huber', 'Huber regression', 'number', ['l1Ratio', 'positive', ...of('huber'), 'adaptive', 'relax']),
  quantile: kind('quantile', 'Quantile regression', 'number', ['l1Ratio', 'positive', ...of('quantile'), 'adaptive'], {
    whole: true,
  }),
  poisson: kind('poisson', 'Poisson regression', 'number'),
  gamma: kind('gamma', 'Gamma regression', 'number'),
  tweedie: kind('tweedie', 'Tweedie regression', 'number', [
    'l1Ratio',
    'positive',
    ...of('tweedie'),
    'adaptive',
    'relax',
  ]),
  cox: kind('cox', 'Cox proportional hazards', 'survival', ['l1Ratio', 'positive', ...of('cox'), 'adaptive', 'relax'], {
    whole: true,
  }),
  ...byLoss,
  ...concave,
  'group-lasso': structured('group-lasso', 'Group lasso', 'number', ['l1Ratio', 'groups'], { sparse: () => true }),
  'group-logistic': structured('group-lasso', 'Group lasso, logistic', 'class', ['l1Ratio', 'groups'], {
    sparse: () => true,
    fixed: { loss: 'logistic' },
  }),
  slope: structured('slope', 'SLOPE', 'number', namesOf(slopeRecords), { whole: true }),
  'multitask-lasso': structured('multitask-lasso', 'Multitask lasso', 'numbers', [], { whole: true }),
  sketched: structured('sketched', 'Least squares by a sketch', 'number', namesOf(sketchRecords), {
    ...{ penalised: false, whole: true, draws: true },
    sparse: () => false,
  }),
  nnls: kind('nnls', 'Non-negative least squares', 'number', [], { penalised: false, sparse: () => false }),
};
