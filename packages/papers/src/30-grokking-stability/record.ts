import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 30,
  slug: '30-grokking-stability',
  title: 'Grokking at the Edge of Numerical Stability',
  authors: 4,
  firstAuthors: ['Prieto', 'Barsbey', 'Mediano'],
  date: '2025-01-08',
  venue: 'ICLR 2025',
  arxiv: '2501.04697',
  code: 'https://github.com/LucasPrietoAl/grokking-at-the-edge-of-numerical-stability',
  family: 'training',
  methods: ['StableMax', 'OrthoGrad', 'Softmax Collapse', 'grokking', 'AdamW'],
  summary:
    'Some networks learn their training set by heart and only much later grasp the rule, and without weight decay often never. The paper finds a numerical reason: past perfect fit the loss falls by blowing up the logits, until rounding makes the softmax exactly one and gradients exactly zero. Replacing the exponential by a function that grows linearly, or removing the part of the gradient that merely scales the weights, brings understanding without regularisation. We train modular addition at three precisions and with both remedies, and watch collapse and test accuracy.',
  formulas: [
    {
      tex: String.raw`s(z) = \begin{cases} z + 1 & z \ge 0 \\ \dfrac{1}{1 - z} & z < 0 \end{cases},\qquad p_k = \frac{s(z_k)}{\sum_j s(z_j)}`,
      says: 'StableMax grows linearly, so no class drowns the others in rounding.',
    },
    {
      tex: String.raw`g_\perp = g - \frac{w^\top g}{w^\top w}\,w`,
      says: 'The orthogonal gradient takes away the direction that only scales the weights.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The orthogonal gradient at original size, on addition only; StableMax and the collapse at modulus 31 instead of 113 and at most 45,000 instead of 80,000 epochs. Half precision is emulated.',
  },
  claims: [
    {
      id: 'orthogonal-gradient',
      sentence:
        'Without the scaling direction a network generalises within a few hundred epochs where plain AdamW only memorises, and sooner than with weight decay.',
      quantity: 'accuracy on addition, of independent first weights and splits',
      setting: {
        quick: 'modulus 23, 0.8 of the pairs, two hidden layers of 96, 300 epochs',
        full: 'modulus 113, 0.4 of the pairs, two hidden layers of 200, 300 epochs',
      },
      ...locked.claims['orthogonal-gradient'],
    },
    {
      id: 'scaling-direction',
      sentence: "Past the fit, AdamW's gradient points along the weights themselves.",
      quantity: 'cosine between negative gradient and weights, the least from epoch 150 on',
      setting: {
        quick: 'modulus 23, 0.8 of the pairs, two hidden layers of 96, 300 epochs',
        full: 'modulus 113, 0.4 of the pairs, two hidden layers of 200, 300 epochs',
      },
      ...locked.claims['scaling-direction'],
    },
    {
      id: 'collapse-order',
      sentence: 'Lower precision collapses earlier.',
      quick: 'Half precision collapses earlier than single precision.',
      quantity: 'first epoch at which the softmax of a quarter of the samples is exactly 1',
      setting: {
        quick: 'modulus 23, at 16 and 32 bits, at most 3000 epochs',
        full: 'modulus 31, at 16, 32 and 64 bits, at most 10,000 epochs',
      },
      ...locked.claims['collapse-order'],
    },
    {
      id: 'stablemax',
      sentence: 'StableMax does not collapse and learns the rule where cross-entropy collapses and does not.',
      quick: 'In single precision, StableMax does not collapse and is ahead of cross-entropy on test pairs.',
      quantity: 'accuracies and the share of samples with a probability of exactly 1, with both losses',
      setting: {
        quick: 'modulus 23, 3000 epochs',
        full: 'modulus 31, in single precision 10,000 epochs, in double precision 45,000 at a rate of 0.01',
      },
      ...locked.claims.stablemax,
    },
    {
      id: 'stablemax-half',
      sentence: 'In half precision, too, StableMax does not collapse and is ahead of cross-entropy on test pairs.',
      quantity: 'accuracies and the share of samples with a probability of exactly 1, with both losses',
      setting: { quick: 'modulus 23, 3000 epochs', full: 'modulus 31, 10,000 epochs' },
      ...locked.claims['stablemax-half'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'orthogonal',
    title: 'Accuracy',
    says: 'Shares of the pairs that are right, those trained on and those left out, with the gradient as it is, with weight decay, and without its part along the weights.',
  },
} as const satisfies PaperRecord;
