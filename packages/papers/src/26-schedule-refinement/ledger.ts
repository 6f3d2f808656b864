import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

const quadratic = 'with quadratic decay';
const harder = 'Exponents ½ and 2 are tuned beside linear decay in the claim `exponents`.';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'In the worst case the best schedule is linear decay.',
      state: 'narrowed',
      why: 'The bound is tested on convex instances at the rate of the theorem, which constant and quadratic schedules exceed there; with a rate of 1.5 times that, quadratic decay stays within it on these instances from T = 100 on.',
      claims: ['worst-case'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'On a suite of logistic regressions linear decay matches or outperforms all commonly used schedules, cosine among them.',
      state: 'narrowed',
      why: 'Four synthetic sets and four real ones that ship here.',
      claims: ['linear-decay', 'real-sets'],
      fidelity: 'scaled',
      harder,
    },
    {
      from: 'abstract',
      says: 'On ten deep-learning problems and language models linear decay matches or outperforms all commonly used schedules.',
      state: 'narrowed',
      why: 'One small network on MNIST.',
      claims: ['images'],
      fidelity: 'miniature',
    },
    {
      from: 'abstract',
      says: 'Schedule refinement gives further improvements.',
      state: 'narrowed',
      why: 'On badly conditioned synthetic sets, four real sets, and one small network.',
      claims: ['refinement', 'real-ranks', 'images-refined'],
      fidelity: 'miniature',
    },
    {
      from: 'abstract',
      says: 'Refined schedules have a warm-up and a rapid decay near the end.',
      state: 'narrowed',
      why: 'For one small network.',
      claims: ['shape'],
      fidelity: 'miniature',
    },
    {
      from: 'card',
      says: 'A conversion turns any bound on regret into one for the last iterate, for a wide class of optimisers.',
      state: 'not checked',
      why: 'It is a theorem; a test of the library compares the bound with its definition.',
      claims: [],
    },
  ],
  ours: ['exponents'],
  rivalsLeftOut: [],
  asWell: { 'linear-decay': quadratic, 'real-sets': quadratic },
});
