import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Among the many solutions that fit the data, stochastic gradient descent can only stay at those where its noise does not throw it out again. This paper shows that the trace of the Hessian there is at most two over the learning rate, a far stronger demand than on the largest eigenvalue, which is all that full gradients obey. In two models a small trace means small norms, and so good predictions. We will compute the exact threshold, simulate on both sides of it, and follow norms and test error over learning rates.',
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
      sentence: 'The spectral radius predicts exactly where the iteration decays and where it blows up.',
      quantity: 'growth of the mean squared residual at 0.9 and 1.1 of the threshold; order of the bounds',
      bar: {
        quick: '500 chains: < 1; > 1; threshold ≤ 2/tr H',
        full: '4000 chains: < 1; > 1; threshold ≤ fourth-moment bound ≤ 2/tr H, rising with the batch to 2/λmax',
      },
    },
    {
      id: 'trace-bound',
      sentence:
        'Every solution that stochastic descent reaches obeys the bound, and the trace falls as the rate rises.',
      quantity: 'η·tr H over runs that converge; rank correlation of trace and rate',
      setting: { quick: 'three rates, one seed', full: 'seven rates, five seeds' },
      measures: {
        trace: { quantity: 'η·tr H over runs that converge', '≤': 2 },
        correlation: { quantity: 'rank correlation of trace and rate', '≤': -0.9 },
      },
    },
    {
      id: 'generalisation',
      sentence: 'Larger rates give better predictions, and better than full gradients at their largest rate.',
      quantity: 'test error at the largest reliable rate over that at the smallest; best SGD over best GD',
      measures: {
        rates: {
          quantity: 'test error at the largest reliable rate over that at the smallest',
          '≤': { quick: 0.5, full: 0.2 },
        },
        descent: { quantity: 'test error of the best SGD over that of the best GD', '≤': { full: 0.6 } },
      },
    },
  ],
};
