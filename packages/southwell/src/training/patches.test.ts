import * as ad from '@southwell/autodiff';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { adamW } from '../optimisers/index.ts';
import {
  checkEquivariance,
  type Examples,
  type PatchArchitecture,
  patchNet,
  patchSymmetry,
  type TrainEquivariantOptions,
  trainEquivariant,
} from './index.ts';

const archs: readonly PatchArchitecture[] = ['cnn', 'lcn', 'fcn'];
const normals = (count: number, seed: number) => {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, () => random.normal());
};

/** A pattern of length 1, with its sign, in one patch of k. */
function examples(count: number, k: number, d: number, sigma: number, seed: number): Examples {
  const random = new Random(seed);
  const pattern = Float64Array.from({ length: d }, (_, j) => Math.sin(j + 1));
  const length = Math.hypot(...pattern);
  const [values, targets] = [new Float64Array(count * k * d), new Float64Array(count)];
  for (let n = 0; n < count; n++) {
    targets[n] = random.uniform() < 0.5 ? -1 : 1;
    const t = random.integer(k);
    for (let j = 0; j < k * d; j++) values[n * k * d + j] = sigma * random.normal();
    for (let j = 0; j < d; j++) values[(n * k + t) * d + j] += (targets[n] * pattern[j]) / length;
  }
  return { count, inputs: { values, shape: [k, d] }, targets: { values: targets, shape: [] } };
}
const inputsOf = ({ inputs }: Examples) => inputs.values as Float64Array;
const targetsOf = ({ targets }: Examples) => targets.values as Float64Array;

describe('nets', () => {
  test('outputs and gradients are those of autodiff and of differences', () => {
    const [k, d, n] = [3, 4, 5];
    const data = examples(n, k, d, 0.5, 1);
    for (const arch of archs) {
      const net = patchNet({ arch, patches: k, patchDim: d, threshold: 0.3 });
      const w = normals(net.rows * net.width, 2);
      const gradient = new Float64Array(w.length);
      const risk = net.gradient(w, inputsOf(data), targetsOf(data), gradient);
      // The same as ReLUs of tensors: ReLU(z − b) − ReLU(−z − b), of each unit by itself.
      const x = inputsOf(data);
      const value = (W: ad.Tensor): ad.Tensor => {
        const part = (from: number, width: number) =>
          ad.tensor(
            Array.from({ length: n }, (_, i) => [...x.subarray(i * k * d + from, i * k * d + from + width)]),
            { dtype: 'f64' },
          );
        let f = ad.full([n, 1], 0, 'f64');
        for (let i = 0; i < net.units; i++) {
          const row = arch === 'cnn' ? 0 : i;
          const unit = ad.transpose(ad.slice(W, [row, row + 1]));
          const z = ad.matmul(arch === 'fcn' ? part(0, k * d) : part(i * d, d), unit);
          const up = ad.relu(ad.sub(z, 0.3));
          const down = ad.relu(ad.sub(ad.neg(z), 0.3));
          f = ad.add(f, ad.sub(up, down));
        }
        const y = ad.tensor(
          Array.from(targetsOf(data), (v) => [v]),
          { dtype: 'f64' },
        );
        return ad.mean(ad.square(ad.sub(f, y)));
      };
      const rows = Array.from({ length: net.rows }, (_, r) => [...w.subarray(r * net.width, (r + 1) * net.width)]);
      const [loss, slope] = ad.valueAndGrad(value)(ad.tensor(rows, { dtype: 'f64' }));
      expect(risk).toBeCloseTo(loss.item(), 12);
      const slopes = slope.data();
      for (let j = 0; j < w.length; j++) expect(gradient[j]).toBeCloseTo(Number(slopes[j]), 12);
      // And by differences.
      for (let j = 0; j < w.length; j += 3) {
        const moved = (by: number) => {
          const at = w.slice();
          at[j] += by;
          return net.score(at, inputsOf(data), targetsOf(data)).risk;
        };
        expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(gradient[j], 7);
      }
    }
  });

  test('a gradient of tied weights is the sum of those of locally connected rows, and batches are means of single examples', () => {
    const [k, d] = [4, 3];
    const data = examples(6, k, d, 0.5, 3);
    const [cnn, lcn] = (['cnn', 'lcn'] as const).map((arch) =>
      patchNet({ arch, patches: k, patchDim: d, threshold: 0.2 }),
    );
    const w = normals(d, 4);
    const tied = Float64Array.from({ length: k * d }, (_, j) => w[j % d]);
    const [one, each] = [new Float64Array(d), new Float64Array(k * d)];
    cnn.gradient(w, inputsOf(data), targetsOf(data), one);
    lcn.gradient(tied, inputsOf(data), targetsOf(data), each);
    for (let j = 0; j < d; j++) {
      const sum = Array.from({ length: k }, (_, i) => each[i * d + j]).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(one[j], 13);
    }
    const total = new Float64Array(d);
    for (let i = 0; i < 6; i++) {
      const single = new Float64Array(d);
      cnn.gradient(w, inputsOf(data), targetsOf(data), single, Int32Array.of(i));
      for (let j = 0; j < d; j++) total[j] += single[j] / 6;
    }
    for (let j = 0; j < d; j++) expect(total[j]).toBeCloseTo(one[j], 13);
  });

  test('a convolutional net is a locally connected one of equal rows, and that a fully connected one of zeros elsewhere', () => {
    const [k, d] = [5, 3];
    const x = inputsOf(examples(40, k, d, 0.6, 5));
    const [cnn, lcn, fcn] = archs.map((arch) => patchNet({ arch, patches: k, patchDim: d, threshold: 0.25 }));
    const w = normals(d, 6);
    const own = Float64Array.from({ length: k * d }, (_, j) => w[j % d]);
    const wide = new Float64Array(k * k * d);
    for (let i = 0; i < k; i++) wide.set(w, i * k * d + i * d);
    const f = cnn.predict(w, x);
    expect(f.some((v) => v !== 0)).toBe(true);
    expect(lcn.predict(own, x)).toEqual(f);
    expect(fcn.predict(wide, x)).toEqual(f);
  });

  test('with the pattern as filter the error is what densities of its parts say', () => {
    const [k, d, sigma, b] = [8, 20, 0.25, 0.4];
    const net = patchNet({ arch: 'cnn', patches: k, patchDim: d, threshold: b });
    const data = examples(40_000, k, d, sigma, 7);
    const pattern = Float64Array.from({ length: d }, (_, j) => Math.sin(j + 1));
    const length = Math.hypot(...pattern);
    const { error } = net.score(
      pattern.map((v) => v / length),
      inputsOf(data),
      targetsOf(data),
    );
    // The sum of soft thresholds of one N(1, σ²) and k − 1 N(0, σ²), on a grid of numbers from −6 to 6.
    const h = 1 / 200;
    const size = 2401;
    const soft = (centre: number): Float64Array => {
      const mass = new Float64Array(size);
      for (let z = -3; z < 4; z += h / 8) {
        const shrunk = Math.sign(z) * Math.max(0, Math.abs(z) - b);
        mass[Math.round(shrunk / h) + 1200] +=
          (h / 8 / sigma / Math.sqrt(2 * Math.PI)) * Math.exp(-((z - centre) ** 2) / (2 * sigma ** 2));
      }
      return mass;
    };
    let sum = soft(1);
    const noise = soft(0);
    for (let i = 1; i < k; i++) {
      const next = new Float64Array(size);
      for (let p = 0; p < size; p++) {
        if (sum[p] < 1e-12) continue;
        for (let q = 0; q < size; q++) {
          if (noise[q] > 1e-12 && p + q - 1200 >= 0 && p + q - 1200 < size) next[p + q - 1200] += sum[p] * noise[q];
        }
      }
      sum = next;
    }
    const wrong = sum.slice(0, 1201).reduce((a, c) => a + c, 0);
    expect(wrong).toBeCloseTo(0.016, 3);
    expect(Math.abs(error - wrong)).toBeLessThan(4 * Math.sqrt((wrong * (1 - wrong)) / 40_000));
  });
});

describe('training', () => {
  test.each(archs)('of %s turns along with its inputs by gradient descent, and not by Adam', (arch) => {
    const [k, d] = [3, 5];
    const net = patchNet({ arch, patches: k, patchDim: d });
    const data = {
      train: examples(40, k, d, 0.25, 1),
      validation: examples(300, k, d, 0.25, 2),
      probe: examples(50, k, d, 0.25, 3),
    };
    const trainer =
      (options: TrainEquivariantOptions): Parameters<typeof checkEquivariance>[0] =>
      ({ train, validation }, drawn) => {
        const { weights } = trainEquivariant(net, train, {
          ...options,
          ...(validation && { validation }),
          normals: drawn,
        });
        return (inputs) => net.predict(weights, inputs);
      };
    const plain = checkEquivariance(trainer({}), patchSymmetry(net, 4), data);
    expect(plain.difference).toBeLessThan(1e-8);
    expect(plain.equivariant).toBe(true);
    expect(plain.scale).toBeGreaterThan(0.5);
    const byAdam = checkEquivariance(
      trainer({ optimiser: adamW({ rate: 0.01, weightDecay: 0 }) }),
      patchSymmetry(net, 4),
      data,
    );
    expect(byAdam.equivariant).toBe(false);
  });

  test('noise that does not turn along is noticed', () => {
    const net = patchNet({ arch: 'fcn', patches: 3, patchDim: 5 });
    const { equivariant, difference } = checkEquivariance(
      ({ train }) => {
        const own = trainEquivariant(net, train, { normals: (rows, width) => normals(rows * width, 5) });
        return (inputs) => net.predict(own.weights, inputs);
      },
      patchSymmetry(net, 4),
      { train: examples(40, 3, 5, 0.25, 1) },
    );
    expect(equivariant).toBe(false);
    expect(difference).toBeGreaterThan(1e-3);
  });

  test('symmetries keep lengths, and leave the function as it was', () => {
    for (const arch of archs) {
      const net = patchNet({ arch, patches: 3, patchDim: 4 });
      const x = inputsOf(examples(20, 3, 4, 0.5, 1));
      const w = normals(net.rows * net.width, 2);
      const { inputs, weights } = patchSymmetry(net, 3);
      const turned = inputs(x);
      for (let i = 0; i < 20; i++) {
        expect(Math.hypot(...turned.subarray(12 * i, 12 * i + 12))).toBeCloseTo(
          Math.hypot(...x.subarray(12 * i, 12 * i + 12)),
          12,
        );
      }
      expect(Math.abs(turned[0] - x[0])).toBeGreaterThan(1e-3);
      const [f, g] = [net.predict(w, x), net.predict(weights(w), turned)];
      expect(Math.max(...f.map((v, i) => Math.abs(v - g[i])))).toBeLessThan(1e-12);
    }
  });

  test('chooses the point with the fewest wrong signs on validation examples, the last one without any', () => {
    const net = patchNet({ arch: 'lcn', patches: 4, patchDim: 5 });
    const [data, validation] = [examples(60, 4, 5, 0.25, 1), examples(500, 4, 5, 0.25, 2)];
    const chosen = trainEquivariant(net, data, { validation, steps: 105 });
    expect(chosen.history.step).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 105]);
    expect(chosen.error).toBe(Math.min(...chosen.history.error));
    expect(net.score(chosen.weights, inputsOf(validation), targetsOf(validation))).toEqual({
      risk: chosen.risk,
      error: chosen.error,
    });
    const last = trainEquivariant(net, data, { steps: 105 });
    expect([last.step, last.risk]).toEqual([105, last.history.risk[11]]);
    expect(last.history.risk[11]).toBeLessThan(0.5 * last.history.risk[0]);
    expect(trainEquivariant(net, data, { steps: 105 }).weights).toEqual(last.weights);
    expect(trainEquivariant(net, data, { steps: 20, batchSize: 7 }).weights).not.toEqual(
      trainEquivariant(net, data, { steps: 20 }).weights,
    );
  });

  test('rows of a fully connected net stay alike without noise', () => {
    const net = patchNet({ arch: 'fcn', patches: 2, patchDim: 3 });
    const data = examples(50, 2, 3, 0.2, 1);
    const cosine = (noise: number) => {
      const { weights: w } = trainEquivariant(net, data, { noise, steps: 0 });
      return w.subarray(0, 6).reduce((sum, v, j) => sum + v * w[6 + j], 0);
    };
    expect(cosine(0)).toBeGreaterThan(0.999);
    expect(cosine(0.3)).toBeLessThan(0.99);
  });

  test('one example, one patch, one number, no noise: all have an answer', () => {
    for (const arch of archs) {
      for (const [count, k, d, sigma] of [
        [1, 1, 1, 0],
        [1, 3, 2, 0],
        [2, 2, 1, 0.3],
        [1, 1, 4, 0.2],
      ]) {
        const result = trainEquivariant(patchNet({ arch, patches: k, patchDim: d }), examples(count, k, d, sigma, 1), {
          steps: 30,
        });
        expect([result.risk, result.error, ...result.weights].every(Number.isFinite)).toBe(true);
      }
    }
    // Without noise one example shows the pattern to a net that shares.
    const net = patchNet({ arch: 'cnn', patches: 6, patchDim: 4 });
    expect(trainEquivariant(net, examples(1, 6, 4, 0, 1), { validation: examples(100, 6, 4, 0, 2) }).error).toBe(0);
    const still = {
      count: 2,
      inputs: { values: new Float64Array(16), shape: [8] },
      targets: { values: Float64Array.of(-1, 1), shape: [] },
    };
    expect(trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 4 }), still, { steps: 5 }).risk).toBe(1);
  });

  test('a rate that is too large ends as diverged, with the best point', () => {
    const result = trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 3 }), examples(20, 2, 3, 0.3, 1), {
      rate: 1e6,
      steps: 400,
    });
    expect(result.diverged).toBe(true);
    expect(result.weights.every(Number.isFinite)).toBe(true);
  });

  test.each<[string, () => unknown]>([
    [
      "patchNet has no option 'patchSize'",
      () => patchNet({ arch: 'cnn', patches: 2, patchDim: 3, patchSize: 1 } as never),
    ],
    [
      'arch must be one of cnn, lcn, fcn, but is mlp',
      () => patchNet({ arch: 'mlp' as never, patches: 2, patchDim: 3 }),
    ],
    ["units is only for arch 'fcn'", () => patchNet({ arch: 'cnn', patches: 2, patchDim: 3, units: 4 })],
    [
      'threshold must be finite and at least 0, but is NaN',
      () => patchNet({ arch: 'cnn', patches: 2, patchDim: 3, threshold: Number.NaN }),
    ],
    [
      'The network needs 1 × 3 weights, but 4 numbers are given',
      () => patchNet({ arch: 'cnn', patches: 2, patchDim: 3 }).predict(new Float64Array(4), new Float64Array(6)),
    ],
    [
      'data has no examples',
      () => trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 3 }), examples(0, 2, 3, 1, 1)),
    ],
    [
      'The network needs inputs of 2 × 4 numbers, but those of data have 6',
      () => trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 4 }), examples(5, 2, 3, 1, 1)),
    ],
    [
      'inputs of data has NaN in example 2',
      () =>
        trainEquivariant(patchNet({ arch: 'cnn', patches: 1, patchDim: 1 }), {
          count: 2,
          inputs: { values: Float64Array.of(1, Number.NaN), shape: [1] },
          targets: { values: Float64Array.of(1, 1), shape: [] },
        }),
    ],
    [
      "trainEquivariant has no option 'rates'",
      () =>
        trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 3 }), examples(5, 2, 3, 1, 1), {
          rates: 1,
        } as never),
    ],
    [
      'batchSize must be a whole number from 1 to 5',
      () =>
        trainEquivariant(patchNet({ arch: 'cnn', patches: 2, patchDim: 3 }), examples(5, 2, 3, 1, 1), { batchSize: 6 }),
    ],
    [
      "checkEquivariance has no option 'tol'",
      () =>
        checkEquivariance(
          () => (x) => x,
          patchSymmetry({ arch: 'cnn', patches: 2, patchDim: 3 }),
          { train: examples(5, 2, 3, 1, 1) },
          { tol: 1 } as never,
        ),
    ],
    [
      'Prediction 1 is NaN',
      () =>
        checkEquivariance(() => () => [Number.NaN], patchSymmetry({ arch: 'cnn', patches: 2, patchDim: 3 }), {
          train: examples(5, 2, 3, 1, 1),
        }),
    ],
  ])('refuses: %s', (message, call) => {
    expect(call).toThrow(SouthwellError);
    expect(call).toThrow(message);
  });
});
