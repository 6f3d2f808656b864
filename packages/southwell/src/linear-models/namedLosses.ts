import type { OptionKeys, OptionsOf } from '@southwell/numerics/core';
import {
  cox,
  gamma,
  huber,
  type Loss,
  logCosh,
  logistic,
  type lossParameters,
  poisson,
  quantile,
  type SurvivalTarget,
  squared,
  squaredHinge,
  tweedie,
} from '../losses/index.ts';
import type { Label, Link } from './model.ts';
import type { Scoring } from './selection/scoring.ts';

/** A loss by name: its constructor, the kind of target, and the metrics for it. */
interface Named {
  make(options: LossOptions): Loss<never>;
  readonly link: Link;
  readonly scoring: Scoring;
  /** Its parameters, out of those of all losses. */
  readonly takes: ReadonlyArray<keyof LossOptions>;
  /** Title of the elastic net with this loss, if that is a regression model in its own right. */
  readonly title?: string;
}

/** Losses by name, as used by estimators. */
const losses = {
  squared: { make: () => squared(), takes: [], link: 'identity', scoring: 'mse' },
  huber: {
    make: ({ delta }: LossOptions) => huber(delta),
    takes: ['delta'],
    link: 'identity',
    scoring: 'mae',
  },
  'log-cosh': {
    make: ({ delta }: LossOptions) => logCosh(delta),
    takes: ['delta'],
    link: 'identity',
    scoring: 'mae',
    title: 'Log-cosh regression',
  },
  quantile: {
    make: ({ tau, smoothing }: LossOptions) => quantile(tau, smoothing),
    takes: ['tau', 'smoothing'],
    link: 'identity',
    scoring: 'deviance',
  },
  logistic: { make: () => logistic(), takes: [], link: 'logit', scoring: 'logLoss' },
  'squared-hinge': { make: () => squaredHinge(), takes: [], link: 'sign', scoring: 'error' },
  poisson: { make: () => poisson(), takes: [], link: 'log', scoring: 'deviance' },
  gamma: { make: () => gamma(), takes: [], link: 'log', scoring: 'deviance' },
  tweedie: { make: ({ power }: LossOptions) => tweedie(power), takes: ['power'], link: 'log', scoring: 'deviance' },
  cox: { make: ({ ties }: LossOptions) => cox(ties), takes: ['ties'], link: 'cox', scoring: 'deviance' },
} as const satisfies Readonly<Record<string, Named>>;

export type LossName = keyof typeof losses;

export const namedLosses: Readonly<Record<LossName, Named>> = losses;
export const LOSS_NAMES = Object.keys(losses) as LossName[];

/** The loss with that name. */
export const lossNamed = (name: LossName, options: LossOptions): Loss<never> => namedLosses[name].make(options);

export type NamedLosses = { readonly [L in LossName]: ReturnType<(typeof losses)[L]['make']> };

/** Parameters of losses. */
export interface LossOptions extends OptionsOf<typeof lossParameters> {}

/** The parameters of one loss. */
export type ParametersOf<L extends LossName> = Pick<LossOptions, (typeof losses)[L]['takes'][number]>;

export const parameterKeys = <L extends LossName>(name: L): OptionKeys<ParametersOf<L>> =>
  Object.fromEntries(losses[name].takes.map((parameter) => [parameter, true])) as OptionKeys<ParametersOf<L>>;

/** The type of target that a loss takes. */
export type TargetOf<L extends LossName> = L extends 'logistic' | 'squared-hinge'
  ? ArrayLike<Label>
  : L extends 'cox'
    ? SurvivalTarget
    : ArrayLike<number>;
