import type { Locked } from '../verdicts/locked.ts';

const ingredient = 'steps on a surrogate';
const halfDecades = [0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000];
const tried = ['SGD', 'SVRG', 'Adam', 'AdaGrad', 'line search', 'surrogates'];

export const locked = {
  claims: {
    'full-batch': {
      experiment: 'full-batch',
      ingredient,
      sizes: {
        quick: { rows: 200, columns: 20, gap: 1e-4, calls: 1000 },
        full: { rows: 1000, columns: 60, gap: 1e-4, calls: 3000 },
      },
      measures: {
        squared: { quantity: 'squared, m = 100: calls', '≤': { quick: 200, full: 60 } },
        logistic: { quantity: 'logistic, m = 100: calls', '≤': { quick: 200, full: 140 } },
        rivals: {
          quantity:
            '{each loss}, m = 100 at its best η: calls over the fewest of gradient descent, a line search, Adam and AdaGrad',
          '≤': 0.5,
        },
        exactSquared: { quantity: 'squared, exact inner solve: calls', '≤': { full: 1 }, check: true },
        exactLogistic: { quantity: 'logistic, exact inner solve: calls', '≤': { full: 25 }, check: true },
        descent: { quantity: '{each loss}: calls of gradient descent', '>': { quick: 1000, full: 3000 }, check: true },
      },
      grids: ['SGD', 'Adam', 'AdaGrad', 'surrogates'],
    },
    'mini-batch': {
      experiment: 'mini-batch',
      ingredient,
      draws: { quick: [6, 12, 24], full: [6, 12, 24] },
      sizes: {
        quick: { rows: 300, columns: 30, passes: 5, batches: [25] },
        full: {
          ...{ rows: 1000, columns: 60, passes: 20 },
          batches: [25, 125],
        },
      },
      measures: {
        squared: {
          quantity: 'squared, m = 10, batches of {each size}: gap over that of SGD',
          over: 'geometric mean',
          '≤': { quick: 0.5, full: 0.15 },
        },
        logistic: {
          quantity: 'logistic, m = 10, batches of {each size}: gap over that of SGD',
          over: 'geometric mean',
          '≤': { full: 0.7 },
        },
        rivals: {
          quantity:
            '{each loss and size}, best m, 10 or 100: gap over the least of SGD, SVRG, Adam, AdaGrad and line search',
          over: 'geometric mean',
          '<': 1,
        },
        monotone: { quantity: 'gap at {each m, over that of fewer steps}', over: 'geometric mean', '<': { full: 1 } },
        one: {
          quantity: 'gap at m = 1 and that of SGD, the larger over the smaller: {each}',
          over: 'geometric mean',
          '≤': { full: 1.3 },
          check: true,
        },
      },
      grids: tried,
    },
    'real-table': {
      experiment: 'real-table',
      ingredient,
      draws: { quick: [6, 12, 24], full: [6, 12, 24] },
      sizes: {
        quick: { rows: 1000, passes: 3, batch: 25, calls: 25, inner: 100 },
        full: { rows: 2300, passes: 10, batch: 125, calls: 100, inner: 100 },
      },
      measures: {
        whole: {
          quantity:
            'all rows, m = 100 at its best η: gap over the least of gradient descent, Adam, AdaGrad and a line search',
          '<': 1,
        },
        more: { quantity: 'gap at the best m, 10 or 100, over that at m = 1', over: 'geometric mean', '<': 1 },
        sgd: { quantity: 'gap at the best m over that of SGD', over: 'geometric mean', '<': 1, check: true },
        rivals: {
          quantity: 'gap at the best m over the least of SGD, SVRG, Adam, AdaGrad and line search',
          over: 'geometric mean',
          '<': 1,
        },
      },
      grids: tried,
    },
    imitation: {
      experiment: 'imitation',
      ingredient,
      draws: { quick: [4, 8, 16], full: [4, 8] },
      sizes: {
        quick: { rounds: 10, states: 100, inner: 100, judged: 250, hidden: 16 },
        full: { rounds: 50, states: 100, inner: 100, judged: 250, hidden: 64 },
      },
      measures: {
        ratio: {
          quantity: 'policy loss over that of online gradient descent',
          over: 'geometric mean',
          '≤': { quick: 0.75, full: 0.5 },
        },
        rivals: {
          quantity: 'policy loss over the least of gradient descent, Adam, AdaGrad and line search',
          over: 'geometric mean',
          '<': 1,
        },
      },
      grids: ['policy SGD', 'policy Adam', 'policy AdaGrad', 'policy line search', 'policy surrogates'],
    },
  },
  grids: {
    SGD: { rate: halfDecades },
    SVRG: { rate: halfDecades },
    Adam: { rate: halfDecades },
    AdaGrad: { rate: halfDecades },
    'line search': { longest: halfDecades },
    surrogates: { rule: ['constant', 'sqrt', 'adagrad'], eta: [1, 3, 10, 0.1], steps: [10, 100] },
    'policy SGD': { rate: [0.03, 0.1, 0.3, 1] },
    'policy Adam': { rate: [0.003, 0.01, 0.03, 0.1] },
    'policy AdaGrad': { rate: [0.01, 0.03, 0.1, 0.3, 1] },
    'policy line search': { longest: [0.1, 0.3, 1, 3, 10] },
    'policy surrogates': { eta: [0.1, 0.3, 1] },
  },
} as const satisfies Locked;
