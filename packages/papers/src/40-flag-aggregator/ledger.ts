import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

/** The rule with m = p, or with a random subspace in place of the one that it finds. */
const withoutSubspace = 'without a subspace, as the mean of unit gradients, or with a random one';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'It is significantly more robust than other Byzantine-resilient aggregation rules.',
      state: 'narrowed',
      why: 'Small networks on synthetic classes, under five attacks by 3 of 15 workers.',
      claims: ['worst-case', 'lie'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Under failures and augmented losses, it improves accuracy across tasks.',
      state: 'narrowed',
      why: 'Digits and Fashion-MNIST, with two kinds of noise at a third of the workers and up to three that send random entries.',
      claims: ['augmentation'],
      fidelity: 'scaled',
      harder: 'Attacks that know the honest gradients, where the mean of unit gradients does as well, too (subspace).',
    },
    {
      from: 'abstract',
      says: 'It improves the efficiency of communication at the same time.',
      state: 'narrowed',
      why: 'As iterations and bytes to an accuracy in the same experiment.',
      claims: ['fewer-iterations'],
      fidelity: 'scaled',
      harder: 'None was tried: the mean of unit gradients needs as many iterations in the same runs.',
    },
    {
      from: 'card',
      says: 'Without attack it is nearly as accurate as the mean.',
      state: 'checked',
      claims: ['no-attack'],
      fidelity: 'scaled',
      harder: 'Attacks that know the honest gradients, where the mean of unit gradients does as well, too (subspace).',
    },
    {
      from: 'card',
      says: 'An aggregation costs O(Np²), as for Multi-Krum.',
      state: 'checked',
      claims: ['cost'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The likelihood can be solved approximately by iterative least squares, with guarantees of convergence.',
      state: 'not checked',
      why: 'Tests of the library hold that the objective never rises and that its gradient vanishes; no experiment decides it.',
      claims: [],
    },
  ],
  ours: ['subspace'],
  rivalsLeftOut: [],
  asWell: {
    'no-attack': withoutSubspace,
    augmentation: withoutSubspace,
    'fewer-iterations': withoutSubspace,
  },
  withoutNull: [
    { claim: 'cost', kind: 'nothing', why: 'Doing nothing takes no time, so that the claim would hold trivially.' },
  ],
});
