import type { Locked } from '../verdicts/locked.ts';

const fast = { epochs: 300, fitted: 150, learned: 0.9, rate: 0.01, beta2: 0.99, epsilon: 1e-25 } as const;
const addition = {
  quick: { modulus: 23, trained: 0.8, hidden: 96, ...fast },
  full: { modulus: 113, trained: 0.4, hidden: 200, ...fast },
} as const;
const slow = { rate: 2e-3, beta2: 0.99, epsilon: 1e-30 } as const;
const collapse = {
  quick: { modulus: 23, trained: 0.8, hidden: 96, ...slow, bits: [16, 32], epochs: 3000, draws: 1, share: 0.25 },
  full: { modulus: 31, trained: 0.8, hidden: 128, ...slow, bits: [16, 32, 64], epochs: 10_000, draws: 3, share: 0.25 },
} as const;
const kept = { quantity: 'share of the training pairs that are right, less the largest that has collapsed', '≥': 0.99 };
const same = { quantity: 'test accuracy', '≥': { of: 'that of cross-entropy in the same precision', plus: 0.15 } };

export const locked = {
  claims: {
    'orthogonal-gradient': {
      experiment: 'orthogonal',
      ingredient: 'gradients without their part along the weights',
      draws: { quick: [3, 6], full: [3, 6] },
      sizes: addition,
      measures: {
        gain: { quantity: 'test accuracy less that of AdamW', over: 'mean', '≥': { quick: 0.5 } },
        accuracy: { quantity: 'test accuracy', over: 'mean', '≥': { full: 0.95 } },
        sooner: {
          quantity: 'epochs to a test accuracy of 0.9',
          over: 'mean',
          '<': { of: 'those with the best weight decay, at most 300' },
        },
        adam: { quantity: 'test accuracy of AdamW', over: 'mean', '≤': { full: 0.1 }, check: true },
        fitted: { quantity: 'training accuracy of AdamW', over: 'mean', '≥': { full: 0.99 }, check: true },
      },
      grids: ['decay'],
    },
    'scaling-direction': {
      experiment: 'orthogonal',
      ingredient: 'a loss that falls as logits grow',
      draws: { quick: [3, 6], full: [3, 6] },
      sizes: addition,
      measures: {
        cosine: { quantity: 'least cosine from epoch 150 on', over: 'mean', '≥': { quick: 0.4, full: 0.5 } },
        fit: { quantity: 'training accuracy at epoch 150', over: 'mean', '≥': 0.99, check: true },
      },
    },
    'collapse-order': {
      experiment: 'collapse',
      ingredient: 'a softmax whose every operation is rounded to its precision',
      sizes: collapse,
      measures: { ratio: { quantity: 'first epoch at {bits over bits}', '≥': 1.5 } },
    },
    stablemax: {
      experiment: 'collapse',
      ingredient: 'a scale that grows linearly, where the exponential was',
      sizes: {
        quick: { long: 3000 },
        full: { rate: 0.01, beta2: 0.999, epsilon: 1e-30, long: 45_000 },
      },
      measures: {
        fit: kept,
        same,
        learned: { quantity: 'in double precision, test accuracy after 10,000 epochs', '≥': { full: 0.25 } },
        ahead: {
          quantity: 'test accuracy after 10,000 epochs, beside {cross-entropy}',
          '≥': { full: { of: 'its', plus: 0.15 } },
        },
        end: { quantity: 'test accuracy after 45,000 epochs', '≥': { full: 0.95 } },
        collapsed: { quantity: 'largest share that has collapsed', '≤': { full: 0 }, check: true },
        control: { quantity: 'test accuracy of cross-entropy after 45,000 epochs', '≤': { full: 0.4 }, check: true },
      },
    },
    'stablemax-half': {
      experiment: 'collapse',
      ingredient: 'a scale that grows linearly, where the exponential was',
      sizes: collapse,
      measures: { fit: kept, same },
    },
  },
  grids: { decay: { weightDecay: [0.1, 0.5, 1, 3] } },
} as const satisfies Locked;
