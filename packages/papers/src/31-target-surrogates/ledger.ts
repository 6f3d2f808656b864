import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Surrogates in the space of targets allow multiple steps on the parameters for each gradient, which amortises its cost.',
      state: 'narrowed',
      why: 'With full batches, on ill-conditioned regressions with squared and logistic loss.',
      claims: ['full-batch'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'SSO is effective in supervised learning.',
      state: 'narrowed',
      why: 'On synthetic regressions and spambase, in place of mushrooms, ijcnn1 and rcv1, with three of its rules for η.',
      claims: ['mini-batch', 'real-table'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'With ten or more inner steps it needs far fewer gradients than SGD, a line search, Adam and AdaGrad.',
      state: 'narrowed',
      why: 'On synthetic regressions and spambase; Adam and AdaGrad scale each coordinate, which suits columns of different scales.',
      claims: ['full-batch', 'mini-batch', 'real-table'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Target optimisation is beneficial in imitation learning.',
      state: 'narrowed',
      why: 'On a cart in two dimensions, in place of Hopper and Walker2d, and for policies with one hidden layer.',
      claims: ['imitation'],
      fidelity: 'miniature',
    },
    {
      from: 'card',
      says: 'An exact inner solution takes one call for squared loss, and one step on each surrogate is SGD.',
      state: 'not checked',
      why: 'They are identities; tests of the library check them, and full sizes show them as checks.',
      claims: [],
    },
    {
      from: 'card',
      says: 'The more a gradient costs, the more inner steps are best.',
      state: 'not checked',
      why: 'A table of full-batch shows it, without a bar.',
      claims: [],
    },
    {
      from: 'card',
      says: 'It is ahead for networks, too: matrix factorisation and MNIST.',
      state: 'not checked',
      why: 'Supervised experiments are with linear models only.',
      claims: [],
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
      says: 'SSO is projected stochastic gradient descent in the targets, with guarantees for convex functions.',
      state: 'not checked',
      why: 'It is a theorem.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Any stochastic method may construct the surrogates, and any deterministic one may minimise them.',
      state: 'not checked',
      why: 'It is a property of the design; the experiments choose between three rules for η and take Armijo steps.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
