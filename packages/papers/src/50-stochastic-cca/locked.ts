import type { Locked } from '../verdicts/locked.ts';

const correlations = [0.9, 0.85, 0.8, 0.75, 0.7] as const;
const planted = { rows: 20_000, columns: [100, 80], correlations, components: 5, batch: 5, passes: 1 } as const;
const batches = {
  quick: { ...planted, shared: true },
  full: {
    ...planted,
    shared: false,
    deviation: 8,
    digitPasses: 3,
    wider: 20,
    longer: 5,
    shown: [50, 100],
    shownRate: 0.01,
  },
} as const;
const draws = { quick: [7, 14], full: [8, 16] } as const;
const common = 'the penalty on what scores within a view have in common';
const two = {
  rows: 2000,
  columns: [12, 10],
  correlations: [0.9, 0.7, 0.5, 0.3, 0.2],
  components: 5,
  batch: 5,
  pairs: 2000,
  rate: 0.001,
  shown: [5, 10, 20, 40],
} as const;
const minima = { rows: 1000, columns: [20, 16], correlations, components: 5, most: 2000 } as const;
const wide = { rows: 500, components: 3, covariances: [3, 2, 1.5], noise: 0.02, batch: 20, epochs: 40 } as const;
const net = { batch: 20, epochs: 10, hidden: [128, 128] } as const;
const deep = {
  quick: { ...net, side: 14, fit: 1000, hold: 1000, few: 10, many: 30, rate: 0.001 },
  full: { ...net, side: 28, fit: 8000, hold: 2000, few: 10, many: 50 },
} as const;
const nets = {
  experiment: 'deep',
  ingredient: common,
  draws: { quick: [3], full: [4, 8] },
  sizes: deep,
  grids: ['deepRates', 'ridges'],
} as const;
const lines = { of: 'that of linear analysis with its best ridge', times: 1.05 } as const;

export const locked = {
  claims: {
    'small-batches': {
      experiment: 'small-batches',
      ingredient: common,
      draws,
      measures: {
        planted: {
          quantity: 'Planted: batch 5; 0 in a draw with less than 0.4 above SGHA',
          over: 'median',
          '≥': 0.93,
        },
        plantedLead: {
          quantity: 'Planted: batch 5, beside SGHA',
          over: 'median',
          '≥': { of: 'that of SGHA', plus: 0.4 },
          check: true,
        },
        digits: { quantity: 'Split digits: batch 5', over: 'median', '≥': { full: 0.8 } },
        digitsLead: {
          quantity: 'Split digits: batch 5, beside SGHA',
          over: 'median',
          '≥': { full: { of: 'that of SGHA', plus: 0.25 } },
        },
        digitsTwenty: { quantity: 'Split digits: batch 20', over: 'median', '≥': { full: 0.9 } },
        digitsLong: { quantity: 'Split digits: batch 20, five times as long', over: 'median', '≥': { full: 0.95 } },
      },
      sizes: batches,
      grids: ['quickSteps', 'steps', 'finer'],
    },
    'eigen-game': {
      experiment: 'small-batches',
      ingredient: common,
      draws,
      measures: {
        plantedGame: {
          quantity: 'Planted: batch 5, beside the γ-EigenGame',
          over: 'median',
          '>': { of: 'that of the γ-EigenGame' },
        },
        digitsGame: {
          quantity: 'Split digits: batch 5, beside the γ-EigenGame',
          over: 'median',
          '>': { full: { of: 'that of the γ-EigenGame' } },
        },
      },
      sizes: batches,
      grids: ['quickSteps', 'steps', 'quickGames', 'games', 'finer'],
    },
    'two-batches': {
      experiment: 'two-batches',
      ingredient: 'the variances of a second, independent batch',
      draws: { quick: [4, 8, 16], full: [8, 16, 32] },
      measures: {
        gradient: {
          quantity: 'distance from 1 of the mean gradient of batches over that of all rows',
          over: 'mean',
          '≤': 0.05,
        },
        size: { quantity: 'distance from 1 of the variance of scores at the end over Σρ', over: 'mean', '≤': 0.1 },
        share: { quantity: 'share of the exact correlation', over: 'mean', '≥': 0.9, check: true },
      },
      sizes: { quick: { ...two, epochs: 20 }, full: { ...two, epochs: 60 } },
    },
    'no-false-minima': {
      experiment: 'no-false-minima',
      ingredient: common,
      measures: {
        loss: { quantity: 'relative error of the loss', '≤': 1e-8 },
        angle: { quantity: 'largest principal angle', '≤': 1e-4, check: true },
      },
      sizes: { quick: { ...minima, starts: 3 }, full: { ...minima, starts: 10 } },
    },
    'wide-pls': {
      experiment: 'wide-pls',
      ingredient: 'the penalty on what directions have in common',
      measures: {
        share: {
          quantity: 'top-3 covariance over the exact one; 0 if a check is not met',
          '≥': { quick: 0.95, full: 0.98 },
        },
        size: { quantity: 'distance from 1 of the squared lengths of the directions over Σλ', '≤': 0.1, check: true },
        kept: { quantity: 'numbers kept over columns × components', '≤': 5, check: true },
      },
      sizes: { quick: { ...wide, columns: 2000, rate: 0.001 }, full: { ...wide, columns: 20_000, rate: 0.0003 } },
    },
    'deep-cca': {
      ...nets,
      measures: {
        lead: {
          quantity: 'Ten outputs, beside 1.05 × linear analysis with its best ridge or STOL, whichever is more',
          over: 'mean',
          '>': { of: 'that' },
        },
        lines: { quantity: 'Ten outputs, beside linear analysis', over: 'mean', '≥': lines, check: true },
        stol: { quantity: 'Ten outputs, beside STOL', over: 'mean', '>': { of: 'that of STOL' }, check: true },
      },
    },
    'deep-narrow-batches': {
      ...nets,
      measures: {
        lines: { quantity: 'More outputs than rows a batch, beside linear analysis', over: 'mean', '≥': lines },
        stol: { quantity: 'More outputs than rows a batch, beside STOL', over: 'mean', '>': { of: 'that of STOL' } },
      },
    },
    'deep-noi': {
      ...nets,
      measures: {
        noi: { quantity: '{Outputs} beside NOI', over: 'mean', '>': { of: 'that of NOI' } },
      },
    },
  },
  grids: {
    quickSteps: { optimiser: ['adam'], rate: [1e-3, 3e-3, 1e-2] },
    steps: { optimiser: ['adam', 'sgd'], rate: [3e-4, 1e-3, 3e-3, 1e-2] },
    quickGames: { gamma: [0.1], rate: [1e-3, 3e-3, 1e-2] },
    games: { gamma: [0.01, 0.1, 1], rate: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2] },
    finer: { times: [0.67, 1.5] },
    deepRates: { rate: [3e-4, 1e-3, 3e-3] },
    ridges: { ridge: [0, 0.01, 0.1] },
  },
} as const satisfies Locked;
