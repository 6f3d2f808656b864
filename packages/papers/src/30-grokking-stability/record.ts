import type { PaperRecord } from '../record.ts';

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
    level: 'full',
    note: 'The orthogonal gradient at original size; StableMax and the collapse at modulus 31 instead of 113 and at most 45,000 instead of 80,000 epochs. Half precision is emulated.',
  },
  claims: [
    {
      id: 'orthogonal-gradient',
      sentence:
        'Without the scaling direction a network generalises within a few hundred epochs where plain AdamW only memorises.',
      ingredient: 'gradients without their part along the weights',
      quantity: 'accuracy on addition, of independent first weights and splits',
      setting: {
        quick: 'modulus 31, 0.8 of the pairs, two hidden layers of 128, 300 epochs',
        full: 'modulus 113, 0.4 of the pairs, two hidden layers of 200, 300 epochs',
      },
      draws: { quick: [3, 6], full: [3, 6] },
      measures: {
        gain: { quantity: 'test accuracy less that of AdamW', over: 'mean', '≥': { quick: 0.5 } },
        accuracy: { quantity: 'test accuracy', over: 'mean', '≥': { full: 0.95 } },
        adam: { quantity: 'test accuracy of AdamW', over: 'mean', '≤': { full: 0.1 } },
        fitted: { quantity: 'training accuracy of AdamW', over: 'mean', '≥': { full: 0.99 } },
      },
    },
    {
      id: 'scaling-direction',
      sentence: "Past the fit, AdamW's gradient points along the weights themselves.",
      ingredient: 'a loss that falls as logits grow',
      quantity: 'cosine between negative gradient and weights, the least from epoch 150 on',
      setting: {
        quick: 'modulus 31, 0.8 of the pairs, two hidden layers of 128, 300 epochs',
        full: 'modulus 113, 0.4 of the pairs, two hidden layers of 200, 300 epochs',
      },
      draws: { quick: [3, 6], full: [3, 6] },
      measures: {
        cosine: {
          quantity: 'least cosine from epoch 150 on',
          over: 'mean',
          '≥': { quick: 0.4, full: 0.5 },
        },
      },
    },
    {
      id: 'collapse-order',
      sentence: 'Lower precision collapses earlier.',
      quick: 'Half precision collapses earlier than single precision.',
      ingredient: 'a softmax whose every operation is rounded to its precision',
      quantity: 'first epoch at which the softmax of a quarter of the samples is exactly 1',
      setting: {
        quick: 'modulus 31, at 16 and 32 bits, at most 2500 epochs',
        full: 'modulus 31, at 16, 32 and 64 bits, at most 10,000 epochs',
      },
      measures: {
        ratio: { quantity: 'first epoch at {bits over bits}', '≥': 1.5 },
      },
    },
    {
      id: 'stablemax',
      sentence: 'StableMax never collapses and learns the rule in the end.',
      quick: 'StableMax has not collapsed where cross-entropy in single precision has.',
      ingredient: 'a scale that grows linearly, where the exponential was',
      quantity:
        'largest share of samples with a probability of exactly 1, at quick size in single precision, at full size in double, in which the loss is; test accuracy',
      setting: {
        quick: 'modulus 31, 2500 epochs at the rate of 0.002 at which cross-entropy collapses',
        full: 'modulus 31, a rate of 0.01, 10,000 and 45,000 epochs',
      },
      measures: {
        collapsed: { quantity: 'largest share that has collapsed', '≤': 0 },
        learned: { quantity: 'test accuracy after 10,000 epochs', '≥': { full: 0.25 } },
        ahead: {
          quantity: 'test accuracy after 10,000 epochs, beside {cross-entropy}',
          '≥': { full: { of: 'its', plus: 0.15 } },
        },
        end: { quantity: 'test accuracy after 45,000 epochs', '≥': { full: 0.95 } },
        control: { quantity: 'test accuracy of cross-entropy after 45,000 epochs', '≤': { full: 0.4 } },
      },
    },
  ],
  picture: {
    experiment: 'orthogonal',
    title: 'Accuracy',
    says: 'Shares of the pairs that are right, those trained on and those left out, with the gradient as it is and without its part along the weights.',
  },
} as const satisfies PaperRecord;
