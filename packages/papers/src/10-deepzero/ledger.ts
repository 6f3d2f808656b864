import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Coordinate-wise gradient estimates have the advantage over random directions in training accuracy.',
      state: 'narrowed',
      why: 'On one shallow network, after 100 steps with a tenth of the weights active, where random directions are more accurate; the paper says that the advantage of coordinates grows with depth.',
      claims: ['against-random'],
      fidelity: 'miniature',
    },
    {
      from: 'card',
      says: 'Coordinate-wise estimates are accurate at as many queries as weights, and random directions are not.',
      state: 'checked',
      claims: ['estimator'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Training on coordinate-wise estimates reaches the accuracy of first-order training on small networks.',
      state: 'checked',
      claims: ['equals-backprop'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Sparse gradients exploit the prior of sparse networks better than sparse weights do.',
      state: 'narrowed',
      why: 'A network of 1242 weights on small digits in place of ResNet-20 on CIFAR-10, with gradients of autodiff in place of differences.',
      claims: ['sparse-gradients'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'With sparse gradients the accuracy approaches that of first-order training.',
      state: 'narrowed',
      why: 'Asked to be within 0.08 at 90 % sparsity, on the same small network, which it is not after 300 steps.',
      claims: ['near-dense'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Reuse of features accelerates training by finite differences.',
      state: 'narrowed',
      why: 'For linear layers, on one network with four hidden layers of 64 units.',
      claims: ['feature-reuse'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Forward passes are run in parallel.',
      state: 'not checked',
      why: 'The library spreads them over ranks and tests that the results are the same, but no experiment measures the time.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'The accuracy on ResNet-20 and CIFAR-10 is the best of all methods without backpropagation.',
      state: 'not checked',
      why: 'Training ResNet-20 by function values takes a cluster.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Certified defence and the correction of a differential equation are improved by 10 to 20 %.',
      state: 'not checked',
      why: 'Neither application is included.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [
    {
      name: 'Alternating training and pruning (M1)',
      why: 'Not implemented; of sparse networks, those with the published and with a drawn mask are included.',
    },
    {
      name: 'First-order training of a network sparse by first-order scores',
      why: 'Not implemented; sparse weights use masks of zeroth-order scores and masks that are drawn.',
    },
  ],
});
