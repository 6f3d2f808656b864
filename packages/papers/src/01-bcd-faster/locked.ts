import type { Locked } from '../verdicts/locked.ts';

const setA = { quick: { rows: 200, columns: 1000 }, full: { rows: 1000, columns: 10000 } } as const;
const setC = {
  quick: { samples: 100, features: 100, classes: 10 },
  full: { samples: 1000, features: 1000, classes: 50 },
} as const;
const setD = { quick: { side: 20, labelled: 16 }, full: { side: 50, labelled: 100 } } as const;
const setE = { quick: { nodes: 400, labelled: 20 }, full: { nodes: 2000, labelled: 100 } } as const;
const setNN = {
  quick: { rows: 200, columns: 1000, lambdaShare: 0.2 },
  full: { rows: 1000, columns: 10000, lambda: 50000 },
} as const;

export const locked = {
  claims: {
    'figure-4-greedy': {
      experiment: 'figure-4',
      ingredient: 'squared gradients over curvature in the greedy score',
      measures: {
        toOwn: { quantity: 'GS-VB, GSD-VB and GSD-FB / the same by code of its own, most of any step', '≤': 1.05 },
        overRandom: {
          quantity: 'GS-VB / random-VB (code of its own)',
          '≤': { quick: 0.3333333333333333, full: 0.03333333333333333 },
          check: true,
        },
        scaled: { quantity: 'GSD-VB / GS-VB (code of its own)', '≤': 0.5 },
        scaledFixed: { quantity: 'GSD-FB / GS-FB (code of its own)', '≤': { quick: 0.5, full: 0.1 } },
        order: { quantity: 'largest ratio of each to the next', '≤': 0.99 },
      },
      sizes: { quick: { ...setA.quick, blockSize: 5, steps: 150 }, full: { ...setA.full, blockSize: 5, steps: 500 } },
    },
    'figure-5-matrix': {
      experiment: 'figure-5',
      ingredient: 'squared gradients over curvature in the greedy score',
      measures: {
        toOwn: { quantity: 'GSD-VB / the same by code of its own, most of any step', '≤': 1.05 },
        gap: { quantity: 'GSD-VB', '≤': { full: 1 } },
        ratio: { quantity: 'GSD-VB / GS-VB (code of its own)', '≤': { quick: 0.1, full: 0.001 } },
      },
      sizes: { quick: { ...setA.quick, blockSize: 5, steps: 150 }, full: { ...setA.full, blockSize: 5, steps: 500 } },
    },
    'figure-6-lattice': {
      experiment: 'figure-6',
      ingredient: 'messages that solve a tree exactly',
      measures: {
        toOwn: { quantity: 'tree partitions / the same by code of its own', over: 'geometric mean', '≤': 1.05 },
        tree: { quantity: 'greedy tree', over: 'geometric mean', '≤': { quick: 0.1, full: 0.001 } },
        redBlack: { quantity: 'red–black', over: 'geometric mean', '≥': { full: 1 } },
        overRedBlack: {
          quantity: 'greedy tree / red–black',
          over: 'geometric mean',
          '≤': { quick: 0.01, full: 0.001 },
        },
        order: { quantity: '{each / the next}', over: 'geometric mean', '≤': 1 },
        general: { quantity: 'general', over: 'geometric mean', '≥': { quick: 100000, full: 10000000 }, check: true },
      },
      draws: { quick: [6, 12, 24], full: [6, 12, 24] },
      sizes: { quick: { ...setD.quick, steps: 500 }, full: { ...setD.full, steps: 500 } },
    },
    'figure-6-graph': {
      experiment: 'figure-6',
      ingredient: 'trees grown from the largest gradients',
      measures: {
        toOwn: { quantity: 'tree partitions / the same by code of its own', '≤': 1.05, check: true },
        overRedBlack: {
          quantity: 'greedy tree / red–black',
          '≤': { quick: 0.3333333333333333, full: 0.01 },
          check: true,
        },
        ratios: { quantity: 'largest ratio of each to the next', '≤': 0.99 },
      },
      sizes: { quick: { ...setE.quick, steps: 150 }, full: { ...setE.full, steps: 500 } },
    },
    'figure-7-active-set': {
      experiment: 'figure-7',
      ingredient: 'second-order updates of the block',
      measures: {
        iterations: { quantity: 'PN-VB, τ = 50: iterations', '≤': 15 },
        support: {
          quantity: 'PN-VB, τ = 50: coordinates in which the support differs from that of x*',
          '≤': 0,
          check: true,
        },
        firstOrder: {
          quantity: 'PG-VB (code of its own) / PN-VB iterations, τ = 50',
          '≥': { quick: 3, full: 5 },
          check: true,
        },
        wide: { quantity: 'PN-VB, τ = {max(100, 2·|support|)}: iterations', '≤': 3 },
      },
      sizes: {
        quick: { ...setNN.quick, blockSize: 50, widest: 100, steps: 150 },
        full: { ...setNN.full, blockSize: 50, widest: 100, steps: 500 },
      },
    },
    'figure-8-sizes': {
      experiment: 'figure-8',
      ingredient: 'the largest scores of all coordinates make the block',
      measures: {
        toOwn: { quantity: 'GSD-VB / the same, τ = {5 and more}, by code of its own, most of any step', '≤': 1.05 },
        five: { quantity: 'greedy VB / best other, τ = 5', '≤': 2 },
        twenty: { quantity: 'greedy VB / best other, τ = 20', '≤': { quick: 1 } },
        fifty: { quantity: 'greedy VB / best other, τ = 50', '≤': { full: 1 } },
        hundred: { quantity: 'greedy VB / best other, τ = 100', '≤': { full: 1 } },
      },
      sizes: {
        quick: { ...setA.quick, blockSizes: [5, 20], steps: 150 },
        full: { ...setA.full, blockSizes: [5, 50, 100], steps: 500 },
      },
    },
    'figure-9-estimates-help': {
      experiment: 'figure-9',
      ingredient: 'constants estimated by backtracking',
      measures: {
        toOwn: { quantity: 'B and C, τ = {each}: LA-GSL / the same by code of its own, most of any step', '≤': 1.05 },
        onB: { quantity: 'B, τ = {5, 20 and 50}: LA-GSL / Lb-GSL', '≤': 0.9 },
        onC: { quantity: 'C, τ = 50: LA-GSL / Lb-GSL', '≤': { quick: 0.9, full: 0.1 } },
      },
      sizes: {
        quick: { ...setA.quick, ...setC.quick, blockSizes: [5, 20, 50], softmaxBlockSize: 50, steps: 150 },
        full: { ...setA.full, ...setC.full, blockSizes: [5, 20, 50], softmaxBlockSize: 50, steps: 500 },
      },
    },
    'figure-9-estimates-hurt': {
      experiment: 'figure-9',
      ingredient: 'the exact constant of the block',
      measures: {
        toOwn: { quantity: '{A and D}, τ = 5: Lb-GSL / the same by code of its own, most of any step', '≤': 1.05 },
        onA: { quantity: 'A, τ = 5: Lb-GSL / LA-GSL', '≤': 0.99 },
        onD: { quantity: 'D, τ = 5: Lb-GSL / LA-GSL', '≤': 0.99 },
      },
      sizes: {
        quick: { ...setA.quick, ...setD.quick, blockSize: 5, steps: 150 },
        full: { ...setA.full, ...setD.full, blockSize: 5, steps: 500 },
      },
    },
    'figure-10-partition': {
      experiment: 'figure-10',
      ingredient: 'coordinates sorted by curvature before they are cut',
      measures: {
        toOwn: { quantity: 'sort / the same by code of its own, most of any step', '≤': 1.05 },
        sorted: { quantity: 'sort / average', '≤': { quick: 1, full: 0.2 } },
        mixed: { quantity: 'average / order', '≤': { quick: 0.5, full: 0.02 }, check: true },
        order: { quantity: 'largest ratio of each to the next', '≤': 0.99 },
      },
      sizes: { quick: { ...setA.quick, blockSize: 20, steps: 150 }, full: { ...setA.full, blockSize: 50, steps: 500 } },
    },
    'figure-11-gsq': {
      experiment: 'figure-11',
      ingredient: 'the quadratic model in the search for the block',
      measures: {
        diagonal: { quantity: 'GSD-VB', '≤': { quick: 500, full: 270 }, check: true },
        toOwn: { quantity: 'f − f* of {rule} / the same by code of its own, most of any step', '≤': 1.05, check: true },
        iht: { quantity: 'GSQ-VB (IHT) / GSD-VB (code of its own)', '≤': { quick: 0.9, full: 0.75 } },
        omp: { quantity: 'GSQ-VB (OMP) / GSD-VB (code of its own)', '≤': { quick: 0.7, full: 0.45 } },
        fixed: { quantity: 'GSQ-FB (code of its own) / GSD-VB', '≥': { quick: 1, full: 1.5 }, check: true },
        order: { quantity: 'iterations, largest ratio of each to the next', '≤': 0.99 },
      },
      sizes: { quick: { ...setA.quick, blockSize: 10, steps: 500 }, full: { ...setA.full, blockSize: 50, steps: 500 } },
    },
    'figure-12-newton': {
      experiment: 'figure-12',
      ingredient: 'the quadratic model in the search for the block',
      measures: {
        toOwn: { quantity: 'f of {rule} / the same by code of its own, most of any step', '≤': 1.05, check: true },
        iht: { quantity: 'GSQ-VB (IHT)', '≤': { full: 220 } },
        diagonal: { quantity: 'GSD-VB', '≤': { full: 330 }, check: true },
        lipschitzFixed: { quantity: 'GSL-FB', '≤': { full: 450 }, check: true },
        plainFixed: { quantity: 'GS-FB (code of its own)', '≥': { full: 451 }, check: true },
        plain: { quantity: 'GS-VB (code of its own)', '≥': { full: 451 }, check: true },
        ihtRatio: { quantity: 'GSQ-VB (IHT) / GSD-VB (code of its own)', '≤': { quick: 0.9 } },
        diagonalRatio: { quantity: 'GSD-VB / GSL-FB (code of its own)', '≤': { quick: 1 }, check: true },
        plainFixedRatio: { quantity: 'GS-FB (code of its own) / GSL-FB', '≥': { quick: 1 }, check: true },
        plainRatio: { quantity: 'GS-VB (code of its own) / GSD-VB', '≥': { quick: 1.2 }, check: true },
        order: { quantity: 'iterations, largest ratio of each to the next', '≤': 0.99 },
      },
      sizes: { quick: { ...setA.quick, blockSize: 10, steps: 500 }, full: { ...setA.full, blockSize: 50, steps: 500 } },
    },
    'figure-13-random': {
      experiment: 'figure-13',
      ingredient: 'greedy selection',
      measures: {
        least: {
          quantity: 'f − f* of the best, {whichever it is}',
          '≥': { quick: { times: 100, of: 'that of greedy PN-VB (≥ 1e-8)' }, full: 100 },
        },
        greedy: { quantity: 'f − f* of greedy PN-VB, τ = 50', '<': { quick: 0.01, full: 1e-8 } },
      },
      sizes: {
        quick: { ...setNN.quick, blockSizes: [5, 20, 50], greedyBlockSize: 50, steps: 10 },
        full: { ...setNN.full, blockSizes: [5, 50, 100], greedyBlockSize: 50, steps: 500 },
      },
    },
    'active-set-complexity': {
      experiment: 'active-set',
      ingredient: 'the proximal step, which makes zeros',
      measures: {
        laterThanOwn: {
          quantity: 'draws later than proximal gradient by code of its own, by more than a step',
          '≤': 0,
        },
        late: { quantity: 'draws later than the bound, proximal gradient', '≤': 0 },
        lateCyclic: { quantity: 'draws later than radius and a pass, cyclic', '≤': 0 },
      },
      sizes: {
        quick: { rows: 200, columns: 50, nonZeros: 10, draws: 5 },
        full: { rows: 200, columns: 50, nonZeros: 10, draws: 20 },
      },
    },
    'superlinear-tail': {
      experiment: 'superlinear',
      ingredient: 'second-order updates of the block',
      measures: { ratio: { quantity: 'ratio after step {of identification}', '≤': 0.001 } },
      sizes: { quick: { ...setNN.quick, entering: 50, steps: 60 }, full: { ...setNN.full, entering: 50, steps: 60 } },
    },
  },
  grids: {},
} as const satisfies Locked;
