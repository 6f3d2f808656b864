import type { PaperRecord } from '../record.ts';

export const record = {
  number: 35,
  slug: '35-dynamical-stability',
  title: 'The Implicit Regularization of Dynamical Stability in Stochastic Gradient Descent',
  authors: 2,
  firstAuthors: ['Wu', 'Su'],
  date: '2023-05',
  venue: 'ICML 2023',
  arxiv: '2305.17490',
  family: 'training',
  methods: ['SGD', 'linear stability', 'sharpness', 'diagonal linear network', 'implicit regularization'],
  summary:
    'Among the many solutions that fit the data, stochastic gradient descent can only stay at those where its noise does not throw it out again. This paper shows that the trace of the Hessian there is at most two over the learning rate, a far stronger demand than on the largest eigenvalue, which is all that full gradients obey. In two models a small trace means small norms, and so good predictions. We compute the exact threshold, simulate on both sides of it, and follow norms and test errors of a diagonal and of a two-layer network over rates and batches.',
  formulas: [
    {
      tex: String.raw`\operatorname{tr} H(\theta^*) \le \frac{2}{\eta}`,
      says: 'Where stochastic descent with rate η stays, the trace is bounded; for full gradients only the largest eigenvalue is.',
    },
    {
      tex: String.raw`\mathcal T(R) = R - \tfrac\eta n(KR + RK) + \eta^2\Bigl[\tfrac{1 - 1/B}{n^2}\,KRK + \tfrac{1}{Bn}\sum_i R_{ii}\, K_{:i}K_{:i}^\top\Bigr]`,
      says: 'The second moment of the residual follows this linear map; its spectral radius decides stability exactly.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "Theory and small experiments; the paper's sizes were not found, and derivations and exact test are worked out here.",
  },
  claims: [
    {
      id: 'threshold',
      sentence: 'The critical rate predicts exactly where the iteration decays and where it blows up.',
      ingredient: 'the noise of single examples in the map of second moments',
      quantity:
        'growth of the mean squared residual of a linear model of 12 examples in 200 steps; order of the bounds',
      setting: { quick: '500 chains', full: '4000 chains' },
      measures: {
        below: { quantity: 'growth at 0.9 of the critical rate', '<': 1 },
        above: { quantity: 'growth at 1.1 of the critical rate', '>': 1 },
        trace: { quantity: 'critical rate', '≤': { of: '2/tr H' } },
        fourth: { quantity: 'critical rate', '≤': { full: { of: 'the bound by fourth moments' } } },
        order: { quantity: 'critical rate at a batch of {each over the one before}', '>': { full: 1 } },
        descent: { quantity: 'distance of that of full gradients from 2/λmax, relative', '≤': { full: 1e-6 } },
      },
    },
    {
      id: 'trace-bound',
      sentence:
        'Every solution that stochastic descent reaches obeys the bound, and the trace falls as the rate rises.',
      ingredient: 'gradients of single examples',
      quantity: 'η·tr H over runs that converge; rank correlation of trace and rate',
      setting: { quick: 'four rates, three draws', full: 'seven rates, five draws' },
      measures: {
        trace: { quantity: 'largest η·tr H over runs that converge', '≤': 2 },
        correlation: { quantity: 'rank correlation of trace and rate', '≤': -0.9 },
      },
    },
    {
      id: 'generalisation',
      sentence: 'Larger rates give better predictions, and better than full gradients at their largest rate.',
      quick: 'Larger rates give better predictions.',
      ingredient: 'gradients of single examples',
      quantity: 'test error at the largest rate at which 0.8 of the runs converge over that at the smallest',
      setting: { quick: 'four rates, three draws', full: 'seven rates, five draws' },
      measures: {
        rates: {
          quantity: 'test error at the largest reliable rate over that at the smallest',
          '≤': { quick: 0.5, full: 0.2 },
        },
        descent: { quantity: 'test error of the best SGD over that of the best GD', '≤': { full: 0.6 } },
      },
    },
    {
      id: 'batches',
      sentence: 'Larger batches bear larger rates, which stay below their bound by the trace.',
      ingredient: 'batches of the size that is said',
      quantity: 'largest rate, of those a factor of √2 apart, at which a run converges; rate times trace over 2B',
      setting: { quick: 'batches of 1, 5 and 40, one draw', full: 'batches of 1, 2, 5, 10 and 40, three draws' },
      measures: {
        bound: { quantity: 'largest η·tr H/(2B) over runs that converge', '≤': 1 },
        grows: { quantity: 'largest rate at a batch of {each over the one before}', '>': 1 },
      },
    },
    {
      id: 'two-layer',
      sentence:
        'So it is in two-layer networks with rectifiers: solutions obey the bound, their path norm follows the trace, and larger rates predict better.',
      ingredient: 'gradients of single examples',
      quantity: 'over runs from a sharp start to a loss below 1e-6: rate times trace, path norm, test loss',
      setting: {
        quick: 'three rates, one draw, single examples',
        full: 'six rates for single examples, four for batches of 8, three draws',
      },
      measures: {
        bound: { quantity: 'largest η·tr H/(2B) over runs that converge', '≤': 1 },
        path: { quantity: 'largest path norm over √d·tr H', '≤': 1.2 },
        error: { quantity: 'test loss at the largest reliable rate over that at the smallest', '≤': 0.8 },
      },
    },
  ],
  picture: {
    experiment: 'threshold',
    title: 'Stable region, and measured runs',
    says: 'Simulated descent by batches and rates: which runs decayed and which grew, and the critical rate.',
  },
} as const satisfies PaperRecord;
