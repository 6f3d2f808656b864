import type { Locked } from '../verdicts/locked.ts';

const net = { hidden: [64, 64], epochs: 15 } as const;
const blocks = { blockSize: 512, removed: 256, batch: 1024, tabu: 0.3 } as const;
const sizes = {
  quick: { ...net, ...blocks, networks: 1, densities: [0.1], steps: 50 },
  full: { ...net, ...blocks, networks: 3, densities: [0.1, 0.2], steps: 150 },
} as const;

export const locked = {
  claims: {
    'beats-wanda': {
      experiment: 'digits',
      ingredient: 'masks of blocks by a quadratic model with all of its entries, those below zero included',
      measures: {
        accuracy: {
          quantity: "density 0.1, {each network}: test accuracy less Wanda's",
          '≥': { quick: 0.05, full: 0.08 },
        },
        absolute: { quantity: 'density 0.1, {each network}: test accuracy', '≥': { full: 0.84 } },
        loss: { quantity: "density 0.1, {each network}: training loss over Wanda's", '≤': { quick: 0.75, full: 0.7 } },
        lossOfFifth: { quantity: "density 0.2, {each network}: training loss over Wanda's", '≤': { full: 0.75 } },
        density: { quantity: 'weights by which a density is missed, largest', '≤': 0, check: true },
      },
      sizes,
    },
    'time-for-quality': {
      experiment: 'digits',
      ingredient: 'interactions between the weights of a block',
      measures: {
        fifty: {
          quantity: 'training loss at density 0.1 after 50 steps over that of the start, mean of networks',
          '≤': { quick: 0.75, full: 0.7 },
        },
        later: { quantity: 'the same after 150 steps over that after 50', '≤': { full: 1.02 }, check: true },
      },
      sizes,
    },
    'beside-reconstruction': {
      experiment: 'digits',
      ingredient: 'masks of blocks by a quadratic model',
      measures: {
        reconstructed: {
          quantity: "density 0.1, {each network}: training loss over Wanda's, both reconstructed",
          '≤': 0.8,
        },
      },
      sizes: {
        quick: { ...sizes.quick, rho: 0.01, rate: 0.03, every: 16 },
        full: { ...sizes.full, rho: 0.01, rate: 0.03, every: 16 },
      },
      grids: ['ADMM'],
    },
    'interactions-matter': {
      experiment: 'parts',
      ingredient: 'entries of Q off its diagonal',
      measures: {
        free: {
          quantity: 'training loss with the diagonal of Q over that with all of it, mean of networks',
          '≥': { quick: 1.2, full: 1.5 },
        },
        tested: {
          quantity: 'the same where steps that raise the loss of their batch are not taken',
          '≥': { full: 1.08 },
        },
      },
      sizes,
    },
    'two-ends': {
      experiment: 'parts',
      ingredient: 'blocks of the most important removed and the least important kept weights',
      measures: {
        random: {
          quantity: 'training loss with blocks at random over that with the two ends, mean of networks',
          '≥': 1.05,
        },
      },
      sizes,
    },
    tabu: {
      experiment: 'parts',
      ingredient: 'the list of weights that were in a block lately',
      measures: {
        without: { quantity: 'training loss without the list over that with it, mean of networks', '≥': 1.05 },
      },
      sizes,
    },
  },
  grids: {
    ADMM: { rho: [0.01, 0.1, 1], rate: [0.001, 0.003, 0.01, 0.03] },
  },
} as const satisfies Locked;
