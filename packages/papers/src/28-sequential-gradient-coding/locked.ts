import type { Locked } from '../verdicts/locked.ts';

/**
 * Seconds of a normal round are 1·exp(0.05·normal); workers get slow with `pSlow` and normal again with `pRecover`, and slow ones take
 * `slowFrom` to `slowTo` times as long. The load of a code takes `loadSlope` seconds for all data. Jobs may be at most `maxDelay` rounds late.
 */
const chain = { pSlow: 0.02, pRecover: 0.9, slowFrom: 2.5, slowTo: 5, maxDelay: 5 } as const;
const small = { ...chain, n: 32, jobs: 60 } as const;
const large = { ...chain, n: 64, jobs: 150 } as const;

/** Few workers are slow, for long when they are, all data take as long as the fixed part of all workers, and jobs may be one round late. */
const rare = { pRecover: 0.9, slowFrom: 6, slowTo: 12, maxDelay: 1 } as const;

/** Slots wait `base` seconds a round, and those that are slow ten times as long; the load of a code takes `loadSlope` seconds for all rows. */
const slots = { n: 16, slow: 2, factor: 10, loadSlope: 0.16, ranks: 4, models: 4, block: 4, every: 3 } as const;

export const locked = {
  claims: {
    loads: {
      experiment: 'loads',
      ingredient: 'a code over part of the data',
      measures: {
        error: { quantity: 'largest error of the four published normalised loads', '≤': 1e-12 },
        assigned: {
          quantity: 'largest error of the data that workers are assigned in a round, over the four codes',
          '≤': 1e-12,
        },
        ratio: {
          quantity: 'largest load of M-SGC over that of the gradient code that tolerates as many',
          '<': 1,
          check: true,
        },
      },
      sizes: {
        quick: { n: 256, tolerances: [1, 3, 8, 27, 64], windows: [2, 3, 4, 6], bursts: [1, 2, 3] },
        full: { n: 256, tolerances: [1, 3, 8, 27, 64, 128], windows: [2, 3, 4, 6, 12], bursts: [1, 2, 3, 4, 5] },
      },
    },
    'run-time': {
      experiment: 'run-time',
      ingredient: 'a code over what was missed',
      measures: {
        mean: {
          quantity: 'mean saving over the best gradient code on the paths that choose, %',
          '≥': { quick: 5, full: 12 },
        },
        each: { quantity: '{each path}: saving, %', '≥': { full: 8 } },
        fresh: { quantity: '{each fresh path}: saving, %', '≥': { full: 8 } },
        selective: {
          quantity: 'SR-SGC over the best gradient code, largest of the paths',
          '≤': { full: 1 },
          check: true,
        },
      },
      sizes: { quick: { ...small, loadSlope: 8, paths: 2 }, full: { ...large, loadSlope: 8, paths: 5 } },
      grids: ['gc', 'strict', 'sr-sgc', 'm-sgc'],
    },
    'fresh-rounds': {
      experiment: 'run-time',
      ingredient: 'rounds that did not choose the code',
      measures: {
        optimism: {
          quantity:
            'seconds on fresh paths of the codes that were chosen on others, over those of the best ones there, mean of the rules, less 1, %',
          '>': 0,
        },
      },
      sizes: { quick: { ...small, loadSlope: 8, paths: 2 }, full: { ...large, loadSlope: 8, paths: 5 } },
      grids: ['gc', 'strict', 'sr-sgc', 'm-sgc'],
    },
    slope: {
      experiment: 'slope',
      ingredient: 'a code over what was missed',
      measures: {
        steep: {
          quantity: 'saving over the best gradient code where the load costs most, mean of fresh paths, %',
          '≥': { quick: 8, full: 15 },
        },
        rise: {
          quantity: 'that less the saving where it costs least but something, points',
          '≥': { quick: 3, full: 8 },
          check: true,
        },
        free: { quantity: 'saving where the load costs nothing, %', '<': 0, check: true },
      },
      sizes: {
        quick: { ...small, slopes: [0, 2, 8, 16], chances: [0.005, 0.02], paths: 4 },
        full: { ...large, slopes: [0, 1, 2, 4, 8, 16], chances: [0.005, 0.01, 0.02, 0.05], paths: 3 },
      },
      grids: ['gc', 'm-sgc'],
    },
    deadline: {
      experiment: 'deadline',
      ingredient: 'a code over what was missed',
      measures: {
        again: { quantity: 'mean saving over sending missed chunks again on fresh paths, %', '≥': 8, check: true },
        code: { quantity: 'mean saving over the best gradient code on fresh paths, %', '≥': 8 },
      },
      sizes: {
        quick: { ...rare, n: 16, pSlow: 0.01, loadSlope: 16, jobs: 100, paths: 8 },
        full: { ...rare, n: 64, pSlow: 0.0025, loadSlope: 64, jobs: 150, paths: 10 },
      },
      grids: ['gc', 'sr-sgc', 'm-sgc'],
    },
    measured: {
      experiment: 'measured',
      ingredient: 'a code over what was missed',
      measures: {
        saving: { quantity: '{each series}: saving over the best gradient code on later rounds, %', '>': 0 },
        repeated: {
          quantity: '{each series}: the same with those rounds repeated to 80 jobs, %',
          '>': 0,
          check: true,
        },
        strict: { quantity: 'mean saving over the gradient code of the authors, %', '>': 0, check: true },
        most: { quantity: 'largest saving of a series, %, of which the abstract has 16', '≥': 16, check: true },
      },
      sizes: {
        quick: { least: 20, maxDelay: 3, long: 80, slopes: [1, 4, 16, 64] },
        full: { least: 20, maxDelay: 3, long: 80, slopes: [0.5, 1, 2, 4, 8, 16, 32, 64] },
      },
      grids: ['gc', 'strict', 'sr-sgc', 'm-sgc'],
    },
    'exact-training': {
      experiment: 'training',
      ingredient: 'a code over chunks that may be missed',
      measures: {
        difference: {
          quantity: 'largest relative difference of parameters under {each code} from those without a code',
          '≤': 1e-8,
        },
      },
      sizes: {
        quick: { n: 8, models: 2, jobs: 8, rows: 800, block: 4, patterns: 3 },
        full: { n: 16, models: 4, jobs: 24, rows: 10_000, block: 2, patterns: 6 },
      },
    },
    seconds: {
      experiment: 'seconds',
      ingredient: 'a code over chunks that may be missed',
      measures: {
        saved: {
          quantity: '{each code}: seconds saved over waiting for all, as a share of what the simulation says',
          '≥': 0.8,
        },
        difference: {
          quantity: 'largest relative difference of parameters from those without a code',
          '≤': 1e-8,
          check: true,
        },
      },
      sizes: {
        quick: { ...slots, base: 0.12, jobs: 6, rows: 2000 },
        full: { ...slots, base: 0.12, jobs: 24, rows: 10_000 },
      },
    },
  },
  // All from the first to the last of s and λ. The gradient code has s = 0, which is no code, too; SR-SGC has W of B + 1 and 2B + 1.
  grids: {
    gc: { s: [0, 32] },
    strict: { s: [1, 33] },
    'sr-sgc': { B: [1, 2, 3], lambda: [1, 24] },
    'm-sgc': { B: [1, 2, 3], W: [2, 3, 4], lambda: [1, 32] },
  },
} as const satisfies Locked;
