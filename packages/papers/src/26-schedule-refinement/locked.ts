import type { Locked } from '../verdicts/locked.ts';

const line = 'a rate that falls to zero in a straight line';
const weights = 'weights that fall with the recorded norms';
const sets = { rows: 600, columns: 20, classes: 5, batch: 16 } as const;
const logistic = {
  quick: { ...sets, epochs: 10, suites: ['noisy', 'ill'] },
  full: { ...sets, epochs: 30, suites: ['gm', 'ill', 'noisy', 'skew'] },
} as const;
const real = {
  quick: { rows: 600, pixels: 4, epochs: 10, orders: 1, batch: 16, tie: 1e-6 },
  full: { rows: 5000, pixels: 4, epochs: 100, orders: 3, batch: 16, tie: 1e-6 },
} as const;
const images = {
  quick: { trained: 300, held: 200, pixels: 28, hidden: 16, epochs: 5, batch: 16 },
  full: { trained: 2000, held: 1000, pixels: 28, hidden: 32, epochs: 15, batch: 16 },
} as const;
const draws = { quick: [8], full: [5, 10, 20, 40] } as const;
const few = { quick: [8], full: [5, 10] } as const;

export const locked = {
  claims: {
    'linear-decay': {
      experiment: 'logistic',
      ingredient: line,
      draws,
      sizes: logistic,
      measures: {
        flat: {
          quantity: 'gap of linear decay on {each set}',
          over: 'mean',
          '≤': { quick: { of: 'that of flat', times: 0.5 }, full: { of: 'that of flat', times: 0.35 } },
        },
        root: {
          quantity: 'gap of linear decay on {each set}',
          over: 'mean',
          '≤': { quick: { of: 'that of 1/√t' }, full: { of: 'that of 1/√t', times: 0.6 } },
        },
        ill: {
          quantity: 'gap of linear decay on ill, beside {flat and 1/√t}',
          over: 'mean',
          '≤': { full: { of: 'theirs' } },
        },
        cosine: {
          quantity: 'gap of linear decay on {each set}, beside cosine',
          over: 'mean',
          '≤': { of: 'a quarter or 1e-4 above that of cosine' },
        },
      },
    },
    exponents: {
      experiment: 'logistic',
      ingredient: line,
      draws,
      sizes: logistic,
      measures: {
        lower: {
          quantity: 'gap of linear decay on {each set}',
          over: 'mean',
          '<': { of: 'the lower of those of the exponents ½ and 2' },
        },
      },
    },
    refinement: {
      experiment: 'logistic',
      ingredient: weights,
      draws: { quick: [4, 8], full: [5, 10, 20, 40] },
      sizes: logistic,
      measures: {
        ill: {
          quantity: 'gap of the refined schedule on ill by {SGD and Adam}',
          over: 'mean',
          '<': { quick: { of: 'that of linear decay' } },
          '≤': { full: { of: 'that of linear decay', times: 0.97 } },
        },
        elsewhere: {
          quantity: 'gap of the refined schedule on {other sets, by SGD and Adam}',
          over: 'mean',
          '≤': { full: { of: '2.5 times that of linear decay, or 3e-4 above it' } },
          check: true,
        },
      },
    },
    'worst-case': {
      experiment: 'worst-case',
      ingredient: line,
      sizes: {
        quick: { horizons: [10, 100, 1000], instances: 10, large: 3 },
        full: { horizons: [10, 100, 1000, 10_000], instances: 10, large: 3 },
      },
      measures: {
        worst: { quantity: 'worst of linear decay over instances and T', '≤': 1 + 1e-12 },
        flat: { quantity: 'flat, on the instance that resists it, at the largest T', '>': 1, check: true },
        square: { quantity: 'exponent 2, at the largest T', '>': 1, check: true },
      },
    },
    'real-sets': {
      experiment: 'real',
      ingredient: line,
      sizes: real,
      measures: { wins: { quantity: 'share of sets on which linear decay beats all three', '≥': 0.8 } },
    },
    'real-ranks': {
      experiment: 'real',
      ingredient: weights,
      sizes: real,
      measures: {
        rank: { quantity: 'mean rank of the refined schedule, the best being 1', '<': { of: 'that of linear decay' } },
      },
    },
    images: {
      experiment: 'images',
      ingredient: line,
      draws: few,
      sizes: images,
      measures: {
        plain: {
          quantity: 'loss on held-out images with linear decay',
          over: 'mean',
          '<': { of: 'the lowest with flat, 1/√t and step' },
        },
        cosine: {
          quantity: 'loss on held-out images with linear decay, beside cosine',
          over: 'mean',
          '≤': { of: 'that with cosine', times: 1.02 },
        },
      },
    },
    'images-refined': {
      experiment: 'images',
      ingredient: weights,
      draws: few,
      sizes: images,
      measures: {
        refined: {
          quantity: 'loss on held-out images with the refined schedule',
          over: 'mean',
          '<': { of: 'that with linear decay' },
        },
      },
    },
    shape: {
      experiment: 'shape',
      ingredient: weights,
      draws: { quick: [4, 8], full: [5, 10, 20] },
      sizes: {
        quick: { hidden: 32, epochs: 10, batch: 32, late: 0.95 },
        full: { hidden: 32, epochs: 30, batch: 32, late: 0.95 },
      },
      measures: {
        both: {
          quantity: 'share of networks whose schedule is largest after 2 % of the run, and at 95 % below linear decay',
          '≥': 0.9,
        },
        peak: {
          quantity: 'where the schedule is largest, as a part of the run',
          over: 'mean',
          '≥': 0.02,
          check: true,
        },
        end: {
          quantity: 'value at 95 % of the run',
          over: 'mean',
          '<': { of: 'that of linear decay' },
          check: true,
        },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
