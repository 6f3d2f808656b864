import type { Locked } from '../verdicts/locked.ts';

const field = { noise: 0.1, coordinates: 60, lengthscale: 0.3 } as const;
const fields = { quick: [8, 16, 32], full: [8, 16, 32] } as const;
const stations = { hold: 0.1, lengths: [1, 3, 9], ridges: [0.01, 0.3, 1, 3] } as const;

export const locked = {
  claims: {
    'three-dimensional': {
      experiment: 'field3',
      ingredient: 'factors that are smooth along their axes',
      draws: fields,
      measures: {
        process: { quantity: 'error over that of the process', over: 'median', '≤': { quick: 0.9, full: 0.7 } },
        grid: { quantity: 'error over that of grid CP', over: 'median', '≤': { quick: 0.4, full: 0.25 } },
        error: { quantity: 'error', over: 'median', '≤': { quick: 0.12, full: 0.065 } },
        noise: { quantity: 'estimated noise', over: 'median', '≥': { full: 0.09 }, '≤': { full: 0.11 } },
      },
      sizes: {
        quick: { ...field, points: 400, tests: 1000 },
        full: { ...field, points: 1200, tests: 3000 },
      },
      grids: ['process', 'grid'],
    },
    'two-dimensional': {
      experiment: 'field2',
      ingredient: 'factors that are smooth along their axes',
      draws: fields,
      measures: {
        clean: { quantity: '{each form}: error without noise', over: 'median', '≤': { quick: 0.06, full: 0.04 } },
        noisy: {
          quantity: '{each form}: error with noise',
          over: 'median',
          '≤': { quick: 0.1, full: 0.07 },
          check: true,
        },
        noise: { quantity: '{each form}: relative error of the noise', over: 'median', '≤': { full: 0.1 } },
      },
      sizes: {
        quick: { noise: 0.1, lengthscale: 0.3, points: 300, tests: 1000 },
        full: { noise: 0.1, lengthscale: 0.3, points: 650, tests: 2000 },
      },
    },
    coverage: {
      experiment: 'intervals',
      ingredient: 'what is held out says how wide intervals are',
      draws: { quick: [24, 48, 96], full: [16, 32, 64] },
      measures: {
        covered: {
          quantity:
            'share covered, 0 in a draw whose intervals are on average over twice as wide as the noise asks for',
          over: 'mean',
          '≥': 0.87,
          '≤': 0.93,
        },
      },
      sizes: {
        quick: { ...field, points: 400, tests: 1000, restarts: 2, widest: 2 },
        full: { ...field, points: 1200, tests: 1000, restarts: 2, widest: 2 },
      },
    },
    stations: {
      experiment: 'stations',
      ingredient: 'factors that are smooth along their axes',
      draws: { quick: [3], full: [4, 8] },
      measures: {
        grid: { quantity: '{each rank}: error over that of grid CP', over: 'mean', '<': 1 },
        day: { quantity: '{each rank}: error over that of the mean of each day', over: 'mean', '<': 1, check: true },
      },
      sizes: {
        quick: { ...stations, days: 90, ranks: [2, 3], process: 700 },
        full: { ...stations, days: 365, ranks: [2, 3, 4, 5], process: 2000 },
      },
    },
  },
  /** For fields the best on the test points is compared, which favours the rivals. */
  grids: {
    process: { kernel: ['Matérn 3/2', 'squared exponential'], length: [0.1, 0.2, 0.3, 0.45, 0.7] },
    grid: { side: [4, 6, 8, 10, 13, 16, 20], rank: [1, 2, 3, 4], ridge: [0.01, 0.3] },
  },
} as const satisfies Locked;
