import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Double descent is observed if and only if the optimiser finds a sufficiently low-loss minimum.',
      state: 'contradicted',
      why: 'Momentum 0.999 has not converged after 2000 steps and has a higher training loss than optimisers without a peak, but its peak is among the highest.',
      claims: ['if-and-only-if'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The optimisation algorithm affects the minimum that is found, and with it the height of the peak.',
      state: 'checked',
      claims: ['optimisers'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'With more steps of gradient descent the training loss falls and the peak appears and grows.',
      state: 'checked',
      claims: ['budget', 'loss-and-height'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The same holds for two-layer networks.',
      state: 'narrowed',
      why: 'Only by the learning rate, with 60 or 200 digits of 8 × 8 and at most eight widths, and by the largest rise of the error with the width; earlier runs showed a shoulder, but no peak, at the threshold.',
      claims: ['two-layer'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Initialisation, normalisation and batch size act through the condition number and the loss in the same way.',
      state: 'not checked',
      why: 'A large start is shown at full size as a check of `optimisers`; normalisation and the size of batches are not varied.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Double descent is unlikely to be a problem in practice, where peaks are weak, unlike in carefully designed setups.',
      state: 'not checked',
      why: 'It is about practice, which experiments of this size do not show.',
      claims: [],
    },
  ],
  ours: ['tiny-demo'],
  rivalsLeftOut: [],
});
