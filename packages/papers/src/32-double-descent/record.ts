import type { PaperRecord } from '../record.ts';

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
    "As a model grows past the number of training points, its test error may peak and then fall again. In practice that peak is often missing. The paper's answer: it shows only when the optimiser drives the training loss low enough, which start, batch, step size and method all decide through conditioning. So the peak is a matter of optimisation, and rarely a trouble. With random features of digits we sweep model size for exact solutions, for gradient descent of every length in closed form, and for several optimisers at one budget.",
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
    note: "Random-feature models are complete, on digits among the first 10,000 of MNIST's training set, which ship here; two-layer networks have fewer widths and epochs, and digits of 8 × 8, so that the threshold lies among their widths. The grids are ours, since the paper's were not found.",
  },
  claims: [
    {
      id: 'budget',
      sentence: 'The peak grows with the budget of steps and vanishes below some thousand.',
      quick: 'The exact solution has a peak at P = N, and a thousand steps of gradient descent have none.',
      ingredient: 'the spectral filter 1 − (1 − c·s²/s_max²)ᵀ, which leaves out small singular values',
      quantity:
        'height h of the test error: at P = N less the larger of those at P = N/2 and 2N, on random features of 200 digits, over draws',
      setting: { quick: '500 test digits', full: '2004 test digits' },
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        exact: { quantity: 'h of the pseudo-inverse', over: 'mean', '≥': { quick: 0.25, full: 0.35 } },
        thousand: { quantity: 'h after 10³ steps', over: 'mean', '≤': { quick: 0, full: 0 } },
        million: { quantity: 'h after 10⁶ steps', over: 'mean', '≥': { full: 0.2 } },
        between: { quantity: 'h after 10⁵ steps', over: 'mean', '≥': { full: 0.05 }, '≤': { full: 0.3 } },
        falls: {
          quantity: 'test error at {T, size}',
          over: 'mean',
          '<': { full: { of: 'that at half the size' } },
        },
        grows: {
          quantity: 'h at {each budget from 10⁴ steps on}',
          over: 'mean',
          '>': { full: { of: 'that of the budget before' } },
        },
        correlation: {
          quantity: "Spearman's correlation of h with the log of the training loss at P = N over the six",
          over: 'mean',
          '≤': { full: -0.85 },
        },
      },
    },
    {
      id: 'optimisers',
      sentence: 'At one budget, methods that reach lower loss show the peak and the others do not.',
      quick: 'After 2000 steps gradient descent has no peak, and with momentum 0.99 it has one.',
      ingredient: 'the part of each singular direction that momentum has fitted after T steps',
      quantity: 'height h after 2000 steps on the same problem, over draws',
      setting: { quick: '500 test digits', full: '2004 test digits' },
      draws: { quick: [4, 8], full: [3, 6, 12] },
      measures: {
        none: { quantity: 'h of {gradient descent and SGD}', over: 'mean', '≤': { quick: 0.02, full: 0 } },
        peak: { quantity: 'h of {momentum 0.99 and Adam}', over: 'mean', '≥': { quick: 0.02, full: 0.08 } },
        order: { quantity: 'h of {momentum}', over: 'mean', '>': { full: { of: 'that with less momentum' } } },
        start: {
          quantity: 'test error at P = 4N from a start of σ = 1',
          over: 'mean',
          '≥': { full: { of: 'that from zero', plus: 0.08 } },
        },
      },
    },
    {
      id: 'tiny-demo',
      sentence:
        'Even with six training points, error and condition number peak together at the interpolation threshold.',
      ingredient: 'a ridge of 1e-8, so small that it leaves the smallest singular value its say',
      quantity: 'location of the largest mean over trials, in features from P = N = 6',
      setting: { quick: '300 trials', full: '2000 trials' },
      measures: {
        place: { quantity: 'location of the largest {test loss and condition number}', '≤': 1 },
      },
    },
    {
      id: 'two-layer',
      sentence: 'In a two-layer network the rate that reaches the lowest training loss has the higher peak.',
      quick:
        'In a two-layer network at the threshold, the rate that reaches the lowest training loss has the larger test error.',
      ingredient: 'rates that differ in how far they let training get',
      quantity:
        'test error after 2000 epochs at three rates, on 200 digits of 8 × 8 with a tenth of the labels wrong, over draws',
      setting: { quick: '500 test digits', full: '1500 test digits, 2 to 64 hidden units' },
      draws: { quick: [4, 8], full: [4, 8, 16] },
      measures: {
        threshold: {
          quantity: 'test error at 24 hidden units, 1810 parameters, at the rate of the lowest training loss',
          over: 'mean',
          '>': { quick: { of: 'that at the rate of the highest' }, full: { of: 'that at the rate of the highest' } },
        },
        rise: {
          quantity: 'how far the error rises as the network widens, at the rate of the lowest training loss',
          over: 'mean',
          '>': { full: { of: 'that at the rate of the highest' } },
        },
      },
    },
  ],
  picture: {
    experiment: 'budget',
    title: 'Test error by the size of the model',
    series: { exact: 'exact', 'T = 10^5': '10⁵ steps', 'T = 10^3': '10³ steps' },
    says: 'Test error of random-feature models as they grow past the number of examples: the exact solution peaks at P = N, a thousand steps of gradient descent do not.',
  },
} as const satisfies PaperRecord;
