import type { Locked } from '../verdicts/locked.ts';

export const locked = {
  claims: {
    functions: {
      experiment: 'functions',
      ingredient: 'values at Chebyshev points',
      sizes: {
        quick: { points: 2000, most: 65, grid: 65 },
        full: { points: 20_000, most: 129, grid: 129 },
      },
      measures: {
        error: { quantity: '{each function and m}: error over the reference', '≤': 3 },
        rank: { quantity: '{each function and m}: ranks away from the reference', '≤': 2, check: true },
        grid: { quantity: '{each function}: ranks away from those of the grid', '≤': 2, check: true },
        samples: {
          quantity: '{each function}: fewest samples with an error of at most 5e-6, over those of a grid of 129³',
          '≤': 0.13,
        },
      },
    },
    particles: {
      experiment: 'particles',
      ingredient: 'the short range is split off',
      sizes: {
        quick: { counts: [100, 200], slice: 48 },
        full: { counts: [100, 200, 300, 400, 500, 600], slice: 96 },
      },
      measures: {
        both: {
          quantity:
            'numbers of particles at which error and rank meet these bars, the rank at most 6 above the first, share',
          '≥': 1,
        },
        error: { quantity: 'error, {each number of particles}', '≤': 3e-7, check: true },
        rank: { quantity: 'rank, {each number of particles}', '≤': 55, check: true },
        growth: { quantity: 'rank at 600 particles less that at 100', '≤': { full: 6 }, check: true },
        recompressed: { quantity: 'rank after recompression', '≤': { full: 42 }, check: true },
        loss: { quantity: 'error after recompression over the largest value', '≤': { full: 1e-6 }, check: true },
        storage: { quantity: 'storage over that of a 256³ array', '≤': { full: 0.01 }, check: true },
      },
    },
    'split-needed': {
      experiment: 'whole-kernel',
      ingredient: 'the kernel has a short range',
      sizes: {
        quick: { particles: 50, slice: 48, rates: [12, 30] },
        full: { particles: 100, slice: 96, rates: [12, 16, 30, 100] },
      },
      measures: {
        ratio: { quantity: 'error of the whole kernel over that of its long range, both at m = 129', '≥': 1e5 },
        error: { quantity: 'error of the whole kernel at m = 129', '>': 1, check: true },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
