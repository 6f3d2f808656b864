import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    "As a model grows past the number of training points, its test error may peak and then fall again. In practice that peak is often missing. The paper's answer: it shows only when the optimiser drives the training loss low enough, which start, batch, step size and method all decide through conditioning. So the peak is a matter of optimisation, and rarely a trouble. With random features of digits we sweep model size for exact solutions, for gradient descent of every length in closed form, and for several optimisers, run at one budget, to which we put the paper's sentence.",
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
    level: 'scaled',
    note: "Random-feature models are complete, on 60 or 200 digits among the first 10,000 of MNIST's training set, which ship here; two-layer networks have fewer widths and epochs, and digits of 8 × 8, so that the threshold lies among their widths. The grids are ours, since the paper's were not found.",
  },
  claims: [
    {
      id: 'budget',
      sentence: 'The peak needs more than some thousand steps of gradient descent, and is there after 10⁵ and 10⁶.',
      quantity:
        'height h of the test error: at P = N less the larger of those at P = N/2 and 2N, on random features of 200 digits, over draws',
      setting: { quick: '500 test digits', full: '2004 test digits' },
      ...locked.claims.budget,
    },
    {
      id: 'loss-and-height',
      sentence: 'The lower the training loss that the budget of steps allows, the higher the peak.',
      quantity: 'the same h after 10³ to 10⁶ steps and of the pseudo-inverse, over draws',
      setting: { quick: '500 test digits', full: '2004 test digits' },
      ...locked.claims['loss-and-height'],
    },
    {
      id: 'optimisers',
      sentence:
        'At one budget, momentum and Adam, which reach a lower loss, show the peak, and gradient descent and SGD do not.',
      quantity: 'height h after 2000 steps, all of them run, over draws',
      setting: { quick: '60 digits, 500 test digits', full: '200 digits, 2004 test digits' },
      ...locked.claims.optimisers,
    },
    {
      id: 'if-and-only-if',
      sentence: 'One threshold of the training loss separates the optimisers with a peak from those without.',
      quantity:
        'height h and training loss of gradient descent, SGD, momentum and Adam with several rates, and of two of them stopped early by held-out digits, over draws',
      setting: { quick: '60 digits, 500 test digits', full: '200 digits, 2004 test digits' },
      ...locked.claims['if-and-only-if'],
    },
    {
      id: 'tiny-demo',
      sentence:
        'Even with six training points, error and condition number peak together at the interpolation threshold.',
      quantity: 'location of the largest mean over trials, in features from P = N = 6',
      setting: { quick: '300 trials', full: '2000 trials' },
      ...locked.claims['tiny-demo'],
    },
    {
      id: 'two-layer',
      sentence:
        'In a two-layer network the error rises more with the width at the rate that reaches the lowest training loss.',
      quantity: 'test error at three rates, on digits of 8 × 8 with a tenth of the labels wrong, over draws',
      setting: {
        quick: '60 digits, 500 test digits, 4 to 32 hidden units, 1000 epochs',
        full: '200 digits, 1500 test digits, 2 to 64 hidden units, 2000 epochs',
      },
      ...locked.claims['two-layer'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'budget',
    title: 'Test error by the size of the model',
    series: ['exact', 'T = 10^5', 'T = 10^3'],
    says: 'Test error of random-feature models as they grow past the number of examples: the exact solution peaks at P = N, a thousand steps of gradient descent do not.',
  },
} as const satisfies PaperRecord;
