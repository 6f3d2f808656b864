import type { PaperRecord } from '../record.ts';

export const record = {
  number: 10,
  slug: '10-deepzero',
  title: 'DeepZero: Scaling up Zeroth-Order Optimization for Deep Model Training',
  authors: 10,
  firstAuthors: ['Chen', 'Zhang', 'Jia'],
  date: '2023-10-03',
  venue: 'ICLR 2024',
  arxiv: '2310.02025',
  code: 'https://github.com/OPTML-Group/DeepZero',
  family: 'black-box',
  methods: ['DeepZero', 'CGE', 'RGE', 'ZO-GraSP', 'zeroth-order optimization'],
  summary:
    'Can a network be trained when only its loss can be evaluated? DeepZero differences the loss along coordinates rather than random directions, which at the same number of queries is far more accurate, and keeps the count bearable by updating a sparse set of weights that is redrawn as training goes. Sparse updates leave the weights dense, and so beat training a sparse network. Activations of unchanged layers are reused and coordinates are split over workers. We check accuracy of the estimates, equality with backpropagation, and what sparsity of gradients costs against sparsity of weights.',
  formulas: [
    {
      tex: String.raw`\hat g_j = \frac{\ell(\theta + \mu e_j) - \ell(\theta)}{\mu}, \quad j \in S`,
      says: 'Coordinate-wise estimate: one query for each weight in the active set S.',
    },
    {
      tex: String.raw`\mathbb E\,\lVert\hat g_{\mathrm{RGE}} - g\rVert^2 = \frac{d+1}{q}\,\lVert g\rVert^2`,
      says: 'With q random directions the relative error is near 1 even at as many queries as weights.',
    },
  ],
  terms: {
    CGE: 'coordinate-wise gradient estimate',
    RGE: 'gradient estimate by random directions',
  },
  fidelity: {
    level: 'scaled',
    note: 'All components; ResNet-20 on CIFAR-10 is replaced by small networks on digits of 7 × 7 pixels. The certified defence and the corrector of a differential equation are left out. The advantage of coordinates over random directions in training may need depth and is reported without a bar.',
  },
  claims: [
    {
      id: 'estimator',
      sentence:
        'At as many queries as weights, coordinate differences are accurate where random directions are as wrong as the gradient is long.',
      ingredient: 'differences along one coordinate at a time',
      quantity: 'error of the estimated gradient over the length of the gradient, at the start, on a batch of 64',
      draws: { quick: [4, 8], full: [5, 10] },
      setting: {
        quick: 'a network 49-16-16-10, 1242 weights, μ = 0.005',
        full: 'also a network 49-64-64-10, 8010 weights; d/10, d and 4d random directions',
      },
      measures: {
        coordinates: { quantity: 'error of coordinate differences on {each network}', over: 'mean', '≤': 0.15 },
        random: {
          quantity: 'error of as many random directions as weights on {each network}',
          over: 'mean',
          '≥': 0.85,
          '≤': 1.15,
        },
        theory: {
          quantity: 'error of random directions over √((d + 1)/q) on {each network, each q}',
          over: 'mean',
          '≥': { full: 0.9 },
          '≤': { full: 1.1 },
        },
      },
    },
    {
      id: 'equals-backprop',
      sentence: 'Training on coordinate differences equals training by backpropagation.',
      quick: 'The loss of training on coordinate differences follows that of backpropagation.',
      ingredient: 'differences along one coordinate at a time',
      quantity: 'the same batches from the same start, network 49-16-16-10, SGD with momentum',
      draws: { quick: [3, 6], full: [5, 10] },
      setting: { quick: '60 steps', full: '300 steps' },
      measures: {
        loss: {
          quantity: 'relative difference of the losses, means of ten steps, the largest along a run',
          over: 'mean',
          '≤': 0.05,
        },
        accuracy: { quantity: 'difference of test accuracies', over: 'mean', '≤': { full: 0.015 } },
      },
    },
    {
      id: 'sparse-gradients',
      sentence: 'Sparse, rotating updates of dense weights beat training a sparse network.',
      ingredient: 'as many weights as the sparsity leaves, drawn anew every 20 steps',
      quantity: 'test accuracy at 90 and 95 % sparsity, ratios of layers by ZO-GraSP, network 49-16-16-10',
      draws: { quick: [3, 6], full: [5, 10] },
      setting: { quick: '600 steps', full: '3000 steps' },
      measures: {
        gain: {
          quantity: 'accuracy of sparse updates at {each sparsity}',
          over: 'mean',
          '≥': {
            quick: { of: 'that of sparse weights', plus: 0.1 },
            full: { of: 'that of sparse weights', plus: 0.2 },
          },
        },
        toDense: {
          quantity: 'accuracy of sparse updates at 90 %',
          over: 'mean',
          '≥': { full: { of: 'that of dense ones', plus: -0.08 } },
        },
      },
    },
    {
      id: 'feature-reuse',
      sentence: 'Reusing what earlier layers gave makes the same estimates in much less time.',
      quick: 'Reusing what earlier layers gave makes the same estimates with less work.',
      ingredient: 'what a moved weight changes, added to what was kept',
      quantity: 'gradients of a network with four hidden layers of 64, a batch of 64',
      setting: { quick: 'every fiftieth weight', full: 'every tenth weight, best time of three' },
      measures: {
        difference: {
          quantity: 'largest difference to whole passes, passing on {what}',
          '≤': 1e-12,
        },
        work: {
          quantity: 'multiplications of whole passes over those of passing on units',
          '≥': { quick: 1.8 },
        },
        stages: { quantity: 'time of whole passes over that of passing on layers', '≥': { full: 1.8 } },
        units: { quantity: 'time of whole passes over that of passing on units', '≥': { full: 10 } },
      },
    },
  ],
  picture: {
    experiment: 'sparse',
    title: 'Test accuracy by queries',
    says: 'Test accuracy of dense and sparse updates, sparse weights and random directions, against the values of the loss that they asked for.',
  },
} as const satisfies PaperRecord;
