import type { Locked } from '../verdicts/locked.ts';

const codes = { atoms: 20, share: 0.2 } as const;
const single = { quick: { ...codes, steps: 3000 }, full: { ...codes, steps: 10000 } } as const;
/** Mini-batches, and the samples that batch methods store. */
const batches = { ...codes, batch: 20, steps: 3000, stored: 5000 } as const;
const others = { ...batches, trialSteps: 300, procrustesSweeps: 200 } as const;
const turning = { angle: 0.1, every: 100, settled: 500, floor: 0.05 } as const;
const windows = { length: 32, windows: 3000, batch: 10, sweeps: 30, kept: 6 } as const;

export const locked = {
  claims: {
    recovery: {
      experiment: 'recovery',
      ingredient: 'every sample, in an average of the gradients',
      measures: {
        early: { quantity: 'error after 3000 samples', over: 'median', '≤': 0.006 },
        late: { quantity: 'error after 10,000 samples', over: 'median', '≤': { full: 0.0025 } },
      },
      draws: { quick: [8, 16], full: [8, 16] },
      sizes: {
        quick: { ...single.quick, early: 3000, late: 10000 },
        full: { ...single.full, early: 3000, late: 10000 },
      },
    },
    'beats-stored': {
      experiment: 'stored',
      ingredient: 'the third power of the codes',
      measures: {
        error: { quantity: 'error after 3000 mini-batches', over: 'mean', '≤': 0.0005 },
        overStored: { quantity: 'error over that of MSP on 5000 samples', over: 'geometric mean', '≤': 0.5 },
        overFourth: { quantity: 'error over that with the fourth power', over: 'geometric mean', '≤': 0.5 },
      },
      draws: { quick: [4, 8, 16], full: [5, 10, 20] },
      sizes: { quick: batches, full: batches },
    },
    'beats-others': {
      experiment: 'stored',
      ingredient: 'the third power of the codes',
      measures: {
        overProcrustes: {
          quantity: 'error over that of hard thresholds and Procrustes on 5000 samples',
          over: 'geometric mean',
          '≤': 1,
        },
        overLasso: {
          quantity: 'error over that of the online lasso on the same stream',
          over: 'geometric mean',
          '≤': 1,
        },
      },
      draws: { quick: [4, 8, 16], full: [5, 10] },
      sizes: { quick: others, full: others },
      grids: ['lasso'],
    },
    'gap-rate': {
      experiment: 'recovery',
      ingredient: 'the average of the gradients',
      measures: { slope: { quantity: 'log–log slope of the gap', over: 'mean', '≤': -0.3 } },
      draws: { quick: [8, 16, 32], full: [8, 16] },
      sizes: {
        quick: { ...single.quick, gapFrom: 50, gapTo: 3000 },
        full: { ...single.full, gapFrom: 50, gapTo: 5000 },
      },
    },
    drift: {
      experiment: 'drift',
      ingredient: 'the floors',
      measures: {
        worst: { quantity: 'largest error with a floor, from step 500 on', over: 'mean', '≤': 0.015 },
        gain: {
          quantity: 'error of the last 500 steps without a floor over that with one',
          over: 'geometric mean',
          '≥': 2.5,
        },
      },
      draws: { quick: [4, 8, 16], full: [5, 10] },
      sizes: {
        quick: { ...codes, batch: 20, steps: 3000, ...turning },
        full: { ...codes, batch: 20, steps: 6000, ...turning },
      },
    },
    'within-the-ball': {
      experiment: 'recovery',
      ingredient: 'steps towards polar factors',
      measures: {
        norm: { quantity: '‖D‖₂ − 1, largest', '≤': 1e-12, check: true },
        fall: { quantity: '‖DᵀD − I‖ over that a decade before, largest', '<': 1 },
      },
      sizes: {
        quick: { ...single.quick, decades: [100, 1000] },
        full: { ...single.full, decades: [100, 1000, 10000] },
      },
    },
    sensors: {
      experiment: 'sensors',
      ingredient: 'the average of the gradients',
      measures: {
        batch: {
          quantity: 'signal to noise beside MSP',
          over: 'median',
          '≥': { of: 'that of MSP', plus: -1 },
        },
        cosines: {
          quantity: 'signal to noise beside cosines',
          over: 'median',
          '≥': { of: 'that of cosines', plus: 1 },
          check: true,
        },
      },
      draws: { quick: [8, 16], full: [8, 16, 32] },
      sizes: { quick: windows, full: windows },
    },
  },
  grids: { lasso: { alpha: [0.05, 0.1, 0.2, 0.4, 0.8] } },
} as const satisfies Locked;
