import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { minimizeBinaryQuadratic } from '../binaryQuadratic.ts';
import { type LossNetwork, pruneIterative, pruneIterativeIterates } from '../index.ts';
import { gradientsOf, hessianOf, productsOf } from './derivatives.ts';
import { quadraticModel } from './quadratic.ts';

const random = new Random(5);
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
const numbers = (...shape: number[]): ad.Tensor =>
  ad.tensor(Float32Array.from(normals(shape.reduce((a, b) => a * b, 1))), { shape });

test('the model of a block is the second-order change of the step, for any choice', () => {
  for (let t = 0; t < 20; t++) {
    const n = 6;
    const half = normals(n * n);
    const H = DenseMatrix.create(n, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) H.set(i, j, half[i * n + j] + half[j * n + i]);
    const [original, gradient] = [normals(n), normals(n)];
    const current = original.map((w) => (random.uniform() < 0.5 ? 0 : w));
    const [alpha, ridge] = [0.7, 0.3];
    const { Q, constant } = quadraticModel({ original, current, gradient, curvature: H }, { alpha, ridge });
    const x = Array.from({ length: n }, () => (random.uniform() < 0.5 ? 1 : 0));
    const step = original.map((w, i) => w * (1 - x[i]) - current[i]);
    let [expected, found] = [0, constant];
    for (let i = 0; i < n; i++) {
      expected += alpha * gradient[i] * step[i] + ridge * step[i] ** 2;
      for (let j = 0; j < n; j++) {
        expected += 0.5 * step[i] * H.get(i, j) * step[j];
        found += x[i] * Q.get(i, j) * x[j];
      }
    }
    expect(found).toBeCloseTo(expected, 9);
  }
});

const layer = nn.sequential([nn.linear({ in: 10, out: 24 }), nn.tanh(), nn.linear({ in: 24, out: 4 })]);
const parameters = nn.init(layer, ad.randomKey(3));
const inputs = numbers(120, 10);
const targets = ad.argmax(nn.apply(layer, parameters, inputs), -1);
const network: LossNetwork = {
  parameters,
  losses: (p, x, y) => ad.crossEntropy(nn.apply(layer, p, x), y),
};
const lossOf = (p: nn.Parameters): number => ad.mean(network.losses(p, inputs, targets)).item();
const options = { density: 0.3, steps: 12, blockSize: 32, batchSize: 60, layers: ['0.weight'], seed: 1 } as const;

test('the number of weights is kept exactly, kept ones have their bits, and the loss falls below that of the first choice', () => {
  const original = parameters['0.weight'].data();
  let first = 0;
  for (const { iteration, snapshot } of pruneIterativeIterates(network, { inputs, targets }, options)) {
    const { masks, parameters: now, density } = snapshot();
    const mask = masks['0.weight'];
    expect(mask.reduce((a, b) => a + b, 0)).toBe(Math.round(0.3 * 240));
    expect(density).toBeCloseTo(0.3, 12);
    now['0.weight'].data().forEach((w, i) => {
      expect(w).toBe(mask[i] === 1 ? original[i] : 0);
    });
    expect(now['2.weight']).toBe(parameters['2.weight']);
    if (iteration === 0) first = lossOf(now);
  }
  const { point, status } = pruneIterative(network, { inputs, targets }, options);
  expect(status).toBe('completed');
  expect(lossOf(point.parameters)).toBeLessThan(first);
});

test('on least squares the exact model tells the change of the loss', () => {
  const W = numbers(1, 12);
  const x = numbers(40, 12);
  const y = ad.add(ad.matmulTransposed(x, W), ad.mul(numbers(40, 1), 0.1));
  const two: LossNetwork = {
    parameters: { weight: numbers(2, 12) },
    losses: (p, a, b) => ad.sum(ad.square(ad.sub(ad.matmulTransposed(a, p.weight), b)), -1),
  };
  const given = { curvature: 'exact', blockSize: 12, batchSize: 40, steps: 6, density: 0.5, tabu: 0 } as const;
  let before: number | undefined;
  for (const { objective, metrics } of pruneIterativeIterates(two, { inputs: x, targets: y }, given)) {
    if (before !== undefined) expect(metrics!.predicted).toBeCloseTo(objective - before, 2);
    before = objective;
  }
});

test('gradients of examples are those of each by itself, and their products the sum of outer products', () => {
  const [x, y] = [ad.slice(inputs, [0, 5]), ad.slice(targets, [0, 5])];
  const block = [3, 17, 100, 239];
  const own = {
    name: '0.weight',
    outputs: 24,
    inputs: 10,
    turned: false,
    use: 'product',
    lookedUp: false,
    products: 1,
    source: 0,
  } as const;
  const pruned = { ...own, original: new Float64Array(240), mask: new Uint8Array(240), tabu: [] };
  const { all, mean } = gradientsOf(network, parameters, pruned, [x, y], block);
  const H = productsOf(all, 'gradients');
  const expected = Array.from({ length: 5 }, (_, k) => {
    const [a, b] = [ad.slice(x, [k, k + 1]), ad.slice(y, [k, k + 1])];
    const slope = ad.grad((w: ad.Tensor) => ad.sum(network.losses({ ...parameters, '0.weight': w }, a, b)));
    const data = slope(parameters['0.weight']).data();
    return block.map((i) => data[i]);
  });
  block.forEach((_, i) => {
    expected.forEach((g, k) => {
      expect(all.get(i, k)).toBeCloseTo(g[i], 5);
    });
    expect(mean[i]).toBeCloseTo(expected.reduce((sum, g) => sum + g[i], 0) / 5, 5);
    block.forEach((__, j) => {
      expect(H.get(i, j)).toBeCloseTo(expected.reduce((sum, g) => sum + g[i] * g[j], 0) / 5, 5);
    });
  });
  // Second derivatives against differences of the gradient.
  const second = hessianOf(network, parameters, pruned, [x, y], block);
  const h = 1e-2;
  const weights = parameters['0.weight'].data();
  const slopeAt = (i: number, by: number): Float64Array => {
    const moved = Float32Array.from(weights);
    moved[i] += by;
    const p = { ...parameters, '0.weight': ad.tensor(moved, { shape: [24, 10] }) };
    return gradientsOf(network, p, pruned, [x, y], block).mean;
  };
  block.forEach((i, a) => {
    const [up, down] = [slopeAt(i, h), slopeAt(i, -h)];
    block.forEach((_, b) => {
      expect(second.get(a, b)).toBeCloseTo((up[b] - down[b]) / (2 * h), 3);
    });
  });
});

test('steps that raise the loss of their batch are not taken if asked for', () => {
  let before = Number.POSITIVE_INFINITY;
  const given = { ...options, accept: 'lower', batchSize: 120, alpha: 1 } as const;
  for (const { objective } of pruneIterativeIterates(network, { inputs, targets }, given)) {
    expect(objective).toBeLessThanOrEqual(before * (1 + 1e-5));
    before = objective;
  }
});

test('a solver of the blocks can be given', () => {
  const asked: number[] = [];
  const { point } = pruneIterative(
    network,
    { inputs, targets },
    {
      ...options,
      solve(Q, k, given) {
        asked.push(k);
        return minimizeBinaryQuadratic(Q, k, { ...given, solver: 'greedy' });
      },
    },
  );
  expect(asked).toHaveLength(12);
  expect(point.masks['0.weight'].reduce((a, b) => a + b, 0)).toBe(72);
});

test('a checkpoint goes on with the same bits', () => {
  const whole = pruneIterative(network, { inputs, targets }, options).point;
  let state: unknown;
  for (const { iteration, checkpoint } of pruneIterativeIterates(network, { inputs, targets }, options))
    if (iteration === 5) state = checkpoint!();
  const rest = pruneIterative(network, { inputs, targets }, { ...options, resume: state as never }).point;
  expect(rest.masks).toEqual(whole.masks);
});

test('none, all, and what is not there', () => {
  for (const density of [0, 1]) {
    const { point } = pruneIterative(network, { inputs, targets }, { ...options, density, steps: 2 });
    expect(point.density).toBe(density);
  }
  expect(() => pruneIterative(network, { inputs, targets }, { layers: ['3.weight'] })).toThrow(
    "'3.weight' is not a matrix",
  );
  expect(() => pruneIterative(network, { inputs, targets: ad.slice(targets, [0, 3]) })).toThrow(
    'as many targets as inputs',
  );
  expect(() => pruneIterative(network, { inputs, targets }, { density: 2 })).toThrow('density must be from 0 to 1');
  const bad = { ...parameters, '0.weight': ad.tensor(new Float32Array(240).fill(Number.NaN), { shape: [24, 10] }) };
  expect(() => pruneIterative({ ...network, parameters: bad }, { inputs, targets }, options)).toThrow('is NaN');
});
