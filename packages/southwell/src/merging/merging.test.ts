import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import {
  alignmentScore,
  barrier,
  interpolateModels,
  type Match,
  type MatchState,
  matchWeights,
  matchWeightsIterates,
  mergeModels,
  modelDistance,
  type PermutationSpec,
  type Permutations,
  permutationSpec,
  permuteModel,
  type StraightState,
} from 'southwell/merging';
import { describe, expect, test } from 'vitest';
import { restateNorms } from './barrier.ts';

const normal = (shape: readonly number[], seed: number, dtype: 'f32' | 'f64' = 'f64'): ad.Tensor => {
  const random = new Random(seed);
  const values = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  return ad.tensor(values, { shape, dtype });
};
const tokens = ad.tensor([1, 4, 2, 0, 3, 5, 5, 2], { shape: [2, 4], dtype: 'i32' });

/** A network with all parameters and statistics drawn, so that no two neurons are alike. */
function drawn(layer: nn.Layer, seed: number, dtype: 'f32' | 'f64' = 'f64'): nn.Model {
  const parameters = nn.init(layer, ad.randomKey(seed), { dtype });
  let k = 1000 * seed;
  const shaken = Object.entries(parameters).map(([name, t]) => [
    name,
    ad.add(t, ad.mul(normal(t.shape, k++, dtype), 0.1)),
  ]);
  const state = Object.entries(nn.initState(layer, { dtype })).map(([name, t]) => [
    name,
    ad.add(ad.square(normal(t.shape, k++, dtype)), 0.5),
  ]);
  return { layer, parameters: Object.fromEntries(shaken), state: Object.fromEntries(state) };
}

const perceptron = nn.sequential([
  nn.linear({ in: 5, out: 7 }),
  nn.relu(),
  nn.linear({ in: 7, out: 6 }),
  nn.relu(),
  nn.linear({ in: 6, out: 3 }),
]);
const convolutional = nn.sequential([
  nn.conv2d({ in: 2, out: 6, kernel: 3, padding: 1 }),
  nn.batchNorm({ features: 6 }),
  nn.relu(),
  nn.residual(
    nn.sequential([
      nn.conv2d({ in: 6, out: 5, kernel: 3, padding: 1 }),
      nn.batchNorm({ features: 5 }),
      nn.relu(),
      nn.conv2d({ in: 5, out: 6, kernel: 1 }),
    ]),
  ),
  nn.maxPool({ window: 2 }),
  nn.flatten(),
  nn.linear({ in: 24, out: 8 }),
  nn.relu(),
  nn.linear({ in: 8, out: 3 }),
]);
const transformer = nn.sequential([
  nn.embedding({ count: 6, width: 12 }),
  nn.positions({ count: 8, width: 12 }),
  nn.transformerBlock({ width: 12, heads: 3, hidden: 10, causal: true }),
  nn.layerNorm({ features: 12 }),
  nn.unembedding({ table: '0.weight' }),
]);
const rotary = nn.sequential([
  nn.embedding({ count: 6, width: 12 }),
  nn.transformerBlock({
    width: 12,
    heads: 3,
    hidden: 10,
    causal: true,
    rotary: 'halves',
    gated: true,
    norm: 'rms',
    bias: false,
  }),
  nn.rmsNorm({ features: 12 }),
  nn.linear({ in: 12, out: 6 }),
]);
const networks: Record<string, readonly [nn.Layer, ad.Tensor]> = {
  perceptron: [perceptron, normal([4, 5], 1)],
  convolutional: [convolutional, normal([3, 4, 4, 2], 2)],
  transformer: [transformer, tokens],
  rotary: [rotary, tokens],
};

/** Random permutations, none of which is its own inverse if it is long enough. */
const scrambled = (spec: PermutationSpec, seed: number): Permutations => {
  const random = new Random(seed);
  return Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)]));
};
const inverse = (p: Int32Array): Int32Array => {
  const out = new Int32Array(p.length);
  p.forEach((from, to) => {
    out[from] = to;
  });
  return out;
};
const outputs = ({ layer, parameters, state }: nn.Model, x: ad.Tensor) =>
  nn.apply(layer, parameters, x, { state }).data();
const largestDifference = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(x).reduce((most, v, i) => Math.max(most, Math.abs(v - y[i])), 0);

describe.each(Object.entries(networks))('%s', (_, [layer, x]) => {
  test('permuted networks compute the same function', () => {
    for (const [dtype, bound] of [
      ['f64', 1e-10],
      ['f32', 1e-4],
    ] as const) {
      const model = drawn(layer, 3, dtype);
      const input = x.dtype === 'i32' ? x : ad.cast(x, dtype);
      const spec = permutationSpec(model, input);
      const moved = permuteModel(model, spec, scrambled(spec, 5));
      expect(modelDistance(model, moved)).toBeGreaterThan(0.1);
      expect(largestDifference(outputs(moved, input), outputs(model, input))).toBeLessThan(bound);
    }
  });

  test('a planted permutation is found, and nothing is left between the networks', () => {
    const model = drawn(layer, 7);
    const spec = permutationSpec(model, x);
    const planted = scrambled(spec, 9);
    const { point, status } = matchWeights(model, permuteModel(model, spec, planted), { spec, seed: 2 });
    expect(status).toBe('converged');
    for (const [name, p] of Object.entries(planted))
      expect([name, point.permutations[name]]).toEqual([name, inverse(p)]);
    expect(modelDistance(model, permuteModel(permuteModel(model, spec, planted), spec, point.permutations))).toBe(0);
  });
});

test('the form of a network gives its permutations', () => {
  expect(permutationSpec(drawn(perceptron, 1), networks.perceptron[1])).toEqual({
    sizes: { '0.weight[0]': 7, '2.weight[0]': 6 },
    axes: {
      '0.weight': [[{ size: 7, permutation: '0.weight[0]' }], [{ size: 5 }]],
      '0.bias': [[{ size: 7, permutation: '0.weight[0]' }]],
      '2.weight': [[{ size: 6, permutation: '2.weight[0]' }], [{ size: 7, permutation: '0.weight[0]' }]],
      '2.bias': [[{ size: 6, permutation: '2.weight[0]' }]],
      '4.weight': [[{ size: 3 }], [{ size: 6, permutation: '2.weight[0]' }]],
      '4.bias': [[{ size: 3 }]],
    },
  });
});

test('heads move as blocks, and tied embeddings with the residual stream', () => {
  const { sizes, axes } = permutationSpec(drawn(transformer, 1), tokens);
  expect(Object.values(sizes).sort()).toEqual([10, 12, 3]);
  const stream = axes['0.weight'][1][0].permutation;
  expect(axes['0.weight'][0]).toEqual([{ size: 6 }]);
  expect(axes['2.attention.query.weight'][1]).toEqual([{ size: 12, permutation: stream }]);
  expect(axes['2.attention.query.weight'][0].map(({ size, permutation }) => [size, permutation !== undefined])).toEqual(
    [
      [3, true],
      [4, false],
    ],
  );
  expect(axes['2.attention.out.weight'][0]).toEqual([{ size: 12, permutation: stream }]);
});

test('networks read from ONNX', () => {
  for (const [layer, x] of [networks.perceptron, networks.convolutional]) {
    const own = drawn(layer, 4, 'f32');
    const { model, parameters, state } = nn.read(
      nn.toOnnx(layer, own.parameters, { input: [null, ...x.shape.slice(1)], state: own.state }),
    );
    const read = { layer: model, parameters, state };
    const input = ad.cast(x, 'f32');
    const spec = permutationSpec(read, input);
    expect(Object.keys(spec.sizes).length).toBe(Object.keys(permutationSpec(own, input).sizes).length);
    const planted = scrambled(spec, 3);
    const { point } = matchWeights(read, permuteModel(read, spec, planted), { spec });
    for (const [name, p] of Object.entries(planted)) expect(point.permutations[name]).toEqual(inverse(p));
  }
});

test('layers whose axes are split, grouped or read by place', () => {
  const cases: ReadonlyArray<readonly [nn.Layer, ad.Tensor, number[]]> = [
    // Groups of channels move as blocks, and channels alike in all groups.
    [
      nn.sequential([
        nn.conv2d({ in: 2, out: 6, kernel: 3 }),
        nn.groupNorm({ groups: 2, features: 6 }),
        nn.conv2d({ in: 6, out: 3, kernel: 1 }),
      ]),
      normal([2, 5, 5, 2], 1),
      [2, 3],
    ],
    [
      nn.sequential([
        nn.conv2d({ in: 2, out: 6, kernel: 3 }),
        nn.conv2d({ in: 6, out: 6, kernel: 3, groups: 6 }),
        nn.conv2d({ in: 6, out: 3, kernel: 1 }),
      ]),
      normal([2, 5, 5, 2], 1),
      [6],
    ],
    [
      nn.sequential([nn.conv1d({ in: 2, out: 6, kernel: 3 }), nn.relu(), nn.conv1d({ in: 6, out: 3, kernel: 1 })]),
      normal([2, 5, 2], 1),
      [6],
    ],
    // What a recurrent layer takes can be permuted; the order of its hidden values is kept.
    [
      nn.sequential([
        nn.linear({ in: 3, out: 5 }),
        nn.tanh(),
        nn.linear({ in: 5, out: 4 }),
        nn.gru({ in: 4, hidden: 6 }),
      ]),
      normal([2, 5, 3], 1),
      [5, 4],
    ],
  ];
  for (const [layer, x, sizes] of cases)
    expect(Object.values(permutationSpec(drawn(layer, 1), x).sizes)).toEqual(sizes);
});

test('singular values and directions give the overlap of two weights, and permutations leave the values', () => {
  const [a, b] = [drawn(perceptron, 1), drawn(perceptron, 2)];
  const spec = permutationSpec(a, networks.perceptron[1]);
  const moved = permuteModel(b, spec, scrambled(spec, 1));
  const matrix = ({ parameters }: nn.Model) => DenseMatrix.fromRows(parameters['2.weight'].toArray() as number[][]);
  const [left, before, after] = [a, b, moved].map((model) => svd(matrix(model)));
  expect(largestDifference(after.singularValues, before.singularValues)).toBeLessThan(1e-12);
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  let overlap = 0;
  left.singularValues.forEach((s, i) => {
    after.singularValues.forEach((t, j) => {
      overlap += s * t * dot(left.U.column(i), after.U.column(j)) * dot(left.V.column(i), after.V.column(j));
    });
  });
  const [x, y] = [a, moved].map(({ parameters }) => parameters['2.weight']);
  expect(ad.sum(ad.square(ad.sub(x, y))).item()).toBeCloseTo(
    dot(left.singularValues, left.singularValues) + dot(after.singularValues, after.singularValues) - 2 * overlap,
    8,
  );
});

test('neurons without weights tie, and give the same order each time', () => {
  const model = drawn(perceptron, 1);
  const dead = {
    ...model,
    parameters: Object.fromEntries(Object.entries(model.parameters).map(([name, t]) => [name, ad.mul(t, 0)])),
  };
  const spec = permutationSpec(dead, networks.perceptron[1]);
  const [first, second] = [0, 1].map(() => matchWeights(dead, model, { spec }));
  expect(first.status).toBe('converged');
  expect(first.point).toEqual(second.point);
});

test.each([4, 7])('one hidden layer of %i: the best of all orders, in one update', (n) => {
  const layer = nn.sequential([nn.linear({ in: 3, out: n }), nn.tanh(), nn.linear({ in: n, out: 2 })]);
  const [a, b] = [drawn(layer, 1), drawn(layer, 2)];
  const spec = permutationSpec(a, normal([2, 3], 1));
  const [name] = Object.keys(spec.sizes);
  const orders = (left: number[]): number[][] =>
    left.length === 0 ? [[]] : left.flatMap((i) => orders(left.filter((j) => j !== i)).map((rest) => [i, ...rest]));
  const nearest = Math.min(
    ...orders(Array.from({ length: n }, (_, i) => i)).map((p) =>
      modelDistance(a, permuteModel(b, spec, { [name]: Int32Array.from(p) })),
    ),
  );
  const { point } = matchWeights(a, b, { spec });
  expect(modelDistance(a, permuteModel(b, spec, point.permutations))).toBeCloseTo(nearest, 12);
  expect(point.sweeps).toBeLessThanOrEqual(2);
});

test('the objective never falls, is what the distance says, and goes on from a checkpoint with the same bits', () => {
  const [a, b] = [drawn(transformer, 1), drawn(transformer, 2)];
  const spec = permutationSpec(a, tokens);
  const iterates: Array<{ objective: number; point: Match; state: MatchState }> = [];
  for (const iterate of matchWeightsIterates(a, b, { spec, seed: 4 }))
    iterates.push({
      objective: iterate.objective,
      point: iterate.snapshot(),
      state: iterate.checkpoint!() as MatchState,
    });
  for (const [i, { objective }] of iterates.slice(1).entries())
    expect(objective).toBeGreaterThanOrEqual(iterates[i].objective);
  const last = iterates.at(-1)!;
  const [before, after] = [modelDistance(a, b), modelDistance(a, permuteModel(b, spec, last.point.permutations))];
  expect(before ** 2 - after ** 2).toBeCloseTo(2 * (last.objective - iterates[0].objective), 9);
  expect(matchWeights(a, b, { spec, seed: 4, resume: iterates[1].state }).point).toEqual(last.point);
  expect(matchWeights(a, b, { spec, seed: 4, maxSweeps: 1 }).status).toBe('iteration-limit');
});

test('straight-through gradients lower the loss halfway, start as weights do without noise, and go on with the same bits', () => {
  const [a, b] = [drawn(perceptron, 1), drawn(perceptron, 2)];
  const inputs = normal([60, 5], 8);
  const targets = nn.apply(perceptron, a.parameters, inputs);
  const data = { inputs, targets, loss: (y: ad.Tensor, t: ad.Tensor) => nn.losses.mse(y, t) };
  const spec = permutationSpec(a, networks.perceptron[1]);
  const options = { spec, data, method: 'ste', rate: 0.01, noise: 1, seed: 3 } as const;
  const states: unknown[] = [];
  const losses: number[] = [];
  for (const iterate of matchWeightsIterates(a, b, { ...options, maxSweeps: 40 })) {
    losses.push(iterate.objective);
    states.push(iterate.checkpoint!());
  }
  const { point, status } = matchWeights(a, b, { ...options, maxSweeps: 40 });
  expect(status).toBe('completed');
  expect(losses.at(-1)).toBeLessThan(losses[0]);
  expect(losses.at(-1)).toBe(point.objective);
  const { layer, parameters } = interpolateModels(a, permuteModel(b, spec, point.permutations), 0.5);
  expect(data.loss(nn.apply(layer, parameters, inputs), targets).item()).toBeCloseTo(point.objective, 10);
  expect(matchWeights(a, b, { ...options, maxSweeps: 40, resume: states[15] as StraightState }).point).toEqual(point);
  const weights = matchWeights(a, b, { spec, maxSweeps: 1, seed: 3 }).point;
  expect(matchWeights(a, b, { ...options, noise: 0, maxSweeps: 1 }).point.permutations).toEqual(weights.permutations);
});

test('activations find a planted permutation of hidden layers', () => {
  const model = drawn(perceptron, 7);
  const spec = permutationSpec(model, networks.perceptron[1]);
  const planted = scrambled(spec, 9);
  const moved = permuteModel(model, spec, planted);
  const inputs = normal([300, 5], 4);
  const { point } = matchWeights(model, moved, { spec, method: 'activations', inputs });
  for (const [name, p] of Object.entries(planted)) expect(point.permutations[name]).toEqual(inverse(p));
});

test('alignment is 1 for identical networks, the same for permuted pairs, and small for others', () => {
  const [a, b] = [drawn(perceptron, 1), drawn(perceptron, 2)];
  const spec = permutationSpec(a, networks.perceptron[1]);
  for (const gamma of [0, 0.4, 1]) expect(alignmentScore(a, a, gamma)).toBeCloseTo(1, 10);
  const p = scrambled(spec, 1);
  expect(alignmentScore(permuteModel(a, spec, p), permuteModel(b, spec, p), 0.4)).toBeCloseTo(
    alignmentScore(a, b, 0.4),
    10,
  );
  expect(Math.abs(alignmentScore(a, b))).toBeLessThan(0.5);
  const gammas = [0.4, 0, 1];
  expect(alignmentScore(a, b, gammas)).toEqual(gammas.map((gamma) => alignmentScore(a, b, gamma)));
  expect(() => alignmentScore(a, b, [0, 2])).toThrow('gamma must be from 0 to 1, not 2.');
});

test('a permutation that is not its own inverse names the places from which neurons are taken', () => {
  const model = drawn(perceptron, 1);
  const spec = permutationSpec(model, networks.perceptron[1]);
  const p = Int32Array.of(1, 2, 0, 4, 5, 6, 3);
  const { parameters } = permuteModel(model, spec, { '0.weight[0]': p });
  const rows = (of: nn.Parameters, name: string) => of[name].toArray() as number[][];
  expect(rows(parameters, '0.weight')).toEqual(Array.from(p, (i) => rows(model.parameters, '0.weight')[i]));
  expect(rows(parameters, '2.weight')).toEqual(
    rows(model.parameters, '2.weight').map((row) => Array.from(p, (i) => row[i])),
  );
  const inputs = normal([50, 5], 8);
  const data = {
    inputs,
    targets: nn.apply(perceptron, model.parameters, inputs),
    loss: (y: ad.Tensor, t: ad.Tensor) => nn.losses.mse(y, t),
  };
  const moved = { ...model, parameters };
  const { permutations } = matchWeights(model, moved, { spec }).point;
  expect(barrier(model, moved, data).barrier).toBeGreaterThan(1e-3);
  expect(barrier(model, permuteModel(moved, spec, permutations), data).barrier).toBeLessThan(1e-12);
});

test('the barrier: none between a network and itself, and the excess by hand', () => {
  const [a, b] = [drawn(perceptron, 1), drawn(perceptron, 2)];
  const inputs = normal([300, 5], 8);
  const targets = normal([300, 3], 9);
  const data = { inputs, targets, loss: (y: ad.Tensor, t: ad.Tensor) => nn.losses.mse(y, t) };
  expect(barrier(a, a, data).barrier).toBeLessThan(1e-12);
  const found = barrier(a, b, data, { points: 5 });
  expect(found.lambdas).toEqual([0, 0.25, 0.5, 0.75, 1]);
  const { layer, parameters } = interpolateModels(a, b, 0.25);
  expect(found.losses[1]).toBeCloseTo(data.loss(nn.apply(layer, parameters, inputs), targets).item(), 10);
  const excess = found.losses.map((v, i) => v - (1 - i / 4) * found.losses[0] - (i / 4) * found.losses[4]);
  expect(found.barrier).toBeCloseTo(Math.max(0, ...excess), 12);
});

test('statistics of norms are measured again, and a merge of a network with its permutation is the network', () => {
  const a = drawn(convolutional, 1);
  const inputs = normal([40, 4, 4, 2], 3);
  const first = nn.apply(
    nn.conv2d({ in: 2, out: 6, kernel: 3, padding: 1 }),
    { weight: a.parameters['0.weight'], bias: a.parameters['0.bias'] },
    inputs,
  );
  const restated = restateNorms(a, inputs);
  expect(largestDifference(restated.state['1.running_mean'].data(), ad.mean(first, [0, 1, 2]).data())).toBeLessThan(
    1e-12,
  );
  const spec = permutationSpec(a, networks.convolutional[1]);
  const moved = permuteModel(a, spec, scrambled(spec, 2));
  const { model } = mergeModels([a, moved, a], { spec });
  expect(modelDistance(model, a)).toBeLessThan(1e-12);
});

test('what cannot be matched gives a sentence', () => {
  const x = networks.perceptron[1];
  const a = drawn(perceptron, 1);
  const spec = permutationSpec(a, x);
  const other = drawn(nn.sequential([nn.linear({ in: 5, out: 8 })]), 1);
  expect(() => matchWeights(a, other, { spec })).toThrow(
    'The networks are not alike: 0.weight is [7, 5] in the first and [8, 5] in the second.',
  );
  const damaged = { ...a, parameters: { ...a.parameters, '0.bias': ad.full([7], Number.NaN) } };
  expect(() => matchWeights(a, damaged, { spec })).toThrow('0.bias of the second network has NaN.');
  expect(() => permuteModel(a, spec, { '0.weight[0]': Int32Array.of(0, 0, 1, 2, 3, 4, 5) })).toThrow(
    '0.weight[0] is no permutation',
  );
  expect(() => permuteModel(a, spec, { none: Int32Array.of(0) })).toThrow('no permutation named none');
  const bare = { ...drawn(convolutional, 1), state: {} };
  expect(() => permutationSpec(bare, networks.convolutional[1])).toThrow("needs the state '1.running_mean'");
  const inputs = ad.full([2, 5], Number.NaN);
  expect(() => matchWeights(a, a, { spec, method: 'activations', inputs })).toThrow('The inputs have NaN.');
  expect(() => matchWeights(a, a, { spec, method: 'activations' })).toThrow("needs examples: the option 'inputs'");
  expect(() => mergeModels([a], { spec })).toThrow('two networks or more');
});
