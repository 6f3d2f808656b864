import type { Locked } from '../verdicts/locked.ts';

/** Clients with `least` to `most` rows of `features` normal features; a common vector behind the targets, and noise whose variance is a client's own. */
const fifty = { clients: 50, features: 16, least: 20, most: 40 } as const;
const twenty = { ...fifty, clients: 20 } as const;

export const locked = {
  claims: {
    exact: {
      experiment: 'exact',
      ingredient: 'starts at local solutions, a broadcast of 2wₙ − wₙ₋₁, and as many clients in all rounds',
      measures: {
        error: {
          quantity:
            'squared error relative to the solution of all rows, largest over the numbers of clients that take part',
          '≤': { quick: 1e-8, full: 1e-15 },
        },
        simple: {
          quantity: 'the same of the simpler form that broadcasts wₙ, smallest',
          '≥': 1e-7,
          check: true,
        },
        invariant: { quantity: 'largest relative deviation of the invariant in all rounds', '≤': 1e-10, check: true },
      },
      sizes: {
        quick: { ...twenty, rho: 20, perRound: [20, 10, 4], rounds: 1000 },
        full: { ...fifty, rho: 20, perRound: [50, 25, 10], rounds: 3000 },
      },
    },
    'against-dual': {
      experiment: 'scheduling',
      ingredient: 'no dual variables',
      measures: {
        error: { quantity: 'squared error relative to the truth, largest over ρ, mean of instances', '≤': 0.0016 },
        ratio: { quantity: 'error of the form with duals over it, smallest over ρ', '≥': 8, check: true },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 400, penalties: [2, 10, 40], instances: 3 },
        full: { ...fifty, perRound: 5, rounds: 400, penalties: [2, 10, 40], instances: 10 },
      },
    },
    'link-noise': {
      experiment: 'links',
      ingredient: 'no dual variables',
      measures: {
        decibels: {
          quantity: 'decibels under the form with duals, smallest over the noises, of means over instances',
          '≥': 15,
        },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [1e-3, 1e-2], instances: 3 },
        full: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [1e-3, 1e-2], instances: 10 },
      },
    },
    'against-average': {
      experiment: 'links',
      ingredient: 'rounds after the first',
      measures: {
        ratio: {
          quantity: 'error over that of the mean of the fits of all clients, {each noise}, of means over instances',
          '<': 1,
        },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [1e-3, 1e-2], instances: 3 },
        full: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [1e-3, 1e-2], instances: 10 },
      },
    },
    'one-message': {
      experiment: 'messages',
      ingredient: 'one noisy vector in an update',
      measures: {
        decibels: {
          quantity: 'decibels under the form with two received vectors, smallest over ρ, of means over instances',
          '≥': 15,
        },
        largest: { quantity: 'the same at the largest ρ', '≥': 15, check: true },
      },
      sizes: {
        quick: { ...fifty, perRound: 10, rounds: 300, penalties: [5, 20, 60], noise: 1e-4, instances: 3 },
        full: { ...fifty, perRound: 10, rounds: 300, penalties: [5, 20, 60], noise: 1e-4, instances: 10 },
      },
    },
    everyone: {
      experiment: 'everyone',
      ingredient: 'all clients in all rounds',
      measures: {
        ratio: { quantity: 'error of the robust form over that of the form with duals, mean of instances', '≥': 3 },
        floor: {
          quantity: 'error of the form with duals in the last fifth of the rounds over that in the middle fifth',
          '≤': 1.3,
          check: true,
        },
      },
      sizes: {
        quick: { ...fifty, rounds: 1500, rho: 5, noise: 1e-2, instances: 3 },
        full: { ...fifty, rounds: 1500, rho: 5, noise: 1e-2, instances: 10 },
      },
    },
    drift: {
      experiment: 'drift',
      ingredient: 'noise on the links',
      measures: {
        slope: {
          quantity: 'slope of the mean squared distance from the solution over the law',
          '≥': { quick: 0.4, full: 0.65 },
          '≤': { quick: 1.6, full: 1.35 },
        },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 3000, after: 500, rho: 10, noise: 1e-2, runs: 5 },
        full: { ...fifty, perRound: 5, rounds: 3000, after: 500, rho: 10, noise: 1e-2, runs: 20 },
      },
    },
    steady: {
      experiment: 'steady',
      ingredient: 'one noisy vector in an update',
      measures: {
        growth: {
          quantity: 'mean squared distance in the last fifth of the rounds over that in the middle fifth',
          '≤': 1.2,
        },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 3000, rho: 40, noise: 1e-2, runs: 5 },
        full: { ...fifty, perRound: 5, rounds: 3000, rho: 40, noise: 1e-2, runs: 20 },
      },
    },
    continual: {
      experiment: 'continual',
      ingredient: 'steps of clients that are not selected',
      measures: {
        ratio: {
          quantity: 'error with continual updates over that without, largest over the noises, of means over instances',
          '<': 1,
        },
      },
      sizes: {
        quick: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [0, 1e-3, 1e-2], instances: 3 },
        full: { ...fifty, perRound: 5, rounds: 800, rho: 10, noises: [0, 1e-3, 1e-2], instances: 10 },
      },
    },
    tables: {
      experiment: 'tables',
      ingredient: 'no dual variables',
      measures: {
        decibels: {
          quantity: 'decibels of excess squared error under the form with duals on {table}',
          '≥': 15,
        },
        average: {
          quantity: 'excess squared error over that of the mean of the fits of all clients on {table}',
          '<': 1,
          check: true,
        },
      },
      sizes: {
        quick: { tables: ['dust'], share: 0.2, rounds: 800, noise: 1e-4, schedules: 3 },
        full: { tables: ['air', 'College', 'Hitters', 'Caravan'], share: 0.2, rounds: 800, noise: 1e-4, schedules: 5 },
      },
      grids: ['robust', 'dual'],
    },
  },
  /** ρ over the mean eigenvalue of the Hₖ. */
  grids: {
    robust: { rho: [0.001, 0.01, 0.1, 1, 10, 100] },
    dual: { rho: [0.001, 0.01, 0.1, 1, 10, 100] },
  },
} as const satisfies Locked;
