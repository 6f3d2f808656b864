import { readFileSync } from 'node:fs';
import { Arena } from '@southwell/kernels';
import { describe, expect, test } from 'vitest';
import {
  adagrad,
  adamW,
  clipNorm,
  cosineDecay,
  equalAverage,
  exponentialAverage,
  exponentialDecay,
  linearDecay,
  muon,
  type Numbers,
  oneCycle,
  type ParameterRange,
  rangesOf,
  type Schedule,
  sgd,
  stepDecay,
  type TrainingOptimiser,
  warmupStableDecay,
} from '../index.ts';

// torch/values.py has the same optimisers and schedules, and wrote values.json.

interface Stored {
  readonly torch: string;
  readonly optimisers: Readonly<Record<string, number[][]>>;
  readonly schedules: Readonly<Record<string, number[]>>;
  readonly averages: Readonly<Record<string, number[]>>;
  readonly clipped: { readonly norm: number; readonly gradient: number[] };
}
const stored: Stored = JSON.parse(readFileSync(new URL('./torch/values.json', import.meta.url), 'utf8'));

const wave = (n: number, seed = 1): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i + seed) + 0.3 * Math.sin(0.7 * i * i + seed));

function slope(x: Numbers, g: Numbers): void {
  for (let i = 0; i < x.length; i++) g[i] = (1 + 0.1 * i) * x[i] + Math.sin(3 * x[i] + i);
}

const N = 23;
const matrices = rangesOf([[3, 5], [6, 4], [2, 2, 3], [7], [8, 8]]);

const optimisers: Record<string, { make: TrainingOptimiser; ranges?: ParameterRange[]; n?: number }> = {
  sgd: { make: sgd({ rate: 0.05 }) },
  momentum: { make: sgd({ rate: 0.02, momentum: 0.9, weightDecay: 0.1 }) },
  nesterov: { make: sgd({ rate: 0.02, momentum: 0.8, nesterov: true }) },
  adam: { make: adamW({ rate: 0.03, weightDecay: 0 }) },
  'adam with a penalty': {
    make: adamW({ rate: 0.03, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2, coupled: true }),
  },
  amsgrad: { make: adamW({ rate: 0.05, beta1: 0.9, beta2: 0.9, amsgrad: true, weightDecay: 0 }) },
  adamW: { make: adamW({ rate: 0.03, weightDecay: 0.3 }) },
  'adamW in groups': {
    make: adamW({ rate: 0.03, weightDecay: 0.1 }),
    ranges: [
      { from: 11, to: 14, weightDecay: 0 },
      { from: 0, to: 5, rateFactor: 2 },
      { from: 5, to: 11, frozen: true },
    ],
  },
  'adamW on a schedule': { make: adamW({ rate: cosineDecay({ rate: 0.05, steps: 50, least: 0.001 }) }) },
  adagrad: { make: adagrad({ rate: 0.3, weightDecay: 0.05, start: 0.2 }) },
  muon: { make: muon({ rate: 0.02, weightDecay: 0.1 }), ranges: matrices, n: 122 },
};

/** Every twentieth point of a run. */
function points(name: string, parameters: Numbers, gradient: Numbers): number[][] {
  const { make, ranges } = optimisers[name];
  parameters.set(wave(parameters.length));
  const state = make.init(parameters, ranges);
  const found: number[][] = [];
  const lines = stored.optimisers[name].length;
  for (let step = 0; step < 20 * lines; step++) {
    slope(parameters, gradient);
    make.step(state, parameters, gradient);
    if (step % 20 === 19) found.push(Array.from(parameters));
  }
  return found;
}

function near(found: ArrayLike<number>, expected: readonly number[], bar: number, what: string): void {
  expect(found.length, what).toBe(expected.length);
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= bar * Math.max(1, Math.abs(v))));
  expect(wrong < 0 ? '' : `${what}: ${found[wrong]} at ${wrong}, PyTorch has ${expected[wrong]}`).toBe('');
}

describe(`points are those of PyTorch ${stored.torch}`, () => {
  test('the same optimisers on both sides', () => {
    expect(Object.keys(stored.optimisers)).toEqual(Object.keys(optimisers));
  });
  test.each(Object.keys(optimisers))('%s', (name) => {
    const n = optimisers[name].n ?? N;
    const found = points(name, new Float64Array(n), new Float64Array(n));
    // Rates after the end of a schedule: PyTorch's cosine would rise again.
    const lines = name === 'adamW on a schedule' ? 2 : 3;
    for (let k = 0; k < lines; k++) near(found[k], stored.optimisers[name][k], 1e-12, `point ${k}`);
    const single = points(name, new Float32Array(n), new Float32Array(n));
    for (let k = 0; k < lines; k++) near(single[k], stored.optimisers[name][k], 1e-4, `point ${k} in f32`);
  });
  test.each(Object.keys(optimisers))('%s has the same bits in kernel memory, of any engine', (name) => {
    const n = optimisers[name].n ?? N;
    for (const kind of ['f64Block', 'f32Block'] as const) {
      const outside = kind === 'f64Block' ? () => new Float64Array(n) : () => new Float32Array(n);
      const expected = points(name, outside(), outside());
      for (const engine of ['wasm-shared', 'wasm', 'typescript'] as const) {
        // Products of the twin have bits of their own.
        if (name === 'muon' && engine === 'typescript') continue;
        const arena = new Arena({ engine });
        // Room for the state, so that views stay.
        arena.free(arena.alloc(2 ** 20));
        const [p, g] = [arena[kind](n), arena[kind](n)];
        expect(points(name, p.view, g.view)).toEqual(expected);
        expect(points(name, p.view, outside())).toEqual(expected);
        expect(points(name, outside(), g.view)).toEqual(expected);
      }
    }
  });
});

const schedules: Record<string, Schedule> = {
  step: stepDecay({ rate: 0.5, every: 7, factor: 0.3 }),
  exponential: exponentialDecay({ rate: 0.5, factor: 0.9 }),
  cosine: cosineDecay({ rate: 0.5, steps: 29, least: 0.01 }),
  'cosine with a warm-up': cosineDecay({ rate: 0.5, steps: 29, warmup: 4, least: 0.02 }),
  'linear with a warm-up': linearDecay({ rate: 0.5, steps: 25, warmup: 5, least: 0.05 }),
  'one cycle': oneCycle({ rate: 0.5, steps: 31 }),
  'one cycle in lines': oneCycle({ rate: 0.5, steps: 30, rising: 0.25, rise: 10, fall: 100, shape: 'linear' }),
  'up, along and down': warmupStableDecay({ rate: 0.5, warmup: 4, stable: 10, decay: 10 }),
};

describe('rates are those of PyTorch’s schedules', () => {
  test('the same on both sides', () => expect(Object.keys(stored.schedules)).toEqual(Object.keys(schedules)));
  test.each(Object.entries(schedules))('%s', (name, schedule) => {
    near(
      stored.schedules[name].map((_, t) => schedule(t)),
      stored.schedules[name],
      1e-13,
      name,
    );
    // A function of the step alone, in any order, which stays where it ends.
    expect(schedule(3)).toBe(schedule(3));
    expect(schedule(1000)).toBeLessThanOrEqual(schedule(29) + 1e-15);
  });
});

test('averages are those of PyTorch', () => {
  for (const [name, average] of [
    ['equal', equalAverage()],
    ['exponential', exponentialAverage({ decay: 0.7 })],
  ] as const) {
    for (let k = 0; k < 9; k++) average.take(wave(6, k));
    near(average.values, stored.averages[name], 1e-14, name);
  }
});

test('gradients clipped by norm are those of PyTorch, whose bar has 1e-6 beside the norm', () => {
  const gradient = new Float64Array(N);
  slope(wave(N), gradient);
  const norm = clipNorm(gradient, 2);
  expect(norm).toBeCloseTo(stored.clipped.norm, 12);
  near(gradient, stored.clipped.gradient, 1e-6, 'gradient');
});
