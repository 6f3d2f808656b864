import type { Locked } from '../verdicts/locked.ts';

const networks = {
  ...{ networks: 10, widths: [60, 128, 128, 40] },
  ...{ early: 300, late: 3000, stall: 6000 },
} as const;
const bioDiesel = { seeds: 20, early: 60, budget: 2000, energy: 500 } as const;
const images = { problems: 10, digits: 100, early: 300, late: 1000 } as const;
const grids = { problems: 10, side: 8, latent: 64, early: 300, late: 1000 } as const;

const kinks = { problems: 20, steep: 3, early: 1000, budget: 3000 } as const;

const attacks = 'attacks along the gradient of the objective';

export const locked = {
  claims: {
    'fewer-evaluations': {
      experiment: 'random-networks',
      ingredient: attacks,
      measures: {
        gap: { quantity: 'median gap of the hybrid over that of direct search, {activation and passes}', '≤': 0.2 },
      },
      sizes: {
        quick: { ...networks, rivals: 3, budgets: [3000, 6000] },
        full: { ...networks, rivals: 10, budgets: [20_000, 20_000] },
      },
    },
    'no-stall': {
      experiment: 'random-networks',
      ingredient: 'covering steps and polls in rotated directions where attacks fail',
      measures: { gap: { quantity: 'median gap of attacks alone', '>': { of: 'that of the hybrid' } } },
      sizes: {
        quick: { ...networks, rivals: 3, budgets: [3000, 6000] },
        full: { ...networks, rivals: 10, budgets: [20_000, 20_000] },
      },
    },
    'bio-diesel': {
      experiment: 'bio-diesel',
      ingredient: attacks,
      measures: {
        points: {
          quantity: 'median yield of the hybrid after 60 points, gradients not counted',
          '>': { of: 'that of the better direct search' },
        },
        passes: {
          quantity: 'median yield of the hybrid after 60 passes through the network',
          '>': { of: 'that of the better direct search' },
        },
      },
      sizes: { quick: { ...bioDiesel, rivals: 5 }, full: { ...bioDiesel, rivals: 20 } },
    },
    'true-optimum': {
      experiment: 'bio-diesel',
      ingredient: 'the limit of energy as a constraint in place of a penalty',
      measures: {
        interior: { quantity: 'yield that interior points reach', '≥': 1.876 },
        hybrid: { quantity: 'median final yield of the hybrid', '<': 1.876, check: true },
      },
      sizes: { quick: { ...bioDiesel, rivals: 5 }, full: { ...bioDiesel, rivals: 20 } },
    },
    mixture: {
      experiment: 'mixture',
      ingredient: attacks,
      measures: {
        gap: { quantity: 'median gap of the hybrid over that of the better direct search, {passes}', '<': 1 },
        line: {
          quantity: 'median gap of the hybrid over that of the random line search, {passes}',
          '<': 1,
          check: true,
        },
      },
      sizes: { quick: { ...images, budget: 1000 }, full: { ...images, budget: 3000 } },
    },
    counterfactual: {
      experiment: 'counterfactual',
      ingredient: attacks,
      measures: {
        gap: { quantity: 'median objective of the hybrid over that of the better direct search, {passes}', '<': 1 },
        line: {
          quantity: 'median objective of the hybrid over that of the random line search, {passes}',
          '<': 1,
          check: true,
        },
      },
      sizes: { quick: { ...grids, budget: 1000 }, full: { ...grids, budget: 3000 } },
    },
    kinks: {
      experiment: 'kinks',
      ingredient: 'polls in rotated directions',
      measures: {
        gap: { quantity: 'median gap of the hybrid after 1000 passes', '≤': 1e-5 },
        attacks: { quantity: 'median gap of attacks alone after 1000 passes', '>': 1e-5, check: true },
      },
      sizes: { quick: kinks, full: kinks },
    },
  },
  grids: {},
} as const satisfies Locked;
