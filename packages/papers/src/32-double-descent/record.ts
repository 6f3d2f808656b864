import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 32,
  slug: '32-double-descent',
  title: 'Understanding the Role of Optimization in Double Descent',
  authors: 2,
  firstAuthors: ['Liu', 'Flanigan'],
  date: '2023-12-06',
  venue: 'Workshop on optimisation for machine learning at NeurIPS 2023',
  arxiv: '2312.03951',
  family: 'training',
  methods: ['double descent', 'random features', 'gradient descent', 'heavy-ball momentum', 'Adam', 'pseudo-inverse'],
  summary:
    "As a model grows past the number of training points, its test error may peak and then fall again. In practice that peak is often missing. The paper's answer: it shows only when the optimiser drives the training loss low enough, which start, batch, step size and method all decide through conditioning. So the peak is a matter of optimisation, and rarely a trouble. With random features of digits we will sweep model size for exact solutions, for gradient descent of every length in closed form, and for several optimisers at one budget.",
  formulas: [
    {
      tex: String.raw`\ell(W) = \frac{1}{NC}\lVert ZW - Y\rVert_F^2,\qquad Z = \operatorname{act}(XW_0)`,
      says: 'Only the last layer is trained, on fixed random features.',
    },
    {
      tex: String.raw`W_T = V\,\operatorname{diag}\Bigl(\frac{1 - (1 - c\,s_i^2/s_{\max}^2)^T}{s_i}\Bigr)\,U^\top Y`,
      says: 'After T steps from zero, gradient descent has fitted only directions with large singular values.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "Random-feature models are complete; two-layer networks have fewer widths and epochs. The grids are ours, since the paper's were not found.",
  },
  claims: [
    {
      id: 'budget',
      sentence: 'The peak grows with the budget of steps and vanishes below some thousand.',
      quantity:
        'height h of the test error at P = N over its neighbours; its correlation with the log of the training loss',
      bar: {
        quick: 'two seeds: pseudo-inverse h ≥ 0.25; at 10³ steps no peak',
        full: 'five seeds: pseudo-inverse ≥ 0.35, 10⁶ steps ≥ 0.2, 10⁵ in [0.05, 0.3], none at ≤ 10³; Spearman ≤ −0.85',
      },
    },
    {
      id: 'optimisers',
      sentence: 'At one budget, methods that reach lower loss show the peak and the others do not.',
      quantity: 'height h after 2000 steps',
      bar: {
        quick: 'one seed: gradient descent ≤ 0.02 < momentum 0.99',
        full: 'three seeds: GD and SGD ≤ 0, momentum 0.99 and Adam ≥ 0.08, GD < momentum 0.9 < 0.99; large start raises the error at P = 4N by ≥ 0.08',
      },
    },
    {
      id: 'tiny-demo',
      sentence:
        'Even with six training points, error and condition number peak together at the interpolation threshold.',
      quantity: 'location of both maxima, in grid points from P = N',
      setting: { quick: '300 trials', full: '2000 trials' },
      measures: {
        place: { quantity: 'location of both maxima, in grid points from P = N', '≤': 1 },
      },
    },
  ],
};
