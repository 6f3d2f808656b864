import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'New greedy rules make more progress per iteration than Gauss–Southwell.',
      state: 'checked',
      claims: ['figure-4-greedy', 'figure-5-matrix', 'figure-11-gsq', 'figure-12-newton'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Greedy rules over variable blocks are the best for all sizes of blocks.',
      state: 'narrowed',
      why: 'On set A; the other four sets are drawn without a measure.',
      claims: ['figure-8-sizes'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The partition into fixed blocks matters: sorted by curvature is best.',
      state: 'narrowed',
      why: 'On set A with blocks of 50; the other sets are drawn without a measure.',
      claims: ['figure-10-partition'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Approximated Lipschitz constants help on logistic and softmax losses and hurt on least squares with small blocks.',
      state: 'checked',
      claims: ['figure-9-estimates-help', 'figure-9-estimates-hurt'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Message passing gives exact updates of huge blocks where dependencies are sparse.',
      state: 'narrowed',
      why: 'Label propagation on a lattice and on a graph of neighbours; Newton updates by messages are not run.',
      claims: ['figure-6-lattice', 'figure-6-graph'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The active set is identified within a bounded number of iterations.',
      state: 'narrowed',
      why: 'Proximal gradient and cyclic coordinate descent on draws of a lasso with a ridge.',
      claims: ['active-set-complexity'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'With greedy blocks and second-order updates, convergence is superlinear or finite on problems with sparse solutions.',
      state: 'checked',
      claims: ['figure-7-active-set', 'figure-13-random', 'superlinear-tail'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Rates of convergence of the greedy rules are proved.',
      state: 'not checked',
      why: 'They are theorems; only errors after a number of iterations are measured.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
