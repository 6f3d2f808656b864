import type { Locked } from '../verdicts/locked.ts';

/**
 * Bilinear games: singular values of the mean game from `least` to `most`, games of devices that differ from it by matrices of the spectral norm `apart`,
 * linear terms of the standard deviation `offset`, and regularisation `lambda`. Solved when the squared error is `tol` of that of zero, within `steps`.
 */
const games = { least: 1, most: 100, apart: 30, offset: 10, lambda: 1, tol: 1e-8 } as const;
const small = { ...games, d: 20, devices: [10], q: [5], instances: 3, steps: 10_000 } as const;
const large = { ...games, d: 50, devices: [20, 50], q: [10, 20], instances: 1, steps: 20_000 } as const;

export const locked = {
  claims: {
    'saves-floats': {
      experiment: 'bilinear',
      ingredient: 'a reference point that is renewed',
      measures: {
        ten: { quantity: 'MASHA1 over extragradient, 10 devices, q = 5, median of instances', '≤': { quick: 1 } },
        twenty: { quantity: 'MASHA1 over extragradient, 20 devices, q = 10', '≤': { full: 0.8 } },
        fifty: { quantity: 'MASHA1 over extragradient, 50 devices, q = 20', '≤': { full: 0.6 } },
      },
      sizes: { quick: small, full: large },
      grids: ['masha1', 'eg'],
    },
    'top-k': {
      experiment: 'bilinear',
      ingredient: 'error feedback',
      measures: {
        top: { quantity: 'MASHA2 over extragradient, fewest devices, median of instances', '≤': 1 },
      },
      sizes: { quick: small, full: large },
      grids: ['masha2', 'eg'],
    },
    'naive-stalls': {
      experiment: 'naive',
      ingredient: 'differences from a reference point, which vanish',
      measures: {
        random: {
          quantity:
            'least squared error with random entries at any step size over that of MASHA1 in as many steps, extragradient or descent and ascent',
          '≥': 1000,
        },
        largest: {
          quantity: 'the same with the largest entries and error feedback',
          '≥': 1000,
        },
        least: {
          quantity: 'least squared error of naive compression at any step size, relative to that of zero',
          '≥': 0.001,
          check: true,
        },
      },
      sizes: {
        quick: { ...games, d: 20, devices: 10, q: 5, steps: 3000 },
        full: { ...games, d: 50, devices: 20, q: 10, steps: 12_000 },
      },
      grids: ['masha1', 'naive'],
    },
    'linear-rate': {
      experiment: 'rate',
      ingredient: 'a reference point that is renewed',
      measures: {
        straight: {
          quantity: 'R² of the logarithm of the squared error over the last half of the steps',
          '≥': { quick: 0.95, full: 0.97 },
          check: true,
        },
        rate: {
          quantity: 'logarithm of the contraction of a step at the bound, over 0.8 of that of 1 − μγ/2',
          '≥': 1,
        },
      },
      sizes: {
        quick: { ...games, d: 20, devices: 10, q: 5, steps: 4000 },
        full: { ...games, d: 50, devices: 20, q: 10, steps: 12_000 },
      },
    },
    'by-q': {
      experiment: 'by-q',
      ingredient: 'independent supports of the messages of devices',
      measures: {
        gain: { quantity: 'floats at q = 2 over those with q the number of devices', '≥': 1.3 },
      },
      sizes: {
        quick: { ...games, d: 20, devices: 20, q: [2, 5, 10, 20], steps: 15_000, multiple: 2 },
        full: { ...games, d: 50, devices: 50, q: [2, 5, 10, 20, 50], steps: 40_000, multiple: 2 },
      },
    },
    'matrix-games': {
      experiment: 'simplices',
      ingredient: 'a reference point that is renewed, and independent supports of the messages of devices',
      measures: {
        floats: {
          quantity: 'MASHA1 over extragradient, median of instances; infinite where MASHA1 does not reach the gap',
          '≤': 0.8,
        },
        gap: { quantity: 'largest last duality gap of MASHA1', '≤': 1e-3, check: true },
      },
      sizes: {
        quick: { d: 20, devices: 10, q: 4, apart: 0.3, gap: 1e-3, tuning: 5, instances: 5, steps: 4000 },
        full: { d: 50, devices: 20, q: 10, apart: 0.3, gap: 1e-3, tuning: 5, instances: 5, steps: 30_000 },
      },
      grids: ['simplices'],
    },
  },
  // Multiples of the bound of MASHA1, for MASHA2 with 1/δ in place of q; for extragradient of 1/L, for naive compression of 1/(qL).
  // On simplices both methods have multiples of 1/(2√d), about the inverse of the norm of the mean game.
  grids: {
    masha1: { multiple: [1, 2, 4] },
    masha2: { multiple: [1, 2, 4] },
    eg: { multiple: [0.5, 1, 2] },
    naive: { multiple: [0.01, 0.1, 1] },
    simplices: { multiple: [0.25, 0.5, 1, 2, 4, 8] },
  },
} as const satisfies Locked;
