import type { PaperRecord } from '../record.ts';

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
    'Suppose nobody trusts the server, and each person sends only a noisy message about one row of data. Can a sparse regression still be fitted? This paper gives nearly matching bounds: with a single round of messages the price is polynomial in the dimension even if only one coefficient matters; public unlabelled data or a few rounds of interaction help. It also corrects an earlier claim. We run the one-round estimator, its variant with public data, and private hard thresholding, check how their errors scale with people, dimension and privacy, and show what a single report reveals.',
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
    level: 'full',
    note: 'The algorithms are complete, at up to 32 dimensions and 6.4 million simulated people; constants of the one-round mechanism are reconstructed.',
  },
  claims: [
    {
      id: 'rate',
      sentence: 'With public data the error falls with the square root of the number of people.',
      ingredient: 'the noise that privacy asks for',
      quantity: 'log–log slope in n; error at the largest n, ε = 8',
      draws: { quick: [4, 8], full: [5, 10] },
      setting: {
        quick: '16 features, n from 1e5 to 1.6e6, 32 noises a draw',
        full: '16 features, n from 1e5 to 6.4e6, 32 noises a draw',
      },
      measures: {
        slope: {
          quantity: 'slope',
          over: 'mean',
          '≥': { quick: -0.75, full: -0.62 },
          '≤': { quick: -0.25, full: -0.38 },
        },
        error: { quantity: 'error at the largest n', over: 'geometric mean', '≤': { full: 0.08 } },
      },
    },
    {
      id: 'public-data',
      sentence: 'Public data pay at every size.',
      ingredient: 'the matrix, which nobody sends where covariates are public',
      quantity: 'one-round error over that with public data; one-round error at the largest n',
      draws: { quick: [4, 8], full: [5, 10] },
      setting: {
        quick: '16 features, n from 1e5 to 1.6e6, 32 noises a draw',
        full: '16 features, n from 1e5 to 6.4e6, 32 noises a draw',
      },
      measures: {
        ratio: {
          quantity: '{each n}: one-round error over that with public data',
          over: 'geometric mean',
          '≥': { quick: 1.2, full: 1.4 },
        },
        error: { quantity: 'one-round error at the largest n', over: 'geometric mean', '≤': { full: 0.15 } },
      },
    },
    {
      id: 'regularised-inverse',
      sentence: 'Flooring eigenvalues and thresholding rescue the estimate when noise dominates.',
      ingredient: 'the floor and the threshold',
      quantity: 'error of the plain inverse over the regularised one, n ≤ 4e5',
      draws: { quick: [4, 8], full: [5, 10] },
      setting: { quick: '16 features, ε = 8, 32 noises a draw', full: '16 features, ε = 8, 32 noises a draw' },
      measures: {
        error: {
          quantity: '{each n}: error of the plain inverse over the regularised one',
          over: 'geometric mean',
          '≥': { quick: 1.3, full: 1.5 },
        },
      },
    },
    {
      id: 'dimension-and-privacy',
      sentence: 'Error grows with dimension and with stricter privacy as the rates say.',
      ingredient: 'noise as large as the bounds of clipping, and as 1/ε',
      quantity: 'ratios of error on doubling d and on halving ε',
      draws: { quick: [4, 8], full: [5, 10, 20] },
      setting: {
        quick: 'd from 16 to 32 and ε from 8 to 4, n = 4e5, 32 noises a draw',
        full: 'd from 16 to 32 with n = 6.4e6; ε from 8 to 4 with n = 4e5, where noise dominates; 32 noises a draw',
      },
      measures: {
        dimension: {
          quantity: 'error with public data, d = 32 over d = 16',
          over: 'geometric mean',
          '≥': { quick: 1, full: 1.2 },
          '≤': { quick: 2.2, full: 1.9 },
        },
        privacy: {
          quantity: 'error with public data, ε = 4 over ε = 8',
          over: 'geometric mean',
          '≥': { quick: 1.3, full: 1.5 },
          '≤': { quick: 2.7, full: 2.5 },
        },
        oneRound: {
          quantity: 'growth of the one-round error with d over that with public data',
          over: 'geometric mean',
          '>': { full: 1 },
        },
      },
    },
    {
      id: 'interaction',
      sentence: 'Rounds of hard thresholding beat the one-round estimator under strict privacy.',
      quick: 'Rounds of hard thresholding beat the estimate 0 under strict privacy.',
      ingredient: 'bounds much tighter than those of the theory',
      quantity: 'error at ε = 2',
      draws: { quick: [3, 6, 12], full: [5, 10, 20] },
      setting: { quick: 'n = 4e5, ln n rounds', full: 'n = 1.6e6, ln n rounds' },
      measures: {
        error: {
          quantity: 'error of rounds of hard thresholding',
          over: 'geometric mean',
          '<': { quick: 0.6 },
          '≤': { full: 0.25 },
        },
        oneRound: { quantity: 'the same over the one-round error', over: 'geometric mean', '<': { full: 1 } },
      },
    },
    {
      id: 'one-report',
      sentence: 'Who sees a single report hardly knows whose it is.',
      ingredient: 'noise as large as two people can lie apart',
      quantity: 'how often a guess which of the two farthest people sent a report is right',
      setting: { quick: '60,000 reports each', full: '800,000 reports each' },
      measures: {
        right: {
          quantity: '{each noise}: share of right guesses',
          '≤': { of: 'the most that ε and δ allow', plus: 0.01 },
        },
      },
    },
  ],
  picture: {
    experiment: 'people',
    title: 'error, ε = 8',
    series: {
      'one round: plain inverse': 'plain inverse',
      'one round: floor and threshold': 'floor and threshold',
      'with public covariates': 'public covariates',
      zero: 'estimate 0',
    },
    says: 'Errors of estimates from one private report a person, as people become more.',
  },
} as const satisfies PaperRecord;
