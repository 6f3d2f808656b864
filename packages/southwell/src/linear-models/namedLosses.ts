import {
  type CoxTies,
  cox,
  gamma,
  huber,
  type Loss,
  logistic,
  poisson,
  quantile,
  type SurvivalTarget,
  squared,
  squaredHinge,
  tweedie,
} from '../losses/index.ts';
import type { Label, Link } from './model.ts';
import type { Scoring } from './selection/scoring.ts';

/** Losses by name, as estimators make them. */
const makers = {
  squared: () => squared(),
  huber: ({ delta }: LossOptions) => huber(delta),
  quantile: ({ tau, smoothing }: LossOptions) => quantile(tau, smoothing),
  logistic: () => logistic(),
  'squared-hinge': () => squaredHinge(),
  poisson: () => poisson(),
  gamma: () => gamma(),
  tweedie: ({ power }: LossOptions) => tweedie(power),
  cox: ({ ties }: LossOptions) => cox(ties),
};

export type LossName = keyof typeof makers;

export const LOSS_NAMES = Object.keys(makers) as LossName[];

/** The loss of that name. */
export const lossNamed = (name: LossName, options: LossOptions): Loss<never> => makers[name](options);

export type NamedLosses = { readonly [L in LossName]: ReturnType<(typeof makers)[L]> };

/** What a loss takes beside its name. */
export interface LossOptions {
  /** Huber: the residual from which the loss is linear, in units of y. */
  readonly delta?: number;
  /** Quantile: which. Default 0.5. */
  readonly tau?: number;
  /** Quantile: minimise the pinball loss smoothed so wide, in units of y. Default: the pinball loss itself. */
  readonly smoothing?: number;
  /** Tweedie: from 1, Poisson, to 2, gamma. Default 1.5. */
  readonly power?: number;
  /** Cox: default Breslow. */
  readonly ties?: CoxTies;
}

/** The target that a loss takes. */
export type TargetOf<L extends LossName> = L extends 'logistic' | 'squared-hinge'
  ? ArrayLike<Label>
  : L extends 'cox'
    ? SurvivalTarget
    : ArrayLike<number>;

interface Use {
  readonly link: Link;
  readonly scoring: Scoring;
}

/** What is fitted by each loss, and how that is scored. */
export const uses: Readonly<Record<LossName, Use>> = {
  squared: { link: 'identity', scoring: 'mse' },
  huber: { link: 'identity', scoring: 'mae' },
  quantile: { link: 'identity', scoring: 'deviance' },
  logistic: { link: 'logit', scoring: 'logLoss' },
  'squared-hinge': { link: 'sign', scoring: 'error' },
  poisson: { link: 'log', scoring: 'deviance' },
  gamma: { link: 'log', scoring: 'deviance' },
  tweedie: { link: 'log', scoring: 'deviance' },
  cox: { link: 'cox', scoring: 'deviance' },
};
