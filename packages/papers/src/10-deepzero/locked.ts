import type { Locked } from '../verdicts/locked.ts';

const sparse = { sparsities: [0.9, 0.95], interval: 20 } as const;
const training = {
  quick: { ...sparse, steps: 300, updates: 0.3, weights: 0.3, drawn: 0.3, mask: 0.3, dense: 0.3 },
  full: { ...sparse, steps: 3000, updates: 0.1, weights: 0.1, drawn: 0.1, mask: 0.1, dense: 0.3 },
} as const;

export const locked = {
  claims: {
    estimator: {
      experiment: 'estimator',
      ingredient: 'differences along one coordinate at a time',
      draws: { quick: [4, 8], full: [5, 10] },
      measures: {
        coordinates: { quantity: 'error of coordinate differences on {each network}', over: 'mean', '≤': 0.15 },
        random: {
          quantity: 'error of as many random directions as weights on {each network}',
          over: 'mean',
          '≥': 0.85,
          '≤': 1.15,
          check: true,
        },
        theory: {
          quantity: 'error of random directions over √((d + 1)/q) on {each network, each q}',
          over: 'mean',
          '≥': { full: 0.9 },
          '≤': { full: 1.1 },
          check: true,
        },
      },
      sizes: {
        quick: { networks: ['1242 weights'], shares: [1], mu: 0.005 },
        full: { networks: ['1242 weights', '8010 weights'], shares: [0.1, 1, 4], mu: 0.005 },
      },
    },
    'equals-backprop': {
      experiment: 'backprop',
      ingredient: 'differences along one coordinate at a time',
      draws: { quick: [3, 6], full: [5, 10] },
      measures: {
        loss: {
          quantity: 'relative difference of the losses, means of ten steps, the largest along a run',
          over: 'mean',
          '≤': 0.05,
        },
        accuracy: { quantity: 'difference of test accuracies', over: 'mean', '≤': 0.015 },
      },
      sizes: { quick: { steps: 60, rate: 0.1 }, full: { steps: 300, rate: 0.1 } },
    },
    'sparse-gradients': {
      experiment: 'sparse',
      ingredient: 'as many weights as the sparsity leaves, drawn anew every 20 steps',
      draws: { quick: [3, 6], full: [5, 10] },
      measures: {
        beyond: {
          quantity:
            'accuracy of sparse updates less that of the best of sparse weights (by scores or drawn) and one mask, the least over both sparsities',
          over: 'mean',
          '≥': 0.05,
        },
        gain: {
          quantity: 'the same less that of sparse weights, by scores or drawn',
          over: 'mean',
          '≥': { quick: 0.1, full: 0.2 },
          check: true,
        },
        confirm: {
          quantity: 'difference of accuracies of one run by loss values and by autodiff, at 90 %',
          '≤': 0.03,
          check: true,
        },
      },
      sizes: training,
      grids: ['sparse'],
    },
    'near-dense': {
      experiment: 'sparse',
      ingredient: 'as many weights as the sparsity leaves, drawn anew every 20 steps',
      draws: { quick: [3, 6], full: [5, 10] },
      measures: {
        toDense: {
          quantity: 'accuracy of sparse updates at 90 % less that of dense ones',
          over: 'mean',
          '≥': -0.08,
        },
      },
      sizes: training,
      grids: ['sparse'],
    },
    'against-random': {
      experiment: 'random',
      ingredient: 'differences along coordinates that are drawn anew',
      draws: { quick: [4, 8], full: [5, 10] },
      measures: {
        gain: {
          quantity: 'accuracy of sparse updates at 90 % less that of as many random directions',
          over: 'mean',
          '>': 0,
        },
      },
      sizes: {
        quick: { steps: 100, sparsity: 0.9, directions: 162, interval: 20, rate: 0.3, randomRate: 0.1 },
        full: { steps: 100, sparsity: 0.9, directions: 162, interval: 20, rate: 0.3, randomRate: 0.1 },
      },
      grids: ['random'],
    },
    'feature-reuse': {
      experiment: 'reuse',
      ingredient: 'what a moved weight changes, added to what was kept',
      measures: {
        work: {
          quantity: 'multiplications of whole passes over those of passing on units; 0 if estimates differ',
          '≥': 1.8,
        },
        stages: {
          quantity: 'time of whole passes over that of passing on layers; 0 if estimates differ',
          '≥': { full: 1.8 },
        },
        units: {
          quantity: 'time of whole passes over that of passing on units; 0 if estimates differ',
          '≥': { full: 10 },
        },
        difference: { quantity: 'largest difference to whole passes, passing on {what}', '≤': 1e-12, check: true },
      },
      sizes: {
        quick: { hidden: 4, width: 64, every: 50, repeats: 1 },
        full: { hidden: 4, width: 64, every: 10, repeats: 3 },
      },
    },
  },
  // Each method is trained with each rate on seeds 901 and 902; `sizes` have the best, by the mean accuracy.
  grids: {
    sparse: {
      updates: [0.01, 0.03, 0.1, 0.3, 1],
      weights: [0.01, 0.03, 0.1, 0.3, 1],
      drawn: [0.01, 0.03, 0.1, 0.3, 1],
      mask: [0.01, 0.03, 0.1, 0.3, 1],
      dense: [0.01, 0.03, 0.1, 0.3, 1],
    },
    random: { updates: [0.01, 0.03, 0.1, 0.3, 1], directions: [0.01, 0.03, 0.1, 0.3, 1] },
  },
} as const satisfies Locked;
