import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'With orthogonality relaxed, Frank–Wolfe steps learn the dictionary online, without storing samples.',
      state: 'narrowed',
      why: 'Objective and steps are reconstructed; streams of 20 atoms with a fifth of the codes not zero.',
      claims: ['recovery', 'within-the-ball'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It converges at the rate O(ln t / t^(1/4)).',
      state: 'narrowed',
      why: 'The gap of such streams from step 50 to 5000.',
      claims: ['gap-rate'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The rate is derived in terms of key parameters of the system.',
      state: 'not checked',
      why: 'The constants are not in the abstract, and streams of one kind are measured.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'On synthetic data it is effective and efficient beside orthogonal learners that store samples.',
      state: 'narrowed',
      why: 'Errors and memory beside matching, stretching and projection; times depend on the machine.',
      claims: ['beats-stored'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'It is more effective than alternating schemes and the online lasso.',
      state: 'contradicted',
      why: 'On noiseless streams both end at smaller errors.',
      claims: ['beats-others'],
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
      says: 'Of a signal of sensors it keeps 1 dB more than cosines.',
      state: 'not checked',
      why: 'Shown as a check, since steps of 1/t do so as well.',
      claims: [],
    },
    {
      from: 'card',
      says: 'It reaches an error of 0.02 in at most half the time of the online lasso, and takes 5 ms a step with 50 atoms.',
      state: 'not checked',
      why: 'Times depend on the machine; in the tables the lasso is the faster of the two.',
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
