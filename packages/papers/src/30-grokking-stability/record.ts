import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Some networks learn their training set by heart and only much later grasp the rule, and without weight decay often never. The paper finds a numerical reason: past perfect fit the loss falls by blowing up the logits, until rounding makes the softmax exactly one and gradients exactly zero. Replacing the exponential by a function that grows linearly, or removing the part of the gradient that merely scales the weights, brings understanding without regularisation. We will train modular addition at three precisions and with both remedies, and watch collapse and test accuracy.',
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
    level: 'full',
    note: 'The orthogonal gradient at original size; StableMax and the collapse at modulus 31 instead of 113 and at most 45,000 instead of 80,000 epochs.',
  },
  claims: [
    {
      id: 'orthogonal-gradient',
      sentence:
        'Without the scaling direction a network generalises within a few hundred epochs where plain AdamW only memorises.',
      quantity: 'test accuracy on addition',
      setting: { quick: 'modulus 31, 300 epochs', full: 'modulus 113, 300 epochs, three seeds' },
      measures: {
        gain: { quantity: 'test accuracy less that of AdamW', '≥': { quick: 0.5 } },
        accuracy: { quantity: 'test accuracy', '≥': { full: 0.95 } },
        adam: { quantity: 'test accuracy of AdamW', '≤': { full: 0.1 } },
        fitted: { quantity: 'training accuracy of AdamW', '≥': { full: 0.99 } },
      },
    },
    {
      id: 'scaling-direction',
      sentence: "Past the fit, AdamW's gradient points along the weights themselves.",
      quantity: 'cosine between negative gradient and weights after epoch 150',
      measures: {
        cosine: {
          quantity: 'cosine between negative gradient and weights after epoch 150',
          '≥': { quick: 0.4, full: 0.5 },
        },
      },
    },
    {
      id: 'collapse-order',
      sentence: 'Lower precision collapses earlier.',
      quantity: 'first epoch at which a quarter of the samples collapse, at 16, 32 and 64 bits',
      bar: { quick: '16 before 32 bits within 2500 epochs', full: '16 < 32 < 64 bits, factors ≥ 1.5, 10,000 epochs' },
    },
    {
      id: 'stablemax',
      sentence: 'StableMax never collapses and learns the rule in the end.',
      quantity: 'collapsed share; test accuracy',
      bar: {
        quick: '0 after 2500 epochs',
        full: '0; ≥ 0.25 and ≥ 0.15 above cross-entropy after 10,000 epochs; ≥ 0.95 against ≤ 0.40 after 45,000',
      },
    },
  ],
};
