import type { Locked } from '../verdicts/locked.ts';

/** Least squares of clients that are ζ unlike, with ten of a hundred entries sent, and η the share that this makes of them. */
const problem = { length: 100, kept: 10, eta: 0.1, zeta: 10 } as const;
const noiseless = {
  quick: { ...problem, clients: 20, rounds: 4000, draws: 1, steps: [0.03, 0.1], stepSize: 0.1 },
  full: { ...problem, clients: 20, rounds: 4000, draws: 5, steps: [0.01, 0.03, 0.1], stepSize: 0.1 },
} as const;
const noisy = {
  quick: { ...problem, clients: [20], rounds: 2000, draws: 1, sigma: 10, stepSize: 0.01, momentum: 0.1 },
  full: { ...problem, clients: [5, 20, 80], rounds: 6000, draws: 5, sigma: 10, stepSize: 0.01, momentum: 0.1 },
} as const;
const damping = {
  quick: {
    ...problem,
    clients: 20,
    rounds: 4000,
    draws: 1,
    steps: [0.1, 0.3],
    etas: [0.02, 0.1],
    fullSteps: [0.1, 0.3],
  },
  full: {
    ...problem,
    ...{ clients: 20, rounds: 4000, draws: 5, steps: [0.01, 0.03, 0.1, 0.3] },
    ...{ etas: [0.02, 0.05, 0.1], fullSteps: [0.03, 0.1, 0.3] },
  },
} as const;
/** A network for means of 4 × 4 pixels, half of whose examples go to the client of their label. */
const trained = { widths: [49, 32, 10], clients: 10, batch: 4, share: 0.1, skew: 0.5, momentum: 0.1 } as const;
const digits = {
  quick: { ...trained, rounds: 300, draws: 1 },
  full: { ...trained, rounds: 2000, draws: 5 },
} as const;

export const locked = {
  claims: {
    rounds: {
      experiment: 'noiseless',
      ingredient: 'estimates of the gradients, of which clients send differences',
      measures: {
        ratio: { quantity: 'rounds to a relative gap of 1e-8 over those of SGD, median of draws', '≤': 1.25 },
        bytes: {
          quantity:
            'bytes that clients send until then, of SGD with 32 bits an entry over those of the method, median of draws',
          '≥': 4,
        },
        stall: {
          quantity: 'final relative gap of error feedback, {each step size}, median of draws that converge',
          '≥': 1e-5,
          check: true,
        },
      },
      sizes: noiseless,
    },
    'noise-floor': {
      experiment: 'noisy',
      ingredient: 'feedback of the error of past messages',
      measures: {
        sgd: { quantity: '{each number of clients}: over SGD, median of draws', '≤': { quick: 2, full: 1.6 } },
        ec: {
          quantity: '{each number of clients}: over error feedback, median of draws',
          '≤': { quick: 0.6, full: 0.4 },
        },
        ef21: {
          quantity: '{each number of clients}: over EF21, median of draws',
          '≤': { quick: 0.4, full: 0.25 },
          check: true,
        },
        clients: {
          quantity: 'gap of the mean function at 5 clients over that at 80, median of draws',
          '≥': { full: 12 },
          '≤': { full: 20 },
        },
      },
      sizes: noisy,
    },
    damping: {
      experiment: 'damping',
      ingredient: 'a small share η of the error that is fed back',
      measures: {
        damped: {
          quantity: 'final relative gap with small η, largest over η, step sizes and draws',
          '≤': 1e-8,
        },
        full: {
          quantity: 'least relative gap that η = 1 reaches, least over step sizes and draws',
          '>': 1e-8,
          check: true,
        },
      },
      sizes: damping,
    },
    digits: {
      experiment: 'digits',
      ingredient: 'feedback of the error of past messages',
      measures: {
        sgd: {
          quantity:
            'test accuracy over the last quarter of the rounds, of SGD less that of the method, median of draws',
          '≤': 0.01,
          check: true,
        },
        ef21: { quantity: 'the same of the method less that of EF21, median of draws', '>': 0 },
        bytes: {
          quantity: 'bytes that clients send, of SGD with 32 bits an entry over those of the method',
          '≥': 4,
          check: true,
        },
      },
      sizes: digits,
      grids: ['digits'],
    },
  },
  grids: { digits: { stepSize: [0.3, 1, 3] } },
} as const satisfies Locked;
