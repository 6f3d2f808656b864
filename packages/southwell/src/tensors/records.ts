import { choiceOption, flagOption, seedOption } from '@southwell/numerics/core';

/** Initialisations of iterative decompositions, each with its title. */
export const initTitles = { hosvd: 'leading vectors', random: 'random' } as const;

/** What the iterative decompositions share. */
export const sweepRecords = {
  /** Constrains all factors, and the core of a Tucker decomposition, to be non-negative. Default false. */
  nonNegative: flagOption({ title: 'non-negative', about: 'constrain factors and core to be non-negative' }),
  /**
   * Ignores NaN entries as missing. Default false: they are an error. For sparse tensors see {@link
   * SparseTensor.missing}.
   */
  missing: flagOption(),
  /** Initialisation: leading singular vectors of the unfoldings, or random; for CP that of the first restart. */
  init: choiceOption(initTitles, {
    title: 'First initialisation',
    about: 'initialisation of the factors',
    otherwise: 'hosvd; random for more than four million values',
    form: { advanced: true },
  }),
  /** Default 0. */
  seed: seedOption('seed of the random initialisations and projections'),
};
