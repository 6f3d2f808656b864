import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Surrogates in the space of targets allow multiple steps on the parameters for each gradient, which amortises its cost.',
      state: 'narrowed',
      why: 'On two ill-conditioned regressions with full batches.',
      claims: ['full-batch'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'In supervised learning SSO is effective, in the paper beyond SGD, line search, Adam and AdaGrad.',
      state: 'narrowed',
      why: 'On ill-conditioned synthetic regressions and one real table, in place of mushrooms, ijcnn1 and rcv1.',
      claims: ['mini-batch', 'real-table'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'In imitation learning target optimisation is beneficial.',
      state: 'narrowed',
      why: 'On a cart in two dimensions, in place of Hopper and Walker2d.',
      claims: ['imitation'],
      fidelity: 'miniature',
    },
    {
      from: 'abstract',
      says: 'The surrogate is a global upper bound of the loss, and steps on it converge to a stationary point.',
      state: 'not checked',
      why: 'These are theorems; tests of the library check the bound at random points.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'For convex functions SSO is projected stochastic gradient descent in the targets, with guarantees.',
      state: 'not checked',
      why: 'It is a theorem.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Any stochastic method may construct the surrogates, and any deterministic one may minimise them.',
      state: 'not checked',
      why: 'The library has several of both; the experiments use constant steps and Armijo descent.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [{ name: 'SVRG', why: 'The library does not have it.' }],
});
