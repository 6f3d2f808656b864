import type { Locked } from '../verdicts/locked.ts';

const stream = { side: 10, low: [2, 6], high: [0.5, 1.5], systems: 5000, bins: 5 } as const;
const relaxation = {
  quick: { ...stream, fixed: [1.7, 1.8] },
  full: { ...stream, fixed: [1, 1.2, 1.4, 1.5, 1.6, 1.7, 1.8] },
} as const;
const draws = { quick: [3], full: [3, 6] } as const;

export const locked = {
  claims: {
    'near-best-fixed': {
      experiment: 'relaxation',
      ingredient: 'the weights that arms are drawn by',
      draws,
      measures: {
        low: { quantity: 'low variance: over the best fixed', over: 'mean', '≤': 1.12 },
        high: { quantity: 'high variance: over the best fixed', over: 'mean', '≤': 1.3 },
        later: { quantity: '{each variance}: second half over first half', over: 'mean', '<': 1, check: true },
      },
      sizes: relaxation,
    },
    context: {
      experiment: 'relaxation',
      ingredient: 'the curve of each arm over contexts',
      draws,
      measures: {
        low: { quantity: 'low variance: over the best fixed', over: 'mean', '≤': 0.82 },
        high: { quantity: 'high variance: over the best fixed', over: 'mean', '≤': 0.7 },
        optimum: { quantity: '{each variance}: over the instance optimum', over: 'mean', '≤': 1.2 },
      },
      sizes: relaxation,
    },
    heat: {
      experiment: 'heat',
      ingredient: 'the curve of each arm over contexts',
      draws,
      measures: {
        context: { quantity: 'ChebCB over the best of five fixed', over: 'mean', '≤': 0.87 },
        plain: {
          quantity: '{each learner} over plain conjugate gradients',
          over: 'mean',
          '≤': { quick: 0.6, full: 0.35 },
          check: true,
        },
        free: { quantity: 'Tsallis-INF over the best of five fixed', over: 'mean', '≤': 1.08, check: true },
      },
      sizes: {
        quick: { side: 24, steps: 5000, fixed: [1, 1.3, 1.5, 1.75, 1.95], bins: 6 },
        full: { side: 49, steps: 5000, fixed: [1, 1.3, 1.5, 1.75, 1.95], bins: 6 },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
