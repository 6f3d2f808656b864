import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    level: 'scaled',
    note: 'The method is complete, with a start and damping of its own: those of the paper’s code let all factors shrink. Synthetic fields, and hourly dust at two of the twelve stations of Beijing for a year (no others ship with a licence), stand for its stations over four years and for US temperature.',
  },
  claims: [
    {
      id: 'three-dimensional',
      sentence:
        'On a scattered three-dimensional field its error is below those of grid decomposition and of a full Gaussian process.',
      quantity: 'relative test error at rank 2; its ratio to the process and to grid CP; estimated noise',
      setting: { quick: '400 points, noise 0.1', full: '1200 points, noise 0.1' },
      ...locked.claims['three-dimensional'],
    },
    {
      id: 'two-dimensional',
      sentence: "The paper's own two-dimensional field is recovered nearly exactly.",
      quantity: 'relative test error without and with noise; estimated noise',
      setting: { quick: '300 points', full: '650 points' },
      ...locked.claims['two-dimensional'],
    },
    {
      id: 'coverage',
      sentence:
        'Calibrated intervals of 90 % cover nine tenths of new measurements, and are at most twice as wide as the noise asks for.',
      quantity: 'share of new measurements of the three-dimensional field in intervals of 90 %',
      setting: { quick: '400 points, of which 40 calibrate', full: '1200 points, of which 120 calibrate' },
      ...locked.claims.coverage,
    },
    {
      id: 'stations',
      sentence: 'On real station data its error is below that of grid decomposition.',
      quantity:
        'root mean squared error of log(1 + dust) on a tenth of the entries, held out; ranks as they are for both',
      setting: {
        quick: '90 days at two stations, ranks 2 and 3; a draw is a split',
        full: 'one year at two stations, ranks 2 to 5; a draw is a split',
      },
      ...locked.claims.stations,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'stations',
    title: 'error on held-out entries',
    says: 'Error on held-out dust by rank: functional Tucker, CP on the grid, the mean of each day, and a Gaussian process on some entries.',
  },
} as const satisfies PaperRecord;
