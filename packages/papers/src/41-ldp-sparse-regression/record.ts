import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'Suppose nobody trusts the server, and each person sends only a noisy message about one row of data. Can a sparse regression still be fitted? This paper gives nearly matching bounds: with a single round of messages the price is polynomial in the dimension even if only one coefficient matters; public unlabelled data or a few rounds of interaction help. It also corrects an earlier claim. We will run the one-round estimator, its variant with public data, and private hard thresholding, and check how their errors scale with people, dimension and privacy.',
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
      quantity: 'log–log slope in n; error at the largest n, ε = 8',
      setting: { quick: 'n from 1e5 to 1.6e6, one seed', full: 'n from 1e5 to 6.4e6, five seeds' },
      measures: {
        slope: { quantity: 'slope', '≥': { quick: -0.75, full: -0.62 }, '≤': { quick: -0.25, full: -0.38 } },
        error: { quantity: 'error at the largest n', '≤': { full: 0.08 } },
      },
    },
    {
      id: 'public-data',
      sentence: 'Public data pay at every size.',
      quantity: 'one-round error over that with public data; one-round error at the largest n',
      measures: {
        ratio: { quantity: '{each n}: one-round error over that with public data', '≥': { quick: 1.2, full: 1.4 } },
        error: { quantity: 'one-round error at the largest n', '≤': { full: 0.15 } },
      },
    },
    {
      id: 'regularised-inverse',
      sentence: 'Flooring eigenvalues and thresholding rescue the estimate when noise dominates.',
      quantity: 'error of the plain inverse over the regularised one, n ≤ 4e5',
      measures: {
        error: {
          quantity: 'error of the plain inverse over the regularised one, n ≤ 4e5',
          '≥': { quick: 1.3, full: 1.5 },
        },
      },
    },
    {
      id: 'dimension-and-privacy',
      sentence: 'Error grows with dimension and with stricter privacy as the rates say.',
      quantity: 'ratios of error on doubling d and on halving ε, with public data',
      bar: { quick: 'in [1.0, 2.2] and [1.3, 2.7]', full: 'in [1.2, 1.9], more without public data; 2 within 25 %' },
    },
    {
      id: 'interaction',
      sentence: 'Rounds of hard thresholding beat the one-round estimator under strict privacy.',
      quantity: 'error at ε = 2, n = 1.6e6',
      setting: { quick: 'n = 4e5', full: 'n = 1.6e6' },
      measures: {
        error: { quantity: 'error of rounds of hard thresholding', '<': { quick: 0.6 }, '≤': { full: 0.25 } },
        oneRound: { quantity: 'the same over the one-round error', '<': { full: 1 } },
      },
    },
  ],
};
