import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Weight matching finds permutations after which two networks from different seeds are connected by a line of nearly constant loss.',
      state: 'narrowed',
      why: 'Perceptrons with three hidden layers, on digits and on Fashion-MNIST; no convolutional networks.',
      claims: ['barrier', 'fashion-barrier'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'These permutations do not reduce the distance much, and the connection is not owed to that.',
      state: 'narrowed',
      why: 'Distances are checks, which networks that are left as they are meet too; that a small distance is not the reason shows in the barriers which an expansion to second order predicts, a table.',
      claims: ['barrier', 'fashion-barrier'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Permutations change the singular directions of the weights, but not the singular values, and matching aligns mainly the directions of large values.',
      state: 'narrowed',
      why: 'The normalisation of the alignment score is ours.',
      claims: ['alignment', 'fashion-barrier'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The directions of large singular values determine what the network computes, and that they agree is what makes the merged network work.',
      state: 'narrowed',
      why: 'By matching these directions alone, or all others alone.',
      claims: ['strong-directions'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Activation matching works by the same principle as weight matching.',
      state: 'narrowed',
      why: 'By barriers and alignment on digits.',
      claims: ['activations'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Weight matching has advantages over the straight-through estimator where three or more networks are to be connected.',
      state: 'narrowed',
      why: 'Three networks; permutations are learned from 500 or 1000 examples, in 200 or 400 steps.',
      claims: ['three-networks', 'fashion-three'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'The barrier after matching is at least three times as high at width 64 as at width 256.',
      state: 'narrowed',
      why: 'At quick size widths 64 and 128, and half as much.',
      claims: ['width', 'fashion-width'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'VGG and ResNet on CIFAR-10 and ImageNet behave alike.',
      state: 'not checked',
      why: 'Training them takes more than a laptop has.',
      claims: [],
    },
  ],
  ours: ['fine-tuned', 'language-seeds'],
  rivalsLeftOut: [],
});
