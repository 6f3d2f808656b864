import type { Locked } from '../verdicts/locked.ts';

const net = { hidden: [64, 64], epochs: 15 } as const;
const blocks = { blockSize: 512, removed: 256, batch: 1024, tabu: 0.3 } as const;
const sizes = {
  quick: { ...net, ...blocks, networks: 1, densities: [0.1], steps: 50 },
  full: { ...net, ...blocks, networks: 3, densities: [0.1, 0.2], steps: 150 },
} as const;

const admm = { rho: 0.01, rate: 0.03, every: 16 } as const;
const fashion = {
  quick: { ...sizes.quick, ...admm, examples: 10_000 },
  full: { ...sizes.full, ...admm, examples: 60_000 },
} as const;
const model = { rho: 1, rate: 0.003, every: 4, density: 0.5, blockSize: 512, removed: 256, tabu: 0.3 } as const;
const stories = {
  quick: { ...model, layers: 'blocks.4.', steps: 14, batch: 16, calibrate: 64, judge: 32, soon: 32 },
  full: { ...model, layers: 'blocks.', steps: 150, batch: 32, calibrate: 782, judge: 782, soon: 64 },
} as const;
const words = { ...model, density: 0.3, blockSize: 2048, removed: 1024, longest: 16 } as const;
const encoder = {
  quick: {
    ...words,
    layers: 'Layer_1/TransformerLayer/MultiheadAttention/output',
    steps: 12,
    batch: 16,
    calibrate: 128,
    documents: 100,
    queries: 20,
    soon: 50,
  },
  full: {
    ...words,
    layers: 'Encoder_en',
    steps: 60,
    batch: 32,
    calibrate: 512,
    documents: 1400,
    queries: 225,
    soon: 100,
  },
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
          check: true,
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
        quick: { ...sizes.quick, ...admm },
        full: { ...sizes.full, ...admm },
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
    signs: {
      experiment: 'parts',
      ingredient: 'entries of Q below zero',
      measures: {
        cut: {
          quantity: 'training loss with every entry up to 1e-12 set to 0 over that with all of Q, mean of networks',
          '≥': 1.05,
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
    fashion: {
      experiment: 'fashion',
      ingredient: 'masks of blocks by a quadratic model with interactions',
      measures: {
        accuracy: {
          quantity: "density 0.1, {each network}: test accuracy less Wanda's",
          '≥': { quick: 0.05, full: 0.08 },
          check: true,
        },
        loss: { quantity: "density 0.1, {each network}: training loss over Wanda's", '≤': { quick: 0.75, full: 0.7 } },
        lossOfFifth: { quantity: "density 0.2, {each network}: training loss over Wanda's", '≤': { full: 0.75 } },
      },
      sizes: fashion,
    },
    'fashion-reconstructed': {
      experiment: 'fashion',
      ingredient: 'masks of blocks by a quadratic model',
      measures: {
        reconstructed: {
          quantity: "density 0.1, {each network}: training loss over Wanda's, both reconstructed",
          '≤': 0.8,
        },
      },
      sizes: fashion,
      grids: ['ADMM'],
    },
    stories: {
      experiment: 'stories',
      ingredient: 'masks of blocks by a quadratic model',
      measures: {
        reconstructed: {
          quantity: "divergence from the dense model over Wanda's, both reconstructed",
          '≤': 0.8,
        },
        plain: { quantity: 'the same without reconstruction', '≤': 0.8, check: true },
        entropy: { quantity: "loss of the next token over Wanda's, both reconstructed", '≤': 0.8, check: true },
      },
      sizes: stories,
      grids: ['ADMM'],
    },
    encoder: {
      experiment: 'encoder',
      ingredient: 'masks of blocks by a quadratic model',
      measures: {
        reconstructed: {
          quantity: "squared distance of vectors from the dense model's over Wanda's, both reconstructed",
          '≤': 0.8,
        },
        plain: { quantity: 'the same without reconstruction', '≤': 0.8, check: true },
      },
      sizes: encoder,
      grids: ['ADMM'],
    },
  },
  grids: {
    ADMM: { rho: [0.01, 0.1, 1], rate: [0.001, 0.003, 0.01, 0.03] },
  },
} as const satisfies Locked;
