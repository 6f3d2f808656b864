import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'A bandit that sees iteration counts only comes close to the cost of the best fixed ω for SOR.',
      state: 'checked',
      claims: ['near-best-fixed'],
      fidelity: 'full',
      harder:
        'In the heat simulation, whose systems change over time, the arm of the least mean cost is 10 % above the best fixed ω and Tsallis-INF 3 to 5 %; but the middle of the grid is 9 % above it there, and is the best at full size.',
    },
    {
      from: 'abstract',
      says: 'With more information, a contextual bandit approaches the best ω for each system.',
      state: 'narrowed',
      why: 'Within 20 % of the optimum after 5000 systems.',
      claims: ['context'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'In a heat simulation with SSOR-preconditioned CG, ChebCB is the best of the learners and better than every fixed ω.',
      state: 'narrowed',
      why: 'On 49² unknowns instead of up to 399².',
      claims: ['heat'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'In the heat simulation, Tsallis-INF needs fewer iterations than CG and than ω = 1.',
      state: 'not checked',
      why: 'The middle of the grid does so too; the numbers are shown as checks.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Regret bounds are proved, the first of the kind for solvers of high precision.',
      state: 'not checked',
      why: 'They are theorems; the tests compare the regret on a stationary problem with its bound.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
  asWell: { 'near-best-fixed': 'with the arm of the least mean cost so far' },
});
