import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'A network shrinks when every weight is replaced by the index of one of a few shared values. Usually the values are tuned and the indices are left as clustering gave them, because ordinary gradients throw indices to far-off values. JLCM changes that gradient so that near values get more pull than distant ones, and learns values and indices together; neurons are sorted so that groups of them share scales without further indices. We compare gradient rules on one layer, compress classifiers of digits and of clothes to two bits a weight, and an encoder of sentences to four.',
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
    note: 'Small networks on MNIST digits and Fashion-MNIST, and an encoder of sentences with 7 million weights, instead of ResNet, ViT and Llama-7B. The law of the gradient and the form of the mapping are reconstructed from its published description.',
  },
  claims: [
    {
      id: 'gradient-rule',
      sentence: 'With the proximal gradient, learning indices helps much; with ordinary gradients it does harm.',
      quantity:
        'relative output error of one layer on other images, after learning from indices of k-means without distances',
      setting: {
        quick: '128 × 128 weights, 4 and 8 values, 80 steps',
        full: '256 × 256 weights, 4 and 8 values, 150 steps',
      },
      ...locked.claims['gradient-rule'],
    },
    {
      id: 'fair-start',
      sentence: 'From logits set by distance all rules behave, and the proximal one is among the best.',
      quantity: 'relative output error of the same layer',
      setting: {
        quick: '128 × 128 weights, 4 and 8 values, 80 steps',
        full: '256 × 256 weights, 4 and 8 values, 150 steps',
      },
      ...locked.claims['fair-start'],
    },
    {
      id: 'two-bits',
      sentence: 'At two bits a weight, joint learning removes most of the loss that clustering causes.',
      quantity: 'rise of the training loss of a network whose layers are all compressed',
      setting: { quick: '784-128-128-10, 100 steps a layer', full: '784-256-256-10, 300 steps a layer' },
      ...locked.claims['two-bits'],
    },
    {
      id: 'fashion',
      sentence: 'It removes most of this loss for pictures of clothes, too.',
      quantity: 'rise of the loss on the 60 000 training images of Fashion-MNIST, all layers compressed',
      setting: { quick: '784-128-128-10, 100 steps a layer', full: '784-256-256-10, 300 steps a layer' },
      ...locked.claims.fashion,
    },
    {
      id: 'encoder',
      sentence:
        'An encoder of sentences at four bits a weight keeps its vectors near those of the dense one, and finds documents no worse than one of eight bits.',
      quantity: 'distance of vectors of titles and queries of Cranfield, and nDCG@10 of titles',
      setting: {
        quick: 'a layer of 1536 × 512, 50 steps, 200 titles and 60 queries',
        full: 'all matrices, 200 steps a layer, 1400 titles and 225 queries',
      },
      ...locked.claims.encoder,
    },
    {
      id: 'prefix',
      sentence:
        'Layers are better learned on what the compressed layers before them give than on what dense ones would.',
      quantity: 'rise of the training loss of a network whose layers are all compressed',
      setting: { quick: '784-128-128-10, 100 steps a layer', full: '784-256-256-10, 300 steps a layer' },
      ...locked.claims.prefix,
    },
    {
      id: 'groups',
      sentence:
        'Groups of neurons with similar weights, each with its own values or scale, lower the loss at the same bytes.',
      quantity: 'rise of the training loss of a network whose layers are all compressed to two bits',
      setting: { quick: '784-128-128-10, 100 steps a layer', full: '784-256-256-10, 300 steps a layer' },
      ...locked.claims.groups,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'rules',
    title: 'Error with 4 values, from the index',
    series: ['proximal', 'soft', 'linear', 'values alone'],
    says: 'Error of a layer of a digit classifier with four values as indices are learned: the proximal rule lowers it, the soft and the linear rule raise it far above that of k-means.',
  },
} as const satisfies PaperRecord;
