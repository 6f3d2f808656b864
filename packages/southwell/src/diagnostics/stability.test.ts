import * as ad from '@southwell/autodiff';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { eigenSymmetric } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { criticalLearningRate, effectiveNorm, pathNorm, sharpnessMonitor, stabilityAnalysis } from './index.ts';

const sentence = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
};
const normal = (n: number, p: number, seed: number): DenseMatrix => {
  const random = new Random(seed);
  return DenseMatrix.fromColumnMajor(
    Float64Array.from({ length: n * p }, () => random.normal()),
    n,
    p,
  );
};

/** All batches of B of n with their probabilities: with replacement n^B of them. */
function batches(n: number, B: number, replacement: boolean): number[][] {
  if (B === 0) return [[]];
  const rest = batches(n, B - 1, replacement);
  return rest.flatMap((batch) =>
    Array.from({ length: n }, (_, i) => i)
      .filter((i) => replacement || !batch.includes(i))
      .map((i) => [...batch, i]),
  );
}

/** E[(I − ηH_b) ⊗ (I − ηH_b)] over all batches: the map of second moments in the space of parameters, dense. */
function expectedMap(J: DenseMatrix, rate: number, all: readonly (readonly number[])[]): DenseMatrix {
  const p = J.cols;
  const T = DenseMatrix.create(p * p, p * p);
  for (const batch of all) {
    const step = Array.from({ length: p }, (_, a) =>
      Array.from({ length: p }, (__, b) =>
        batch.reduce((s, i) => s - (rate * J.get(i, a) * J.get(i, b)) / batch.length, Number(a === b)),
      ),
    );
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++)
        for (let c = 0; c < p; c++)
          for (let d = 0; d < p; d++) {
            const [row, col] = [a * p + b, c * p + d];
            T.set(row, col, T.get(row, col) + (step[a][c] * step[b][d]) / all.length);
          }
  }
  return T;
}

describe('the critical rate', () => {
  test.each([
    [1, true],
    [2, true],
    [3, true],
    [1, false],
    [2, false],
    [3, false],
    [4, false],
  ] as const)('for batches of %i, with replacement: %s, is that of all batches there are', (batch, replacement) => {
    for (const [n, p] of [
      [4, 4],
      [4, 3],
    ] as const) {
      const J = normal(n, p, 10 * batch + p);
      const all = batches(n, batch, replacement);
      const radius = (rate: number) => {
        const { values } = eigenSymmetric(expectedMap(J, rate, all), { vectors: false });
        return Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]));
      };
      const rate = criticalLearningRate(J, { batch, replacement });
      expect(radius(rate)).toBeCloseTo(1, 8);
      expect(radius(1.01 * rate)).toBeGreaterThan(1 + 1e-4);
      for (const f of [0.5, 1.3]) {
        const { spectralRadius, stable } = stabilityAnalysis(J, { batch, replacement, rate: f * rate });
        expect(spectralRadius).toBeCloseTo(radius(f * rate), 8);
        expect(stable).toBe(f < 1);
      }
    }
  });

  test('of full gradients is 2/λ_max; of one example 2/‖g‖²; of orthogonal rows of one length 2/tr H', () => {
    const J = normal(7, 9, 3);
    const { lambdaMax, bounds, criticalRate } = stabilityAnalysis(J, { batch: Number.POSITIVE_INFINITY });
    expect(criticalRate * lambdaMax).toBeCloseTo(2, 8);
    expect(bounds.descent).toBeCloseTo(criticalRate, 8);
    expect(bounds.trace).toBe(Number.POSITIVE_INFINITY);
    expect(criticalLearningRate(J, { batch: 7, replacement: false })).toBeCloseTo(criticalRate, 8);

    const one = DenseMatrix.fromRows([[3, 4]]);
    expect(criticalLearningRate(one)).toBeCloseTo(2 / 25, 12);
    const orthogonal = DenseMatrix.fromRows([
      [3, 0, 4, 0],
      [0, 5, 0, 0],
      [-4, 0, 3, 0],
    ]);
    const { trace, criticalRate: rate } = stabilityAnalysis(orthogonal);
    expect(trace).toBeCloseTo(25, 12);
    expect(rate).toBeCloseTo(2 / 25, 12);
  });

  test('never passes its bounds, and rises with the batch', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const J = normal(3 + (seed % 6), 2 + (seed % 9), seed);
      let last = 0;
      for (const batch of [1, 2, 4, 12, Number.POSITIVE_INFINITY]) {
        const { bounds, criticalRate, trace, fourthMoment } = stabilityAnalysis(J, { batch });
        expect(fourthMoment).toBeGreaterThanOrEqual(trace ** 2 * (1 - 1e-12));
        expect(criticalRate).toBeGreaterThan(last);
        for (const bound of Object.values(bounds)) expect(criticalRate).toBeLessThanOrEqual(bound * (1 + 1e-9));
        expect(bounds.fourthMoment).toBeLessThanOrEqual(bounds.trace * (1 + 1e-12));
        last = criticalRate;
      }
    }
  });

  test('is found by products alone, with equal rows, and whatever the unit of the parameters', () => {
    const J = normal(6, 10, 8);
    const n = 6;
    const product = {
      ...{ n, p: 10 },
      jvp: (v: Float64Array, out: Float64Array) => {
        for (let i = 0; i < n; i++) out[i] = v.reduce((s, u, k) => s + J.get(i, k) * u, 0);
      },
      vjp: (u: Float64Array, out: Float64Array) => {
        for (let k = 0; k < 10; k++) out[k] = u.reduce((s, w, i) => s + J.get(i, k) * w, 0);
      },
    };
    const rate = criticalLearningRate(J, { batch: 2 });
    expect(criticalLearningRate(product, { batch: 2 })).toBeCloseTo(rate, 10);
    const scaled = DenseMatrix.fromColumnMajor(
      J.data.map((v) => 1e-90 * v),
      6,
      10,
    );
    expect(criticalLearningRate(scaled, { batch: 2 }) / rate / 1e180).toBeCloseTo(1, 8);
    // Every example twice is the same set.
    const twice = DenseMatrix.fromRows(
      [...Array(12).keys()].map((i) => [...Array(10).keys()].map((k) => J.get(i % 6, k))),
    );
    expect(criticalLearningRate(twice, { batch: 2 })).toBeCloseTo(rate, 8);
  });

  test('what has none is refused', () => {
    const J = normal(3, 3, 1);
    expect(sentence(() => criticalLearningRate(DenseMatrix.create(3, 2)))).toMatch(
      /INVALID_PARAMETER: The Jacobian is 0/,
    );
    expect(sentence(() => criticalLearningRate(DenseMatrix.create(0, 2)))).toMatch(/INVALID_SHAPE/);
    expect(sentence(() => criticalLearningRate(DenseMatrix.fromRows([[1, Number.NaN]])))).toMatch(
      /NON_FINITE.*column 2/,
    );
    expect(sentence(() => criticalLearningRate(J, { batch: 0 }))).toMatch(/batch/);
    expect(sentence(() => criticalLearningRate(J, { batch: 4, replacement: false }))).toMatch(/batch/);
    expect(sentence(() => criticalLearningRate(J, { tol: 0 }))).toMatch(/tol/);
    expect(sentence(() => stabilityAnalysis(J, { rate: -1 }))).toMatch(/rate must be finite and above 0/);
  });
});

describe('sharpnessMonitor', () => {
  const key = ad.randomKey(5);
  const draw = (k: number, shape: number[]) => ad.randomNormal(ad.foldIn(key, k), shape, 'f64');
  const net = { w: draw(0, [4, 6]), b: draw(1, [6]), a: draw(2, [6]) };
  const outputs = (p: typeof net, x: ad.Tensor) => ad.matmul(ad.linear(x, p.w, p.b, 'tanh'), p.a);
  const inputs = draw(3, [9, 4]);
  const point = ad.leavesOf(net).flatMap((t) => Array.from<number>(t.data()));
  /** By differences, example by example. */
  const jacobian = () => {
    const at = (values: readonly number[]) => {
      const [w, b, a] = [values.slice(0, 24), values.slice(24, 30), values.slice(30)];
      return Array.from({ length: 9 }, (_, i) =>
        a.reduce((s, v, j) => {
          const z = [0, 1, 2, 3].reduce((t, k) => t + inputs.data()[4 * i + k] * w[6 * k + j], b[j]);
          return s + v * Math.tanh(z);
        }, 0),
      );
    };
    const [order] = [Object.keys(net)];
    // Leaves come in the order of the names as written.
    expect(order).toEqual(['w', 'b', 'a']);
    const own = ['w', 'b', 'a'].flatMap((name) => Array.from<number>(net[name as 'w'].data()));
    const columns = own.map((_, k) => {
      const moved = (h: number) => at(own.map((v, j) => (j === k ? v + h : v)));
      const [up, down] = [moved(1e-5), moved(-1e-5)];
      return up.map((v, i) => (v - down[i]) / 2e-5);
    });
    return DenseMatrix.fromColumnMajor(columns.flat(), 9, own.length);
  };

  test.each([1, 4, 9, 64])('sees the trace and the largest eigenvalue of JᵀJ/n, %i examples at a time', (together) => {
    const monitor = sharpnessMonitor(outputs, net, inputs, { rate: 0.3, every: 10, together });
    const { trace, lambdaMax } = stabilityAnalysis(jacobian());
    expect(monitor.look(5, point)).toBe(undefined);
    const look = monitor.look(10, point)!;
    expect(look.trace / trace).toBeCloseTo(1, 7);
    expect(look.lambdaMax / lambdaMax).toBeCloseTo(1, 5);
    expect(look.traceShare).toBeCloseTo(0.15 * look.trace, 12);
    expect(look.lambdaShare).toBeCloseTo(0.15 * look.lambdaMax, 12);
    monitor.look(
      20,
      point.map((v) => 2 * v),
    );
    expect(monitor.history.map(({ step }) => step)).toEqual([10, 20]);
    expect(monitor.history[1].trace).not.toBeCloseTo(look.trace, 2);
    monitor.free();
  });

  test('refuses what it cannot follow', () => {
    expect(sentence(() => sharpnessMonitor((p: typeof net, x) => ad.linear(x, p.w), net, inputs))).toMatch(
      /a number for each example/,
    );
    expect(sentence(() => sharpnessMonitor(outputs, net, inputs, { every: 0 }))).toMatch(/every/);
    expect(sentence(() => sharpnessMonitor(outputs, net, inputs, { rate: Number.NaN }))).toMatch(/rate/);
    expect(sentence(() => sharpnessMonitor(outputs, net, draw(4, [0, 4])))).toMatch(/no examples/);
    const monitor = sharpnessMonitor(outputs, net, inputs, { every: 1 });
    expect(sentence(() => monitor.look(1, [1]))).toMatch(/INVALID_SHAPE/);
    expect(
      sentence(() =>
        monitor.look(
          1,
          point.map(() => Number.NaN),
        ),
      ),
    ).toMatch(/NON_FINITE/);
    monitor.free();
  });
});

test('norms are their formulas, and do not change when units are scaled against each other', () => {
  expect(pathNorm([3, 4, 0, -2], [2, -5])).toBe(2 * 5 + 5 * 2);
  expect(pathNorm([30, 40, 0, -0.2], [0.2, -50])).toBeCloseTo(20, 12);
  expect(effectiveNorm([1, -2, 3], [2, 2, -1])).toBe(2 + 4 + 3);
  expect(sentence(() => pathNorm([1, 2, 3], [1, 2]))).toMatch(/INVALID_SHAPE: 3 weights .* 2 units/);
  expect(sentence(() => pathNorm([], []))).toMatch(/INVALID_SHAPE/);
  expect(sentence(() => effectiveNorm([1], [1, 2]))).toMatch(/INVALID_SHAPE/);
  expect(sentence(() => effectiveNorm([Number.NaN], [1]))).toMatch(/NON_FINITE/);
});
