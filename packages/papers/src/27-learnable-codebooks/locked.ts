import type { Locked } from '../verdicts/locked.ts';

const network = {
  quick: { widths: [784, 128, 128, 10], epochs: 10, calibrate: 1024, batch: 128 },
  full: { widths: [784, 256, 256, 10], epochs: 20, calibrate: 1024, batch: 128 },
} as const;
const fashion = {
  quick: { ...network.quick, epochs: 2, bits: 2, steps: 100 },
  full: { ...network.full, epochs: 10, bits: 2, steps: 300 },
} as const;
const rules = {
  quick: { ...network.quick, layer: 2, values: [4, 8], steps: 80, rate: 0.03, slower: 0.01, judge: 1024 },
  full: { ...network.full, layer: 2, values: [4, 8], steps: 150, rate: 0.03, slower: 0.01, judge: 1024 },
} as const;
const whole = {
  quick: { ...network.quick, bits: 2, steps: 100, groups: 4 },
  full: { ...network.full, bits: 2, steps: 300, groups: 4 },
} as const;

export const locked = {
  claims: {
    'gradient-rule': {
      experiment: 'rules',
      ingredient:
        'gradients of the indices that fall with the distance of values, with one second moment for each weight',
      measures: {
        proximal: {
          quantity: 'error of the proximal rule over that of k-means, the larger of 4 and 8 values',
          '≤': { quick: 0.6, full: 0.4 },
        },
        harm: {
          quantity:
            'least error of the soft and the linear rule over that of k-means, 4 and 8 values; 0 unless that of the proximal rule is below 1',
          '>': 1,
        },
        near: {
          quantity:
            'share of moved weights that moved past a neighbouring value, proximal rule, the larger of 4 and 8 values',
          '≤': 0.01,
        },
        far: {
          quantity: 'the same share of the linear rule, less that of the proximal rule, the lesser of 4 and 8 values',
          '≥': 0.8,
        },
      },
      sizes: rules,
    },
    'fair-start': {
      experiment: 'rules',
      ingredient: 'logits that start at the distances of the weights from the values',
      measures: {
        error: {
          quantity:
            'error of the proximal rule over the least of the three, infinite unless all three are below k-means, the larger of 4 and 8 values',
          '≤': { quick: 1.2, full: 1.1 },
        },
      },
      sizes: rules,
    },
    'two-bits': {
      experiment: 'network',
      ingredient: 'learning of the indices together with the values',
      measures: {
        share: {
          quantity: 'share of the rise of the training loss by k-means that joint learning removes',
          '≥': { quick: 0.3, full: 0.6 },
        },
        bits: { quantity: 'packed bits a weight', '≤': 2.1, check: true },
      },
      sizes: whole,
    },
    fashion: {
      experiment: 'fashion',
      ingredient: 'learning of the indices together with the values',
      measures: {
        share: {
          quantity: 'share of the rise of the training loss by k-means that joint learning removes',
          '≥': { quick: 0.3, full: 0.6 },
        },
        bits: { quantity: 'packed bits a weight', '≤': 2.1, check: true },
      },
      sizes: fashion,
    },
    prefix: {
      experiment: 'network',
      ingredient: 'inputs of each layer from the compressed layers before it',
      measures: {
        dense: {
          quantity:
            'rise of the training loss with inputs of the dense network, over that with inputs of the compressed one',
          '>': 1,
        },
      },
      sizes: whole,
    },
    groups: {
      experiment: 'groups',
      ingredient: 'neurons in the order of the spread of their weights',
      measures: {
        alone: {
          quantity:
            'rise of the training loss of four groups by k-means, over that of one, {several codebooks and scales}',
          '<': 1,
          check: true,
        },
        aloneRandom: {
          quantity: 'the same over that of four groups of neurons at random, {several codebooks and scales}',
          '<': 1,
          check: true,
        },
        learned: {
          quantity:
            'rise of the training loss of four groups after learning, over that of one, {several codebooks and scales}',
          '<': 1,
          check: true,
        },
        learnedRandom: {
          quantity:
            'rise of the training loss of four groups after learning, over that of four groups of neurons at random, the larger for several codebooks and scales',
          '<': 1,
        },
        harmless: {
          quantity:
            'by how much four groups after learning are worse than one, over the rise by k-means, {several codebooks and scales}',
          '≤': 0.02,
          check: true,
        },
        bytes: {
          quantity: 'bytes with four groups over those with one, {several codebooks and scales}',
          '≤': 1.01,
          check: true,
        },
      },
      sizes: whole,
    },
  },
  grids: {},
} as const satisfies Locked;
