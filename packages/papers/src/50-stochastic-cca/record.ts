import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 50,
  slug: '50-stochastic-cca',
  title: 'Unconstrained Stochastic CCA: Unifying Multiview and Self-Supervised Learning',
  authors: 3,
  firstAuthors: ['Chapman', 'Wells', 'Lawry Aguila'],
  date: '2023-10',
  venue: 'ICLR 2024',
  arxiv: '2310.01012',
  code: 'https://github.com/jameschapman19/DeltaEigenGame',
  family: 'factorisation',
  methods: ['CCA', 'Eckart-Young', 'PLS', 'EigenGame', 'SGHA', 'deep CCA', 'VICReg', 'Barlow Twins'],
  summary:
    'Canonical correlation finds what two sets of measurements have in common, as a generalised eigenproblem that usually needs large matrices and constraints. This work writes it as a loss without constraints whose minima are all global and that mini-batches estimate without bias, so plain gradient descent does the work, for two views or more. Popular self-supervised losses turn out to be relatives. We stream planted correlations and halves of digits in tiny batches past rival methods, check that no false minima exist, and train small networks on the same halves.',
  terms: {
    SGHA: 'stochastic generalised Hebbian algorithm',
    PLS: 'partial least squares',
    CCA: 'canonical correlation analysis',
    STOL: 'whole objective of each batch',
    NOI: 'non-linear orthogonal iterations',
  },
  formulas: [
    {
      tex: String.raw`\mathcal L_{EY}(U) = \operatorname{tr}\bigl(-2\,U^\top A U + (U^\top B U)^2\bigr)`,
      says: 'Its minima span the leading generalised eigenvectors of A and B; nothing is constrained or inverted.',
    },
    {
      tex: String.raw`\min_U \mathcal L_{EY}(U) = -\sum_{k \le K} \lambda_k^2`,
      says: 'The least value is minus the sum of squared leading eigenvalues.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Linear CCA and PLS are complete, on planted tables of about the size of one of the paper’s. Digits are the first 10,000 of MNIST’s training set, so that three passes stand for one of 30,000. The UK Biobank study is private and becomes a wide synthetic problem. Deep CCA is of perceptrons 128-128 on halves of 10,000 digits, in place of 800-800 on 60,000 and of speech. Self-supervision is in the library, but is not checked.',
  },
  claims: [
    {
      id: 'small-batches',
      sentence:
        'With batches of five, reading each row once finds most of the correlation where the generalised Hebbian algorithm (SGHA) does not.',
      quantity:
        'share of the exact top-5 correlation after one pass, steps chosen for each method on a draw of its own',
      setting: {
        quick: 'planted: 20,000 rows, 100 + 80 columns, one pass, draws of the order of the rows and the start',
        full: 'planted: 20,000 rows, 100 + 80 columns, one pass; halves of 10,000 digits, three passes in place of one over 30,000',
      },
      ...locked.claims['small-batches'],
    },
    {
      id: 'eigen-game',
      sentence: 'With batches of five, reading each row once finds more of the correlation than the γ-EigenGame.',
      quantity:
        'share of the exact top-5 correlation after one pass, steps chosen for each method on a draw of its own',
      setting: {
        quick: 'planted: 20,000 rows, 100 + 80 columns, one pass, draws of the order of the rows and the start',
        full: 'planted: 20,000 rows, 100 + 80 columns, one pass; halves of 10,000 digits, three passes in place of one over 30,000',
      },
      ...locked.claims['eigen-game'],
    },
    {
      id: 'two-batches',
      sentence:
        'Two independent batches estimate the loss without bias, so that tiny batches lead to the exact minimum.',
      quantity:
        'gradient along the weights, variance of scores at the end, and share of the correlation, over the exact ones',
      setting: {
        quick: '2000 rows, 12 + 10 columns, batches of five, 20 epochs',
        full: '2000 rows, 12 + 10 columns, batches of five, 60 epochs',
      },
      ...locked.claims['two-batches'],
    },
    {
      id: 'no-false-minima',
      sentence: 'From every start, descent ends at the least value of the loss, which only the exact subspace has.',
      quantity: 'relative error of the loss; largest principal angle over starts',
      setting: { quick: 'three starts, 20 + 16 columns', full: 'ten starts, 20 + 16 columns' },
      ...locked.claims['no-false-minima'],
    },
    {
      id: 'wide-pls',
      sentence: 'Partial least squares on twenty thousand columns streams in little memory.',
      quick: 'Partial least squares on two thousand columns streams in little memory.',
      quantity:
        'top-3 covariance, and squared lengths of the directions, over the exact values; numbers kept from one step to the next',
      setting: { quick: '2000 columns', full: '20,000 columns' },
      ...locked.claims['wide-pls'],
    },
    {
      id: 'deep-cca',
      sentence:
        'On batches of twenty, networks of ten outputs find more correlation of unseen digits than linear analysis, and than whole objectives of the same batches (STOL).',
      quantity: 'total correlation of held-out digits after ten epochs',
      setting: {
        quick: 'halves of 1000 digits of 14 × 14, 1000 held out, perceptrons 128-128, 10 outputs',
        full: 'halves of 8000 digits, 2000 held out, perceptrons 128-128, 10 outputs',
      },
      ...locked.claims['deep-cca'],
    },
    {
      id: 'deep-narrow-batches',
      sentence:
        'With fewer rows a batch than outputs, networks find more correlation of unseen digits than linear analysis, and than whole objectives of the same batches (STOL), which have too few rows to whiten.',
      quantity: 'total correlation of held-out digits after ten epochs',
      setting: {
        quick: 'halves of 1000 digits of 14 × 14, 1000 held out, perceptrons 128-128, 30 outputs, batches of 20',
        full: 'halves of 8000 digits, 2000 held out, perceptrons 128-128, 50 outputs, batches of 20',
      },
      ...locked.claims['deep-narrow-batches'],
    },
    {
      id: 'deep-noi',
      sentence:
        'On batches of twenty, networks find more correlation of unseen digits than non-linear orthogonal iterations (NOI).',
      quantity: 'total correlation of held-out digits after ten epochs',
      setting: {
        quick: 'halves of 1000 digits of 14 × 14, 1000 held out, perceptrons 128-128, 10 and 30 outputs',
        full: 'halves of 8000 digits, 2000 held out, perceptrons 128-128, 10 and 50 outputs',
      },
      ...locked.claims['deep-noi'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'small-batches',
    title: 'Planted',
    series: ['Eckart–Young', 'SGHA', 'γ-EigenGame'],
    says: 'Share of the exact correlation against rows that were seen, for Eckart–Young steps, SGHA and the γ-EigenGame.',
  },
} as const satisfies PaperRecord;
