import type { Locked } from '../verdicts/locked.ts';

/**
 * Bilinear games: singular values of the mean game from `least` to `most`, games of devices that differ from it by matrices of the spectral norm `apart`,
 * linear terms of the standard deviation `offset`, and regularisation `lambda`. Solved when the squared error is `tol` of that of zero, within `steps`.
 */
const games = { least: 1, most: 100, apart: 30, offset: 10, lambda: 1, tol: 1e-8 } as const;
const small = { ...games, d: 20, devices: [10], q: [5], instances: 3, steps: 10_000 } as const;
const large = { ...games, d: 50, devices: [20, 50], q: [10, 20], instances: 1, steps: 20_000 } as const;

/** Operators that are means of `samples`, which differ by matrices of the norm `spread`; `batch` samples and `participation` devices a step. */
const variants = { ...games, samples: 10, spread: 30, batch: 3 } as const;
const fewer = {
  ...{ ...variants, d: 10, devices: 10, participation: 5, q: 4 },
  ...{ tuning: 2, instances: 3, steps: 15_000 },
} as const;
const more = {
  ...{ ...variants, d: 25, devices: 20, participation: 10, q: 10 },
  ...{ tuning: 2, instances: 3, steps: 60_000 },
} as const;

/**
 * A perceptron 64-32-10 on digits of which the share `skew` goes to the device of their label and the others anywhere, against perturbations of the norm `epsilon`. Extragradient
 * takes `steps`; the others may send 1 / `share` of what it needs, in at most `most` steps. Accuracies under attacks of so many steps are
 * looked at about `looks` times in a run. An accuracy is reached with a mean of three successive ones at most `within` below the last of extragradient, which must be at least `least`.
 */
const digits = {
  ...{ devices: 8, hidden: 32, skew: 1, epsilon: 0.5, pace: 4, attack: 10, q: 20 },
  ...{ within: 0.01, least: 0.3 },
} as const;

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
    variants: {
      experiment: 'variants',
      ingredient: 'a reference point that is renewed',
      measures: {
        error: {
          quantity: 'largest last squared error of the games, relative to that of zero, with {each variant}',
          '≤': 1e-8,
        },
      },
      sizes: { quick: fewer, full: more },
      grids: ['variants'],
    },
    'both-ways': {
      experiment: 'variants',
      ingredient: 'a reference point that is renewed',
      measures: {
        random: { quantity: 'MASHA1 with random entries over extragradient, median of games', '≤': 1 },
        largest: { quantity: 'MASHA2 with the largest entries over extragradient, median of games', '≤': 1 },
      },
      sizes: { quick: fewer, full: more },
      grids: ['variants', 'eg'],
    },
    adversarial: {
      experiment: 'adversarial',
      ingredient: 'a reference point that is renewed',
      measures: {
        masha1: {
          quantity:
            'numbers of extragradient, at the better one of its fastest step and of that with the best end, over those of MASHA1, to an accuracy under attack within a point of extragradient’s last, median of draws',
          '≥': 5,
        },
        masha2: { quantity: 'the same for MASHA2', '≥': 5, check: true },
        gain: {
          quantity: 'last accuracy under attack of extragradient, less that without perturbations in training',
          '≥': 0.05,
          check: true,
        },
      },
      sizes: {
        quick: { ...digits, train: 160, test: 400, steps: 160, most: 600, looks: 32, share: 4, tuning: 1, draws: 3 },
        full: { ...digits, train: 1000, test: 700, steps: 400, most: 3000, looks: 40, share: 2, tuning: 3, draws: 5 },
      },
      grids: ['adversarial'],
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
    // Of the bound of MASHA1 as well.
    variants: { multiple: [0.5, 1, 2, 4] },
    // Step sizes themselves.
    adversarial: { gamma: [0.1, 0.2, 0.4, 0.8] },
  },
} as const satisfies Locked;
