import type { PaperRecord } from '../record.ts';

export const record = {
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
    'Measurements at longitude, latitude and time form a tensor whose indices are real numbers, and rounding them to a grid loses detail. Here each factor of a Tucker model is a smooth random function of its coordinate. Because the chosen kernels have a state-space form, a Kalman smoother updates a factor at a cost linear in the data, and every prediction comes with its uncertainty. We fit synthetic fields beside grid methods and a full Gaussian process, check the estimated noise and how much intervals cover, and complete dust measurements of two stations in Beijing.',
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
    note: 'The method is complete, with a start and damping of its own: those of the paper’s code let all factors shrink. Synthetic fields, and hourly dust at two stations of Beijing for a year, stand for its stations over four years and for US temperature.',
  },
  claims: [
    {
      id: 'three-dimensional',
      sentence:
        'On a scattered three-dimensional field it beats grid decomposition and a full Gaussian process, and finds the noise.',
      ingredient: 'factors that are smooth along their axes',
      quantity: 'relative test error at rank 2; its ratio to the process and to grid CP; estimated noise',
      quick: 'On a scattered three-dimensional field it beats grid decomposition and a full Gaussian process.',
      setting: { quick: '400 points', full: '1200 points, noise 0.1' },
      draws: { quick: [8, 16, 32], full: [8, 16, 32] },
      measures: {
        error: { quantity: 'error', over: 'median', '≤': { quick: 0.12, full: 0.065 } },
        process: { quantity: 'error over that of the process', over: 'median', '≤': { quick: 0.9, full: 0.7 } },
        grid: { quantity: 'error over that of grid CP', over: 'median', '≤': { quick: 0.4, full: 0.25 } },
        noise: { quantity: 'estimated noise', over: 'median', '≥': { full: 0.09 }, '≤': { full: 0.11 } },
      },
    },
    {
      id: 'two-dimensional',
      sentence: "The paper's own two-dimensional field is recovered nearly exactly, with the right noise level.",
      quick: "The paper's own two-dimensional field is recovered nearly exactly.",
      ingredient: 'factors that are smooth along their axes',
      quantity: 'relative test error without and with noise; estimated noise',
      setting: { quick: '300 points', full: '650 points' },
      draws: { quick: [8, 16, 32], full: [8, 16, 32] },
      measures: {
        clean: { quantity: '{each form}: error without noise', over: 'median', '≤': { quick: 0.06, full: 0.04 } },
        noisy: { quantity: '{each form}: error with noise', over: 'median', '≤': { quick: 0.1, full: 0.07 } },
        noise: { quantity: '{each form}: relative error of the noise', over: 'median', '≤': { full: 0.1 } },
      },
    },
    {
      id: 'coverage',
      sentence: 'Its calibrated intervals hold what they promise: nine tenths of new measurements.',
      ingredient: 'what is held out says how wide intervals are',
      quantity: 'share of new measurements of the three-dimensional field in intervals of 90 %',
      setting: { quick: '400 points, of which 40 calibrate', full: '1200 points, of which 120 calibrate' },
      draws: { quick: [24, 48, 96], full: [16, 32, 64] },
      measures: {
        covered: { quantity: 'share covered', over: 'mean', '≥': 0.87, '≤': 0.93 },
      },
    },
    {
      id: 'stations',
      sentence: "On real station data it completes better than grid decomposition and than each day's mean.",
      quick: "On real station data it completes better than each day's mean.",
      ingredient: 'indices as they are, not rounded to a grid',
      quantity:
        'root mean squared error of log(1 + dust) on a tenth of the entries, held out; ranks as they are for both',
      setting: {
        quick: '90 days at two stations, ranks 2 and 3; a draw is a split',
        full: 'one year at two stations, ranks 2 to 5; a draw is a split',
      },
      draws: { quick: [3], full: [4, 8] },
      measures: {
        day: { quantity: '{each rank}: error over that of the mean of each day', over: 'mean', '<': 1 },
        grid: { quantity: '{each rank}: error over that of grid CP', over: 'mean', '<': { full: 1 } },
      },
    },
  ],
  picture: {
    experiment: 'field3',
    title: 'functions of the first axis',
    series: { 'function 1': 'function 1', 'function 2': 'function 2' },
    says: 'Two smooth functions of the first coordinate, as they were found from scattered noisy values.',
  },
} as const satisfies PaperRecord;
