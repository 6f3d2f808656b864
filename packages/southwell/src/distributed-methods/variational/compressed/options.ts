import {
  checkOptions,
  choiceOption,
  fail,
  flagOption,
  integerOption,
  numberOption,
  numbersOption,
  type OptionsOf,
  otherOption,
  seedOption,
} from '@southwell/numerics/core';
import { type Compressor, identity } from '../../compressors/index.ts';
import type { VariationalState } from './state.ts';

const compressor = otherOption<Compressor>(
  'a compressor',
  (value) => typeof value === 'object' && value !== null && 'compress' in value && 'restore' in value,
);

export const variationalRecords = {
  /**
   * 'masha1' for unbiased compressors, 'masha2' for contractions with error feedback; or extragradient with dense messages ('eg')
   * or compressed ones ('ceg'), or descent and ascent in one compressed step ('csgda'), which stall at a noise level.
   * Default 'masha1'.
   */
  method: choiceOption({
    masha1: 'differences, unbiased',
    masha2: 'differences, with error feedback',
    eg: 'extragradient',
    ceg: 'compressed extragradient',
    csgda: 'compressed descent and ascent',
  }),
  /** How devices compress. Default: not at all. */
  uplink: compressor,
  /** How the server compresses. Default: not at all. */
  downlink: compressor,
  /**
   * Probability with which the reference point is kept in a step, 0 ≤ τ < 1. Default 1 − 1/q for unbiased uplinks, 1 − δ for
   * contractions: then refreshing costs as much as steps do.
   */
  tau: numberOption({ min: 0, below: 1 }),
  /**
   * Step size; 'theory' for the bound of the proof; 'auto' for a start at twice the bound of MASHA1, halved on divergence. Default 'auto'.
   */
  gamma: otherOption<number | 'theory' | 'auto'>(
    "a number above 0, 'theory' or 'auto'",
    (value) =>
      value === 'theory' || value === 'auto' || (typeof value === 'number' && value > 0 && Number.isFinite(value)),
  ),
  /** Lipschitz constants of this rank's operators. Default: 1.1 times `lipschitzEstimate` at z0. */
  lipschitz: numbersOption({ min: 0, open: true }),
  /** Strong monotonicity of F, for bounds on the step size. Default 0. */
  mu: numberOption({ min: 0, finite: true }),
  /** Samples of each operator in a step. Default: all. */
  batch: integerOption({ min: 1 }),
  /** Devices that send in a step, drawn anew each time; all send at a refresh. Default: all. */
  participation: integerOption({ min: 1 }),
  /** Whether a refresh moves the reference to the point before the step instead of the new one. Default false. */
  refreshPrevious: flagOption(),
  /** Seed of the coin, and of what compressors and batches draw. Default 0. */
  seed: seedOption(),
  /** State from a checkpoint of this rank, of a run with the same problem and options. */
  resume: otherOption<VariationalState>('the state of a checkpoint'),
};

export type VariationalSettings = OptionsOf<typeof variationalRecords>;

export type CheckedSettings = ReturnType<typeof checkedSettings>;

/** Options with their defaults, for points of a length. @throws INVALID_PARAMETER. */
export function checkedSettings(options: VariationalSettings, length: number) {
  checkOptions('variationalIterates', variationalRecords, options);
  const { method = 'masha1', uplink = identity(), downlink = identity(), gamma = 'auto', mu = 0, seed = 0 } = options;
  const { batch, participation, refreshPrevious = false, lipschitz } = options;
  const q = uplink.secondMoment(length);
  const delta = uplink.delta(length);
  const masha = method === 'masha1' || method === 'masha2';
  if (method === 'eg' && (options.uplink || options.downlink))
    fail('INVALID_PARAMETER', "The method 'eg' sends dense messages: leave out uplink and downlink, or use 'ceg'.");
  if (method === 'eg' && (batch !== undefined || participation !== undefined))
    fail('INVALID_PARAMETER', "The method 'eg' uses all devices and samples: leave out batch and participation.");
  if (method === 'masha1') {
    for (const [name, used] of Object.entries({ uplink, downlink }))
      if (used.secondMoment(length) === undefined)
        fail(
          'INVALID_PARAMETER',
          `MASHA1 needs an unbiased ${name}, but ${used.name} is biased: use masha2, or rand-k.`,
        );
  }
  if (method === 'masha2') {
    for (const [name, used] of Object.entries({ uplink, downlink }))
      if (used.delta(length) === undefined)
        fail(
          'INVALID_PARAMETER',
          `MASHA2 needs a contraction as ${name}, but ${used.name} is none: use masha1, or rand-k unscaled.`,
        );
  }
  if (!masha) {
    for (const name of ['tau', 'refreshPrevious'] as const)
      if (options[name] !== undefined)
        fail('INVALID_PARAMETER', `${name} is an option of masha1 and masha2, not of ${method}.`);
    if (gamma === 'theory' && method !== 'eg')
      fail(
        'INVALID_PARAMETER',
        `There is no theory of the step of ${method}, which does not converge in general: give gamma.`,
      );
  }
  const { tau = method === 'masha1' ? 1 - 1 / q! : method === 'masha2' ? 1 - delta! : 0 } = options;
  return {
    ...{ method, masha, uplink, downlink, gamma, mu, seed, batch, participation, refreshPrevious, lipschitz, tau },
    /** Messages of biased compressors carry what earlier ones left out. */
    feedback: {
      up: method === 'masha2' || (!masha && q === undefined),
      down: method === 'masha2' || (!masha && downlink.secondMoment(length) === undefined),
    },
    moments: { up: q ?? 1 / delta!, down: downlink.secondMoment(length) ?? 1 / (downlink.delta(length) ?? 1) },
  };
}

/**
 * The step size and whether it is halved on divergence.
 * @param L Lipschitz constants of all devices.
 */
export function stepOf(
  { gamma, method, mu, tau, moments, participation }: CheckedSettings,
  L: readonly number[],
): { readonly gamma: number; readonly adaptive: boolean } {
  if (typeof gamma === 'number') return { gamma, adaptive: false };
  const mean = L.reduce((a, b) => a + b, 0) / L.length;
  const square = L.reduce((a, b) => a + b * b, 0) / L.length;
  const adaptive = gamma === 'auto';
  if (method === 'eg') return { gamma: (adaptive ? 1 : 0.5) / mean, adaptive };
  if (method === 'ceg' || method === 'csgda') return { gamma: 1 / (moments.up * moments.down * mean), adaptive };
  const capped = (bound: number, cap: number) => Math.min(bound, mu > 0 ? cap : Number.POSITIVE_INFINITY);
  if (method === 'masha2' && !adaptive) {
    return {
      gamma: capped(Math.sqrt(1 - tau) / (165 * moments.down * moments.up * Math.sqrt(square)), (1 - tau) / (8 * mu)),
      adaptive,
    };
  }
  // C_q of the card: the variance of the mean of independent messages, times that of the server's.
  const senders = Math.min(participation ?? L.length, L.length);
  const constant = Math.sqrt((moments.down / senders) * (moments.up * square + (senders - 1) * mean * mean));
  const bound = capped(Math.sqrt(1 - tau) / (2 * constant), (1 - tau) / (2 * mu));
  return { gamma: (adaptive ? 2 : 1) * bound, adaptive };
}
