import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    'Can a network be trained when only its loss can be evaluated? DeepZero differences the loss along coordinates rather than random directions, which at the same number of queries is far more accurate, and keeps the count bearable by updating a sparse set of weights that is redrawn as training goes. Sparse updates leave the weights dense, and so beat training a sparse network. Activations of unchanged layers are reused and coordinates are split over workers. We check accuracy of the estimates, equality with backpropagation, what sparsity of gradients costs against sparsity of weights, and whether coordinates beat random directions in training.',
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
    level: 'miniature',
    note: 'All components; ResNet-20 on CIFAR-10 is replaced by small networks on digits of 7 × 7 pixels. The certified defence and the corrector of a differential equation are left out. Runs with sparse updates take gradients of autodiff, which coordinate differences equal, except where they are set against random directions.',
  },
  claims: [
    {
      id: 'estimator',
      sentence:
        'At as many queries as weights, coordinate differences are accurate where random directions are as wrong as the gradient is long.',
      quantity: 'error of the estimated gradient over the length of the gradient, at the start, on a batch of 64',
      setting: {
        quick: 'a network 49-16-16-10, 1242 weights, μ = 0.005',
        full: 'also a network 49-64-64-10, 8010 weights; d/10, d and 4d random directions',
      },
      ...locked.claims.estimator,
    },
    {
      id: 'equals-backprop',
      sentence: 'Training on coordinate differences equals training by backpropagation.',
      quantity: 'the same batches from the same start, network 49-16-16-10, SGD with momentum',
      setting: { quick: '60 steps', full: '300 steps' },
      ...locked.claims['equals-backprop'],
    },
    {
      id: 'sparse-gradients',
      sentence:
        'Sparse, rotating updates of dense weights beat training a sparse network, and updates of one fixed set of weights.',
      quantity:
        'test accuracy at 90 and 95 % sparsity, ratios of layers by ZO-GraSP, network 49-16-16-10, gradients by autodiff, each method at its tuned rate',
      setting: { quick: '300 steps', full: '3000 steps' },
      ...locked.claims['sparse-gradients'],
    },
    {
      id: 'near-dense',
      sentence: 'At 90 % sparsity, sparse updates come within 0.08 of the accuracy of dense ones.',
      quantity: 'test accuracy of the same runs',
      setting: { quick: '300 steps', full: '3000 steps' },
      ...locked.claims['near-dense'],
    },
    {
      id: 'against-random',
      sentence: 'Training on coordinate differences is more accurate than on as many random directions.',
      quantity:
        'test accuracy of the network 49-16-16-10 at 90 % sparsity, 163 queries a step, each method at its tuned rate',
      setting: { quick: '100 steps', full: '100 steps' },
      ...locked.claims['against-random'],
    },
    {
      id: 'feature-reuse',
      sentence: 'Reusing what earlier layers gave makes the same estimates in much less time.',
      quick: 'Reusing what earlier layers gave makes the same estimates with less work.',
      quantity: 'gradients of a network with four hidden layers of 64, a batch of 64',
      setting: { quick: 'every fiftieth weight', full: 'every tenth weight, best time of three' },
      ...locked.claims['feature-reuse'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'sparse',
    title: 'Test accuracy by queries',
    says: 'Test accuracy of dense and sparse updates, of sparse weights and of one mask, against the values of the loss that coordinate differences would ask for.',
  },
} as const satisfies PaperRecord;
