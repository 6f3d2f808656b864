import type { PaperRecord } from '../record.ts';

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
    'Canonical correlation finds what two sets of measurements have in common, as a generalised eigenproblem that usually needs large matrices and constraints. This work writes it as a loss without constraints whose minima are all global and that mini-batches estimate without bias, so plain gradient descent does the work, for two views or more. Popular self-supervised losses turn out to be relatives. We stream planted correlations and halves of digits in tiny batches past rival methods, and check that no false minima exist.',
  terms: {
    SGHA: 'stochastic generalised Hebbian algorithm',
    PLS: 'partial least squares',
    CCA: 'canonical correlation analysis',
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
    level: 'full',
    note: 'Linear CCA and PLS are complete. Digits are the first 10,000 of MNIST’s training set instead of 30,000, so that three passes stand for one; planted tables are those of one pass. The UK Biobank study is private and becomes a wide synthetic problem. Deep CCA is of perceptrons on halves of 10,000 digits, in place of larger ones on 60,000 and of speech. Self-supervision is in the library, but nothing of it is claimed.',
  },
  claims: [
    {
      id: 'small-batches',
      sentence:
        'With batches of five, one pass finds most of the correlation where the generalised Hebbian algorithm (SGHA) does not; of digits it finds more than the γ-EigenGame.',
      quick:
        'With batches of five, one pass finds most of the correlation where the generalised Hebbian algorithm (SGHA) does not.',
      ingredient: 'the penalty on what scores within a view have in common',
      quantity:
        'share of the exact top-5 correlation after one epoch, steps chosen for each method on a draw of its own',
      draws: { quick: [8, 16], full: [8, 16] },
      setting: {
        quick: 'planted: 20,000 rows, 100 + 80 columns, one epoch',
        full: 'planted: 20,000 rows, 100 + 80 columns, one epoch; halves of 10,000 digits, three epochs in place of one of 30,000',
      },
      measures: {
        planted: { quantity: 'Planted: batch 5', over: 'median', '≥': 0.93 },
        plantedLead: {
          quantity: 'Planted: batch 5, beside SGHA',
          over: 'median',
          '≥': { of: 'that of SGHA', plus: 0.4 },
        },
        digits: { quantity: 'Split digits: batch 5', over: 'median', '≥': { full: 0.8 } },
        digitsLead: {
          quantity: 'Split digits: batch 5, beside SGHA',
          over: 'median',
          '≥': { full: { of: 'that of SGHA', plus: 0.25 } },
        },
        digitsGame: {
          quantity: 'Split digits: batch 5, beside the γ-EigenGame',
          over: 'median',
          '>': { full: { of: 'that of the γ-EigenGame' } },
        },
        digitsTwenty: { quantity: 'Split digits: batch 20', over: 'median', '≥': { full: 0.9 } },
        digitsLong: { quantity: 'Split digits: batch 20, five times as long', over: 'median', '≥': { full: 0.95 } },
      },
    },
    {
      id: 'two-batches',
      sentence:
        'Two independent batches estimate the loss without bias, so that tiny batches lead to the exact minimum.',
      ingredient: 'the variances of a second, independent batch',
      quantity:
        'gradient along the weights, variance of scores at the end, and share of the correlation, over the exact ones',
      draws: { quick: [4, 8, 16], full: [8, 16, 32] },
      setting: {
        quick: '2000 rows, 12 + 10 columns, batches of five, 20 epochs',
        full: '2000 rows, 12 + 10 columns, batches of five, 60 epochs',
      },
      measures: {
        gradient: { quantity: 'mean gradient of batches over that of all rows', over: 'mean', '≥': 0.95, '≤': 1.05 },
        size: { quantity: 'variance of scores at the end over Σρ', over: 'mean', '≥': 0.9, '≤': 1.1 },
        share: { quantity: 'share of the exact correlation', over: 'mean', '≥': 0.9 },
      },
    },
    {
      id: 'no-false-minima',
      sentence: 'Every start leads to the exact subspace.',
      ingredient: 'the penalty on what scores within a view have in common',
      quantity: 'relative error of the loss; largest principal angle over starts',
      setting: { quick: 'three starts, 20 + 16 columns', full: 'ten starts, 20 + 16 columns' },
      measures: {
        loss: { quantity: 'relative error of the loss', '≤': 1e-8 },
        angle: { quantity: 'largest principal angle', '≤': 1e-4 },
      },
    },
    {
      id: 'wide-pls',
      sentence: 'Partial least squares on twenty thousand columns streams in little memory.',
      quick: 'Partial least squares on two thousand columns streams in little memory.',
      ingredient: 'the penalty on what directions have in common',
      quantity:
        'top-3 covariance, and squared lengths of the directions, over the exact values; numbers kept from one step to the next',
      setting: { quick: '2000 columns', full: '20,000 columns' },
      measures: {
        share: { quantity: 'top-3 covariance over the exact one', '≥': { quick: 0.95, full: 0.98 } },
        size: { quantity: 'squared lengths of the directions over Σλ', '≥': 0.9, '≤': 1.1 },
        kept: { quantity: 'numbers kept over columns × components', '≤': 5 },
      },
    },
    {
      id: 'deep-cca',
      sentence:
        'On batches of twenty, networks of ten outputs find more correlation of unseen digits than linear analysis, and than whole objectives of the same batches (STOL).',
      quick:
        'On batches of twenty, networks of ten outputs find more correlation of unseen digits than whole objectives of the same batches (STOL).',
      ingredient: 'the penalty on what scores within a view have in common',
      quantity: 'total correlation of held-out digits after ten epochs',
      draws: { quick: [4, 8], full: [4, 8] },
      setting: {
        quick: 'halves of 1500 digits of 14 × 14, 1000 held out, perceptrons 128-128, 10 outputs',
        full: 'halves of 8000 digits, 2000 held out, perceptrons 128-128, 10 outputs',
      },
      measures: {
        lines: {
          quantity: 'Ten outputs, beside linear analysis',
          over: 'mean',
          '≥': { full: { of: 'that of linear analysis with its best ridge', times: 1.05 } },
        },
        stol: { quantity: 'Ten outputs, beside STOL', over: 'mean', '≥': { of: 'that of STOL' } },
      },
    },
    {
      id: 'deep-narrow-batches',
      sentence:
        'With fewer rows a batch than outputs, networks find more correlation of unseen digits than linear analysis, and than whole objectives of the same batches (STOL), which have too few rows to whiten.',
      ingredient: 'the penalty on what scores within a view have in common',
      quantity: 'total correlation of held-out digits after ten epochs',
      draws: { quick: [4, 8], full: [4, 8] },
      setting: {
        quick: 'halves of 1500 digits of 14 × 14, 1000 held out, perceptrons 128-128, 50 outputs, batches of 20',
        full: 'halves of 8000 digits, 2000 held out, perceptrons 128-128, 50 outputs, batches of 20',
      },
      measures: {
        lines: {
          quantity: 'Fifty outputs, beside linear analysis',
          over: 'mean',
          '≥': { of: 'that of linear analysis with its best ridge', times: 1.05 },
        },
        stol: { quantity: 'Fifty outputs, beside STOL', over: 'mean', '≥': { of: 'that of STOL' } },
      },
    },
  ],
  picture: {
    experiment: 'small-batches',
    title: 'Planted',
    series: { 'Eckart–Young': 'Eckart–Young', SGHA: 'SGHA' },
    says: 'Share of the exact correlation against rows that were seen, for Eckart–Young steps and SGHA.',
  },
} as const satisfies PaperRecord;
