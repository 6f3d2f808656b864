import type { Locked } from '../verdicts/locked.ts';

const gaussian = {
  quick: { side: 128, steps: 300, blocks: [8, 32], matrices: 1, rate: 0.001 },
  full: { side: 256, steps: 600, blocks: [8, 32, 64], matrices: 3, rate: 0.001 },
} as const;

const net = { hidden: [256, 256], epochs: 15, calibrate: 512, reconstructed: true } as const;
const digits = {
  quick: { ...net, networks: 1, blocks: [8], steps: 200 },
  full: { ...net, networks: 3, blocks: [8, 16], steps: 500 },
} as const;
const fashion = {
  quick: { ...digits.quick, examples: 5000, reconstructed: false },
  full: { ...digits.full, examples: 60_000 },
} as const;
const stories = {
  quick: { blockSize: 8, steps: 100, calibrate: 32, judge: 16, inputs: 'dense', reconstructed: false },
  full: { blockSize: 8, steps: 600, calibrate: 782, judge: 782, inputs: 'dense', reconstructed: true },
} as const;
const encoder = {
  quick: {
    blockSize: 32,
    steps: 60,
    layers: 1,
    calibrate: 32,
    documents: 40,
    queries: 20,
    inputs: 'dense',
    reconstructed: false,
  },
  full: {
    blockSize: 32,
    steps: 600,
    layers: 100,
    calibrate: 512,
    documents: 1400,
    queries: 225,
    inputs: 'dense',
    reconstructed: true,
  },
} as const;

const wrappers = 'block-diagonal factors on both sides of the core, fitted with it';
const undone = {
  share: {
    quantity: "share of NoWag-P's rise of the training loss that is undone, blocks of 8, {each network}",
    '≥': { quick: 0.3, full: 0.5 },
  },
  best: {
    quantity: 'training loss over the least of magnitude, Wanda and NoWag-P, {each network}',
    '<': 1,
    check: true,
  },
  larger: { quantity: 'the same share with blocks of 16, {each network}', '≥': { full: 0.75 } },
} as const;

export const locked = {
  claims: {
    'proxy-loss': {
      experiment: 'gaussian',
      ingredient: wrappers,
      measures: {
        eight: { quantity: 'loss over that of NoWag-P, blocks of 8, {each matrix}', '≤': { quick: 0.8, full: 0.68 } },
        thirtyTwo: {
          quantity: 'loss over that of NoWag-P, blocks of 32, {each matrix}',
          '≤': { quick: 0.5, full: 0.28 },
        },
        sixtyFour: { quantity: 'loss over that of NoWag-P, blocks of 64, {each matrix}', '≤': { full: 0.06 } },
        falling: {
          quantity: 'largest quotient of the losses of a larger and the next smaller block, {each matrix}',
          '<': 1,
        },
      },
      sizes: gaussian,
    },
    monotone: {
      experiment: 'gaussian',
      ingredient: 'discrete steps that choose the best places and values of a group',
      measures: {
        rise: { quantity: 'largest relative rise of the loss in a discrete step', '≤': 1e-9, check: true },
        best: { quantity: 'largest quotient of the best loss and the first', '≤': 1, check: true },
        fall: { quantity: 'least share of the first loss that discrete steps remove, summed', '≥': 0.002 },
      },
      sizes: gaussian,
    },
    'discrete-step': {
      experiment: 'gaussian',
      ingredient: 'discrete steps that choose the best places and values of a group',
      measures: {
        without: {
          quantity: 'loss without discrete steps over that with them, blocks of 32, {each matrix}',
          '≥': 1.05,
        },
      },
      sizes: gaussian,
    },
    'group-selection': {
      experiment: 'gaussian',
      ingredient: 'groups drawn with probability proportional to their gradient',
      measures: {
        uniform: {
          quantity: 'loss with groups drawn uniformly over that by gradients, blocks of 32, {each matrix}',
          '≥': 1.01,
        },
      },
      sizes: gaussian,
    },
    'network-gap': { experiment: 'digits', ingredient: wrappers, measures: undone, sizes: digits },
    'equal-bytes': {
      experiment: 'digits',
      ingredient: wrappers,
      measures: {
        sparse: {
          quantity: 'training loss over that of SparseGPT with as many bytes, blocks of 8, {each network}',
          '≤': 1,
        },
      },
      sizes: digits,
    },
    'beside-reconstruction': {
      experiment: 'digits',
      ingredient: wrappers,
      measures: {
        wanda: {
          quantity: 'training loss over that of 2:4 Wanda, both reconstructed, blocks of 8, {each network}',
          '≤': 1,
        },
      },
      sizes: digits,
    },
    fashion: { experiment: 'fashion', ingredient: wrappers, measures: undone, sizes: fashion },
    'real-layer': {
      experiment: 'layer',
      ingredient: wrappers,
      measures: {
        small: { quantity: 'loss over that of NoWag-P, blocks of 32', '≤': { quick: 0.85, full: 0.68 } },
        large: { quantity: 'loss over that of NoWag-P, blocks of 128', '≤': { full: 0.28 } },
      },
      sizes: {
        quick: { steps: 40, blocks: [32], calibrate: 32 },
        full: { steps: 600, blocks: [32, 128], calibrate: 512 },
      },
    },
    stories: {
      experiment: 'stories',
      ingredient: wrappers,
      measures: {
        share: {
          quantity: "share of NoWag-P's divergence from the dense model that is undone",
          '≥': { quick: 0.3, full: 0.5 },
        },
        bytes: { quantity: 'divergence over that of SparseGPT with as many bytes', '≤': 1, check: true },
      },
      sizes: stories,
    },
    encoder: {
      experiment: 'encoder',
      ingredient: wrappers,
      measures: {
        share: {
          quantity: "share of NoWag-P's squared distance of vectors from the dense model's that is undone",
          '≥': { quick: 0.1, full: 0.5 },
        },
        bytes: { quantity: 'that distance over that of SparseGPT with as many bytes', '≤': 1, check: true },
      },
      sizes: encoder,
    },
  },
  grids: {},
} as const satisfies Locked;
