import type { Locked } from '../verdicts/locked.ts';

const convergence = {
  quick: { p: 10, n: 500, starts: 2, rank: 3 },
  full: { p: 20, n: 2000, starts: 5, rank: 5 },
};

export const locked = {
  claims: {
    'accuracy-and-reconstruction': {
      experiment: 'digits',
      ingredient: 'the gradient of the labels in the steps of the dictionary',
      draws: { quick: [8, 16, 32], full: [10, 20, 40] },
      sizes: {
        quick: { rank: 2, steps: 50, train: 400, test: 500, weights: [0.1] },
        full: { rank: 2, steps: 50, train: 400, test: 500, weights: [0.1, 1, 10, 50] },
      },
      measures: {
        leadAtTenth: {
          quantity:
            'right labels, ξ = 0.1, and none where the reconstruction error is above 1.1 × that of factorisation',
          over: 'mean',
          '≥': { of: 'those of factorise-then-classify', plus: 0.04 },
        },
        excessAtTenth: {
          quantity: 'reconstruction error, ξ = 0.1, over that of factorisation',
          over: 'mean',
          '≤': 1.1,
          check: true,
        },
        lossAtTenth: {
          quantity: 'right labels, ξ = 0.1, and all pixels',
          over: 'mean',
          '≥': { full: { of: 'those of all pixels', plus: -0.05 } },
        },
        leadAtOne: {
          quantity: 'right labels, ξ = 1, and none where the reconstruction error is above 1.1 × that of factorisation',
          over: 'mean',
          '≥': { full: { of: 'those of factorise-then-classify', plus: 0.04 } },
        },
        excessAtOne: {
          quantity: 'reconstruction error, ξ = 1, over that of factorisation',
          over: 'mean',
          '≤': { full: 1.1 },
          check: true,
        },
        lossAtOne: {
          quantity: 'right labels, ξ = 1, and all pixels',
          over: 'mean',
          '≥': { full: { of: 'those of all pixels', plus: -0.05 } },
        },
        rise: { quantity: 'right labels, ξ = 50', over: 'mean', '≤': { full: { of: 'those at ξ = 0.1' } } },
      },
    },
    'exponential-convergence': {
      experiment: 'convergence',
      ingredient: 'gradients of the size that the step length supposes, projected to the rank',
      sizes: convergence,
      measures: {
        ratio: {
          quantity: 'ratio of successive changes, largest; infinite if a limit is not the convex minimum',
          '≤': { of: '2(1 − τμ)', plus: 0.05 },
        },
        spread: { quantity: 'distance of limits, relative', '≤': 1e-8, check: true },
        toConvex: { quantity: 'distance from the minimum that a convex solver finds, relative', '≤': 1e-8 },
      },
    },
    'white-samples': {
      experiment: 'convergence',
      ingredient: 'gradients of the size that the step length supposes, projected to the rank',
      sizes: convergence,
      measures: {
        fullRatio: {
          quantity: 'full rank: ratio of successive changes; infinite if a limit is not the convex minimum',
          '≤': { of: '2(1 − τμ)', plus: 0.05 },
        },
        toConvex: { quantity: 'full rank: distance from a convex solver, relative', '≤': 1e-8 },
        ratio: {
          quantity: 'lower rank: ratio of successive changes; infinite if limits differ',
          '≤': { of: '2(1 − τμ)', plus: 0.05 },
        },
        spread: { quantity: 'lower rank: distance of limits, relative', '≤': 1e-8 },
      },
    },
    covariates: {
      experiment: 'covariates',
      ingredient: 'covariates in the model of the labels',
      draws: { quick: [4, 8, 16], full: [5, 10, 20] },
      sizes: { quick: { columns: 20, samples: 1000, steps: 150 }, full: { columns: 50, samples: 2000, steps: 150 } },
      measures: {
        ratio: { quantity: 'test deviance with covariates over that without', over: 'mean', '≤': 0.9 },
        leak: { quantity: 'largest correlation of a code and a covariate', over: 'mean', '≤': 0.2, check: true },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
