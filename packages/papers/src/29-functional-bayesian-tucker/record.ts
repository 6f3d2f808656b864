import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 29,
  slug: '29-functional-bayesian-tucker',
  title: 'Functional Bayesian Tucker Decomposition for Continuous-indexed Tensor Data',
  authors: 6,
  firstAuthors: ['Fang', 'Yu', 'Wang'],
  date: '2023-11',
  venue: 'ICLR 2024',
  arxiv: '2311.04829',
  code: 'https://github.com/xuangu-fang/Functional-Bayesian-Tucker-Decomposition',
  family: 'factorisation',
  methods: ['FunBaT', 'Tucker decomposition', 'Gaussian process', 'Kalman smoother', 'CP-ALS', 'Matérn kernel'],
  summary:
    'Measurements at longitude, latitude and time form a tensor whose indices are real numbers, and rounding them to a grid loses detail. Here each factor of a Tucker model is a smooth random function of its coordinate. Because the chosen kernels have a state-space form, a Kalman smoother updates a factor at a cost linear in the data, and every prediction comes with its uncertainty. We will fit synthetic fields beside grid methods and a full Gaussian process, check the estimated noise, and complete dust measurements from German stations.',
  formulas: [
    {
      tex: String.raw`y_n = \operatorname{vec}(\mathcal W)^\top\bigl(u_1(i_{n1}) \otimes \cdots \otimes u_K(i_{nK})\bigr) + \epsilon_n`,
      says: 'A core tensor weighs products of functions of the real-valued coordinates.',
    },
    {
      tex: String.raw`A = e^{Fh},\qquad Q = P_\infty - A P_\infty A^\top`,
      says: 'Between neighbouring coordinates at distance h, a factor evolves as a linear system, so that smoothing replaces large matrices.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'The method is complete; Beijing air quality and US temperature are replaced by synthetic fields and dust at German rural stations. Start and damping were found on these fields, so fresh seeds will judge.',
  },
  claims: [
    {
      id: 'three-dimensional',
      sentence:
        'On a scattered three-dimensional field it beats grid decomposition and a full Gaussian process, and finds the noise.',
      quantity: 'relative test error at rank 2; its ratio to the process and to grid CP; estimated noise',
      setting: { quick: '400 points', full: '1200 points, noise 0.1' },
      measures: {
        error: { quantity: 'error', '≤': { quick: 0.12, full: 0.065 } },
        process: { quantity: 'error over that of the process', '≤': { quick: 0.9, full: 0.7 } },
        grid: { quantity: 'error over that of grid CP', '≤': { quick: 0.4, full: 0.25 } },
        noise: { quantity: 'estimated noise', '≥': { full: 0.09 }, '≤': { full: 0.11 } },
      },
    },
    {
      id: 'two-dimensional',
      sentence: "The paper's own two-dimensional field is recovered nearly exactly, with the right noise level.",
      quantity: 'relative test error without and with noise; estimated noise',
      setting: { quick: '300 points', full: '650 points' },
      measures: {
        clean: { quantity: 'error without noise', '≤': { quick: 0.06, full: 0.04 } },
        noisy: { quantity: 'error with noise', '≤': { quick: 0.1, full: 0.07 } },
        noise: { quantity: 'relative error of the noise', '≤': { full: 0.1 } },
      },
    },
    {
      id: 'stations',
      sentence: "On real station data it completes better than grid decomposition and than each day's mean.",
      quantity: 'root mean squared error of log(1 + dust) on held-out entries',
      bar: { quick: '90 days, one split: below both', full: 'one year, three splits, ranks 2 to 5: below both' },
    },
  ],
};
