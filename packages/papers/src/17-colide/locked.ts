import type { Locked } from '../verdicts/locked.ts';

/** The paper's weight, for CoLiDE and least squares. */
const fixed = { rows: 1000, lambda: 0.05 } as const;
const scale = {
  quick: { ...fixed, nodes: 10, edges: 20, variances: [0.02, 10], small: [0.02], rivalDraws: 8, iterations: 4000 },
  full: {
    ...{ ...fixed, nodes: 20, edges: 40, variances: [0.02, 0.1, 1, 10], small: [0.02, 0.1] },
    ...{ rivalDraws: 16, iterations: 20_000 },
  },
} as const;
/** Variances between the two numbers, and the same times `scaled`. */
const noise = { weights: [0.25, 1], variances: [0.5, 10], scaled: 0.01 } as const;
const unequal = {
  quick: { ...fixed, ...noise, nodes: 10, edges: 20, iterations: 4000 },
  full: { ...fixed, ...noise, nodes: 40, edges: 160, iterations: 20_000 },
} as const;
const draws = { quick: [8], full: [8, 16] } as const;
const estimated = 'the scale of the noise estimated anew with every step of the edges';

export const locked = {
  claims: {
    'one-weight': {
      experiment: 'scale',
      ingredient: estimated,
      draws: { quick: [4, 8, 16], full: [4, 8, 16, 32] },
      sizes: scale,
      measures: {
        ratio: {
          quantity: 'SHD at {each variance below 1}, CoLiDE-EV',
          over: 'mean',
          '≤': {
            quick: { of: 'that of least squares', times: 0.8 },
            full: { of: 'that of least squares', times: 0.7 },
          },
        },
        excess: {
          quantity: 'SHD at {each other variance}, CoLiDE-EV',
          over: 'mean',
          '≤': { quick: { of: 'that of least squares', plus: 3 }, full: { of: 'that of least squares', plus: 4 } },
          check: true,
        },
        spread: {
          quantity: 'range of the SHD over the variances, CoLiDE-EV',
          over: 'mean',
          '<': { full: { of: 'that of least squares' } },
        },
      },
    },
    'one-weight-unequal': {
      experiment: 'unequal',
      ingredient: estimated,
      draws,
      sizes: unequal,
      measures: {
        ratio: {
          quantity: 'SHD with a hundredth of the noise, CoLiDE-NV',
          over: 'mean',
          '≤': {
            quick: { of: 'that of least squares', times: 0.8 },
            full: { of: 'that of least squares', times: 0.7 },
          },
        },
      },
    },
    'unequal-noise': {
      experiment: 'unequal',
      ingredient: estimated,
      draws,
      sizes: unequal,
      measures: {
        error: {
          quantity: 'error of the variances, CoLiDE-NV / residuals of least squares',
          over: 'geometric mean',
          '≤': { quick: 0.9, full: 0.75 },
        },
        excess: {
          quantity: 'SHD, CoLiDE-NV',
          over: 'mean',
          '≤': { of: 'that of least squares', plus: 3 },
          check: true,
        },
        overStart: {
          quantity: 'error of the variances, CoLiDE-NV / variances of the columns',
          over: 'geometric mean',
          '≤': 0.5,
          check: true,
        },
      },
    },
    'fewest-edges': {
      experiment: 'unequal',
      ingredient: estimated,
      draws,
      sizes: unequal,
      measures: {
        lead: { quantity: 'SHD of {each rival} less that of CoLiDE-NV', over: 'mean', '>': 0 },
      },
    },
    'scale-estimate': {
      experiment: 'scale',
      ingredient: estimated,
      draws: { quick: [16, 32, 64], full: [16, 32] },
      sizes: scale,
      measures: {
        error: {
          quantity: 'relative error of σ² at {each variance from 1}',
          over: 'mean',
          '≤': { quick: 0.15, full: 0.1 },
          check: true,
        },
        overStart: {
          quantity: 'relative error of σ² at {each variance from 1} over that of the smallest variance of a column',
          over: 'geometric mean',
          '≤': 0.95,
        },
        overRival: {
          quantity: 'relative error of σ² at {each variance below 1} over that of the residuals of least squares',
          over: 'geometric mean',
          '≤': 0.75,
          check: true,
        },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
