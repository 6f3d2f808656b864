import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Without regularisation, grokking tasks push models to the edge of numerical stability, where softmax collapses.',
      state: 'narrowed',
      why: 'On addition modulo 31, at three precisions.',
      claims: ['collapse-order'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Collapse prevents grokking, and mitigating it leads to grokking without regularisation: StableMax does so.',
      state: 'narrowed',
      why: 'On addition modulo 31, in single and double precision.',
      claims: ['stablemax'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Beyond the point of overfitting, gradients align with the direction that scales the logits.',
      state: 'narrowed',
      why: 'On addition with one network.',
      claims: ['scaling-direction'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The scaling of the logits explains the delay of generalisation, and leads to collapse.',
      state: 'not checked',
      why: 'It is an explanation; that the delay disappears without the direction is checked.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'An optimiser without that direction, ⊥Grad, generalises quickly.',
      state: 'narrowed',
      why: 'On addition, with AdamW; products, sparse parities and transformers are not tried.',
      claims: ['orthogonal-gradient'],
      fidelity: 'full',
    },
  ],
  ours: ['stablemax-half'],
  rivalsLeftOut: [
    { name: '⊥SGD', why: 'It has the same ingredient as ⊥AdamW.' },
    { name: 'A transformer', why: 'The claims are about gradients of any network; ours are small and fast.' },
  ],
});
