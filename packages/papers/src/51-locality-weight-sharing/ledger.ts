import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'With gradient descent, CNNs need Õ(k + d) samples and LCNs Ω(kd): sharing weights has a statistical advantage.',
      state: 'narrowed',
      why: 'At k = 8 and 16, with σ = 0.25 and at full size 0.7/√k; constants and logarithms are not separated from powers.',
      claims: ['weight-sharing'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'LCNs need Õ(k(k + d)) samples and FCNs Ω(k²d): locality has a statistical advantage.',
      state: 'narrowed',
      why: 'At k = 2, 4 and 6, since fully connected networks are expensive to train.',
      claims: ['locality'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'At fixed d, the samples of CNN grow like k and those of LCN like k².',
      state: 'narrowed',
      why: 'The difference of the two powers, at a fixed σ, which adds powers of k to both.',
      claims: ['growth'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'At fixed k, the samples of CNN and LCN grow linearly in d.',
      state: 'not checked',
      why: 'Only the slope of LCN is measured, over three sizes, and shown as a check of growth at full size.',
      claims: [],
    },
    {
      from: 'card',
      says: 'The advantages belong to the task: a static signal or shuffled pixels take them away.',
      state: 'checked',
      claims: ['fixed-patch', 'shuffled-pixels'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The bounds hold for every orthogonally equivariant algorithm.',
      state: 'not checked',
      why: 'They are theorems; a table of controls shows that predictions of gradient descent do not change when inputs are rotated and those of Adam do, and rotated inputs are a check.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
