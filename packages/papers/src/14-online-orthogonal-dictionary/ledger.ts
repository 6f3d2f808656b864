import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'A relaxation of orthogonality and Frank–Wolfe steps learn the dictionary online.',
      state: 'narrowed',
      why: 'Objective and steps are reconstructed; streams of 20 atoms with a fifth of the codes not zero.',
      claims: ['recovery', 'within-the-ball'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It converges at the rate O(ln t / t^(1/4)).',
      state: 'narrowed',
      why: 'The gap of such streams from step 50 to 5000; how it depends on parameters of the system is not measured.',
      claims: ['gap-rate'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'On synthetic data it is more effective and efficient than other methods.',
      state: 'narrowed',
      why: 'Errors after 3000 mini-batches; times depend on the machine.',
      claims: ['beats-stored', 'beats-others'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It is effective on readings of sensors.',
      state: 'narrowed',
      why: 'A simulated signal of waves and jumps stands for the readings.',
      claims: ['sensors'],
      fidelity: 'miniature',
    },
    {
      from: 'card',
      says: 'An update takes at most 5 ms with 50 atoms.',
      state: 'not checked',
      why: 'Times depend on the machine; the tables have seconds with 20 atoms.',
      claims: [],
    },
  ],
  ours: ['drift'],
  rivalsLeftOut: [
    {
      name: 'K-SVD and Riemannian gradient descent',
      why: 'The library does not have them for orthogonal dictionaries.',
    },
  ],
});
