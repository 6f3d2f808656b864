import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// What is exported, run by onnxruntime, against what runs here.

ort.env.wasm.numThreads = 1;
const key = ad.randomKey(3);
const many = (...layers: nn.Layer[]) => nn.sequential(layers);
const numbers = (shape: readonly number[]) => ad.randomNormal(ad.foldIn(key, 1), shape, 'f32');
const tokens = (shape: readonly number[], count: number) =>
  ad.cast(ad.mul(ad.randomUniform(ad.foldIn(key, 2), shape, 'f32'), count), 'i32');

const decoder = (options: Partial<nn.TransformerBlockOptions>) =>
  nn.sequential({
    embedding: nn.embedding({ count: 11, width: 8 }),
    positions: nn.positions({ count: 9, width: 8 }),
    blocks: many(
      ...[1, 2].map(() =>
        nn.transformerBlock({ width: 8, heads: 4, hidden: 12, causal: true, dropout: 0.1, ...options }),
      ),
    ),
    norm: nn.layerNorm({ features: 8 }),
    head: nn.unembedding({ table: 'embedding.weight' }),
  });
const activations = [
  'relu',
  'gelu',
  'gelu-tanh',
  'silu',
  'tanh',
  'sigmoid',
  'softplus',
  'softmax',
  'log-softmax',
] as const;

const cases: Readonly<Record<string, readonly [nn.Layer, ad.Tensor]>> = {
  'a perceptron': [
    many(
      nn.linear({ in: 5, out: 7 }),
      nn.tanh(),
      nn.dropout(),
      nn.linear({ in: 7, out: 3, bias: false }),
      nn.softmax(),
    ),
    numbers([3, 5]),
  ],
  ...Object.fromEntries(
    activations.map((name) => [name, [many(nn.linear({ in: 4, out: 6 }), nn.activation({ name })), numbers([2, 4])]]),
  ),
  'a convolutional net': [
    many(
      nn.conv2d({ in: 2, out: 4, kernel: 3, padding: 'same' }),
      nn.batchNorm({ features: 4 }),
      nn.relu(),
      nn.maxPool({ window: 2 }),
      nn.residual(
        many(nn.conv2d({ in: 4, out: 6, kernel: [3, 2], stride: 2, padding: 1, bias: false })),
        nn.conv2d({ in: 4, out: 6, kernel: [3, 2], stride: 2, padding: 1 }),
      ),
      nn.avgPool({ window: 2, stride: 1, padding: 1 }),
      nn.flatten(),
      nn.linear({ in: 72, out: 3 }),
    ),
    numbers([2, 8, 9, 2]),
  ],
  'channels first, and their means': [
    many(nn.conv2d({ in: 1, out: 2, kernel: 2, dilation: 2 }), nn.globalAvgPool(), nn.linear({ in: 2, out: 2 })),
    numbers([2, 5, 6, 1]),
  ],
  'a flat image, channels first': [
    many(nn.flatten({ channelsFirst: true }), nn.linear({ in: 24, out: 2 })),
    numbers([2, 3, 4, 2]),
  ],
  'rows normed': [many(nn.batchNorm({ features: 4 }), nn.linear({ in: 4, out: 2 })), numbers([3, 4])],
  'a transformer': [decoder({}), tokens([2, 6], 11)],
  'a transformer, norms last': [decoder({ normFirst: false, activation: 'relu', causal: false }), tokens([2, 5], 11)],
  'a transformer as in Llama': [
    decoder({ norm: 'rms', gated: true, activation: 'silu', bias: false, keyValueHeads: 2, rotary: 'neighbours' }),
    tokens([2, 6], 11),
  ],
  'rotary halves': [nn.multiHeadAttention({ width: 6, heads: 2, headWidth: 4, rotary: 'halves' }), numbers([2, 3, 6])],
  'gru, the last': [
    many(nn.gru({ in: 3, hidden: 4, layers: 2 }), nn.overPositions({ take: 'last' })),
    numbers([2, 5, 3]),
  ],
  'lstm, the mean': [
    many(nn.lstm({ in: 3, hidden: 4, layers: 2 }), nn.overPositions({ take: 'mean' })),
    numbers([2, 5, 3]),
  ],
  'without biases': [
    many(nn.gru({ in: 2, hidden: 3, bias: false }), nn.lstm({ in: 3, hidden: 2, bias: false })),
    numbers([1, 4, 2]),
  ],
};

/** A state that is not the first one. */
const stateOf = (layer: nn.Layer): nn.State =>
  ad.mapTree((x) => ad.add(x, ad.mul(ad.range(x.size, 'f32'), 0.1)), nn.initState(layer));

describe('onnxruntime gives what models give here', () => {
  test.each(Object.entries(cases))('%s', async (_, [layer, x]) => {
    const parameters = nn.init(layer, key);
    const state = stateOf(layer);
    const file = nn.toOnnx(layer, parameters, { input: [null, ...x.shape.slice(1)], state });
    const session = await ort.InferenceSession.create(file);
    const data =
      x.dtype === 'i32'
        ? new ort.Tensor('int32', x.data() as Int32Array, [...x.shape])
        : new ort.Tensor('float32', x.data() as Float32Array, [...x.shape]);
    const { output } = await session.run({ input: data });
    const here = nn.apply(layer, parameters, x, { state });
    expect(output.dims).toEqual(here.shape);
    const [found, expected] = [output.data as Float32Array, here.data()];
    const scale = 1e-5 * Math.max(1, ...expected.map(Math.abs));
    expect(expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= scale))).toBe(-1);
    await session.release();
  });
});

describe('an exported model is read back', () => {
  test.each(Object.entries(cases))('%s', (_, [layer, x]) => {
    const parameters = nn.init(layer, key);
    const state = stateOf(layer);
    const file = nn.toOnnx(layer, parameters, { input: [null, ...x.shape.slice(1)], state });
    const read = nn.read(file);
    expect(read.missing).toEqual([]);
    const [found, expected] = [
      nn.apply(read.model, read.parameters, x, { state: read.state }).data(),
      nn.apply(layer, parameters, x, { state }).data(),
    ];
    const scale = 1e-5 * Math.max(1, ...expected.map(Math.abs));
    expect(expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= scale))).toBe(-1);
    // Written again, the file is the same network.
    const again = nn.read(nn.toOnnx(read.model, read.parameters, { state: read.state }));
    expect(nn.apply(again.model, again.parameters, x, { state: again.state }).data()).toEqual(found);
  });
});

test('what is read has the gradient of the model, compiled or not, and comes back from a model file', () => {
  const [layer, x] = cases['a perceptron'];
  const parameters = nn.init(layer, key);
  const read = nn.read(nn.toOnnx(layer, parameters, { input: [null, 5] }));
  const loss = (model: nn.Layer) => (p: nn.Parameters) => ad.sum(ad.square(nn.apply(model, p, x)));
  const ours = ad.grad(loss(layer))(parameters);
  const theirs = ad.grad(loss(read.model))(read.parameters);
  const compiled = ad.compile(ad.grad(loss(read.model)))(read.parameters);
  expect(nn.countParameters(read.parameters)).toBe(nn.countParameters(parameters));
  // The exporter writes the weights of `linear` as they are or transposed: only the sums of squares are the same.
  const norms = (p: nn.Parameters) => Object.values(p).map((t) => ad.sum(ad.square(t)).item());
  const sorted = (p: nn.Parameters) => norms(p).sort((a, b) => a - b);
  sorted(theirs).forEach((v, i) => {
    expect(v).toBeCloseTo(sorted(ours)[i], 5);
    expect(sorted(compiled)[i]).toBeCloseTo(v, 5);
  });
  const stored = nn.loadModel(nn.saveModel(read.model, read.parameters));
  expect(nn.apply(stored.layer, stored.parameters, x).data()).toEqual(nn.apply(read.model, read.parameters, x).data());
  const each = ad.vmap((row: ad.Tensor) => nn.apply(read.model, read.parameters, ad.expandDims(row, 0)))(x);
  expect(each.shape).toEqual([3, 1, 3]);
});

test('names, and numbers of double precision, which ONNX gets in single', async () => {
  const layer = nn.linear({ in: 2, out: 1 });
  const parameters = nn.init(layer, key, { dtype: 'f64' });
  const names = { input: 'measured', output: 'guessed' };
  const session = await ort.InferenceSession.create(nn.toOnnx(layer, parameters, { input: [1, 2], names }));
  expect([session.inputNames, session.outputNames]).toEqual([['measured'], ['guessed']]);
  const { guessed } = await session.run({ measured: new ort.Tensor('float32', [1, 2], [1, 2]) });
  const expected = nn.apply(layer, parameters, ad.tensor([[1, 2]])).item();
  expect((guessed.data as Float32Array)[0]).toBeCloseTo(expected, 6);
});

test('what does not fit is refused before anything is written', () => {
  const layer = nn.linear({ in: 2, out: 1 });
  const parameters = nn.init(layer, key);
  expect(() => nn.toOnnx(layer, parameters, { input: [null, 3] })).toThrow('linear of [1, 3]: it takes […, 2] (');
  expect(() => nn.toOnnx(layer, parameters, { input: [2, null] })).toThrow('only the first axis may be null');
  const video = nn.batchNorm({ features: 2 });
  const state = nn.initState(video);
  expect(() => nn.toOnnx(video, nn.init(video, key), { input: [null, 3, 2], state })).toThrow(
    'is exported only for inputs',
  );
});
