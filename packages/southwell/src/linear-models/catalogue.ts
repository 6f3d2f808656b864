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

/** Of penalties that are not convex. */
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

/** Every option of a model of the catalogue, as its estimator has it. */
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

/** What a model of the catalogue takes. */
export interface ModelOptions extends OptionsOf<typeof modelRecords> {
  readonly groups?: GroupSpec;
  readonly solver?: SolverName;
  /** Of what is drawn. */
  readonly seed?: number;
}

const modelKeys: OptionKeys<ModelOptions> = { ...keysOf(modelRecords), groups: true, solver: true, seed: true };

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
  readonly takes: ReadonlyArray<keyof ModelOptions>;
  /** The record of its penalty where it is named by it: what it has for the shape that is left out, for one. */
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

/** Least squares with each of the penalties that are not convex, by its name. */
const concave = Object.fromEntries(
  Object.values<Penalty>(penalties)
    .filter(({ convex }) => !convex)
    .map((penalty) => {
      const shapes = Object.keys(penalty.parameters) as Shape[];
      return [penalty.name, kind('penalised', `${penalty.title} regression`, 'number', shapes, { penalty })];
    }),
);

/** The parameters of a loss as models call them: a quantile is called by its name. */
const of = (loss: LossName): Array<keyof ModelOptions> =>
  namedLosses[loss].takes.map((name) => (name === 'tau' ? 'quantile' : name));

const namesOf = (records: OptionRecords) => Object.keys(records) as Array<keyof ModelOptions>;

/** The elastic net with each of the losses that are models of their own, by its name. */
const byLoss = Object.fromEntries(
  LOSS_NAMES.flatMap((loss) => {
    const { title } = namedLosses[loss];
    if (title === undefined) return [];
    const takes = ['l1Ratio', 'positive', ...of(loss)] as const;
    const penalty = penalties['elastic-net'];
    return [[loss, kind('penalised', title, 'number', takes, { penalty, fixed: { loss } })]];
  }),
);

/** The estimators by the names that people type or pick. */
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
