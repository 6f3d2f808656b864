import type { Locked } from '../verdicts/locked.ts';

const descent = {
  quick: { examples: 200, tests: 500, ratios: [0.5, 1, 2], powers: [2, 3, 4, 5, 6] },
  full: { examples: 200, tests: 2004, ratios: [0.5, 1, 2], powers: [2, 3, 4, 5, 6] },
} as const;
const run = {
  ...{ steps: 2000, momenta: [0.9, 0.99, 0.999], batch: 20, batchRate: 0.2 },
  ...{ ratios: [0.5, 1, 2], stops: [20, 50, 100, 200, 500], peak: 0.05 },
} as const;
const optimisers = {
  quick: { ...run, adamRates: [0.001], rates: [1], examples: 60, tests: 500, held: 200 },
  full: {
    ...run,
    ...{ adamRates: [0.001, 0.01], rates: [1, 0.1], examples: 200, tests: 2004, held: 200 },
    ...{ startRatio: 4, startScale: 1 },
  },
} as const;
const net = { rates: [0.003, 0.03, 0.1], momentum: 0.9, batch: 20, noise: 0.1 } as const;

export const locked = {
  claims: {
    budget: {
      experiment: 'budget',
      ingredient: 'the number of steps, by the spectral filter 1 − (1 − c·s²/s_max²)ᵀ',
      draws: { quick: [4, 8, 16], full: [5, 10, 20] },
      measures: {
        million: {
          quantity: 'h after 10⁶ steps, 0 in a draw with a peak (h > 0) after 10³',
          over: 'mean',
          '≥': 0.2,
        },
        between: {
          quantity: 'h after 10⁵ steps, 0 in a draw with a peak (h > 0) after 10³',
          over: 'mean',
          '≥': 0.05,
        },
        below: { quantity: 'h after 10⁵ steps', over: 'mean', '≤': 0.3, check: true },
        exact: { quantity: 'h of the pseudo-inverse', over: 'mean', '≥': { quick: 0.25, full: 0.35 }, check: true },
        thousand: { quantity: 'h after 10³ steps', over: 'mean', '≤': 0, check: true },
        falls: { quantity: 'test error at {T, size}', over: 'mean', '<': { of: 'that at half the size' }, check: true },
      },
      sizes: descent,
    },
    'loss-and-height': {
      experiment: 'budget',
      ingredient: 'budgets that differ, and with them the training loss',
      draws: { quick: [4, 8, 16], full: [5, 10, 20] },
      measures: {
        grows: { quantity: 'least rise of h from one budget to the next, from 10³ steps on', over: 'mean', '>': 0 },
        correlation: {
          quantity: "Spearman's correlation of h with the log of the training loss at P = N over the six",
          over: 'mean',
          '≤': -0.85,
          check: true,
        },
      },
      sizes: descent,
    },
    optimisers: {
      experiment: 'optimisers',
      ingredient: "momentum and Adam's scaling of steps, which reach a lower loss",
      draws: { quick: [4, 8, 12], full: [3, 6, 12] },
      measures: {
        apart: {
          quantity:
            'least h of momentum 0.99 and Adam 0.001, less the larger of gradient descent and SGD; 0 in a draw where one of these has the lower loss',
          over: 'mean',
          '≥': { quick: 0.02, full: 0.08 },
        },
        order: {
          quantity: 'least rise of h from gradient descent to momentum 0.9 and to 0.99',
          over: 'mean',
          '>': 0,
        },
        none: {
          quantity: 'h of {gradient descent and SGD}',
          over: 'mean',
          '≤': { quick: 0.02, full: 0 },
          check: true,
        },
        peak: {
          quantity: 'h of {momentum 0.99 and Adam}',
          over: 'mean',
          '≥': { quick: 0.02, full: 0.08 },
          check: true,
        },
        start: {
          quantity: 'test error at P = 4N from a start of σ = 1',
          over: 'mean',
          '≥': { full: { of: 'that from zero', plus: 0.08 } },
          check: true,
        },
      },
      sizes: optimisers,
    },
    'if-and-only-if': {
      experiment: 'optimisers',
      ingredient: 'optimisers that reach different losses',
      draws: { quick: [4, 8, 12], full: [3, 6, 12] },
      measures: {
        wrong: {
          quantity:
            'optimisers on the wrong side of the best threshold of the training loss at P = N; all if none or all have a peak, h > 0.05',
          over: 'mean',
          '≤': 0.5,
        },
        without: { quantity: 'the same without momentum 0.999', over: 'mean', '≤': 0.5, check: true },
      },
      sizes: optimisers,
    },
    'tiny-demo': {
      experiment: 'tiny',
      ingredient: 'a ridge of 1e-8, so small that it leaves the smallest singular value its say',
      measures: {
        place: { quantity: 'location of the largest test loss', '≤': 1 },
        condition: { quantity: 'location of the largest condition number', '≤': 1, check: true },
      },
      sizes: { quick: { examples: 6, trials: 300 }, full: { examples: 6, trials: 2000 } },
    },
    'two-layer': {
      experiment: 'two-layer',
      ingredient: 'rates that differ in how far they let training get',
      draws: { quick: [4, 8], full: [4, 8, 16] },
      measures: {
        rise: {
          quantity: 'how far the error rises as the network widens, at the rate of the lowest training loss',
          over: 'mean',
          '>': { of: 'that at the rate of the highest' },
        },
        threshold: {
          quantity: 'test error at the threshold, at the rate of the lowest training loss',
          over: 'mean',
          '>': { of: 'that at the rate of the highest' },
          check: true,
        },
      },
      sizes: {
        quick: { ...net, epochs: 1000, examples: 60, tests: 500, widths: [4, 8, 16, 32], threshold: 8 },
        full: {
          ...net,
          epochs: 2000,
          examples: 200,
          tests: 1500,
          widths: [2, 4, 8, 12, 16, 24, 32, 64],
          threshold: 24,
        },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
