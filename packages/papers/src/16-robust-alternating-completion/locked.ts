import type { Locked } from '../verdicts/locked.ts';

export const locked = {
  claims: {
    'linear-errors': {
      experiment: 'linear-errors',
      ingredient: 'every line is solved anew in every half-step',
      measures: {
        plateau: {
          quantity: 'plateau / noise at {each noise}',
          '≥': {
            quick: 0.7,
            full: 1,
          },
          '≤': {
            quick: 3,
            full: 2.5,
          },
          check: true,
        },
        later: {
          quantity: 'sweeps beyond exact ones at {each noise}',
          '≤': 2,
          check: true,
        },
        traced: {
          quantity:
            'error at any sweep over the larger of 1.5 times that of exact sweeps and 2.5 times the noise, largest, at {each noise}',
          '≤': 1,
        },
      },
      sizes: {
        quick: {
          size: 150,
          rank: 3,
          condition: 3,
          share: 0.3,
          sweeps: 15,
          until: 1e-10,
          noises: [0.1, 0.001],
          slack: 1.5,
          factor: 2.5,
          rivalSweeps: 150,
        },
        full: {
          size: 300,
          rank: 5,
          condition: 3,
          share: 0.25,
          sweeps: 20,
          until: 1e-10,
          noises: [0.1, 0.01, 0.001, 0.0001, 1e-5],
          slack: 1.5,
          factor: 2.5,
          rivalSweeps: 300,
        },
      },
    },
    'sketch-equals-exact': {
      experiment: 'solvers',
      ingredient: 'a sketch as preconditioner of steps to a tight tolerance',
      measures: {
        difference: {
          quantity: 'largest difference of the traces, %',
          '≤': {
            quick: 2,
            full: 1,
          },
          check: true,
        },
        end: {
          quantity: 'error of the sketched runs at the end',
          '≤': 2e-8,
          check: true,
        },
        hard: {
          quantity:
            'largest error of regressions on a factor of condition 1e5; infinite after no steps or more than two a column',
          '≤': 1e-6,
        },
        steps: {
          quantity: 'their inner steps a line, over columns',
          '>': 0,
          '≤': 2,
          check: true,
        },
      },
      sizes: {
        quick: {
          draws: 1,
          size: 150,
          rank: 3,
          condition: 3,
          share: 0.4,
          sweeps: 40,
          until: 1e-8,
          tol: 1e-12,
          hardColumns: 6,
          maxSteps: 2,
        },
        full: {
          draws: 3,
          size: 300,
          rank: 5,
          condition: 3,
          share: 0.25,
          sweeps: 40,
          until: 1e-8,
          tol: 1e-12,
          hardColumns: 6,
          maxSteps: 2,
        },
      },
    },
    'loose-tolerance': {
      experiment: 'solvers',
      ingredient: 'the tolerance of the inner solves is a tenth of the present residual',
      measures: {
        extra: {
          quantity: 'extra sweeps',
          '≤': 2,
          check: true,
        },
        inner: {
          quantity: 'inner steps over those at 1e-12, median; infinite after more than two extra sweeps',
          '≤': {
            quick: 0.7,
            full: 0.6,
          },
          '>': 0,
        },
      },
      sizes: {
        quick: {
          draws: 1,
          size: 200,
          rank: 14,
          condition: 3,
          share: 0.5,
          sweeps: 60,
          until: 1e-8,
          tol: 1e-12,
          maxExtra: 2,
        },
        full: {
          draws: 3,
          size: 400,
          rank: 20,
          condition: 3,
          share: 0.45,
          sweeps: 60,
          until: 1e-8,
          tol: 1e-12,
          maxExtra: 2,
        },
      },
    },
    'cost-in-rank': {
      experiment: 'rank-cost',
      ingredient: 'conjugate gradients that never form a Gram matrix',
      measures: {
        slope: {
          quantity: 'slope, four steps; infinite if their error exceeds 0.1 or 1.1 times that of exact regressions',
          '≤': 1.25,
        },
        slopeOfExact: {
          quantity: 'slope, exact (code of its own)',
          '≥': 1.75,
          check: true,
        },
        error: {
          quantity: 'error, four steps',
          '≤': 0.1,
          check: true,
        },
        overExact: {
          quantity: 'error, four steps over exact',
          '≤': 1.1,
          check: true,
        },
      },
      sizes: {
        quick: {
          side: 565,
          ranks: [8, 16, 24],
          condition: 3,
          share: 0.9,
          sweeps: 2,
          steps: 4,
          maxError: 0.1,
          maxRatio: 1.1,
        },
        full: {
          side: 1506,
          ranks: [8, 16, 32, 64],
          condition: 3,
          share: 0.9,
          sweeps: 2,
          steps: 4,
          maxError: 0.1,
          maxRatio: 1.1,
        },
      },
    },
    'sketch-cost': {
      experiment: 'rank-cost',
      ingredient: 'a sketch as preconditioner',
      measures: {
        slope: {
          quantity: 'slope, sketched regressions on factors of condition 1e5; infinite if an error exceeds 0.01',
          '≤': 1.25,
        },
      },
      sizes: {
        quick: {
          side: 565,
          ranks: [8, 16, 24],
          share: 0.9,
          lines: 100,
          condition: 100000.0,
          tol: 0.001,
          maxError: 0.01,
        },
        full: {
          side: 1506,
          ranks: [8, 16, 32, 64],
          share: 0.9,
          lines: 100,
          condition: 100000.0,
          tol: 0.001,
          maxError: 0.01,
        },
      },
    },
    'fresh-samples': {
      experiment: 'fresh-samples',
      ingredient: 'all entries in every half-step',
      measures: {
        all: {
          quantity: 'error with all entries',
          '≤': 1e-6,
        },
        parts: {
          quantity: 'error with parts over that with all entries',
          '≥': 300000.0,
        },
        sharpness: {
          quantity: 'share where four in five succeed over that where one in five does',
          '≤': 2,
        },
        later: {
          quantity: 'sweeps to it beyond those of the other code',
          '≤': 2,
        },
      },
      sizes: {
        quick: {
          size: 150,
          rank: 3,
          condition: 3,
          share: 0.3,
          halves: 8,
          until: 1e-6,
          sweeps: 30,
          shares: [0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25],
          runs: 5,
          runSweeps: 60,
        },
        full: {
          size: 300,
          rank: 5,
          condition: 3,
          share: 0.25,
          halves: 8,
          until: 1e-6,
          sweeps: 30,
          shares: [0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25],
          runs: 10,
          runSweeps: 200,
        },
      },
    },
    'condition-number': {
      experiment: 'condition-number',
      ingredient: 'every line is solved anew in every half-step',
      measures: {
        ratio: {
          quantity: 'sweeps at 30 / sweeps of the other code at 1',
          over: 'geometric mean',
          '>': 1,
          '≤': 1.2,
        },
      },
      sizes: {
        quick: {
          size: 300,
          rank: 5,
          share: 0.25,
          conditions: [1, 3, 10, 30],
          until: 1e-6,
          sweeps: 100,
        },
        full: {
          size: 300,
          rank: 5,
          share: 0.25,
          conditions: [1, 3, 10, 30],
          until: 1e-6,
          sweeps: 100,
        },
      },
      draws: {
        quick: [8, 16, 32, 64],
        full: [16, 32, 64],
      },
    },
    ratings: {
      experiment: 'ratings',
      ingredient: 'every line is solved anew in every half-step',
      measures: {
        error: {
          quantity: 'error of sketched regressions',
          '≤': 0.95,
          check: true,
        },
        overBiases: {
          quantity: 'the same over biases alone',
          '≤': 0.999,
          check: true,
        },
        toExact: {
          quantity: 'difference to exact regressions, the largest of all sweeps',
          '≤': 0.002,
        },
      },
      grids: ['ratings'],
      sizes: {
        quick: {
          ratings: 100000,
          rank: 10,
          sweeps: 12,
          seeds: 1,
        },
        full: {
          ratings: 100000,
          rank: 10,
          sweeps: 12,
          seeds: 3,
        },
      },
    },
  },
  grids: {
    ratings: {
      lambda: [3, 6, 9, 12, 18],
    },
  },
} as const satisfies Locked;
