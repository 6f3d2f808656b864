import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Gradient descent on the mapping favours jumps toward extreme values.',
      state: 'narrowed',
      why: 'On one layer, with the two common gradients and one second moment a weight, from logits that do not know distances; from logits set by distance they do not jump.',
      claims: ['gradient-rule', 'fair-start'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'A gradient whose weight falls with the distance between codewords enables a proximal search of codebooks and mappings.',
      state: 'narrowed',
      why: 'The law, one over the distance, is reconstructed; with logits set by distance the common gradients do as well.',
      claims: ['gradient-rule', 'fair-start'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Codebooks and mappings are learned jointly, on calibration data, and beat codebooks alone.',
      state: 'narrowed',
      why: 'At two bits, on perceptrons for digits and for clothes.',
      claims: ['two-bits', 'fashion'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Similarly distributed neurons are grouped by re-ordering, so that scales or several codebooks cost no mapping.',
      state: 'narrowed',
      why: 'Four groups by the spread of the weights, in a perceptron at two bits.',
      claims: ['groups'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Layers are learned on what the compressed layers before them give; dense inputs correct too little.',
      state: 'checked',
      claims: ['prefix'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Any network is approximated very efficiently: Llama 7B takes 2 GB and runs on phones that are five years old.',
      state: 'not checked',
      why: 'Networks of that size do not run here.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [],
});
