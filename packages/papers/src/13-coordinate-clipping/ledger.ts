import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

const small = 'A character transformer of two layers, in place of translation and language models.';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'The directional sharpness of SGD is much worse than that of adaptive methods.',
      state: 'narrowed',
      why: `${small.slice(0, -1)}; Adam is the only adaptive method.`,
      claims: ['sharpness'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Only a small fraction of the coordinates causes the sharpness of SGD, so that clipping reduces it.',
      state: 'narrowed',
      why: small,
      claims: ['clipped-sharpness'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Coordinate-wise clipping improves the local reduction of the loss.',
      state: 'narrowed',
      why: small,
      claims: ['local-decrease'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Coordinate-wise clipping speeds up the convergence of SGD.',
      state: 'narrowed',
      why: small,
      claims: ['training'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'It is a universal technique, which speeds up other optimisers as well.',
      state: 'contradicted',
      why: 'On a character transformer of two layers, SGD with momentum has no lower loss at its best rate with clipped gradients, and on two seeds a clearly higher one; the loss of Adam is lower by at most 0.01, as with updates shortened as a whole. Momentum only bears larger rates, which is what the claim `universal` says. At full size, which has not been run since, momentum once ended at 2.668 with clipping and at 2.704 without.',
      claims: ['universal'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The reduction of sharpness by scaling coordinates is the reason for the success of Adam.',
      state: 'narrowed',
      why: 'By the part of the gap between SGD and Adam that clipping closes; no experiment separates causes.',
      claims: ['gap-to-adam'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The performance of optimisers is closely related to the directional sharpness of their steps.',
      state: 'not checked',
      why: 'Sharpness and training are measured, but not related over methods.',
      claims: [],
    },
    {
      from: 'card',
      says: 'Clipping helps AMSGrad, Adafactor and normalised SGD.',
      state: 'not checked',
      why: 'Adam stands for adaptive methods; the library has neither Adafactor nor normalised SGD.',
      claims: [],
    },
  ],
  ours: ['steep-coordinate'],
  rivalsLeftOut: [
    {
      name: 'AMSGrad, Adafactor and normalised SGD',
      why: 'Adam stands for adaptive methods; the library has neither Adafactor nor normalised SGD.',
    },
    {
      name: 'sign descent',
      why: 'Its sharpness is part of the order at full size, and its training is reported there.',
    },
    {
      name: 'clipping of the momentum',
      why: 'The paper clips gradients before momentum; that of the momentum is reported at full size.',
    },
  ],
});
