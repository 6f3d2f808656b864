import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    level: 'scaled',
    note: 'Theory is complete; derivations and the exact test are worked out here. The sizes of the paper’s experiments were not found: those of the networks here are ours.',
  },
  claims: [
    {
      id: 'threshold',
      sentence: 'The critical rate predicts exactly where the iteration decays and where it blows up.',
      quantity:
        'growth of the mean squared residual of a linear model of 12 examples in 200 steps; order of the bounds',
      setting: { quick: '500 chains', full: '4000 chains' },
      ...locked.claims.threshold,
    },
    {
      id: 'trace-bound',
      sentence:
        'Every solution that stochastic descent reaches obeys the bound, and the trace falls as the rate rises.',
      quantity: 'η·tr H over runs that converge; trace by rates at which 0.8 of the runs converge',
      setting: {
        quick: 'four rates for single examples and four for all, three draws',
        full: 'seven rates for single examples and seven for all, five draws',
      },
      ...locked.claims['trace-bound'],
    },
    {
      id: 'generalisation',
      sentence: 'Larger rates give better predictions, and better than full gradients at their best rate.',
      quantity: 'test error at the largest rate at which 0.8 of the runs converge over that at the smallest',
      setting: {
        quick: 'four rates for single examples and four for all, three draws',
        full: 'seven rates for single examples and seven for all, five draws',
      },
      ...locked.claims.generalisation,
    },
    {
      id: 'batches',
      sentence: 'Larger batches bear larger rates, which stay below their bound by the trace.',
      quantity: 'largest rate, of those a factor of √2 apart, at which a run converges; rate times trace over 2B',
      setting: { quick: 'batches of 1, 5 and 40, one draw', full: 'batches of 1, 2, 5, 10 and 40, three draws' },
      ...locked.claims.batches,
    },
    {
      id: 'two-layer',
      sentence:
        'So it is in two-layer networks with rectifiers: solutions obey the bound, their path norm follows the trace, and larger rates predict better, and better than full gradients.',
      quantity: 'over runs from a sharp start to a loss below 1e-6: rate times trace, path norm, test loss',
      setting: {
        quick: '100 units, three rates for single examples and three for all, one draw',
        full: '200 units, six rates for single examples, four for batches of 8, six for all, three draws',
      },
      ...locked.claims['two-layer'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'threshold',
    title: 'Stable region, and measured runs',
    says: 'Simulated descent by batches and rates: which runs decayed and which grew, and the critical rate.',
  },
} as const satisfies PaperRecord;
