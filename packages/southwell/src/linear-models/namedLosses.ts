import type { OptionsOf } from '@southwell/numerics/core';
import {
  cox,
  gamma,
  huber,
  type Loss,
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

/** A loss by name: how it is made, what is fitted by it, and how that is scored. */
interface Named {
  make(options: LossOptions): Loss<never>;
  readonly link: Link;
  readonly scoring: Scoring;
  /** Where people can ask for it as a model of numbers of its own: what the model is called, and the parameters that the loss takes. */
  readonly model?: { readonly title: string; readonly takes: ReadonlyArray<keyof LossOptions> };
}

/** Losses by name, as estimators make them. */
const losses = {
  squared: { make: () => squared(), link: 'identity', scoring: 'mse' },
  huber: { make: ({ delta }: LossOptions) => huber(delta), link: 'identity', scoring: 'mae' },
  quantile: {
    make: ({ tau, smoothing }: LossOptions) => quantile(tau, smoothing),
    link: 'identity',
    scoring: 'deviance',
  },
  logistic: { make: () => logistic(), link: 'logit', scoring: 'logLoss' },
  'squared-hinge': { make: () => squaredHinge(), link: 'sign', scoring: 'error' },
  poisson: { make: () => poisson(), link: 'log', scoring: 'deviance' },
  gamma: { make: () => gamma(), link: 'log', scoring: 'deviance' },
  tweedie: { make: ({ power }: LossOptions) => tweedie(power), link: 'log', scoring: 'deviance' },
  cox: { make: ({ ties }: LossOptions) => cox(ties), link: 'cox', scoring: 'deviance' },
} satisfies Readonly<Record<string, Named>>;

export type LossName = keyof typeof losses;

export const namedLosses: Readonly<Record<LossName, Named>> = losses;
export const LOSS_NAMES = Object.keys(losses) as LossName[];

/** The loss of that name. */
export const lossNamed = (name: LossName, options: LossOptions): Loss<never> => namedLosses[name].make(options);

export type NamedLosses = { readonly [L in LossName]: ReturnType<(typeof losses)[L]['make']> };

/** What a loss takes beside its name. */
export interface LossOptions extends OptionsOf<typeof lossParameters> {}

/** The target that a loss takes. */
export type TargetOf<L extends LossName> = L extends 'logistic' | 'squared-hinge'
  ? ArrayLike<Label>
  : L extends 'cox'
    ? SurvivalTarget
    : ArrayLike<number>;
