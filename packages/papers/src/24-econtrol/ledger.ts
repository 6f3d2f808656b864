import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Error feedback with compression is unstable or stalls on heterogeneous data; EControl regulates the strength of the feedback and is stable without assumptions on heterogeneity.',
      state: 'narrowed',
      why: 'On least squares of one dissimilarity, and on digits divided by label.',
      claims: ['rounds', 'damping', 'digits'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'One compressed message a round suffices, without large batches.',
      state: 'narrowed',
      why: 'On least squares, with top-k of a tenth of the entries; the first round is sent whole.',
      claims: ['rounds', 'noise-floor'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The leading term of the rate falls linearly with the number of clients.',
      state: 'narrowed',
      why: 'As the noise floor at one step size, for 5, 20 and 80 clients.',
      claims: ['noise-floor'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'A share of the error near δ works for all step sizes that work without compression; all of the error does not.',
      state: 'checked',
      claims: ['damping'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'On networks for images it does better than error feedback and EF21.',
      state: 'narrowed',
      why: 'A small perceptron on digits in place of ResNet-18 and VGG-13 on CIFAR-10, and beside EF21 alone: error feedback is about as accurate there.',
      claims: ['digits'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Fast convergence holds for strongly convex, convex and nonconvex problems, with the rates of the paper.',
      state: 'not checked',
      why: 'The rates hide constants, and only rounds at given step sizes are measured.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
