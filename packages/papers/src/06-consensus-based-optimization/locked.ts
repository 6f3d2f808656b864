import type { Locked } from '../verdicts/locked.ts';

const canyon = { particles: 200, few: 40, steps: 250, noise: 1.6, alpha: 100, low: 10 };
const both = { quick: canyon, full: canyon };

export const locked = {
  claims: {
    canyon: {
      experiment: 'canyon',
      ingredient: 'noise in proportion to the distance from a consensus weighted by how low the values are',
      draws: { quick: [50, 100, 200], full: [100, 200, 400, 800] },
      sizes: both,
      measures: {
        swarm: {
          quantity: 'distance of the swarm',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≥': { quick: 0.9, full: 0.95 },
          check: true,
        },
        near: { quantity: 'distance of the swarm', over: 'median', '≤': 0.06 },
        langevin: {
          quantity: 'distance of Langevin dynamics',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≤': 0.4,
          check: true,
        },
        descent: { quantity: 'distance of gradient descent', '>': 0.25, check: true },
        stuck: { quantity: 'gradient descent from (2.336, 2.466)', '≤': 0.01, check: true },
      },
    },
    hopping: {
      experiment: 'canyon',
      ingredient: 'weights of the values in the consensus',
      draws: { quick: [50, 100, 200, 400], full: [50, 100, 200, 400] },
      sizes: { quick: { ...canyon, spread: 0.7 }, full: { ...canyon, spread: 0.7 } },
      measures: {
        hopping: {
          quantity: 'distance of hopping',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≥': 0.6,
          '≤': 0.92,
        },
      },
    },
    'swarm-size': {
      experiment: 'canyon',
      ingredient: 'a consensus of all particles',
      draws: { quick: [25, 50, 100, 200], full: [50, 100, 200, 400] },
      sizes: both,
      measures: { gain: { quantity: 'swarm − swarm of 40', over: 'mean', '≥': 0.3 } },
    },
    'large-alpha': {
      experiment: 'canyon',
      ingredient: 'weights exp(−αE) by the α that is asked for',
      draws: { quick: [25, 50, 100, 200], full: [50, 100, 200, 400] },
      sizes: both,
      measures: { ratio: { quantity: 'distance at α = 100 / at α = 10', over: 'geometric mean', '≤': 0.6 } },
    },
    'gradient-likeness': {
      experiment: 'gradient',
      ingredient: 'weights exp(−αE) by the α that is asked for',
      draws: { quick: [16, 32, 64], full: [16, 32, 64] },
      sizes: {
        quick: { particles: 20_000, alpha: 10, spread: 0.03 },
        full: { particles: 200_000, alpha: 10, spread: 0.03 },
      },
      measures: {
        cosine: {
          quantity: 'cosine, {swarm and hopping}',
          over: 'mean',
          '≥': { quick: 0.99, full: 0.999 },
          check: true,
        },
        length: {
          quantity: 'length over ασ²‖∇E‖, {swarm and hopping}',
          over: 'mean',
          '≥': { quick: 0.9, full: 0.95 },
          '≤': { quick: 1.05, full: 1 },
        },
      },
    },
    contraction: {
      experiment: 'gradient',
      ingredient: 'the drift towards the consensus, and noise in proportion to the distance from it',
      draws: { quick: [8, 16, 32], full: [16, 32, 64] },
      sizes: {
        quick: { particles: 200, steps: 250, noise: 1.6, lambdas: [1, 2] },
        full: { particles: 200, steps: 250, noise: 1.6, lambdas: [1, 2] },
      },
      measures: {
        rate: { quantity: 'rate / λ at λ = {1 and 2}', over: 'mean', '≥': 0.8, '≤': 1.25 },
        spread: {
          quantity: 'logarithm of how far one in six stays behind, over σ√t at λ = {1 and 2}',
          over: 'mean',
          '≥': 0.8,
          '≤': 1.25,
          check: true,
        },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
