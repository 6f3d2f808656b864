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
        'With one sparsity weight for all noise levels, estimating the scale keeps wrong edges low where least squares fails.',
      quantity: 'mean structural Hamming distance at 20 variables, noise variances 0.02, 0.1, 1 and 10',
      setting: {
        quick: '10 variables, variances 0.02 and 1, two draws, fewer iterations',
        full: '20 variables, all four variances, four draws',
      },
      measures: {
        ratio: {
          quantity: 'SHD at {each variance below 1}, CoLiDE-EV / least squares',
          '≤': { quick: 0.8, full: 0.7 },
        },
        excess: { quantity: 'SHD at {each other variance}, CoLiDE-EV − least squares', '≤': { quick: 3, full: 4 } },
        spread: { quantity: 'range of the SHD, CoLiDE-EV', '<': { full: { of: 'that of least squares' } } },
      },
    },
    {
      id: 'unequal-noise',
      sentence: 'With unequal noise the estimated variances are closer to the truth, at no loss in edges.',
      quantity: 'mean relative error of variances over that of least-squares residuals; difference in Hamming distance',
      setting: { quick: '15 variables, one draw', full: '40 variables, four draws' },
      measures: {
        error: {
          quantity: 'error of variances, CoLiDE-NV / residuals of least squares',
          '≤': { quick: 0.9, full: 0.75 },
        },
        excess: { quantity: 'SHD, CoLiDE-NV − least squares', '≤': 3 },
      },
    },
    {
      id: 'scale-estimate',
      sentence: 'The common noise variance is recovered.',
      quantity: 'relative error of σ² at 1 and 10',
      measures: {
        error: { quantity: 'relative error of σ² at {1 and 10}, mean', '≤': { quick: 0.15, full: 0.1 } },
      },
    },
  ],
} as const satisfies PaperRecord;
