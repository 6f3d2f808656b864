import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 17,
  slug: '17-colide',
  title: 'CoLiDE: Concomitant Linear DAG Estimation',
  authors: 3,
  firstAuthors: ['Saboksayr', 'Mateos', 'Tepper'],
  date: '2023-10',
  venue: 'ICLR 2024',
  arxiv: '2310.02895',
  code: 'https://github.com/SAMiatto/colide',
  family: 'structure-learning',
  methods: ['CoLiDE', 'DAGMA', 'NOTEARS', 'GOLEM', 'SortNRegress', 'concomitant lasso'],
  summary:
    'Methods that learn a causal graph by continuous optimisation carry a sparsity weight which must be retuned whenever the noise changes. CoLiDE borrows an idea from robust regression: estimate the size of the noise together with the edges, so that the score scales with it and one weight serves all levels. Noise may be equal or different for each variable, and its estimate is useful in itself. The acyclicity function and path-following are those of DAGMA. We compare wrong edges over a wide range of noise at one fixed weight, and the accuracy of the estimated noise.',
  terms: {
    EV: 'equal variances of the noise',
    NV: 'variances of the noise that need not be equal',
    SHD: 'structural Hamming distance, the wrong edges',
  },
  formulas: [
    {
      tex: String.raw`\mathcal S(W, \sigma) = \frac{1}{2\sigma}\operatorname{tr}\bigl[(I-W)^\top C\,(I-W)\bigr] + \frac{d\sigma}{2} + \lambda\lVert W\rVert_1`,
      says: 'Score for equal noise: jointly convex in weights and scale, with C the covariance of the data.',
    },
    {
      tex: String.raw`h(W; s) = -\log\det(sI - W\circ W) + d\log s`,
      says: 'Zero exactly on acyclic graphs, within the region where the spectral radius of W∘W stays below s.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The method is complete, with the paper’s settings at full size. Graphs have 20 or 40 variables in place of up to 500, and Gaussian noise only; the study of proteins is left out.',
  },
  claims: [
    {
      id: 'one-weight',
      sentence:
        'With one sparsity weight for all noise levels, estimating the scale keeps wrong edges low where least squares fails.',
      quantity: 'structural Hamming distance (SHD) beside that of least squares on the same draws',
      setting: {
        quick: '10 variables, equal noise variances of 0.02 and 10, 4000 iterations a stage',
        full: '20 variables, equal noise variances of 0.02, 0.1, 1 and 10, 20,000 iterations a stage',
      },
      ...locked.claims['one-weight'],
    },
    {
      id: 'one-weight-unequal',
      sentence: 'The same weight serves unequal noise, too, when there is a hundred times less of it.',
      quantity: 'SHD beside that of least squares on the same draws',
      setting: {
        quick: '10 variables, noise variances from 0.005 to 0.1, 4000 iterations a stage',
        full: '40 variables, noise variances from 0.005 to 0.1, 20,000 iterations a stage',
      },
      ...locked.claims['one-weight-unequal'],
    },
    {
      id: 'unequal-noise',
      sentence: 'With unequal noise the estimated variances are closer to the truth, at no loss in edges.',
      quantity: 'mean relative error of the variances, and SHD, beside those of least squares on the same draws',
      setting: {
        quick: '10 variables, noise variances from 0.5 to 10, 4000 iterations a stage',
        full: '40 variables, noise variances from 0.5 to 10, 20,000 iterations a stage',
      },
      ...locked.claims['unequal-noise'],
    },
    {
      id: 'fewest-edges',
      sentence: 'With unequal noise it has fewer wrong edges than least squares, GOLEM and SortNRegress.',
      quantity: 'SHD on the same draws',
      setting: {
        quick: '10 variables, noise variances from 0.5 to 10, 4000 iterations a stage',
        full: '40 variables, noise variances from 0.5 to 10, 20,000 iterations a stage',
      },
      ...locked.claims['fewest-edges'],
    },
    {
      id: 'scale-estimate',
      sentence:
        'The common noise variance is recovered, nearer than by the smallest variance of a column, where it begins.',
      quantity: 'relative error of σ² at each noise variance',
      setting: {
        quick: '10 variables, noise variances 0.02 and 10, 4000 iterations a stage',
        full: '20 variables, noise variances 0.02, 0.1, 1 and 10, 20,000 iterations a stage',
      },
      ...locked.claims['scale-estimate'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'scale',
    title: 'wrong edges',
    says: 'Wrong edges against the variance of the noise, for CoLiDE and for least squares at one sparsity weight.',
  },
} as const satisfies PaperRecord;
