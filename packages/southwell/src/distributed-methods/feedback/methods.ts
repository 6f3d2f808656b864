import { choiceOption, fail, numberOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { type Compressor, compressorOf, identity } from '../compressors/index.ts';

/** What a method sends and keeps; see {@link feedbackClientStep}. */
export interface Scheme {
  readonly title: string;
  /** How strongly the error of past messages is fed back: by η, fully, or not at all, so that no error is kept. */
  readonly error: 'eta' | 'full' | 'none';
  /**
   * Whether sender and receiver keep an estimate h of the gradient, of which only the difference is sent: moved by the
   * message itself, by a second message, or none.
   */
  readonly estimate: 'message' | 'second' | 'none';
  /** Sends an average of gradients over rounds. */
  readonly momentum?: boolean;
  /** Subtracts the gradient of the client at the optimum. */
  readonly ideal?: boolean;
  /** Sends all of the gradient, whatever the compressor. */
  readonly dense?: boolean;
}

export const SCHEMES = {
  econtrol: { title: 'EControl', error: 'eta', estimate: 'message' },
  ec: { title: 'error feedback', error: 'full', estimate: 'none' },
  'ec-ideal': { title: 'error feedback with gradients at the optimum', error: 'full', estimate: 'none', ideal: true },
  'd-ec': { title: 'error feedback of differences, two messages', error: 'full', estimate: 'second' },
  ef21: { title: 'EF21', error: 'none', estimate: 'message' },
  'ef21-sgdm': { title: 'EF21 with momentum', error: 'none', estimate: 'message', momentum: true },
  csgd: { title: 'compressed gradients', error: 'none', estimate: 'none' },
  sgd: { title: 'whole gradients', error: 'none', estimate: 'none', dense: true },
} as const satisfies Readonly<Record<string, Scheme>>;

export type FeedbackMethod = keyof typeof SCHEMES;

export const feedbackRecords = {
  /** What is sent. Default `econtrol`. */
  method: choiceOption({
    econtrol: SCHEMES.econtrol.title,
    ec: SCHEMES.ec.title,
    'ec-ideal': SCHEMES['ec-ideal'].title,
    'd-ec': SCHEMES['d-ec'].title,
    ef21: SCHEMES.ef21.title,
    'ef21-sgdm': SCHEMES['ef21-sgdm'].title,
    csgd: SCHEMES.csgd.title,
    sgd: SCHEMES.sgd.title,
  }),
  /** Compressor of the messages, or its name, such as `top-k=0.1`. Default: `top-k=0.1`. Unused by `sgd`. */
  compressor: otherOption<Compressor | string>(
    'a compressor or its name',
    (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'compress' in value),
  ),
  /** Share η of the error that `econtrol` feeds back in a round. Default: the δ of the compressor. */
  eta: numberOption({ min: 0, max: 1 }),
  /** Weight of the newest gradient in the average of `ef21-sgdm`. Default 0.1. */
  momentum: numberOption({ min: 0, max: 1, open: true }),
} as const;

export type FeedbackOptions = OptionsOf<typeof feedbackRecords>;

/** Options with their defaults, for vectors of one length. */
export interface Feedback {
  readonly method: FeedbackMethod;
  readonly scheme: Scheme;
  readonly compressor: Compressor;
  readonly eta: number;
  readonly momentum: number;
}

/** @throws INVALID_PARAMETER if η has no default, since the compressor is no contraction. */
export function feedbackOf(options: FeedbackOptions, length: number): Feedback {
  const { method = 'econtrol', compressor: given = 'top-k=0.1', momentum = 0.1 } = options;
  const scheme: Scheme = SCHEMES[method];
  const compressor = scheme.dense ? identity() : typeof given === 'string' ? compressorOf(given) : given;
  const eta = scheme.error === 'full' ? 1 : scheme.error === 'none' ? 0 : (options.eta ?? compressor.delta(length));
  if (eta === undefined)
    fail(
      'INVALID_PARAMETER',
      `eta has no default for ${compressor.name}, which does not contract vectors of ${length} entries. Give eta, or take another compressor, such as top-k, or rand-k without scaling.`,
    );
  return { method, scheme, compressor, eta, momentum };
}
