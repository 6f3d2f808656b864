import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Methods with compressed messages solve distributed variational inequalities and saddle-point problems with less communication.',
      state: 'narrowed',
      why: 'Strongly monotone bilinear games, by numbers that devices send; the server answers densely.',
      claims: ['saves-floats'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The methods allow unbiased compressors such as random sparsification, and contractions such as Top-k.',
      state: 'narrowed',
      why: 'Rand-k and Top-k on the same games.',
      claims: ['top-k'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Plain compression of extragradient or of descent and ascent stalls at a noise level.',
      state: 'checked',
      claims: ['naive-stalls'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Convergence is proved for strongly monotone, monotone and non-monotone problems.',
      state: 'narrowed',
      why: 'The rate of MASHA1 on strongly monotone games, with a constant of the bound from memory.',
      claims: ['linear-rate'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'The gain grows with the compression while it is below the number of devices.',
      state: 'narrowed',
      why: 'Five factors at one number of devices, at twice the bound of the step size.',
      claims: ['by-q'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Distributed adversarial training of transformers keeps its quality with compressed messages.',
      state: 'narrowed',
      why: 'A perceptron on 8 × 8 digits in place of transformers; perturbations stay on their device, so that only weights are counted. Naive compression with error feedback takes fewer numbers still: in training of this accuracy it does not yet stall.',
      claims: ['adversarial'],
      fidelity: 'miniature',
      harder: 'Precise solutions of bilinear games, where naive compression stalls (naive-stalls).',
    },
    {
      from: 'abstract',
      says: 'Stochastic and partial participation variants converge as well.',
      state: 'narrowed',
      why: 'Strongly monotone bilinear games, at the step size that is fastest on two games that do not judge.',
      claims: ['variants'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Messages may be compressed in both directions.',
      state: 'narrowed',
      why: 'Whether this saves numbers in all, up and down, on strongly monotone bilinear games; that it converges is part of the claim on variants.',
      claims: ['both-ways'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'On matrix games over simplices, a gap of 1e-3 takes fewer bits than extragradient does.',
      state: 'narrowed',
      why: 'By numbers that devices send in place of bits, on games of normal payoffs that differ little between devices.',
      claims: ['matrix-games'],
      fidelity: 'scaled',
    },
  ],
  ours: [],
  rivalsLeftOut: [],
  asWell: {
    adversarial: 'with values compressed in place of differences, as compressed descent and ascent does',
  },
});
