import type { Locked } from '../verdicts/locked.ts';

/** Fifteen workers, and the server's optimiser step with what the rule makes of their gradients. */
const training = { workers: 15, batch: 16, hidden: 32, momentum: 0.9, weightDecay: 5e-4 } as const;

/**
 * Ten classes, each of three centres with normal entries of deviation `spread` in 64 dimensions, and unit noise around them, rotated, then 1.5 tanh.
 * The last three workers are hostile.
 */
const classes = {
  ...training,
  ...{ dimension: 64, classes: 10, centres: 3, spread: 0.4, gain: 1.5, train: 6000, test: 2000, faulty: 3 },
} as const;
const attacks = {
  quick: { ...classes, iterations: 40, draws: 1, attacks: ['random', 'lie', 'empire'] },
  full: { ...classes, iterations: 150, draws: 5, attacks: ['random', 'normal', 'reverse', 'lie', 'empire'] },
} as const;

/**
 * Images as means of `block` × `block` pixels. The first five of the fifteen workers see them with noise: displaced along the Lotka–Volterra equations for one of ten
 * times up to `time`, or with normal noise of deviation `deviation` in each mean. The last ones send entries that are uniform on (0, 1).
 */
const images = { ...training, noisy: 5, time: 0.05, deviation: 0.5, share: 0.8 } as const;
const augmentation = {
  quick: {
    ...{ ...images, block: 4, test: 2000, iterations: 40, every: 4, draws: 1 },
    ...{ noises: ['lotka-volterra', 'gaussian'], faulty: [3] },
  },
  full: {
    ...{ ...images, block: 2, test: 2000, iterations: 300, every: 10, draws: 5 },
    ...{ noises: ['lotka-volterra', 'gaussian'], faulty: [1, 2, 3] },
  },
} as const;

export const locked = {
  claims: {
    'worst-case': {
      experiment: 'attacks',
      ingredient: 'a subspace that explains the gradients of most workers',
      measures: {
        level: { quantity: 'lowest test accuracy over attacks, median of draws', '≥': { full: 0.36 } },
        rivals: {
          quantity:
            'lowest test accuracy over attacks, less the highest of Multi-Krum, MeaMed and Bulyan, median of draws',
          '≥': 0,
        },
      },
      sizes: attacks,
      grids: ['rate'],
    },
    'no-attack': {
      experiment: 'attacks',
      ingredient: 'a subspace that explains the gradients of most workers',
      measures: {
        accuracy: {
          quantity: 'test accuracy without attack over that of the mean, median of draws',
          '≥': { quick: 0.85, full: 0.9 },
        },
      },
      sizes: attacks,
      grids: ['rate'],
    },
    lie: {
      experiment: 'attacks',
      ingredient: 'a subspace that explains the gradients of most workers',
      measures: {
        rivals: {
          quantity:
            'test accuracy under “little is enough”, less the highest of Multi-Krum, MeaMed and the trimmed mean, median of draws',
          '>': 0,
        },
      },
      sizes: attacks,
      grids: ['rate'],
    },
    subspace: {
      experiment: 'attacks',
      ingredient: 'fewer dimensions than there are workers',
      measures: {
        worst: {
          quantity: 'lowest test accuracy over attacks, less that of the mean of unit gradients, median of draws',
          '>': 0,
        },
        mean: {
          quantity: 'mean test accuracy over attacks, less that of the mean of unit gradients, median of draws',
          '>': 0,
        },
      },
      sizes: attacks,
      grids: ['rate'],
    },
    augmentation: {
      experiment: 'augmentation',
      ingredient: 'a subspace that explains the gradients of most workers',
      measures: {
        rivals: {
          quantity:
            'mean test accuracy over noises and numbers of hostile workers, less that of {each rule}, median of draws',
          '>': 0,
        },
      },
      sizes: augmentation,
      grids: ['rate'],
    },
    'fewer-iterations': {
      experiment: 'augmentation',
      ingredient: 'a subspace that explains the gradients of most workers',
      measures: {
        iterations: {
          quantity:
            'iterations to 0.8 of the accuracy of the mean without faults, over those of {each rule}, medians of draws, noises and numbers of hostile workers',
          '≤': 1,
        },
        bytes: {
          quantity: 'bytes that a worker sends until then, over those with {each rule}',
          '≤': 1,
        },
      },
      sizes: augmentation,
      grids: ['rate'],
    },
    cost: {
      experiment: 'cost',
      ingredient: 'inner products of the gradients in place of their singular value decomposition',
      measures: {
        time: { quantity: 'seconds of an aggregation over those of Multi-Krum, {each number of workers}', '≤': 3 },
      },
      sizes: {
        quick: { length: 100_000, workers: [15, 30, 60], faulty: 3, repetitions: 5 },
        full: { length: 1_000_000, workers: [15, 30, 60], faulty: 3, repetitions: 5 },
      },
    },
  },
  // The rate with the highest mean accuracy over all that is tried of a rule, on a draw that does not judge.
  grids: { rate: { rate: [0.03, 0.1, 0.3] } },
} as const satisfies Locked;
