import type { Locked } from '../verdicts/locked.ts';

const hard = {
  quick: { dimensions: [16, 64], rowsPerColumn: 16, factor: 4, draws: 10, gaussianDraws: 3 },
  full: { dimensions: [64, 128, 256], rowsPerColumn: 16, factor: 4, draws: 20, gaussianDraws: 3 },
} as const;

export const locked = {
  claims: {
    'even-error': {
      experiment: 'hard-instance',
      ingredient: 'the transform that mixes rows',
      measures: {
        median: { quantity: 'largest median of SRHT and the pooled sketch over instances and d', '≤': 4 },
        largest: { quantity: 'their largest error in any draw', '≤': 6 },
        growth: { quantity: 'growth of their largest median, as d grows by a factor of four', '≤': 1.8 },
        best: { quantity: 'their largest median at the largest d over that of the best of all sketches', '≤': 2 },
      },
      sizes: hard,
    },
    'sparse-fails': {
      experiment: 'hard-instance',
      ingredient: 'dense sketches, which mix all rows',
      measures: {
        apart: {
          quantity: 'least of CountSketch, OSNAP, rows by leverage and uniform rows: largest median over that of SRHT',
          '≥': 2,
        },
        more: { quantity: 'least growth of these ratios, as d grows by a factor of four', '≥': 1.2 },
        low: { quantity: 'CountSketch, d = 64: median on the spread residual', '≥': 5, check: true },
        high: { quantity: 'the same at d = 256', '≥': { full: 10 }, check: true },
      },
      sizes: hard,
    },
    rate: {
      experiment: 'rate',
      ingredient: 'the rows of the sketch',
      measures: { slope: { quantity: 'distance of the slope from −½', '≤': { quick: 0.15, full: 0.1 } } },
      sizes: {
        quick: { columns: 32, rowsPerColumn: [8, 16, 32, 64], draws: 10 },
        full: { columns: 64, rowsPerColumn: [8, 16, 32, 64], draws: 20 },
      },
    },
    speed: {
      experiment: 'work',
      ingredient: 'a transform in n log n operations',
      measures: {
        ratio: {
          quantity: 'operations of QR over those of the sketch; 0 if a median error exceeds 4 units',
          '≥': 2,
        },
      },
      sizes: {
        quick: { rows: [4096, 8192, 16_384], columns: 64, rowsPerColumn: 16, draws: 5, units: 4 },
        full: { rows: [8192, 32_768, 131_072], columns: 64, rowsPerColumn: 16, draws: 5, units: 4 },
      },
    },
    refinement: {
      experiment: 'refinement',
      ingredient: 'the factor of the sketch',
      measures: {
        with: { quantity: 'error with the preconditioner', '≤': 1e-10 },
        without: { quantity: 'error without it', '≥': 0.001, check: true },
      },
      sizes: {
        quick: { rows: 4000, columns: 50, rowsPerColumn: 8, steps: 40, condition: 1e6, noise: 1e-8 },
        full: { rows: 40_000, columns: 100, rowsPerColumn: 8, steps: 40, condition: 1e6, noise: 1e-8 },
      },
    },
    'proof-gap': {
      experiment: 'proof-gap',
      ingredient: 'the part of the matrix that its own inverse turns towards the residual',
      measures: {
        value: { quantity: '{each d}: distance of the coefficient from 0.00250627', '≤': 1e-8 },
        closed: { quantity: '{each d}: the same from αρ/(1 − ρ²)', '≤': 1e-12 },
        stretch: { quantity: '{each d}: how far singular values are from 1', '≤': 0.1, check: true },
        fade: { quantity: 'deviation on fixed pairs, largest d over least', '≤': 0.5, check: true },
      },
      sizes: {
        quick: { dimensions: [16, 64, 256], draws: 1, pairs: 50 },
        full: { dimensions: [16, 64, 256, 512], draws: 4, pairs: 50 },
      },
    },
    'normal-weights': {
      experiment: 'proof-gap',
      ingredient: 'signs, whose squares are all one',
      measures: {
        margin: { quantity: 'share with normal weights less the larger of SRHT and the pooled sketch', '≥': 0.54 },
        weights: { quantity: 'share with normal weights', '≥': 0.59, check: true },
        signs: { quantity: '{each sketch}: share', '≤': 0.05, check: true },
      },
      sizes: {
        quick: { rows: 64, sketchRows: 32, draws: 400 },
        full: { rows: 64, sketchRows: 32, draws: 4000 },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
