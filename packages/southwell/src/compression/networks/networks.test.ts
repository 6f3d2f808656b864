import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { complete, simulate } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  type CompressionMethodName,
  calibrate,
  calibrateOnRanks,
  compressedToDense,
  compressionMethods,
  compressNetwork,
  compressNetworkIterates,
  layersOf,
  matrixOf,
  momentsOf,
  type Network,
  reconstructWeights,
  refit,
} from '../index.ts';

const random = new Random(7);
const numbers = (...shape: number[]): ad.Tensor =>
  ad.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    { shape },
  );
const networkOf = (layer: nn.Layer, seed = 1): Network => ({
  parameters: nn.init(layer, ad.randomKey(seed)),
  apply: (p, x) => nn.apply(layer, p, x, { state: nn.initState(layer) }),
});
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tol: number): void => {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  expect(worst).toBeLessThanOrEqual(tol);
};

const mlp = networkOf(nn.sequential([nn.linear({ in: 12, out: 16 }), nn.relu(), nn.linear({ in: 16, out: 5 })]));

test('layers: products, convolutions and tables are found by what is computed, with the way that they lie', () => {
  const words = networkOf(
    nn.sequential({
      embedding: nn.embedding({ count: 30, width: 8 }),
      block: nn.transformerBlock({ width: 8, heads: 2, causal: true }),
      head: nn.unembedding({ table: 'embedding.weight' }),
    }),
  );
  const found = layersOf(words, ad.tensor(Int32Array.of(1, 2, 3, 4), { shape: [1, 4] }));
  expect(found.map(({ name, use, outputs, inputs }) => [name.replace('block.', ''), use, outputs, inputs])).toEqual([
    ['embedding.weight', 'product', 30, 8],
    ['attention.query.weight', 'product', 8, 8],
    ['attention.key.weight', 'product', 8, 8],
    ['attention.value.weight', 'product', 8, 8],
    ['attention.out.weight', 'product', 8, 8],
    ['up.weight', 'product', 32, 8],
    ['down.weight', 'product', 8, 32],
  ]);
  // Queries, keys and values have the same inputs, others do not.
  const sources = found.slice(1).map(({ source }) => source);
  expect(new Set(sources.slice(0, 3)).size).toBe(1);
  expect(new Set(sources).size).toBe(4);
});

test('moments of a layer are those of the inputs that it gets, also through ONNX with inputs first', () => {
  const x = numbers(9, 12);
  const [first, second] = layersOf(mlp, x);
  expect([first.turned, second.turned]).toEqual([false, false]);
  const moments = calibrate(mlp, [ad.slice(x, [0, 4]), ad.slice(x, [4, 9])], [first, second], { full: true });
  const weights = mlp.parameters;
  const hidden = ad.maximum(ad.add(ad.matmul(x, ad.transpose(weights['0.weight'])), weights['0.bias']), 0);
  for (const [layer, inputs] of [
    [first, x],
    [second, hidden],
  ] as const) {
    const expected = momentsOf(inputs.data(), layer.inputs);
    const own = moments.get(layer.name)!;
    expect(own.samples).toBe(9);
    close(own.full!.data, expected.full!.data, 1e-4);
    close(own.diagonal, expected.diagonal, 1e-4);
  }
  const layer = nn.sequential([nn.linear({ in: 12, out: 16 }), nn.relu(), nn.linear({ in: 16, out: 5 })]);
  const read = nn.read(nn.toOnnx(layer, weights, { input: [null, 12] }));
  const theirs: Network = { parameters: read.parameters, apply: (p, y) => nn.apply(read.model, p, y) };
  const [a, b] = layersOf(theirs, x);
  expect([a.turned, a.outputs, a.inputs, b.turned]).toEqual([true, 16, 12, true]);
  const again = calibrate(theirs, [x], [a, b], { full: true });
  close(again.get(b.name)!.full!.data, moments.get(second.name)!.full!.data, 1e-4);
  close(matrixOf(a, read.parameters[a.name]).data, matrixOf(first, weights['0.weight']).data, 0);
});

test('inputs of convolutions are patches: the matrix times them is the convolution', () => {
  const layer = nn.conv2d({
    in: 3,
    out: 4,
    kernel: [2, 3],
    stride: [2, 1],
    padding: [1, 0],
    dilation: [1, 2],
    bias: false,
  });
  const network = networkOf(nn.sequential([layer]));
  const x = numbers(2, 5, 9, 3);
  const [found] = layersOf(network, x);
  expect(found).toMatchObject({ use: 'convolution', outputs: 4, inputs: 18, turned: false });
  const { full, samples } = calibrate(network, [x], [found], { full: true }).get(found.name)!;
  const y = network.apply(network.parameters, x);
  expect(samples).toBe(y.size / 4);
  // Σ y yᵀ = W·M·Wᵀ.
  const W = matrixOf(found, network.parameters[found.name]);
  const rows = y.data();
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 4; b++) {
      let [expected, sum] = [0, 0];
      for (let i = 0; i < rows.length; i += 4) expected += rows[i + a] * rows[i + b];
      for (let p = 0; p < 18; p++) for (let q = 0; q < 18; q++) sum += W.get(a, p) * full!.get(p, q) * W.get(b, q);
      expect(sum).toBeCloseTo(expected, 3);
    }
});

test('batches on ranks give the moments of all, with the same bits however they are divided', () => {
  const batches = [3, 5, 2, 7, 4].map((rows) => numbers(rows, 12));
  const layers = layersOf(mlp, batches[0]);
  const whole = calibrate(mlp, batches, layers, { full: true });
  const divided = (...cuts: number[]) =>
    complete(
      simulate(
        (comm) =>
          calibrateOnRanks(comm, mlp, batches.slice(cuts[comm.rank], cuts[comm.rank + 1]), layers, { full: true }),
        { ranks: cuts.length - 1 },
      ),
    ).results;
  const [one] = divided(0, 5);
  for (const cuts of [
    [0, 2, 5],
    [0, 0, 1, 5],
    [0, 1, 2, 3, 5, 5],
  ])
    for (const found of divided(...cuts))
      for (const { name } of layers) {
        const [own, other] = [one!.get(name)!, found!.get(name)!];
        expect(other.samples).toBe(21);
        expect(other.diagonal).toEqual(own.diagonal);
        expect(Array.from(other.full!.data)).toEqual(Array.from(own.full!.data));
        close(own.full!.data, whole.get(name)!.full!.data, 1e-12);
      }
  expect(() =>
    complete(simulate((comm) => calibrateOnRanks(comm, mlp, [], layers, { full: true }), { ranks: 2 })),
  ).toThrow('calibrateOnRanks needs a batch on at least one rank.');
});

test('weights that are used twice are calibrated on the inputs of both uses, each by itself', () => {
  const w = { a: numbers(4, 4), b: numbers(6, 4) };
  const twice: Network = {
    parameters: w,
    apply: (p, x) => ad.matmul(ad.matmul(ad.matmul(x, p.a), p.a), ad.transpose(ad.concat([p.b, p.b], 0))),
  };
  const shared: Network = {
    parameters: { a: w.a, c: numbers(4, 4) },
    apply: (p, x) => ad.matmul(ad.matmul(ad.matmul(ad.matmul(x, p.a), p.c), p.a), p.c),
  };
  const x = numbers(7, 4);
  expect(layersOf(twice, x).map(({ name, products }) => [name, products])).toEqual([['a', 2]]);
  const found = layersOf(shared, x);
  expect(found.map(({ products }) => products)).toEqual([2, 2]);
  expect(found[0].source).not.toBe(found[1].source);
  const moments = calibrate(shared, [x], found, { full: true });
  const { a, c } = shared.parameters;
  const inputs = [x, ad.matmul(x, a), ad.matmul(ad.matmul(x, a), c), ad.matmul(ad.matmul(ad.matmul(x, a), c), a)];
  for (const [name, used] of [
    ['a', [0, 2]],
    ['c', [1, 3]],
  ] as const) {
    const expected = momentsOf(
      used.flatMap((i) => [...inputs[i].data()]),
      4,
    );
    const own = moments.get(name)!;
    expect(own.samples).toBe(14);
    close(own.full!.data, expected.full!.data, 1e-2);
  }
});

test('grouped convolutions and parts of a parameter are left as they are', () => {
  const network = networkOf(nn.sequential([nn.conv2d({ in: 4, out: 4, kernel: 3, groups: 4 }), nn.flatten()]));
  expect(layersOf(network, numbers(1, 5, 5, 4))).toEqual([]);
  expect(() => compressNetwork(network, [numbers(1, 5, 5, 4)], { method: 'int8' })).toThrow(
    'The network has no matrix to compress: none is multiplied by inputs.',
  );
});

const x = numbers(200, 12);
const judge = numbers(50, 12);
const errorOf = (parameters: nn.Parameters): number => {
  const [a, b] = [parameters, mlp.parameters].map((p) => mlp.apply(p, judge).data());
  let [above, below] = [0, 0];
  b.forEach((v, i) => {
    above += (a[i] - v) ** 2;
    below += v * v;
  });
  return above / below;
};

test.each((Object.keys(compressionMethods) as CompressionMethodName[]).filter((name) => name !== 'icbs'))(
  '%s: parameters are those that its weights stand for',
  (method) => {
    const steps = method === 'armor' ? { steps: 20, blockSize: 4 } : {};
    const { point, status } = compressNetwork(mlp, [x], { method, judge: [judge], ...steps });
    expect(status).toBe('completed');
    expect(point.layers.map(({ name }) => name)).toEqual(['0.weight', '2.weight']);
    for (const layer of point.layers) {
      const W = compressedToDense(layer.weights);
      close(matrixOf(layer, point.parameters[layer.name]).data, W.data, 1e-6);
      expect(layer.error).toBeGreaterThan(0);
      expect(layer.error).toBeLessThan(method === 'int8' ? 1e-3 : 0.5);
    }
    expect(errorOf(point.parameters)).toBeLessThan(method === 'int8' ? 1e-3 : 0.6);
    expect(point.parameters['0.bias']).toBe(mlp.parameters['0.bias']);
  },
);

test('given masks are kept, in the order of the parameter; layers without one stay as they are', () => {
  const mask = Uint8Array.from({ length: mlp.parameters['0.weight'].size }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const options = { method: 'icbs', masks: { '0.weight': mask } } as const;
  const { point } = compressNetwork(mlp, [x], options);
  expect(point.layers.map(({ name }) => name)).toEqual(['0.weight']);
  expect(point.kept.map(({ layer, why }) => [layer.name, why])).toEqual([['2.weight', 'it has no mask']]);
  const dense = mlp.parameters['0.weight'].data();
  expect([...point.parameters['0.weight'].data()]).toEqual([...dense.map((w, i) => (mask[i] === 1 ? w : 0))]);
  const again = compressNetwork(mlp, [x], { ...options, reconstruct: true }).point;
  again.parameters['0.weight'].data().forEach((w, i) => {
    if (mask[i] === 0) expect(w).toBe(0);
  });
  expect(again.layers[0].error).toBeLessThan(point.layers[0].error);
  expect(() => compressNetwork(mlp, [x], { method: 'icbs' })).toThrow('needs masks');
  expect(() => compressNetwork(mlp, [x], { method: 'icbs', masks: { '0.weight': mask.subarray(1) } })).toThrow(
    'does not fit',
  );
});

test('reconstruction lowers the error of the outputs on calibration rows; zeros stay', () => {
  for (const method of ['int8', 'gptq', 'codebooks', 'magnitude', 'wanda', 'nowag'] as const) {
    const bits = method === 'gptq' || method === 'codebooks' ? { bits: 2 } : {};
    const [plain, again] = [false, true].map(
      (reconstruct) => compressNetwork(mlp, [x], { method, reconstruct, inputs: 'dense', ...bits }).point,
    );
    // More than nothing: a reconstruction that leaves all as it is does not pass.
    const sum = ({ layers }: typeof plain): number => layers.reduce((total, { error }) => total + error, 0);
    expect(sum(again)).toBeLessThan(sum(plain) * (plain.layers[0].weights.kind === 'pruned' ? 0.9 : 1));
    plain.layers.forEach(({ error, weights }, i) => {
      expect(again.layers[i].error).toBeLessThanOrEqual(error * (1 + 1e-3));
      const [before, after] = [weights, again.layers[i].weights];
      if (before.kind === 'pruned' && after.kind === 'pruned') expect(after.mask).toEqual(before.mask);
    });
  }
});

test('codewords and scales of least squares: no change of one of them does better', () => {
  const W = DenseMatrix.fromColumnMajor(
    Float64Array.from({ length: 48 }, () => random.normal()),
    6,
    8,
  );
  const moments = momentsOf(
    Float64Array.from({ length: 400 }, () => random.normal()),
    8,
  );
  const layer = (p: DenseMatrix) => {
    let sum = 0;
    for (let i = 0; i < 6; i++)
      for (let a = 0; a < 8; a++)
        for (let b = 0; b < 8; b++)
          sum += (W.get(i, a) - p.get(i, a)) * moments.full!.get(a, b) * (W.get(i, b) - p.get(i, b));
    return sum;
  };
  for (const method of ['codebooks', 'gptq', 'int8'] as const) {
    const settings = { pattern: { density: 0.5 }, bits: 2, groups: 2, blockSize: 4, steps: 0, seed: 0 };
    const made = compressionMethods[method].compress(W, settings, moments);
    const again = refit(W, made, moments);
    const least = layer(compressedToDense(again));
    expect(least).toBeLessThanOrEqual(layer(compressedToDense(made)));
    const of =
      again.kind === 'scaled'
        ? again.scaled.scales
        : again.kind === 'coded'
          ? (again.codes.scales ?? again.codes.codebooks)
          : [];
    for (let i = 0; i < of.length; i++)
      for (const by of [0.97, 1.03]) {
        const kept = of[i];
        of[i] = Math.fround(kept * by);
        // Damping of a hundredth draws a little towards the old weights.
        expect(layer(compressedToDense(again))).toBeGreaterThan(least * (1 - 2e-3));
        of[i] = kept;
      }
  }
});

test('later layers are calibrated on what the compressed ones before give', () => {
  const { point } = compressNetwork(mlp, [x], { method: 'sparsegpt', density: 0.3 });
  const half = { ...mlp.parameters, '0.weight': point.parameters['0.weight'] };
  const [, second] = layersOf(mlp, x);
  const own = calibrate({ ...mlp, parameters: half }, [x], [second], { full: true }).get(second.name)!;
  const W = matrixOf(second, mlp.parameters[second.name]);
  const settings = { pattern: { density: 0.3 }, bits: 4, groups: 1, blockSize: 32, steps: 0, seed: 0 };
  const expected = compressionMethods.sparsegpt.compress(W, settings, own);
  if (!('kind' in expected)) throw new Error('unexpected');
  close(compressedToDense(point.layers[1].weights).data, compressedToDense(expected).data, 0);
  const dense = compressNetwork(mlp, [x], { method: 'sparsegpt', density: 0.3, inputs: 'dense' }).point;
  expect(compressedToDense(dense.layers[1].weights).data).not.toEqual(compressedToDense(expected).data);
});

test('a checkpoint goes on with the same bits; kept layers and tables stay', () => {
  const options = { method: 'gptq', bits: 3, judge: [judge] } as const;
  const whole = compressNetwork(mlp, [x], options).point;
  let state: unknown;
  for (const iterate of compressNetworkIterates(mlp, [x], options))
    if (iterate.iteration === 1) state = iterate.checkpoint!();
  const rest = compressNetwork(mlp, [x], { ...options, resume: state as never }).point;
  expect(rest.layers).toEqual(whole.layers);
  const { layers, kept, parameters } = compressNetwork(mlp, [x], {
    ...options,
    keep: (name) => name.startsWith('2'),
  }).point;
  expect(layers.map(({ name }) => name)).toEqual(['0.weight']);
  expect(kept.map(({ layer, why }) => [layer.name, why])).toEqual([['2.weight', 'as asked']]);
  expect(parameters['2.weight']).toBe(mlp.parameters['2.weight']);
  const words = networkOf(nn.sequential([nn.embedding({ count: 30, width: 8 }), nn.linear({ in: 8, out: 4 })]));
  const tokens = ad.tensor(
    Int32Array.from({ length: 30 }, (_, i) => i),
    { shape: [5, 6] },
  );
  expect(compressNetwork(words, [tokens], { method: 'wanda' }).point.kept).toMatchObject([
    { layer: { name: '0.weight', use: 'table' }, why: 'its rows are looked up, and not multiplied by inputs' },
  ]);
  const table = compressNetwork(words, [tokens], { method: 'codebooks', bits: 5 }).point;
  expect(table.layers.map(({ name, use }) => [name, use])).toEqual([
    ['0.weight', 'table'],
    ['1.weight', 'product'],
  ]);
  expect(table.layers.map(({ lookedUp }) => lookedUp)).toEqual([true, false]);
});

test('a table that is multiplied, too, is known to be both', () => {
  const E = ad.randomNormal(ad.randomKey(4), [30, 8], 'f32');
  const tied: Network<ad.Tensor> = {
    parameters: { E },
    apply: (own, ids) => ad.matmul(ad.take(own.E, ids, 0), ad.transpose(own.E)),
  };
  const ids = ad.tensor(Int32Array.of(3, 1, 4, 1, 5), { shape: [5] });
  expect(layersOf(tied, ids)).toMatchObject([{ name: 'E', use: 'product', lookedUp: true, outputs: 30, inputs: 8 }]);
});

test('what cannot be compressed is refused by a sentence', () => {
  const bad = ad.tensor(new Float32Array(24).fill(Number.NaN), { shape: [2, 12] });
  expect(() => compressNetwork(mlp, [bad], { method: 'wanda' })).toThrow(
    "The inputs of the layer '0.weight' are not finite: Input 0 of calibration row 0 is NaN; remove this row.",
  );
  const weights = {
    ...mlp.parameters,
    '0.weight': ad.tensor(new Float32Array(192).fill(Number.NaN), { shape: [16, 12] }),
  };
  expect(() => compressNetwork({ ...mlp, parameters: weights }, [x], { method: 'magnitude' })).toThrow('is NaN');
  expect(() => compressNetwork(mlp, [], { method: 'int8' })).toThrow('needs at least one batch');
  expect(() => compressNetwork(mlp, [x], { method: 'wanda', density: 0.5, pattern: '2:4' })).toThrow('not both');
  expect(() => compressNetwork(mlp, [x], { method: 'armor', density: 0.5 })).toThrow('by groups, such as 2:4');
  expect(() => compressNetwork(mlp, [x], { method: 'none' as never })).toThrow('method must be one of int8');
  expect(() => compressNetwork(mlp, [x], { method: 'int8', bit: 3 } as never)).toThrow("no option 'bit'");
});

test('reconstruction of one layer is drawn to its weights by damping', () => {
  const W = DenseMatrix.fromColumnMajor(
    Float64Array.from({ length: 8 }, () => random.normal()),
    2,
    4,
  );
  const moments = momentsOf(
    Float64Array.from({ length: 40 }, () => random.normal()),
    4,
  );
  const mask = Uint8Array.of(1, 1, 0, 1, 1, 0, 1, 1);
  const held = reconstructWeights(W, mask, moments, { damping: 1e6 });
  close(
    held.data,
    W.data.map((w, i) => w * mask[i]),
    1e-5,
  );
});
