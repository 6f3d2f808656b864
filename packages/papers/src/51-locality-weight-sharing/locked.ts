import type { Locked } from '../verdicts/locked.ts';

const task = { sigma: 0.25, threshold: 0.4, target: 0.05, most: 4096 } as const;
const draws = { quick: [4, 8], full: [5, 10, 20] } as const;
const controls = {
  quick: { ...task, most: 1024, large: [8, 20], small: [4, 10], six: [6, 10] },
  full: { ...task, large: [8, 20], small: [4, 10], six: [6, 10] },
} as const;

export const locked = {
  claims: {
    'weight-sharing': {
      experiment: 'sharing',
      ingredient: 'one filter for all patches',
      draws,
      measures: {
        eight: { quantity: 'LCN over CNN at k = 8', over: 'geometric mean', '≥': 4 },
        sixteen: { quantity: 'LCN over CNN at k = 16', over: 'geometric mean', '≥': { full: 8 } },
        eightFainter: { quantity: 'LCN over CNN at k = 8, σ = 0.7/√k', over: 'geometric mean', '≥': { full: 4 } },
        sixteenFainter: { quantity: 'LCN over CNN at k = 16, σ = 0.7/√k', over: 'geometric mean', '≥': { full: 8 } },
      },
      sizes: {
        quick: { ...task, dim: 20, patches: [8], fainter: 0 },
        full: { ...task, dim: 20, patches: [8, 16], fainter: 0.7 },
      },
    },
    locality: {
      experiment: 'locality',
      ingredient: 'units that see a patch alone',
      draws,
      measures: {
        four: { quantity: 'FCN over LCN at k = 4, d = 10', over: 'geometric mean', '≥': 4 },
        six: { quantity: 'FCN over LCN at k = 6, d = 10', over: 'geometric mean', '≥': { full: 6 } },
        order: { quantity: 'samples of {one net over another}', over: 'geometric mean', '≥': 1, check: true },
      },
      sizes: {
        quick: { ...task, patches: [4], dims: [10] },
        full: { ...task, patches: [4, 6, 2, 4], dims: [10, 10, 20, 20] },
      },
    },
    growth: {
      experiment: 'growth',
      ingredient: 'one filter for all patches',
      draws: { quick: [4], full: [5, 10, 20] },
      measures: {
        apart: { quantity: 'slope in k of LCN less that of CNN', over: 'mean', '≥': 0.8 },
        patches: { quantity: 'slope of LCN in k', over: 'mean', '≥': 1.5, '≤': 4, check: true },
        size: { quantity: 'slope of LCN in d', over: 'mean', '≥': { full: 0.6 }, '≤': { full: 1.4 }, check: true },
      },
      sizes: {
        quick: { ...task, patches: [4, 8, 16], dim: 20, dims: [], shown: 1 },
        full: { ...task, patches: [4, 8, 16], dim: 20, dims: [10, 20, 40], shown: 3 },
      },
    },
    'fixed-patch': {
      experiment: 'controls',
      ingredient: 'a pattern that stays in its patch',
      draws,
      measures: {
        fixed: {
          quantity: 'LCN over CNN on a fixed patch, over the same with a moving one; 1 where the latter is below 4',
          over: 'geometric mean',
          '<': 1,
        },
      },
      sizes: controls,
    },
    'shuffled-pixels': {
      experiment: 'controls',
      ingredient: 'patches that are shuffled',
      draws,
      measures: {
        shuffled: {
          quantity: 'samples with shuffled pixels over plain ones, the least of CNN and LCN',
          over: 'geometric mean',
          '>': 1,
        },
        level: {
          quantity: 'samples of {a local net} over FCN with shuffled pixels, k = 6',
          over: 'geometric mean',
          '≥': { full: 1 },
          check: true,
        },
        turned: {
          quantity: 'samples of FCN with {turned} inputs over plain ones',
          over: 'geometric mean',
          '≥': { quick: 0.5, full: 0.7 },
          '≤': { quick: 2, full: 1.42 },
          check: true,
        },
      },
      sizes: controls,
    },
  },
  grids: {},
} as const satisfies Locked;
