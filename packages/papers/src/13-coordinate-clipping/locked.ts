import type { Locked } from '../verdicts/locked.ts';

const transformer = {
  quick: { steps: 60, width: 32, heads: 4, blocks: 2, context: 24, batch: 8 },
  full: { steps: 200, width: 64, heads: 4, blocks: 2, context: 48, batch: 16 },
};
/** Directions with less than this part of the slope of SGD count as no flatter than it. */
const leastSlope = 0.1;
/** Points as parts of a run of Adam at this rate, and batches at each. */
const along = {
  quick: { ...transformer.quick, rate: 3e-3, leastSlope, points: [1 / 3, 2 / 3, 1], batchesPerPoint: 1 },
  full: {
    ...transformer.full,
    rate: 3e-3,
    leastSlope,
    points: [0.1, 0.175, 0.25, 0.375, 0.5, 0.75, 1],
    batchesPerPoint: 4,
  },
};
/** The largest loss of a run, which may diverge. */
const atMost = 'guesses by the frequencies of letters';
const trained = {
  quick: { ...transformer.quick, last: 15, tuningDraws: 3, atMost },
  full: { ...transformer.full, last: 30, tuningDraws: 3, atMost },
};
const draws = { quick: [3, 6], full: [3, 6] };
const trainingDraws = { quick: [3, 6, 12], full: [3, 6] };
const clipping = 'the bar that the largest coordinates are cut to';
const check = { check: true } as const;

export const locked = {
  claims: {
    sharpness: {
      experiment: 'sharpness',
      ingredient: 'the scaling of each coordinate by its second moment',
      draws,
      sizes: along,
      measures: {
        adam: {
          quantity: 'sharpness of SGD over that of Adam',
          over: 'geometric mean',
          '≥': { quick: 3, full: 5 },
        },
        differences: {
          quantity: 'relative distance from the sharpness by differences of gradients, the largest',
          '≤': 1e-3,
          ...check,
        },
      },
    },
    'clipped-sharpness': {
      experiment: 'sharpness',
      ingredient: clipping,
      draws,
      sizes: along,
      measures: {
        clipped: {
          quantity: 'sharpness of SGD over that of SGD clipped at 10 %',
          over: 'geometric mean',
          '≥': { quick: 1.4, full: 1.8 },
        },
        order: { quantity: 'sharpness of {one over the next}', over: 'geometric mean', '>': { full: 1 } },
      },
    },
    'local-decrease': {
      experiment: 'along',
      ingredient: clipping,
      draws: { quick: [6, 12, 24], full: [3, 6] },
      sizes: along,
      measures: {
        predicted: {
          quantity: 'predicted decrease, clipped over not',
          over: 'geometric mean',
          '≥': { quick: 1.1, full: 1.3 },
        },
        found: {
          quantity: 'decrease of the loss by a search, clipped over not',
          over: 'geometric mean',
          '≥': { quick: 1.1, full: 1.3 },
        },
      },
    },
    training: {
      experiment: 'training',
      ingredient: clipping,
      draws: trainingDraws,
      sizes: trained,
      grids: ['firstRates'],
      measures: {
        loss: {
          quantity: 'loss of SGD clipped at 10 %',
          over: 'mean',
          '≤': { full: { of: 'that of SGD', plus: -0.015 } },
          '<': { quick: { of: 'that of SGD' } },
        },
        rates: { quantity: 'largest stable rate, clipped over not', over: 'geometric mean', '≥': 3 },
      },
    },
    'gap-to-adam': {
      experiment: 'training',
      ingredient: clipping,
      draws: trainingDraws,
      sizes: trained,
      grids: ['firstRates'],
      measures: {
        half: {
          quantity: 'loss of SGD clipped at 10 %',
          over: 'mean',
          '≤': { of: 'the mean of those of SGD and Adam' },
        },
        adam: { quantity: 'loss of Adam', over: 'mean', '≤': { of: 'that of SGD', plus: -0.02 }, ...check },
      },
    },
    universal: {
      experiment: 'training',
      ingredient: clipping,
      draws: trainingDraws,
      sizes: trained,
      grids: ['firstRates'],
      measures: {
        rates: {
          quantity: 'largest stable rate of SGD with momentum, gradient clipped over not',
          over: 'geometric mean',
          // Gradients that are shortened as a whole bear some 3 times the rate.
          '≥': 6,
        },
        momentum: {
          quantity: 'loss of SGD with momentum, gradient clipped at 10 %',
          over: 'mean',
          '<': { of: 'that of SGD with momentum' },
          ...check,
        },
        adam: {
          quantity: 'loss of Adam, update clipped at 50 %',
          over: 'mean',
          '<': { of: 'that of Adam' },
          ...check,
        },
      },
    },
    'steep-coordinate': {
      experiment: 'toy',
      ingredient: clipping,
      sizes: {
        quick: { coordinates: 100, steep: 1e4, from: 0.1 },
        full: { coordinates: 100, steep: 1e4, from: 0.1 },
      },
      measures: {
        predicted: { quantity: 'predicted decrease, clipped over not', '>': 1 },
        found: { quantity: 'decrease by a search, clipped over not', '>': 1 },
      },
    },
  },
  // From each first rate, rates a factor of 2 apart are tried in both directions on draws that do not judge, until they get
  // worse.
  grids: {
    firstRates: {
      SGD: [0.3],
      'SGD, 10 % clipped': [1.2],
      Adam: [3e-3],
      'Adam, 50 % of the update clipped': [3e-3],
      'SGD, momentum 0.9': [0.0375],
      'SGD, momentum 0.9, 10 % of the gradient clipped': [0.15],
    },
  },
} as const satisfies Locked;
