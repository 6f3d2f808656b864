import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'It is the first primal, decoupled and asynchronous method that is accelerated in gradients and communications, without inner loops.',
      state: 'narrowed',
      why: 'Counts beside ADOM+ with and without multi-consensus on graphs of 36 nodes; being first is not a measurement.',
      claims: ['against-primal', 'dense'],
      fidelity: 'scaled',
      harder:
        'On a star, a grid, a cycle and a path, counts beside ADOM+ with multi-consensus are told apart from gradient tracking.',
    },
    {
      from: 'abstract',
      says: 'It takes O(n√(L/μ) log(1/ε)) gradients, whatever the graph.',
      state: 'narrowed',
      why: 'Six graphs of 36 nodes, and condition numbers from 10 to 1000.',
      claims: ['graph-independence', 'acceleration'],
      fidelity: 'scaled',
      harder:
        'Counts beside rivals on six graphs and the dependence on the graph are told apart from synchronous rounds.',
    },
    {
      from: 'abstract',
      says: 'Rates of links by a semidefinite programme lessen the communications.',
      state: 'narrowed',
      why: 'Our own convex formulation, on graphs of 16 nodes.',
      claims: ['gossip-rates'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'On long graphs it needs fewer gradients than the continuized method; where dual gradients are cheap, MSDA needs fewer gradients, and the continuized method fewer communications.',
      state: 'checked',
      claims: ['against-dual'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Communications of a round on a star of 300 nodes, from the notebook of the authors.',
      state: 'checked',
      claims: ['notebook'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Decentralised logistic regression.',
      state: 'narrowed',
      why: 'Census incomes on a grid and a path, split by features; data of the paper are drawn at random.',
      claims: ['adult'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'It holds for networks that change in time.',
      state: 'not checked',
      why: 'The library runs sequences of graphs, but no rival here does.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
  asWell: { acceleration: 'with synchronous rounds', dense: 'with gradient tracking, on the complete graph' },
});
