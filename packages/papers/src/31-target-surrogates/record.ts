import type { PaperRecord } from '../record.ts';

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
    "In imitation and reinforcement learning the gradient at the model's outputs is costly, for it takes a simulator or an expert, while steps on the parameters are cheap. This method pays once for the gradient at the outputs, builds a simple quadratic bound there, and takes many parameter steps on it before paying again. With one step it is plain gradient descent; with many it saves costly calls by orders of magnitude. We count calls on regressions with bad conditioning, with full batches and small ones, and on a small control task.",
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
    level: 'full',
    note: 'The supervised part on smaller data sets; for imitation a small control task replaces Hopper and Walker2d.',
  },
  claims: [
    {
      id: 'full-batch',
      sentence: 'Many inner steps cut the calls for a full gradient from thousands to tens.',
      ingredient: 'steps on a surrogate',
      quantity: 'oracle calls to a relative gap of 1e-4',
      setting: { quick: '300 × 30', full: '1000 × 60' },
      measures: {
        squared: { quantity: 'squared, m = 100: calls', '≤': { quick: 200, full: 60 } },
        logistic: { quantity: 'logistic, m = 100: calls', '≤': { full: 140 } },
        exactSquared: { quantity: 'squared, exact inner solve: calls', '≤': { full: 1 } },
        exactLogistic: { quantity: 'logistic, exact inner solve: calls', '≤': { full: 25 } },
        descent: { quantity: '{each loss}: calls of gradient descent', '>': { quick: 1000, full: 3000 } },
      },
    },
    {
      id: 'mini-batch',
      sentence: 'With small batches more inner steps help too, and one step is plain stochastic descent.',
      quick: 'With small batches more inner steps help too.',
      ingredient: 'steps on a surrogate',
      quantity: 'relative gap after some passes, each method at its best step',
      draws: { quick: [6, 12, 24], full: [3, 6] },
      setting: { quick: '300 × 30, 5 passes, batches of 25', full: '1000 × 60, 20 passes, batches of 25 and 125' },
      measures: {
        squared: {
          quantity: 'squared, m = 10, batches of {each size}: gap over that of SGD',
          over: 'geometric mean',
          '≤': { quick: 0.5, full: 0.15 },
        },
        logistic: {
          quantity: 'logistic, m = 10, batches of {each size}: gap over that of SGD',
          over: 'geometric mean',
          '≤': { full: 0.7 },
        },
        monotone: { quantity: 'gap at {each m, over that of fewer steps}', over: 'geometric mean', '≤': { full: 1 } },
        one: {
          quantity: 'gap at m = 1 and that of SGD, the larger over the smaller: {each}',
          over: 'geometric mean',
          '≤': { full: 1.3 },
        },
      },
    },
    {
      id: 'imitation',
      sentence: 'A policy imitates its expert with fewer interactions.',
      ingredient: 'steps on a surrogate',
      quantity:
        'policy loss at m = 100 over that of online gradient descent after equal interactions, each at its best step',
      draws: { quick: [4, 8], full: [4, 8] },
      setting: { quick: '10 rounds of 100 states', full: '50 rounds of 100 states' },
      measures: {
        ratio: {
          quantity: 'policy loss over that of online gradient descent',
          over: 'geometric mean',
          '≤': { quick: 0.75, full: 0.5 },
        },
      },
    },
  ],
  picture: {
    experiment: 'full-batch',
    title: 'logistic loss',
    says: 'Relative gap against the calls for a gradient at the outputs, on a regression whose columns have scales from 1 to e⁻⁴.',
  },
} as const satisfies PaperRecord;
