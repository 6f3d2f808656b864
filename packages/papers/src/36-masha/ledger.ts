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
      state: 'not checked',
      why: 'Sizes and scores of the paper are not known to us, and a miniature has not been built yet.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Stochastic and partial participation variants converge as well.',
      state: 'not checked',
      why: 'The library has both, and tests that they converge; no experiment compares them.',
      claims: [],
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
});
