import type { Locked } from '../verdicts/locked.ts';

const heat = { N: 3, tol: 1e-4, exact: 1e-10, maxInner: 1_000_000, most: 100, block: 9 } as const;
const logistic = {
  rows: [208, 351, 1000],
  columns: [60, 34, 60],
  ...{ tol: 1e-4, maxInner: 1_000_000, most: 200 },
} as const;
const classic = { tol: 1e-4, maxInner: 100_000, most: 200 } as const;
const local = { tol: 1e-8, maxInner: 100_000, most: 40, last: 3, angles: [0.01, 0.02, 0.05, 0.1] } as const;
const cost = { tol: 1e-4, block: 9, most: 10, krylov: 20_000 } as const;

const adapts = 'weights and accuracy that adapt until the step descends';

export const locked = {
  claims: {
    'few-outer-steps': {
      experiment: 'heat-control',
      ingredient: 'residuals of systems that start at −b',
      measures: {
        rows: { quantity: 'outer steps with rows', '≤': 4 },
        sketches: { quantity: 'outer steps with Gaussian combinations', '≤': { full: 6 } },
        distance: { quantity: 'relative distance from the direct solution', '≤': 1e-3, check: true },
      },
      sizes: { quick: heat, full: heat },
    },
    'row-blocks': {
      experiment: 'heat-control',
      ingredient: 'several rows in one projection',
      measures: {
        steps: { quantity: 'projections on blocks of nine rows', '≤': 1e4 },
        ratio: { quantity: 'projections on blocks over those on single rows', '≤': 0.05 },
      },
      sizes: { quick: heat, full: heat },
    },
    logistic: {
      experiment: 'logistic',
      ingredient: adapts,
      measures: {
        steps: { quantity: '{set}: outer steps', '≤': 12 },
        ratio: {
          quantity: 'outer steps over those of GMRES ℓ₁-SQP',
          count: { of: 'sets', '<': 0.5 },
          '≥': 2,
        },
      },
      sizes: { quick: logistic, full: logistic },
    },
    'test-problems': {
      experiment: 'test-problems',
      ingredient: adapts,
      measures: {
        ten: { quantity: 'problems solved of the ten', '≥': 9, check: true },
        steps: { quantity: 'median of their outer steps; infinite if a check is not met', '≤': 10 },
        fifteen: { quantity: 'problems solved of all fifteen', '≥': 14, check: true },
      },
      sizes: { quick: classic, full: classic },
    },
    superior: {
      experiment: 'test-problems',
      ingredient: adapts,
      measures: {
        solved: { quantity: 'problems solved', '≥': { of: 'those of adaptive GMRES ℓ₁-SQP' }, check: true },
        steps: {
          quantity: 'median outer steps; infinite if fewer are solved',
          '≤': { of: 'that of adaptive GMRES ℓ₁-SQP' },
        },
      },
      sizes: { quick: classic, full: classic },
    },
    'unit-steps': {
      experiment: 'local',
      ingredient: 'the exact augmented Lagrangian as merit function',
      measures: {
        circle: { quantity: 'MARATOS from four points of the circle: runs of unit steps alone', '≥': 4 },
        maratos: { quantity: 'MARATOS: unit steps among the last three', '≥': 3, check: true },
        last: { quantity: 'problems that end with a unit step', '≥': 14, check: true },
      },
      sizes: { quick: local, full: local },
    },
    superlinear: {
      experiment: 'local',
      ingredient: 'systems solved the more accurately the nearer the solution is',
      measures: { ratio: { quantity: 'median factor of the last step', '≤': 0.01 } },
      sizes: { quick: local, full: local },
    },
    cost: {
      experiment: 'cost',
      ingredient: 'projections on rows, which are sparse',
      measures: {
        operations: {
          quantity: 'least over sizes: operations over those of the cheapest other solver; infinite off the residual',
          '<': 1,
        },
        bytes: {
          quantity: 'least over sizes: bytes over those of the leanest other solver; infinite off the residual',
          '<': 1,
        },
      },
      sizes: {
        quick: { ...cost, N: [4, 8, 16], rows: 2_000_000 },
        full: { ...cost, N: [16, 64, 128], rows: 50_000_000 },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
