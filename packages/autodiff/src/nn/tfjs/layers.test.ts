import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// Models of Keras layers, against the same computed with the functions of TensorFlow.js.

const tf = createRequire(import.meta.url)('@energetic-ai/core');
await tf.ready();

type Weights = Readonly<Record<string, ad.Tensor>>;
let seed = 0;
const draw = (...shape: number[]): ad.Tensor => ad.randomNormal(ad.foldIn(ad.randomKey(9), seed++), shape, 'f32');
const above = (...shape: number[]): ad.Tensor => ad.add(ad.abs(draw(...shape)), 0.2);
const peer = (t: ad.Tensor) => tf.tensor(t.data(), t.shape, t.dtype === 'i32' ? 'int32' : 'float32');

function read(modelTopology: object, weights: Weights): nn.ReadModel {
  const bytes = Uint8Array.from(
    Object.values(weights).flatMap((t) => [...new Uint8Array(Float32Array.from(t.data()).buffer)]),
  );
  const list = Object.entries(weights).map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const json = { format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['a'], weights: list }] };
  return nn.read(new TextEncoder().encode(JSON.stringify(json)), {
    external: (_, from, length) => bytes.subarray(from, length && from + length),
  });
}

function near(
  { model, parameters, state, missing }: nn.ReadModel,
  x: ad.Tensor,
  theirs: { shape: number[]; dataSync(): Float32Array },
): void {
  expect(missing).toEqual([]);
  const back = nn.read(nn.toOnnx(model, parameters, { state }));
  for (const ours of [
    nn.apply(model, parameters, x, { state }),
    nn.apply(back.model, back.parameters, x, { state: back.state }),
  ]) {
    expect(ours.shape).toEqual(theirs.shape);
    const [a, b] = [ours.data(), theirs.dataSync()];
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThanOrEqual(1e-5);
  }
}

test('a sequence of convolutions and dense layers', () => {
  const w = {
    ...{ 'c/kernel': draw(3, 3, 2, 4), 'c/bias': draw(4), 'd/depthwise_kernel': draw(3, 3, 4, 1), 'd/bias': draw(4) },
    ...{ 'n/gamma': above(4), 'n/beta': draw(4), 'n/moving_mean': draw(4), 'n/moving_variance': above(4) },
    ...{ 'net/f/kernel': draw(36, 5), 'net/f/bias': draw(5) },
  };
  const layer = (class_name: string, name: string, config: object = {}) => ({
    class_name,
    config: { name, ...config },
  });
  const layers = [
    layer('Conv2D', 'c', {
      batch_input_shape: [null, 12, 13, 2],
      kernel_size: [3, 3],
      strides: [2, 2],
      padding: 'same',
      activation: 'relu',
    }),
    layer('BatchNormalization', 'n', { epsilon: 0.01, axis: [3] }),
    layer('DepthwiseConv2D', 'd', { padding: 'same', activation: 'linear' }),
    layer('ReLU', 'r', { max_value: 6 }),
    layer('MaxPooling2D', 'p', { pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
    layer('Dropout', 'o', { rate: 0.5 }),
    layer('Flatten', 'l'),
    layer('Dense', 'f', { units: 5, activation: 'softmax' }),
  ];
  const model = read({ model_config: { class_name: 'Sequential', config: { name: 'net', layers } } }, w);
  expect(model.inputs).toEqual([{ name: 'c_input', type: 'f32', shape: [null, 12, 13, 2] }]);
  const x = draw(3, 12, 13, 2);
  const t = Object.fromEntries(Object.entries(w).map(([name, v]) => [name, peer(v)]));
  let y = tf.relu(tf.add(tf.conv2d(peer(x), t['c/kernel'], 2, 'same'), t['c/bias']));
  y = tf.batchNorm(y, t['n/moving_mean'], t['n/moving_variance'], t['n/beta'], t['n/gamma'], 0.01);
  y = tf.relu6(tf.add(tf.depthwiseConv2d(y, t['d/depthwise_kernel'], 1, 'same'), t['d/bias']));
  y = tf.reshape(tf.maxPool(y, 2, 2, 'valid'), [3, -1]);
  near(model, x, tf.softmax(tf.add(tf.matMul(y, t['net/f/kernel']), t['net/f/bias'])));
});

test('layers that say which others they take, and a model in a model', () => {
  const w = {
    'a/kernel': draw(4, 6),
    'a/bias': draw(6),
    'b/kernel': draw(4, 6),
    'e/kernel': draw(12, 3),
    'e/bias': draw(3),
  };
  const layer = (class_name: string, name: string, inputs: readonly string[], config: object = {}) => ({
    ...{ class_name, name, config: { name, ...config } },
    inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
  });
  const inner = {
    name: 'inner',
    layers: [{ class_name: 'Dense', config: { name: 'e', units: 3, activation: 'swish' } }],
  };
  const layers = [
    layer('InputLayer', 'x', [], { batch_input_shape: [null, 4], dtype: 'float32' }),
    layer('Dense', 'a', ['x'], { units: 6, activation: 'tanh' }),
    layer('Dense', 'b', ['x'], { units: 6, use_bias: false }),
    layer('Add', 's', ['a', 'b']),
    layer('Concatenate', 'j', ['s', 'b'], { axis: -1 }),
    layer('Sequential', 'inner', ['j'], inner),
  ];
  const config = { name: 'net', layers, input_layers: [['x', 0, 0]], output_layers: [['inner', 0, 0]] };
  const x = draw(2, 4);
  const t = Object.fromEntries(Object.entries(w).map(([name, v]) => [name, peer(v)]));
  const a = tf.tanh(tf.add(tf.matMul(peer(x), t['a/kernel']), t['a/bias']));
  const b = tf.matMul(peer(x), t['b/kernel']);
  const e = tf.add(tf.matMul(tf.concat([tf.add(a, b), b], -1), t['e/kernel']), t['e/bias']);
  near(read({ class_name: 'Functional', config }, w), x, tf.mul(e, tf.sigmoid(e)));

  const twice = layers.map((one) =>
    one.name === 'a' ? { ...one, inbound_nodes: [[['x', 0, 0]], [['b', 0, 0]]] } : one,
  );
  expect(() => read({ class_name: 'Functional', config: { ...config, layers: twice } }, w)).toThrow(
    "'a' is used more than once",
  );
  const { 'a/bias': _, ...fewer } = w;
  expect(() => read({ class_name: 'Functional', config }, fewer)).toThrow("'a' has no weights 'bias'");
  const strange = layers.map((one) => (one.name === 's' ? { ...one, class_name: 'Dot' } : one));
  expect(read({ class_name: 'Functional', config: { ...config, layers: strange } }, w).missing).toEqual([
    { op: 'keras.Dot', nodes: ['s'] },
  ]);
});

test('tokens, padding, means and shapes', () => {
  const w = { 'm/embeddings': draw(7, 12) };
  const layers = [
    { class_name: 'InputLayer', config: { name: 'ids', batch_input_shape: [null, 6], dtype: 'float32' } },
    { class_name: 'Embedding', config: { name: 'm' } },
    { class_name: 'Reshape', config: { name: 'h', target_shape: [6, 4, 3] } },
    {
      class_name: 'ZeroPadding2D',
      config: {
        name: 'z',
        padding: [
          [1, 0],
          [2, 1],
        ],
      },
    },
    { class_name: 'AveragePooling2D', config: { name: 'v', pool_size: [2, 2], strides: [1, 1], padding: 'same' } },
    { class_name: 'GlobalAveragePooling2D', config: { name: 'g' } },
  ];
  const x = ad.tensor(Float32Array.of(0, 6, 3, 3, 1, 2, 5, 4, 4, 0, 1, 1), { shape: [2, 6] });
  let y = tf.gather(peer(w['m/embeddings']), tf.cast(peer(x), 'int32'));
  y = tf.pad(tf.reshape(y, [2, 6, 4, 3]), [
    [0, 0],
    [1, 0],
    [2, 1],
    [0, 0],
  ]);
  y = tf.mean(tf.avgPool(y, 2, 1, 'same'), [1, 2]);
  near(read({ class_name: 'Sequential', config: { name: 'net', layers } }, w), x, y);
});
