import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'An effective method generates candidate pairs for swaps from the gradient of the acyclicity function.',
      state: 'narrowed',
      why: 'Beside as many pairs at random, on linear models with Gaussian noise of equal variances; pairs are not restricted by the gradient of the score, as in the released code.',
      claims: ['by-gradient'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'From random orders it reaches the score of the true order.',
      state: 'narrowed',
      why: 'Linear models with Gaussian noise of equal variances and up to 100 variables, with the sets of the card.',
      claims: ['reaches-true-score'],
      fidelity: 'scaled',
      harder: 'Evaluations, and scores that few swaps a round reach, beside swaps at random (by-gradient).',
    },
    {
      from: 'abstract',
      says: 'It finds a local minimum or a KKT point under weaker conditions than earlier methods.',
      state: 'not checked',
      why: 'It is about a proof. Whether any swap of two would still lower the score is counted for 20 variables, as a check.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'It finds solutions with lower scores than the best known methods.',
      state: 'narrowed',
      why: 'NOTEARS and GOLEM-EV with the defaults of the library, on 10 or 20 variables.',
      claims: ['lower-scores'],
      fidelity: 'scaled',
      harder:
        'Random orders of 60 variables, where swaps of neighbours leave the claim undecided (reaches-true-score); NOTEARS takes too long there.',
    },
    {
      from: 'abstract',
      says: 'As post-processing it improves the scores of other algorithms significantly.',
      state: 'narrowed',
      why: 'After NOTEARS only.',
      claims: ['repairs-notears'],
      fidelity: 'scaled',
      harder:
        'Random orders of 60 variables, where swaps of neighbours leave the claim undecided (reaches-true-score); NOTEARS takes too long there.',
    },
    {
      from: 'card',
      says: 'Every accepted round lowers the score strictly.',
      state: 'checked',
      claims: ['monotone'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'It works for logistic models and small neural networks, too.',
      state: 'not checked',
      why: 'The library has both, but no experiment of this paper runs them.',
      claims: [],
    },
  ],
  ours: [],
  asWell: {
    'reaches-true-score': 'with as many swaps at random, or by the weights of single edges',
    'lower-scores': 'with swaps of neighbours in the order only',
    'repairs-notears': 'with swaps of neighbours in the order only',
  },
  rivalsLeftOut: [{ name: 'NOFEARS', why: 'Its local search from the KKT conditions is not implemented.' }],
});
