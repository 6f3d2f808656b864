import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 27,
  slug: '27-learnable-codebooks',
  title: 'Network Memory Footprint Compression Through Jointly Learnable Codebooks and Mappings',
  authors: 3,
  firstAuthors: ['Yvinec', 'Dapogny', 'Bailly'],
  date: '2023-09-29',
  venue: 'ICLR 2024',
  arxiv: '2309.17361',
  family: 'compression',
  methods: [
    'JLCM',
    'codebook quantization',
    'k-means quantization',
    'post-training quantization',
    'straight-through estimator',
  ],
  summary:
    'A network shrinks when every weight is replaced by the index of one of a few shared values. Usually the values are tuned and the indices are left as clustering gave them, because ordinary gradients throw indices to far-off values. JLCM changes that gradient so that near values get more pull than distant ones, and learns values and indices together; neurons are sorted so that groups of them share scales without further indices. We will compare gradient rules on one layer and compress a digit classifier to two bits a weight.',
  formulas: [
    {
      tex: String.raw`\widehat W_{rc} = C_{g(r)}\bigl[I_{rc}\bigr],\qquad I_{rc} \in \{0, \dots, 2^b - 1\}`,
      says: 'Each weight is an index into the codebook of its group of neurons.',
    },
    {
      tex: String.raw`\min_{C, I}\; \sum_x \bigl\lVert f(Wx) - f(\widehat W\hat x)\bigr\rVert^2`,
      says: "Values and indices are learned so that each layer's output on calibration data stays.",
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Small networks on MNIST digits instead of ResNet, ViT and Llama-7B. The law of the gradient and the form of the mapping are reconstructed from its published description.',
  },
  claims: [
    {
      id: 'gradient-rule',
      sentence: 'With the proximal gradient, learning indices helps much; with ordinary gradients it does harm.',
      quantity: 'relative output error over that of k-means; share of moved weights that jump past a neighbour',
      bar: {
        quick: '128 × 128, 4 values, 80 steps: proximal ≤ 0.6; linear > 1',
        full: '256 × 256, 4 and 8 values, 150 steps: proximal ≤ 0.4, soft and linear > 1; far moves ≤ 1 % proximal, ≥ 80 % linear',
      },
    },
    {
      id: 'fair-start',
      sentence: 'From logits set by distance all rules behave, and the proximal one is among the best.',
      quantity: 'its error over the least of the three',
      measures: {
        error: { quantity: 'its error over the least of the three', '≤': { quick: 1.2, full: 1.1 } },
      },
    },
    {
      id: 'two-bits',
      sentence: 'At two bits a weight, joint learning removes most of the loss that clustering causes.',
      quantity: 'share of the rise of the training loss removed; packed bits per weight',
      setting: { quick: 'one layer, 100 steps', full: 'all layers, 300 steps' },
      measures: {
        share: { quantity: 'share of the rise removed', '≥': { quick: 0.3, full: 0.6 } },
        bits: { quantity: 'packed bits a weight', '≤': { full: 2.1 } },
      },
    },
  ],
};
