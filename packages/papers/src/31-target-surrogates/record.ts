import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 31,
  slug: '31-target-surrogates',
  title: 'Target-based Surrogates for Stochastic Optimization',
  authors: 5,
  firstAuthors: ['Lavington', 'Vaswani', 'Babanezhad'],
  date: '2023-02',
  venue: 'ICML 2023',
  arxiv: '2302.02607',
  code: 'https://github.com/WilderLavington/Target-Based-Surrogates-For-Stochastic-Optimization',
  family: 'training',
  methods: ['SSO', 'target surrogates', 'SGD', 'stochastic line search', 'Adam', 'DAgger'],
  summary:
    "In imitation and reinforcement learning the gradient at the model's outputs is costly, for it takes a simulator or an expert, while steps on the parameters are cheap. This method pays once for the gradient at the outputs, builds a simple quadratic bound there, and takes many parameter steps on it before paying again. With one step it is plain gradient descent; with many it needs far fewer costly calls than that. We compare it with tuned rivals on regressions with bad conditioning and on a real table, with full batches and small ones, and on a small control task.",
  formulas: [
    {
      tex: String.raw`g_t(\theta) = \ell(z_t) + \langle\nabla\ell(z_t),\, f(\theta) - z_t\rangle + \frac{1}{2\eta}\lVert f(\theta) - z_t\rVert^2`,
      says: 'At outputs z a quadratic bounds the loss from above when η ≤ 1/L, whatever the model f.',
    },
    {
      tex: String.raw`\nabla g_t(\theta) = J_f(\theta)^\top\Bigl(\nabla\ell(z_t) + \frac{f(\theta) - z_t}{\eta}\Bigr)`,
      says: 'Each inner step takes a forward and a backward pass of the model, but no new call of the oracle.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'The supervised part on synthetic data and spambase, scaled down; for imitation a small control task replaces Hopper and Walker2d.',
  },
  claims: [
    {
      id: 'full-batch',
      sentence:
        'Many inner steps cut the calls for a full gradient from thousands to tens, less than half of what tuned rivals need.',
      quantity: 'oracle calls to a relative gap of 1e-4',
      setting: { quick: '200 × 20', full: '1000 × 60' },
      ...locked.claims['full-batch'],
    },
    {
      id: 'mini-batch',
      sentence:
        'With small batches more inner steps help too, beyond SGD, SVRG, Adam, AdaGrad and a line search, and one step is plain stochastic descent.',
      quick: 'With small batches more inner steps help too, beyond SGD, SVRG, Adam, AdaGrad and a line search.',
      quantity: 'relative gap after some passes, step sizes tuned on another problem',
      setting: { quick: '300 × 30, 5 passes, batches of 25', full: '1000 × 60, 20 passes, batches of 25 and 125' },
      ...locked.claims['mini-batch'],
    },
    {
      id: 'real-table',
      sentence:
        'On a real table many inner steps help too, with small batches and with all rows, beyond one step, SGD, SVRG, Adam, AdaGrad and a line search.',
      quantity: 'relative gap of a logistic regression on spambase, over orders, step sizes tuned on other rows',
      setting: {
        quick: '1000 rows, 3 passes with batches of 25, 25 calls with all rows',
        full: '2300 rows, 10 passes with batches of 125, 100 calls with all rows',
      },
      ...locked.claims['real-table'],
    },
    {
      id: 'imitation',
      sentence: 'A policy imitates its expert with fewer interactions.',
      quantity: 'policy loss at m = 100 over that of online optimisers after equal interactions, tuned on another draw',
      setting: { quick: '10 rounds of 100 states, 16 hidden units', full: '50 rounds of 100 states, 64 hidden units' },
      ...locked.claims.imitation,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'full-batch',
    title: 'squared loss',
    says: 'Relative gap against the calls for a gradient at the outputs, on a regression whose columns have scales from 1 to e⁻⁴.',
  },
} as const satisfies PaperRecord;
