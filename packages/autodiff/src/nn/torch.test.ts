import { readFileSync } from 'node:fs';
import { networkKernels } from '@southwell/kernels/networks';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// Layers and models against PyTorch: torch/values.py has the same ones, and wrote values.json.

/** The numbers of values.py. */
const wave = (shape: readonly number[], seed: number): ad.Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i + seed) + 0.3 * Math.sin(0.7 * i * i + seed)),
    { shape },
  );
};
const tokens = (shape: readonly number[], count: number): ad.Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Int32Array.from({ length: n }, (_, i) => (7 * i * i + 3 * i) % count),
    { shape },
  );
};

const block = { width: 4, heads: 2, hidden: 6, causal: true };
const layers: Readonly<Record<string, nn.Layer>> = {
  linear: nn.linear({ in: 3, out: 4 }),
  'linear without bias': nn.linear({ in: 3, out: 1, bias: false }),
  conv2d: nn.conv2d({ in: 2, out: 3, kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2] }),
  'conv2d same': nn.conv2d({ in: 1, out: 2, kernel: 3, padding: 'same', bias: false }),
  'conv2d in groups': nn.conv2d({ in: 4, out: 6, kernel: 3, padding: 1, stride: 2, groups: 2 }),
  conv1d: nn.conv1d({ in: 2, out: 3, kernel: 3, stride: 2, padding: 1, dilation: 2 }),
  'conv1d in groups': nn.conv1d({ in: 4, out: 6, kernel: 2, padding: 'same', groups: 2, bias: false }),
  conv3d: nn.conv3d({
    ...{ in: 2, out: 3, kernel: [2, 3, 1], stride: [1, 2, 1], padding: [1, 0, 0], dilation: [2, 1, 1] },
  }),
  'conv3d in groups': nn.conv3d({ in: 4, out: 4, kernel: 2, padding: 1, groups: 4 }),
  groupNorm: nn.groupNorm({ groups: 2, features: 4 }),
  'groupNorm of images': nn.groupNorm({ groups: 3, features: 6 }),
  'groupNorm of rows': nn.groupNorm({ groups: 2, features: 6 }),
  instanceNorm: nn.instanceNorm({ features: 3 }),
  'instanceNorm of images': nn.instanceNorm({ features: 2, affine: true }),
  'more activations': nn.sequential([
    ...[nn.linear({ in: 3, out: 4 }), nn.leakyRelu(), nn.linear({ in: 4, out: 4 }), nn.elu()],
    ...(['celu', 'selu', 'softsign', 'hardtanh'] as const).map((name) => nn.activation({ name })),
  ]),
  embedding: nn.embedding({ count: 5, width: 3 }),
  layerNorm: nn.layerNorm({ features: 4 }),
  rmsNorm: nn.rmsNorm({ features: 4 }),
  batchNorm: nn.batchNorm({ features: 3 }),
  'batchNorm of images': nn.batchNorm({ features: 2 }),
  'batchNorm in use': nn.batchNorm({ features: 2 }),
  'max pool': nn.maxPool({ window: 2, stride: 1, padding: 1 }),
  'average pool': nn.avgPool({ window: [2, 3], padding: [0, 1] }),
  attention: nn.multiHeadAttention({ width: 4, heads: 2 }),
  'causal attention': nn.multiHeadAttention({ width: 4, heads: 2, causal: true }),
  'masked attention': nn.multiHeadAttention({ width: 4, heads: 2 }),
  'attention to another sequence': nn.crossAttention({ width: 4, heads: 2 }),
  'attention to another sequence of another width': nn.crossAttention({ width: 4, heads: 2, sourceWidth: 3 }),
  decoderBlock: nn.decoderBlock({ width: 4, heads: 2, hidden: 6 }),
  'decoderBlock, norms last': nn.decoderBlock({
    ...{ width: 4, heads: 1, hidden: 5, activation: 'relu', normFirst: false, causal: false },
  }),
  'grouped attention': nn.multiHeadAttention({
    ...{ width: 6, heads: 4, keyValueHeads: 2, headWidth: 4, causal: true, rotary: 'halves' },
  }),
  transformerBlock: nn.transformerBlock(block),
  'transformerBlock, norms last': nn.transformerBlock({
    ...{ width: 4, heads: 1, hidden: 5, activation: 'relu', normFirst: false },
  }),
  'transformerBlock as in Llama': nn.transformerBlock({
    ...{ width: 8, heads: 4, keyValueHeads: 2, hidden: 5, activation: 'silu', gated: true, norm: 'rms' },
    ...{ bias: false, causal: true, rotary: 'neighbours' },
  }),
  gru: nn.gru({ in: 3, hidden: 5 }),
  'gru of two layers': nn.gru({ in: 3, hidden: 2, layers: 2 }),
  'gru without bias': nn.gru({ in: 2, hidden: 3, bias: false }),
  lstm: nn.lstm({ in: 3, hidden: 5 }),
  'lstm of two layers': nn.lstm({ in: 3, hidden: 2, layers: 2 }),
  'lstm without bias': nn.lstm({ in: 2, hidden: 3, bias: false }),
  'gru both ways': nn.gru({ in: 3, hidden: 2, layers: 2, bidirectional: true }),
  'lstm both ways': nn.lstm({ in: 3, hidden: 2, layers: 2, bidirectional: true }),
  'a perceptron': nn.sequential([
    ...[nn.linear({ in: 3, out: 5 }), nn.tanh(), nn.linear({ in: 5, out: 4 }), nn.relu(), nn.linear({ in: 4, out: 3 })],
  ]),
  'a convolutional net': nn.sequential([
    ...[nn.conv2d({ in: 1, out: 3, kernel: 3, padding: 1 }), nn.batchNorm({ features: 3 }), nn.relu()],
    ...[nn.maxPool({ window: 2 }), nn.conv2d({ in: 3, out: 2, kernel: 2 }), nn.gelu()],
    ...[nn.flatten({ channelsFirst: true }), nn.linear({ in: 8, out: 3 })],
  ]),
  'a transformer': nn.sequential({
    embedding: nn.embedding({ count: 5, width: 4 }),
    positions: nn.positions({ count: 6, width: 4 }),
    blocks: nn.sequential([nn.transformerBlock(block), nn.transformerBlock(block)]),
    norm: nn.layerNorm({ features: 4 }),
    head: nn.unembedding({ table: 'embedding.weight' }),
  }),
};
const given: Readonly<Record<string, nn.ApplyOptions>> = {
  'batchNorm in use': {
    train: false,
    state: { running_mean: wave([2], 5), running_var: ad.add(ad.square(wave([2], 6)), 0.5) },
  },
  'masked attention': {
    mask: ad.tensor([
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
    ]),
  },
};
/** Of those that attend to another sequence: how many positions ask, how many numbers the others have, and what of them counts. */
const sourceMask = ad.tensor([
  [1, 1, 0],
  [1, 1, 1],
]);
const crossed: Readonly<Record<string, readonly [positions: number, width: number, mask?: ad.Tensor]>> = {
  'attention to another sequence': [2, 4, sourceMask],
  'attention to another sequence of another width': [2, 3],
  decoderBlock: [2, 4, sourceMask],
  'decoderBlock, norms last': [3, 4],
};
function applied(name: string, p: nn.Parameters, x: ad.Tensor): ad.Tensor {
  if (!crossed[name]) return nn.apply(layers[name], p, x, optionsOf(name));
  const [t, width, mask] = crossed[name];
  const source = ad.slice(x, undefined, [t], [0, width]);
  return nn.apply(layers[name], p, ad.slice(x, undefined, [0, t]), { source, ...(mask ? { sourceMask: mask } : {}) });
}
const optionsOf = (name: string): nn.ApplyOptions => ({
  ...{ train: true, state: nn.initState(layers[name], { dtype: 'f64' }) },
  ...given[name],
});

interface Stored {
  readonly torch: string;
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly parameters: Readonly<Record<string, number[]>>;
        readonly input: number[] | [number[], number];
        readonly value: number[];
        readonly gradients: number[][];
        readonly second: number[][];
      }
    >
  >;
  readonly losses: Readonly<
    Record<string, { value: number[]; mean: number[]; sum: number[]; gradients: number[][]; second: number[][] }>
  >;
  readonly running: Readonly<Record<string, number[]>>;
  readonly trained: Readonly<Record<string, { losses: number[]; parameters: Readonly<Record<string, number[]>> }>>;
}
const stored: Stored = JSON.parse(readFileSync(new URL('./torch/values.json', import.meta.url), 'utf8'));

function near(found: ArrayLike<number>, expected: readonly number[], what: string, bar = 1e-10): void {
  const scale = bar * Math.max(1, ...expected.map(Math.abs));
  expect(found.length, what).toBe(expected.length);
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= scale));
  expect(wrong < 0 ? '' : `${what}: ${found[wrong]} at ${wrong}, PyTorch has ${expected[wrong]}`).toBe('');
}

const inputOf = (input: number[] | [number[], number]): ad.Tensor =>
  Array.isArray(input[0]) ? tokens(input[0], input[1] as number) : wave(input as number[], 50);
const wavesOf = (name: string): nn.Parameters =>
  Object.fromEntries(Object.entries(stored.cases[name].parameters).map(([key, shape], k) => [key, wave(shape, k + 1)]));

describe(`values, gradients and second derivatives are those of PyTorch ${stored.torch}`, () => {
  test('the same layers on both sides', () => {
    expect(Object.keys(stored.cases)).toEqual(Object.keys(layers));
  });
  test.each(Object.keys(layers))('%s', (name) => {
    const { parameters: shapes, input, value, gradients, second } = stored.cases[name];
    // Names and their order, too, are PyTorch's or written down there.
    expect(Object.entries(nn.parameterShapes(layers[name]))).toEqual(Object.entries(shapes));
    const x = inputOf(input);
    const all = { ...wavesOf(name), ...(x.dtype === 'i32' ? {} : { x }) };
    const f = ({ x: own = x, ...p }: Record<string, ad.Tensor>) => applied(name, p, own);
    const loss = (p: Record<string, ad.Tensor>) => {
      const y = f(p);
      return ad.sum(ad.mul(y, wave(y.shape, 20)));
    };
    near(f(all).data(), value, 'value');
    const slope = ad.grad(loss);
    for (const [k, d] of Object.values(ad.compile(slope)(all)).entries()) near(d.data(), gradients[k], `gradient ${k}`);
    const along = (p: Record<string, ad.Tensor>) =>
      Object.values(slope(p))
        .map((d, k) => ad.sum(ad.mul(d, wave(d.shape, 30 + k))))
        .reduce((a, b) => ad.add(a, b));
    for (const [k, d] of Object.values(ad.compile(ad.grad(along))(all)).entries())
      near(d.data(), second[k], `second ${k}`);
  });
});

describe('losses are those of PyTorch, with their derivatives', () => {
  const classes = ad.tensor(Int32Array.from([1, 3, -1, 0]));
  const { losses: l } = nn;
  type Loss = (x: ad.Tensor, y: ad.Tensor, o: nn.losses.LossOptions) => ad.Tensor;
  const functions: Readonly<Record<string, Loss>> = {
    ...{ mse: l.mse, mae: l.mae },
    huber: (x, y, o) => l.huber(x, y, { delta: 0.4, ...o }),
    bceWithLogits: (x, y, o) => l.bceWithLogits(x, ad.sigmoid(y), o),
    crossEntropy: (x, y, o) => l.crossEntropy(ad.add(x, y), classes, o),
    'crossEntropy, smoothed': (x, y, o) => l.crossEntropy(ad.mul(x, y), classes, { labelSmoothing: 0.1, ...o }),
    nll: (x, y, o) => l.nll(ad.logSoftmax(ad.mul(x, y)), classes, o),
    kl: (x, y, o) => l.kl(ad.logSoftmax(x), ad.softmax(y), o),
    cosine: (x, y, o) => l.cosine(x, y, ad.tensor([1, -1, 1, -1]), { margin: -0.2, ...o }),
    triplet: (x, y, o) => l.triplet(x, y, ad.mul(x, y), { margin: 0.7, ...o }),
    hinge: (x, y, o) => l.hinge(x, ad.sign(y), o),
  };
  test('the same losses on both sides', () => {
    expect(Object.keys(stored.losses)).toEqual(Object.keys(functions));
  });
  test.each(Object.entries(functions))('%s', (name, f) => {
    const { value, mean, sum, gradients, second } = stored.losses[name];
    const x = [wave([4, 4], 1), wave([4, 4], 2)] as const;
    near(f(...x, { reduction: 'none' }).data(), value, 'value');
    near(f(...x, {}).data(), mean, 'mean');
    near(f(...x, { reduction: 'sum' }).data(), sum, 'sum');
    const loss = (a: ad.Tensor, b: ad.Tensor) => {
      const values = f(a, b, { reduction: 'none' });
      return ad.sum(ad.mul(values, wave(values.shape, 20)));
    };
    const slope = (a: ad.Tensor, b: ad.Tensor) => ad.grad(loss, { wrt: [0, 1] })(a, b);
    for (const [k, d] of ad
      .compile(slope)(...x)
      .entries())
      near(d.data(), gradients[k], `gradient ${k}`);
    const along = (a: ad.Tensor, b: ad.Tensor) =>
      slope(a, b)
        .map((d, k) => ad.sum(ad.mul(d, wave(d.shape, 30 + k))))
        .reduce((p, q) => ad.add(p, q));
    const twice = ad.compile((a: ad.Tensor, b: ad.Tensor) => ad.grad(along, { wrt: [0, 1] })(a, b))(...x);
    for (const [k, d] of twice.entries()) near(d.data(), second[k], `second ${k}`);
    // For each example of a batch.
    const batch = x.map((t) => ad.stack([t, ad.mul(t, 0.5)]));
    const each = [0, 1].map((i) => f(ad.slice(batch[0], i), ad.slice(batch[1], i), {}).item());
    near(
      ad
        .vmap((a: ad.Tensor, b: ad.Tensor) => f(a, b, {}))(batch[0], batch[1])
        .data(),
      each,
      'vmap',
    );
  });
});

test('running statistics move as those of PyTorch', () => {
  const layer = nn.batchNorm({ features: 3 });
  const parameters = nn.init(layer, ad.randomKey(1), { dtype: 'f64' });
  let state = nn.initState(layer, { dtype: 'f64' });
  const training = ad.compile((p: nn.Parameters, s: nn.State, x: ad.Tensor) =>
    nn.applyWithState(layer, p, x, { train: true, state: s }),
  );
  for (const seed of [1, 2]) [, state] = training(parameters, state, wave([4, 3], seed));
  for (const [name, values] of Object.entries(stored.running)) near(state[name].data(), values, name);
});

describe('200 steps of Adam end where those of PyTorch do', () => {
  test.each(Object.entries(stored.trained))('%s', (name, { losses, parameters }) => {
    const x = inputOf(stored.cases[name].input);
    const start = ad.mapTree((p) => ad.mul(p, 0.5), wavesOf(name));
    const loss = (p: nn.Parameters) => {
      const y = nn.apply(layers[name], p, x, optionsOf(name));
      const classes = y.shape[y.rank - 1];
      const rows = y.size / classes;
      return ad.mean(ad.crossEntropy(ad.reshape(y, [rows, classes]), tokens([rows], 3)));
    };
    const program = ad.compile(ad.valueAndGrad(loss)).prepare(start);
    const { arena, inputs, outputs } = program;
    const n = inputs[0].length;
    const moments = arena.f64Block(2 * n);
    moments.view.fill(0);
    const [m, v] = [moments.pointer, moments.pointer + 8 * n];
    const found: number[] = [];
    for (let step = 1; step <= 200; step++) {
      program.run();
      if (step % 20 === 1) found.push(outputs[0].data[0]);
      const [rate, second] = [0.01 / (1 - 0.9 ** step), 1 / (1 - 0.999 ** step)];
      const [slope, weights] = [outputs[1].pointer, inputs[0].pointer];
      arena.use(networkKernels).adamStep(n, 0.9, 0.999, rate, second, 1e-8, 1, 0, slope, m, v, 0, weights);
    }
    // Rounding grows along the way; the bar is 1e-4.
    near(found, losses, 'loss', 1e-7);
    for (const [key, p] of Object.entries(program.inputs[0].tree)) near(p.data(), parameters[key], key, 1e-6);
    moments.free();
    program.free();
  });
});
