import type { Locked } from '../verdicts/locked.ts';

/** Standard normal features, targets with noise of 0.5; the number of public people and repetitions of the noise of a draw. */
const population = { nonzeros: 3, noise: 0.5, delta: 1e-5, publicPeople: 5000, repeats: 32 } as const;
/** To save time. */
const fewer = { ...population, repeats: 16 } as const;
const people = {
  quick: { ...fewer, features: 16, people: [1e5, 4e5, 1.6e6], epsilon: 8, shown: 2, dominated: 4e5 },
  full: { ...population, features: 16, people: [1e5, 4e5, 1.6e6, 6.4e6], epsilon: 8, shown: 2, dominated: 4e5 },
} as const;
const draws = { quick: [4, 8], full: [5, 10] } as const;
const over = 'geometric mean';

export const locked = {
  claims: {
    rate: {
      experiment: 'people',
      ingredient: 'the noise that privacy asks for',
      draws,
      sizes: people,
      measures: {
        slope: { quantity: 'distance of the slope from −½', over: 'mean', '≤': { quick: 0.25, full: 0.12 } },
        error: { quantity: 'error at the largest n', over, '≤': { full: 0.08 } },
      },
    },
    'public-data': {
      experiment: 'people',
      ingredient: 'the matrix, which nobody sends where covariates are public',
      draws,
      sizes: people,
      measures: {
        ratio: {
          quantity: 'one-round error over that with public data, least over n',
          over,
          '≥': { quick: 1.2, full: 1.4 },
          check: true,
        },
        same: { quantity: 'the same with half of ε for the vector, as in one round', over, '≥': 1.2 },
        error: { quantity: 'one-round error at the largest n', over, '≤': { full: 0.15 } },
      },
    },
    'regularised-inverse': {
      experiment: 'people',
      ingredient: 'the floor and the threshold',
      draws,
      sizes: people,
      measures: {
        error: {
          quantity: 'error of the plain inverse over the regularised one, least over n',
          over,
          '≥': { quick: 1.3, full: 1.5 },
        },
      },
    },
    'dimension-and-privacy': {
      experiment: 'dimension',
      ingredient: 'noise as large as the bounds of clipping, and as 1/ε',
      draws: { quick: [4, 8], full: [5, 10, 20] },
      sizes: {
        quick: { ...fewer, features: [6, 12, 24], people: 8e5, strictPeople: 4e5, epsilons: [4, 8] },
        full: { ...population, features: [8, 16, 32], people: 6.4e6, strictPeople: 4e5, epsilons: [4, 8] },
      },
      measures: {
        dimension: {
          quantity: 'distance of the exponent of d, with public data, from ½',
          over: 'mean',
          '≤': 0.35,
          check: true,
        },
        oneRound: { quantity: 'exponent of d in one round less that with public data', over: 'mean', '≥': 0.25 },
        privacy: {
          quantity: 'distance from 2 of the error with public data at ε = 4 over that at ε = 8',
          over: 'mean',
          '≤': { quick: 0.7, full: 0.5 },
          check: true,
        },
      },
    },
    interaction: {
      experiment: 'rounds',
      ingredient: 'rounds, each of which starts from the estimate of those before',
      draws: { quick: [3, 6, 12], full: [5, 10, 20] },
      sizes: {
        quick: { ...fewer, features: 16, people: [1e5, 4e5], epsilon: 2, tuning: 1 },
        full: { ...population, features: 16, people: [1e5, 4e5, 1.6e6], epsilon: 2, tuning: 3 },
      },
      grids: ['rounds', 'oneRound'],
      measures: {
        error: { quantity: 'error of rounds of hard thresholding', over, '<': { quick: 0.6 }, '≤': { full: 0.25 } },
        single: { quantity: 'the same over that of a single such round, in which all report', over, '<': 1 },
        oneRound: { quantity: 'the same over the lesser of the one-round error and 1', over, '<': 1, check: true },
      },
    },
    'one-report': {
      experiment: 'one-report',
      ingredient: 'ε, which the two parts of a report share',
      sizes: {
        quick: { reports: 15_000, epsilons: [0.5, 2], delta: 0.01, errors: 4, told: 0.52 },
        full: { reports: 400_000, epsilons: [0.5, 2], delta: 0.01, errors: 4, told: 0.52 },
      },
      measures: {
        kept: { quantity: 'mechanisms that keep ε and δ and still tell two people apart, share', '≥': 1 },
        right: {
          quantity: '{each mechanism}: share of right guesses',
          '≤': { of: 'the most that ε and δ allow', plus: 0.01 },
          check: true,
        },
      },
    },
  },
  grids: {
    rounds: { bound: [0.25, 1], kept: [3, 6] },
    oneRound: { eigenFloor: ['default', 1], lambda: ['default', 0] },
  },
} as const satisfies Locked;
