import type { PaperRecord } from '../record.ts';

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
    level: 'full',
    note: "Up to 50 or 100 variables at the paper's settings; its tables at 200 and 500 variables are scaled down.",
  },
  claims: [
    {
      id: 'one-weight',
      sentence:
        'With one sparsity weight for all noise levels, a fit measured in units of the noise keeps wrong edges low where least squares fails.',
      ingredient: 'the fit divided by the scale of the noise',
      quantity: 'structural Hamming distance (SHD) beside that of least squares on the same draws',
      draws: { quick: [4, 8, 16, 32], full: [4, 8, 16, 32] },
      setting: {
        quick: '10 variables, noise variances 0.02 and 10, 4000 iterations a stage',
        full: '20 variables, noise variances 0.02, 0.1, 1 and 10, 20,000 iterations a stage',
      },
      measures: {
        ratio: {
          quantity: 'SHD at {each variance below 1}, CoLiDE-EV',
          over: 'mean',
          '≤': {
            quick: { of: 'that of least squares', times: 0.8 },
            full: { of: 'that of least squares', times: 0.7 },
          },
        },
        excess: {
          quantity: 'SHD at {each other variance}, CoLiDE-EV',
          over: 'mean',
          '≤': { quick: { of: 'that of least squares', plus: 3 }, full: { of: 'that of least squares', plus: 4 } },
        },
        spread: {
          quantity: 'range of the SHD over the variances, CoLiDE-EV',
          over: 'mean',
          '<': { full: { of: 'that of least squares' } },
        },
      },
    },
    {
      id: 'unequal-noise',
      sentence: 'With unequal noise the estimated variances are closer to the truth, at no loss in edges.',
      quick:
        'With unequal noise its variances are estimated nearer to the truth than by those of the columns, where the estimate begins.',
      ingredient: 'the scale of the noise estimated anew with every step of the edges',
      quantity: 'mean relative error of the variances, and SHD, beside those of least squares on the same draws',
      draws: { quick: [4, 8, 16], full: [8, 16, 32] },
      setting: { quick: '15 variables, 4000 iterations a stage', full: '40 variables, 20,000 iterations a stage' },
      measures: {
        error: {
          quantity: 'error of the variances, CoLiDE-NV / residuals of least squares',
          over: 'geometric mean',
          '≤': { full: 0.75 },
        },
        excess: { quantity: 'SHD, CoLiDE-NV', over: 'mean', '≤': { full: { of: 'that of least squares', plus: 3 } } },
        overStart: {
          quantity: 'error of the variances, CoLiDE-NV / variances of the columns',
          over: 'geometric mean',
          '≤': 0.5,
        },
      },
    },
    {
      id: 'scale-estimate',
      sentence:
        'The common noise variance is recovered, nearer than by the smallest variance of a column, where it begins.',
      ingredient: 'the scale of the noise estimated anew with every step of the edges',
      quantity: 'relative error of σ² at noise variances 1 and 10',
      draws: { quick: [8, 16, 32, 64], full: [8, 16, 32] },
      measures: {
        error: {
          quantity: 'relative error of σ² at {each variance from 1}',
          over: 'mean',
          '≤': { quick: 0.15, full: 0.1 },
        },
        overStart: {
          quantity: 'relative error of σ² at {each variance from 1} over that of the smallest variance of a column',
          over: 'geometric mean',
          '≤': 0.95,
        },
      },
    },
  ],
  picture: {
    experiment: 'scale',
    title: 'wrong edges',
    says: 'Wrong edges against the variance of the noise, for CoLiDE and for least squares at one sparsity weight.',
  },
} as const satisfies PaperRecord;
