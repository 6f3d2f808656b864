import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Can a network be trained when only its loss can be evaluated? DeepZero differences the loss along coordinates rather than random directions, which at the same number of queries is far more accurate, and keeps the count bearable by updating a sparse set of weights that is redrawn as training goes. Sparse updates leave the weights dense, and so beat training a sparse network. Activations of unchanged layers are reused and coordinates are split over workers. We will check accuracy of the estimates, equality with backpropagation, and what sparsity of gradients costs against sparsity of weights.',
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
  fidelity: {
    level: 'scaled',
    note: 'All components; ResNet-20 on CIFAR-10 is replaced by small networks on digits of 7 × 7 pixels. The advantage of coordinates over random directions in training may need depth and will be reported without a bar.',
  },
  claims: [
    {
      id: 'estimator',
      sentence:
        'At as many queries as weights, coordinate differences are accurate where random directions are as wrong as the gradient is long.',
      quantity: 'relative error of the estimated gradient at the start',
      bar: {
        quick: '1242 weights, q = d: coordinates ≤ 0.15, random in [0.85, 1.15]',
        full: 'also 8010 weights; random within 10 % of √((d+1)/q) for q = d/10, d and 4d',
      },
    },
    {
      id: 'equals-backprop',
      sentence: 'Training on coordinate differences equals training by backpropagation.',
      quantity: 'test accuracy and loss after the same batches',
      setting: { quick: '60 steps', full: '300 steps' },
      measures: {
        accuracy: { quantity: 'difference of test accuracies', '≤': { full: 0.015 } },
        loss: { quantity: 'relative difference of the losses', '≤': 0.05 },
      },
    },
    {
      id: 'sparse-gradients',
      sentence: 'Sparse, rotating updates of dense weights beat training a sparse network.',
      quantity: 'test accuracy at 90 and 95 % sparsity',
      setting: { quick: '600 steps', full: '3000 steps' },
      measures: {
        gain: {
          quantity: '{each sparsity}: accuracy of sparse updates less that of sparse weights',
          '≥': { quick: 0.1, full: 0.2 },
        },
        toDense: { quantity: '90 %: accuracy of dense updates less that of sparse ones', '≤': { full: 0.08 } },
      },
    },
    {
      id: 'feature-reuse',
      sentence: 'Reusing the activations of earlier layers gives the same estimates for much less work.',
      quantity: 'largest difference of estimates; ratio of step times on four hidden layers',
      bar: { quick: 'difference ≤ 1e-12; ratio reported', full: 'difference ≤ 1e-12; ratio ≥ 1.8' },
    },
  ],
};
