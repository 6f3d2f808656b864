import type { Locked } from '../verdicts/locked.ts';

const check = { check: true } as const;
const single = 'gradients of single examples';
const diagonal = {
  quick: {
    ...{ examples: 40, coefficients: 100, relevant: 5, draws: 3, steps: 100_000 },
    ...{ single: [0.0005, 0.008, 0.012, 0.016], all: [0.05, 0.2, 0.3, 0.35] },
  },
  full: {
    ...{ examples: 40, coefficients: 100, relevant: 5, draws: 5, steps: 100_000 },
    ...{
      single: [0.0005, 0.004, 0.008, 0.012, 0.016, 0.018, 0.024],
      all: [0.05, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4],
    },
  },
} as const;
const student = { examples: 200, inputs: 20, units: 200, sharp: 3, steps: 100_000 };

export const locked = {
  claims: {
    threshold: {
      experiment: 'threshold',
      ingredient: 'the noise of single examples in the map of second moments',
      sizes: {
        quick: { examples: 12, parameters: 36, chains: 500, steps: 200, batches: [1, 2, 4, 12] },
        full: { examples: 12, parameters: 36, chains: 4000, steps: 200, batches: [1, 2, 4, 12] },
      },
      measures: {
        sides: { quantity: 'sides of the critical rate, at 0.9 and 1.1 of it, with the growth predicted', '≥': 2 },
        below: { quantity: 'growth at 0.9 of the critical rate', '<': 1, ...check },
        above: { quantity: 'growth at 1.1 of the critical rate', '>': 1, ...check },
        trace: { quantity: 'critical rate', '≤': { of: '2/tr H' }, ...check },
        fourth: { quantity: 'critical rate', '≤': { of: 'the bound by fourth moments' }, ...check },
        order: { quantity: 'critical rate at a batch of {each over the one before}', '>': 1, ...check },
        descent: { quantity: 'distance of that of full gradients from 2/λmax, relative', '≤': 1e-6, ...check },
      },
    },
    'trace-bound': {
      experiment: 'diagonal',
      ingredient: single,
      sizes: diagonal,
      measures: {
        trace: { quantity: 'largest η·tr H over runs that converge', '≤': 2 },
        falls: { quantity: 'trace at the largest reliable rate over that at the smallest', '≤': 0.5 },
        correlation: { quantity: 'rank correlation of trace and rate', '≤': -0.9, ...check },
        full: { quantity: 'largest η·tr H of full gradients', '>': 2, ...check },
        eigenvalue: { quantity: 'largest η·λmax of full gradients', '≤': 2, ...check },
      },
    },
    generalisation: {
      experiment: 'diagonal',
      ingredient: single,
      sizes: diagonal,
      measures: {
        rates: {
          quantity: 'test error at the largest reliable rate over that at the smallest',
          '≤': { quick: 0.5, full: 0.2 },
        },
        descent: { quantity: 'test error of the best SGD over that of the best GD', '≤': 0.6 },
      },
    },
    batches: {
      experiment: 'batches',
      ingredient: 'batches of the size that is said',
      sizes: {
        quick: { batches: [1, 5, 40], draws: 1, steps: 20_000, first: 0.008 },
        full: { batches: [1, 2, 5, 10, 40], draws: 3, steps: 100_000, first: 0.008 },
      },
      measures: {
        bound: { quantity: 'largest η·tr H/(2B) over runs that converge', '≤': 1, ...check },
        grows: { quantity: 'largest rate at a batch of {each over the one before}', '>': 1 },
      },
    },
    'two-layer': {
      experiment: 'two-layer',
      ingredient: single,
      sizes: {
        quick: {
          ...{ ...student, units: 100 },
          ...{ draws: 1, single: [0.1, 0.2, 0.3], eight: [], stepsOfEight: 0 },
          ...{ all: [0.5, 1, 1.25], stepsOfAll: 10_000 },
        },
        full: {
          ...student,
          ...{ draws: 3, single: [0.02, 0.05, 0.1, 0.2, 0.3, 0.4], eight: [0.1, 0.3, 0.6, 1], stepsOfEight: 50_000 },
          ...{ all: [0.1, 0.2, 0.5, 0.75, 1, 1.25], stepsOfAll: 10_000 },
        },
      },
      measures: {
        bound: { quantity: 'largest η·tr H/(2B) over runs that converge', '≤': 1, ...check },
        path: { quantity: 'largest path norm over √d·tr H', '≤': 1.2, ...check },
        error: { quantity: 'test loss at the largest reliable rate over that at the smallest', '≤': 0.8 },
        descent: { quantity: 'test loss of the best SGD over that of the best GD', '≤': 0.6 },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
