import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 41,
  slug: '41-ldp-sparse-regression',
  title: 'Improved Analysis of Sparse Linear Regression in Local Differential Privacy Model',
  authors: 5,
  firstAuthors: ['Zhu', 'Ding', 'Aggarwal'],
  date: '2023-10',
  venue: 'ICLR 2024',
  arxiv: '2310.07367',
  family: 'linear-models',
  methods: [
    'local differential privacy',
    'NLDP',
    'iterative hard thresholding',
    'Gaussian mechanism',
    'sparse regression',
  ],
  summary:
    'Suppose nobody trusts the server, and each person sends only a noisy message about one row of data. Can a sparse regression still be fitted? This paper gives nearly matching bounds: with a single round of messages the price is polynomial in the dimension even if only one coefficient matters; public unlabelled data or a few rounds of interaction help. It also corrects an earlier claim. We run the one-round estimator, its variant with public data, and private hard thresholding, check how their errors scale with people, dimension and privacy, and measure how much single reports of all mechanisms tell about their senders.',
  formulas: [
    {
      tex: String.raw`\Pr[M(v) \in S] \le e^\varepsilon\,\Pr[M(v') \in S] + \delta`,
      says: 'Local privacy: a message hardly depends on the data of the one who sends it.',
    },
    {
      tex: String.raw`\lVert\hat\theta - \theta^*\rVert_2 = \tilde O\Bigl(\frac{d\sqrt k}{\sqrt n\,\varepsilon}\Bigr)\ \text{or, with public data,}\ \tilde O\Bigl(\frac{\sqrt{dk}}{\sqrt n\,\varepsilon}\Bigr)`,
      says: 'Errors of the one-round estimator for n people, dimension d and sparsity k.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The algorithms are complete, with the library’s defaults; constants of the one-round mechanism are reconstructed. The rates are asymptotic, and are measured with at most 32 features and 6.4 million simulated people.',
  },
  claims: [
    {
      id: 'rate',
      sentence: 'With public data the error falls with the square root of the number of people.',
      quantity: 'log–log slope in n; error at the largest n, ε = 8',
      setting: {
        quick: '16 features, n from 1e5 to 1.6e6, 16 noises a draw',
        full: '16 features, n from 1e5 to 6.4e6, 32 noises a draw',
      },
      ...locked.claims.rate,
    },
    {
      id: 'public-data',
      sentence: 'Public data pay at every number of people, also when ε is not the larger for it.',
      quantity:
        'one-round error over that with public data, with all and with half of ε; one-round error at the largest n',
      setting: {
        quick: '16 features, ε = 8, n from 1e5 to 1.6e6, 16 noises a draw',
        full: '16 features, ε = 8, n from 1e5 to 6.4e6, 32 noises a draw',
      },
      ...locked.claims['public-data'],
    },
    {
      id: 'regularised-inverse',
      sentence: 'A floor under eigenvalues and a soft threshold rescue the estimate when noise dominates.',
      quantity: 'error of the plain inverse over the regularised one, n ≤ 4e5',
      setting: { quick: '16 features, ε = 8, 16 noises a draw', full: '16 features, ε = 8, 32 noises a draw' },
      ...locked.claims['regularised-inverse'],
    },
    {
      id: 'dimension-and-privacy',
      sentence: 'Error grows with dimension and with stricter privacy as the rates say, in one round by √d more.',
      quantity: 'exponents of d; ratio of error on halving ε',
      setting: {
        quick: '6, 12 and 24 features with n = 8e5; ε from 8 to 4 with n = 4e5; 16 noises a draw',
        full: '8, 16 and 32 features with n = 6.4e6; ε from 8 to 4 with n = 4e5; 32 noises a draw',
      },
      ...locked.claims['dimension-and-privacy'],
    },
    {
      id: 'interaction',
      sentence:
        'Rounds of hard thresholding, with bounds tighter than those of the theory, beat a single such round and the one-round estimator under strict privacy.',
      quantity: 'error at ε = 2, each with the best of four settings on other draws',
      setting: { quick: 'n = 4e5, ln n rounds', full: 'n = 1.6e6, ln n rounds' },
      ...locked.claims.interaction,
    },
    {
      id: 'one-report',
      sentence: 'A single report tells no more about its sender than ε and δ allow, by any of six mechanisms.',
      quantity: 'least δ at which the reports of two people that lie far apart can be ε-private; right guesses',
      setting: { quick: 'ε = 0.5 and 2, 30,000 reports each', full: 'ε = 0.5 and 2, 800,000 reports each' },
      ...locked.claims['one-report'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'people',
    title: 'error, ε = 8',
    series: ['one round: plain inverse', 'one round: floor and threshold', 'with public covariates', 'zero'],
    says: 'Errors of estimates from one private report a person, as people become more.',
  },
} as const satisfies PaperRecord;
