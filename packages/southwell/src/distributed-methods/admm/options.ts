import {
  choiceOption,
  flagOption,
  integerOption,
  limitOption,
  numberOption,
  numbersOption,
  type OptionsOf,
  otherOption,
  seedOption,
} from '@southwell/numerics/core';
import type { Absent, AdmmState } from './engine.ts';
import type { LinkNoise } from './noise.ts';
import type { ClientSchedule } from './schedule.ts';
import { wlsForms } from './wlsClients.ts';

const rho = otherOption<number | 'auto'>(
  "a finite number above 0, or 'auto'",
  (value) => value === 'auto' || (typeof value === 'number' && value > 0 && Number.isFinite(value)),
);

const allowed = (value: unknown) => typeof value === 'number' && value >= 0 && Number.isFinite(value);
const weights = otherOption<number | ArrayLike<number>>(
  'a number, or numbers by coefficient, finite and at least 0',
  (value) =>
    allowed(value) ||
    (typeof value === 'object' && value !== null && Array.from(value as ArrayLike<number>).every(allowed)),
);

const isFunction = (value: unknown) => typeof value === 'function';

/** Options of all federated fits. */
const sharedRecords = {
  /** Starting point of the global model, L numbers, the same on all ranks. Default: zeros. */
  w0: numbersOption({ finite: true }),
  /** Clients of a round, C. Default: as many as in the first set of `schedule`, or all. */
  perRound: integerOption({ min: 1 }),
  /** Which clients take part in which round. Default: `uniformSubsets(perRound, seed)`. */
  schedule: otherOption<ClientSchedule>(
    'a schedule, such as roundRobin(4)',
    (value) => typeof value === 'object' && value !== null && 'at' in value && 'name' in value,
  ),
  /** Variances of Gaussian noise on what travels up and down. Default: none. */
  noise: otherOption<LinkNoise>('an object { up, down } of variances'),
  /** Clients that cannot be reached in a round, of those selected; asked on the rank of the client. Default: none. */
  absent: otherOption<Absent>('a function of client and round', isFunction),
  /** Seconds that a client is declared to compute in a round, which take effect on simulated clocks. Default 0. */
  work: numberOption({ min: 0, finite: true }),
  /** Seed of the subsets and of the noise. Default 0. */
  seed: seedOption(),
  /** State from a checkpoint of this rank, of a run with the same clients and options. */
  resume: otherOption<AdmmState>('the state of a checkpoint'),
};

export const federatedRecords = {
  ...sharedRecords,
  /**
   * What travels down and what clients keep: 'robust' (2wₙ − wₙ₋₁, no duals), 'robust-simple' (wₙ, with a biased limit), 'two-global'
   * or 'dual'. Default 'robust'.
   */
  method: choiceOption(wlsForms),
  /** Penalty ρ. Default 'auto': a third of the mean eigenvalue of the Hₖ. */
  rho,
  /** Whether clients that are not selected repeat their step with the last model received: experimental, with a biased limit. Default false. */
  continual: flagOption(),
};

export type FederatedSettings = OptionsOf<typeof federatedRecords>;

export const consensusRecords = {
  ...sharedRecords,
  /** 'dual' or 'two-global'. Default 'dual'. */
  method: choiceOption({ dual: 'dual variables at the clients', 'two-global': 'the last two global models' }),
  /**
   * Penalty ρ. Default 'auto': a third of the mean curvature of the losses at w0; in the dual form with all clients, it is then balanced by
   * residuals after rounds 5, 10, 20, 40 and 80.
   */
  rho,
  /** Over-relaxation of the dual form, above 0 and below 2. Default 1.6; 1 for two-global. */
  relaxation: numberOption({ min: 0, max: 2, open: true }),
  /**
   * Rounds that Anderson acceleration of the dual form combines; 0 for none. Needs all clients in all rounds, and links without noise. Default 10 where
   * this holds, otherwise 0.
   */
  acceleration: integerOption({ min: 0, max: 50 }),
  /** Weight λ₁ of ‖w‖₁ in the objective, or L weights of the |wⱼ|. Default 0. */
  l1: weights,
  /** Weight λ₂ of ½‖w‖² in the objective, or L weights of the ½wⱼ². Default 0. */
  ridge: weights,
  /** Coefficients without a penalty, such as that of an intercept. Default: none. */
  free: numbersOption({ min: 0, finite: true }),
};

export type ConsensusSettings = OptionsOf<typeof consensusRecords>;

/** Limits of a run. */
export const budgetRecords = {
  /** Rounds at most. Default 1000. */
  rounds: limitOption(0),
  /** Ends the run when the residual relative to the norm of the model is at most this. Default 0: all rounds. */
  tol: numberOption({ min: 0, finite: true }),
};
