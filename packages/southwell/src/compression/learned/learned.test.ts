import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  calibrate,
  compressedToDense,
  compressNetwork,
  compressNetworkIterates,
  compressToCodebooks,
  compressToCodebooksIterates,
  fromCodes,
  layersOf,
  matrixOf,
  outputError,
  packIndices,
  packWeights,
  unpackIndices,
} from '../index.ts';
import { activations, followingOf } from './activations.ts';
import { LayerLoss } from './layerLoss.ts';
import { CodeLearner, type LearnOptions } from './learner.ts';
import { type Choice, mappingRules, moveLogits } from './rules.ts';

const random = new Random(3);
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());
const numbers = (...shape: number[]): ad.Tensor => ad.tensor(normals(shape.reduce((a, b) => a * b, 1)), { shape });
const modelOf = (layer: nn.Layer, seed = 1): nn.Model => ({
  layer,
  parameters: nn.init(layer, ad.randomKey(seed)),
  state: nn.initState(layer),
});
const apply = ({ layer, parameters, state }: nn.Model, x: ad.Tensor) => nn.apply(layer, parameters, x, { state });
const networkOf = (model: nn.Model) => ({
  parameters: model.parameters,
  apply: (p: nn.Parameters, x: ad.Tensor) => nn.apply(model.layer, p, x, { state: model.state }),
});
/** Squared difference of outputs, relative to them. */
const difference = (a: nn.Model, b: nn.Model, x: ad.Tensor): number => {
  const [y, z] = [apply(a, x).data(), apply(b, x).data()];
  let [above, below] = [0, 0];
  y.forEach((v, i) => {
    above += (v - z[i]) ** 2;
    below += v * v;
  });
  return above / below;
};
const perceptron = modelOf(
  nn.sequential([
    nn.linear({ in: 12, out: 16 }),
    nn.relu(),
    nn.linear({ in: 16, out: 16 }),
    nn.gelu(),
    nn.linear({ in: 16, out: 5 }),
  ]),
);
// Inputs that depend on each other, as those of layers do.
const x = ad.add(ad.matmul(numbers(200, 4), numbers(4, 12)), ad.mul(numbers(200, 12), 0.3));
const learning: LearnOptions = {
  ...{ bits: 2, groups: 1, variant: 'multi', mapping: 'proximal', values: true },
  ...{ start: 'distance', steps: 50, valueRate: 1e-3, mappingRate: 0.03 },
};

test('derivatives of activations are those of their values, which are those of the networks', () => {
  for (const [name, { value, slope }] of Object.entries(activations)) {
    const own = { relu: ad.relu, tanh: ad.tanh, sigmoid: ad.sigmoid, silu: ad.silu, gelu: ad.gelu };
    for (const z of [-3, -0.7, 0.2, 1.5, 8]) {
      expect(value(z)).toBeCloseTo(own[name as keyof typeof own](ad.tensor([z], { dtype: 'f64' })).item(), 9);
      expect(slope(z)).toBeCloseTo((value(z + 1e-5) - value(z - 1e-5)) / 2e-5, 8);
    }
  }
});

test('what follows a layer is found, and nothing is claimed where outputs go several ways', () => {
  const layers = layersOf(networkOf(perceptron), x);
  const found = followingOf(networkOf(perceptron), x, layers);
  expect([...found.values()].map(({ activation }) => activation)).toEqual(['relu', 'gelu', undefined]);
  expect(found.get('2.weight')!.bias).toEqual(perceptron.parameters['2.bias'].data());
  const convolution = modelOf(nn.sequential([nn.conv2d({ in: 2, out: 3, kernel: 2 }), nn.tanh()]));
  const images = numbers(2, 4, 4, 2);
  const own = layersOf(networkOf(convolution), images);
  expect(followingOf(networkOf(convolution), images, own).get('0.weight')!.activation).toBe('tanh');
  const parameters = { w: numbers(4, 12), b: numbers(4) };
  const several = {
    parameters,
    apply: (p: typeof parameters & nn.Parameters, y: ad.Tensor) => {
      const z = ad.add(ad.matmulTransposed(y, p.w), p.b);
      return ad.mul(z, ad.sigmoid(z));
    },
  };
  const branched = followingOf(several as never, x, layersOf(several as never, x));
  expect(branched.get('w')).toEqual({ bias: parameters.b.data() });
});

test('the derivative of the layer loss is that of differences, by weights and by values of codebooks', () => {
  for (const activation of ['relu', 'gelu', undefined] as const) {
    const W = DenseMatrix.fromColumnMajor(normals(6 * 10), 6, 10);
    const rows = (count: number) => ({ values: normals(10 * count), count });
    const bias = normals(6);
    const loss = new LayerLoss(W, rows(7), rows(7), { bias, ...(activation && { activation }) }, 7);
    const learner = new CodeLearner(W, learning);
    const [weights, slope, unused] = [loss.matrix(), loss.matrix(), loss.matrix()];
    learner.weights(weights);
    const all = Int32Array.from({ length: 7 }, (_, i) => i);
    const at = loss.slope(weights, all, slope);
    expect(at).toBeCloseTo(loss.error(weights), 12);
    const slopes = slope.data.slice();
    const h = 1e-5;
    const shifted = (which: (i: number) => boolean): number => {
      const sides = [h, -h].map((by) => {
        learner.weights(weights);
        const { data } = weights;
        for (let i = 0; i < data.length; i++) if (which(i)) data[i] += by;
        return loss.slope(weights, all, unused);
      });
      return (sides[0] - sides[1]) / (2 * h);
    };
    for (const place of [0, 17, 59])
      expect(slopes[place]).toBeCloseTo(
        shifted((i) => i === place),
        6,
      );
    const { indices } = learner.state();
    for (let m = 0; m < 4; m++) {
      const sum = slopes.reduce((s, g, i) => s + (indices[i] === m ? g : 0), 0);
      expect(sum).toBeCloseTo(
        shifted((i) => indices[i] === m),
        6,
      );
    }
    for (const used of [W, weights, slope, unused]) used.free();
    loss.free();
  }
});

const choiceOf = (k: number, at: number): Choice => ({
  ...{ values: Float64Array.from({ length: k }, (_, m) => m - (k - 1) / 2 + 0.1 * Math.sin(m)), from: 0, k, at },
  ...{ gap: 1, logits: Float32Array.from({ length: k }, (_, m) => (m === at ? 1 : 0)), first: 0 },
});

test('one step of the proximal rule moves a weight to a neighbour on the right side at most; the linear one far away', () => {
  for (const [slope, side] of [
    [1e6, -1],
    [-1e6, 1],
  ] as const)
    for (let at = 1; at < 7; at++) {
      const moved = (rule: 'proximal' | 'linear'): number => {
        const choice = choiceOf(8, at);
        const derivatives = new Float64Array(8);
        mappingRules[rule](slope, choice, derivatives);
        const state = { logits: choice.logits, first: new Float32Array(8), second: new Float32Array(1) };
        moveLogits(state, 0, derivatives, { rate: 10, one: 0.1, two: 0.001 });
        return choice.logits.indexOf(Math.max(...choice.logits)) - at;
      };
      expect(moved('proximal')).toBe(side);
      expect(moved('linear')).toBe(side < 0 ? -at : 7 - at);
    }
});

test('the soft rule is the derivative of the mean value; equal values pull nothing', () => {
  const choice = choiceOf(4, 2);
  const out = new Float64Array(4);
  mappingRules.soft(2, choice, out);
  const mean = (by: number, m: number): number => {
    const e = Array.from(choice.logits, (l, i) => Math.exp(l + (i === m ? by : 0)));
    return e.reduce((s, v, i) => s + v * choice.values[i], 0) / e.reduce((s, v) => s + v, 0);
  };
  for (let m = 0; m < 4; m++) expect(out[m]).toBeCloseTo((2 * (mean(1e-5, m) - mean(-1e-5, m))) / 2e-5, 6);
  choice.values.fill(0.5);
  for (const rule of Object.values(mappingRules)) {
    rule(1, choice, out);
    for (const v of out) expect(v).toBeCloseTo(0, 15);
  }
});

test('places pack and unpack at every number of bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(255), { maxLength: 40 }), (bits, given) => {
      const indices = Uint8Array.from(given, (v) => v % 2 ** bits);
      expect(unpackIndices(packIndices(indices, bits), bits, indices.length)).toEqual(indices);
    }),
  );
});

test('learning lowers the error of each layer, and codes are what runs', () => {
  const options = { bits: 2, steps: 60, batchSize: 50 } as const;
  const before = compressToCodebooks(perceptron, [x], { ...options, mapping: 'none', values: false }).point;
  const { point, status } = compressToCodebooks(perceptron, [x], options);
  expect(status).toBe('completed');
  expect(point.layers.map(({ name }) => name)).toEqual(['0.weight', '2.weight', '4.weight']);
  expect(point.layers[0].error).toBeLessThan(0.7 * before.layers[0].error);
  expect(difference(perceptron, point.model, x)).toBeLessThan(0.5 * difference(perceptron, before.model, x));
  expect(before.layers[0].moved).toBe(0);
  expect(point.layers[0].moved).toBeGreaterThan(0);
  const packed = point.layers.map(({ weights }) => packWeights(weights));
  expect(point.bytes).toBe(packed.reduce((sum, one) => sum + ad.packedBytes(one), 0));
  point.layers.forEach(({ name, weights }, i) => {
    const unpacked = ad.unpackTensor(ad.packedTensor(packed[i])).data();
    expect(unpacked).toEqual(point.model.parameters[name].data());
    const { codebooks } = weights.codes;
    for (let m = 1; m < 4; m++) expect(codebooks[m]).toBeGreaterThanOrEqual(codebooks[m - 1]);
  });
});

test('groups re-order neurons without a change of the network; one group is the layer itself', () => {
  const model = modelOf(
    nn.sequential([
      nn.conv2d({ in: 2, out: 8, kernel: 2 }),
      nn.relu(),
      nn.flatten(),
      nn.linear({ in: 72, out: 8 }),
      nn.relu(),
      nn.linear({ in: 8, out: 3 }),
    ]),
  );
  const images = numbers(30, 4, 4, 2);
  for (const variant of ['multi', 'scales'] as const) {
    const exact = compressToCodebooks(model, [images], { bits: 8, groups: 3, variant, steps: 0 }).point;
    const weights = exact.layers[1].weights.codes;
    const sizes = Array.from({ length: 8 }, (_, i) =>
      fromCodes(weights).data.reduce((s, w, at) => s + (at % 8 === i ? w * w : 0), 0),
    );
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(difference(model, exact.model, images)).toBeLessThan(1e-3);
    expect(exact.layers[2].weights.codes.boundaries).toEqual(Int32Array.of(0, 1, 2));
    const bits = 2;
    const [one, same] = (['multi', variant] as const).map(
      (v) => compressToCodebooks(model, [images], { bits, variant: v, steps: 20 }).point.layers[0].weights.codes,
    );
    expect(same.indices).toEqual(one.indices);
  }
});

test('tables are coded, too; layers by name; layers of one transformer learn on what they multiply', () => {
  const words = modelOf(
    nn.sequential({
      embedding: nn.embedding({ count: 20, width: 8 }),
      block: nn.transformerBlock({ width: 8, heads: 2, causal: true }),
      head: nn.linear({ in: 8, out: 20 }),
    }),
  );
  const codes = ad.tensor(
    Int32Array.from({ length: 80 }, () => random.integer(20)),
    { shape: [10, 8] },
  );
  const { layers, model } = compressToCodebooks(words, [codes], { bits: 3, groups: 2, steps: 30 }).point;
  expect(layers.map(({ activation }) => activation)).toEqual([
    ...[undefined, undefined, undefined, undefined, undefined, 'gelu', undefined, undefined],
  ]);
  expect(difference(words, model, codes)).toBeLessThan(0.1);
  const some = compressToCodebooks(words, [codes], { layers: ['head.weight'], steps: 0 }).point;
  expect(some.layers.map(({ name }) => name)).toEqual(['head.weight']);
  expect(some.model.parameters['embedding.weight']).toBe(words.parameters['embedding.weight']);
});

test('a run goes on from a checkpoint with the same bits, within a layer and between layers', () => {
  for (const variant of ['multi', 'scales'] as const) {
    const options = { bits: 2, steps: 8, batchSize: 20, groups: 2, variant, seed: 4 } as const;
    const states: unknown[] = [];
    let last: nn.Parameters = {};
    for (const { checkpoint, snapshot } of compressToCodebooksIterates(perceptron, [x], options)) {
      states.push(structuredClone(checkpoint!()));
      last = snapshot().model.parameters;
    }
    for (const at of [0, 3, 8, 13, states.length - 1]) {
      const { point } = compressToCodebooks(perceptron, [x], { ...options, resume: states[at] as never });
      for (const [name, t] of Object.entries(point.model.parameters)) expect(t.data()).toEqual(last[name].data());
    }
  }
});

test('by second moments alone codes are learned, too, layer by layer as any method', () => {
  const network = networkOf(perceptron);
  const [first, ...others] = compressNetwork(network, [x], { method: 'jlcm', bits: 2 }).point.layers;
  const nearest = compressToCodebooks(perceptron, [x], { bits: 2, steps: 0 }).point.layers;
  const moments = calibrate(network, [x], [first], { full: true }).get(first.name)!;
  const W = matrixOf(first, perceptron.parameters[first.name]);
  const start = outputError(W, compressedToDense(nearest[0].weights), moments);
  expect(first.error).toBeLessThan(0.7 * start);
  expect(others.length).toBe(2);
  const fractions: number[] = [];
  for (const { metrics } of compressNetworkIterates(network, [x], { method: 'jlcm', bits: 2 }))
    fractions.push(metrics!.done);
  expect(fractions.slice(0, 3)).toEqual([0, 0.005, 0.01]);
  expect(fractions.at(-1)).toBe(3);
});

test('a run that is stopped gives the layers that are done', () => {
  const { point, status } = compressToCodebooks(perceptron, [x], { steps: 10, maxIter: 15 });
  expect(status).toBe('iteration-limit');
  expect(point.layers.map(({ name }) => name)).toEqual(['0.weight']);
  expect(point.model.parameters['2.weight']).toBe(perceptron.parameters['2.weight']);
});

const withWeights = (values: Float32Array): nn.Model => ({
  ...perceptron,
  parameters: { ...perceptron.parameters, '0.weight': ad.tensor(values, { shape: [16, 12] }) },
});

test('rows of zeros and of one number, few different weights, eight rows, and dead inputs', () => {
  const values = normals(16 * 12);
  values.fill(0, 0, 12);
  values.fill(0.3, 12, 24);
  const eight = ad.tensor(
    normals(8 * 12).map((v, i) => (i % 12 < 3 ? 0 : v)),
    { shape: [8, 12] },
  );
  for (const variant of ['multi', 'scales'] as const)
    for (const mapping of ['proximal', 'soft', 'linear'] as const) {
      const options = { bits: 3, groups: 4, steps: 20, variant, mapping } as const;
      const { layers, model } = compressToCodebooks(withWeights(values), [eight], options).point;
      for (const t of Object.values(model.parameters)) expect(t.data().every(Number.isFinite)).toBe(true);
      for (const { error } of layers) expect(error).toBeLessThan(0.2);
      // What is never multiplied has no reason to move.
      const [first] = layers;
      const start = compressToCodebooks(withWeights(values), [eight], { ...options, steps: 0 }).point.layers[0];
      const [a, b] = [first.weights.codes.indices, start.weights.codes.indices];
      for (let i = 0; i < a.length; i++) if (i % 12 < 3) expect(a[i]).toBe(b[i]);
    }
  const few = withWeights(Float32Array.from({ length: 16 * 12 }, (_, i) => [-1, 0.25, 2][(i * 7) % 3]));
  const { layers } = compressToCodebooks(few, [x], { bits: 2, steps: 0, layers: ['0.weight'] }).point;
  expect(layers[0].error).toBeLessThan(1e-12);
  expect(compressedToDense(layers[0].weights).data.length).toBe(16 * 12);
  const learned = compressToCodebooks(few, [x], { bits: 2, steps: 30, layers: ['0.weight'] }).point;
  expect(learned.layers[0].error).toBeLessThan(1e-6);
  const zeros = compressToCodebooks(withWeights(new Float32Array(192)), [x], { bits: 2, groups: 2, steps: 5 }).point;
  expect(zeros.layers.map(({ error }) => Number.isFinite(error))).toEqual([true, true, true]);
});

test('weights and inputs that are not numbers, and wrong options, are refused by a sentence', () => {
  const bad = normals(192);
  bad[5] = Number.NaN;
  expect(() => compressToCodebooks(withWeights(bad), [x])).toThrow(/weight 5 of '0.weight' is NaN/);
  expect(() => compressToCodebooks(withWeights(bad), [x], { groups: 2 })).toThrow(/weight 5 of '0.weight' is NaN/);
  const broken = ad.tensor(bad.subarray(0, 24), { shape: [2, 12] });
  expect(() => compressToCodebooks(perceptron, [x, broken])).toThrow(/inputs of the layer '0.weight' are not finite/);
  expect(() => compressToCodebooks(perceptron, [])).toThrow(/at least one batch/);
  expect(() => compressToCodebooks(perceptron, [x], { layers: ['9.weight'] })).toThrow(/'9.weight' is not a matrix/);
  expect(() => compressToCodebooks(perceptron, [x], { bits: 9 })).toThrow(/bits/);
  expect(() => compressToCodebooks(perceptron, [x], { rule: 'soft' } as never)).toThrow(/rule/);
});
