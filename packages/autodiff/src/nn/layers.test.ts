import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { kinds } from './registry.ts';
import { checkDerivatives, draws } from './testing.ts';

// Convolutions over one and three axes and in groups, norms of groups, and activations.

ort.env.wasm.numThreads = 1;
const draw = draws(31);
const key = ad.randomKey(5);
const activations = ['gelu-tanh', 'leaky-relu', 'elu', 'celu', 'selu', 'softsign', 'hardtanh'] as const;

const cases: Readonly<Record<string, readonly [nn.Layer, ad.Shape]>> = {
  conv1d: [nn.conv1d({ in: 2, out: 3, kernel: 3, stride: 2, padding: 1, dilation: 2 }), [2, 7, 2]],
  'conv1d in groups': [nn.conv1d({ in: 4, out: 2, kernel: 2, padding: 'same', groups: 2, bias: false }), [1, 3, 4]],
  'conv2d in groups': [nn.conv2d({ in: 4, out: 6, kernel: [2, 3], padding: 'same', groups: 2 }), [2, 3, 3, 4]],
  'conv2d depthwise': [nn.conv2d({ in: 2, out: 4, kernel: 2, groups: 2 }), [1, 3, 3, 2]],
  conv3d: [nn.conv3d({ in: 1, out: 2, kernel: [2, 1, 2], stride: [1, 2, 1], padding: [1, 0, 0] }), [2, 2, 3, 3, 1]],
  'conv3d same': [nn.conv3d({ in: 2, out: 2, kernel: [2, 3, 1], padding: 'same', groups: 2 }), [1, 2, 3, 2, 2]],
  groupNorm: [nn.groupNorm({ groups: 2, features: 4 }), [2, 3, 2, 4]],
  'groupNorm of rows': [nn.groupNorm({ groups: 2, features: 6 }), [3, 6]],
  instanceNorm: [nn.instanceNorm({ features: 2, affine: true }), [2, 5, 2]],
  'instanceNorm of volumes': [nn.instanceNorm({ features: 2 }), [2, 2, 2, 3, 2]],
  ...Object.fromEntries(
    activations.map((name) => [name, [nn.sequential([nn.linear({ in: 3, out: 4 }), nn.activation({ name })]), [2, 3]]]),
  ),
};

describe.each(Object.entries(cases))('%s', (name, [layer, shape]) => {
  const first = nn.init(layer, key, { dtype: 'f64' });
  const names = Object.keys(first);
  // Within the kinks.
  const x = ad.mul(draw(shape), name === 'hardtanh' ? 0.1 : 1);
  // Not at the first values: there norms have scales of 1.
  const p = names.map((n) => ad.add(first[n], ad.mul(draw(first[n].shape), 0.3)));
  const named = (own: readonly ad.Tensor[]) => Object.fromEntries(names.map((n, k) => [n, own[k]]));

  test('derivatives', () => {
    checkDerivatives(name, (own, ...rest) => nn.apply(layer, named(rest), own), [x, ...p]);
  });

  test('gradients of every example by vmap', () => {
    const slope = (one: ad.Tensor) => ad.grad((v: ad.Tensor) => ad.sum(ad.square(nn.apply(layer, named(p), v))))(one);
    const many = ad.stack([x, ad.mul(x, 0.5)]);
    const all = ad.vmap(slope)(many);
    for (const b of [0, 1]) {
      const found = ad.slice(all, b).data();
      for (const [i, v] of slope(ad.slice(many, b)).data().entries()) expect(found[i]).toBeCloseTo(v, 10);
    }
  });

  test('ONNX', async () => {
    const single = Object.fromEntries(names.map((n, k) => [n, ad.cast(p[k], 'f32')]));
    const input = ad.cast(x, 'f32');
    const session = await ort.InferenceSession.create(nn.toOnnx(layer, single, { input: [null, ...shape.slice(1)] }));
    const { output } = await session.run({
      input: new ort.Tensor('float32', input.data() as Float32Array, [...shape]),
    });
    const here = nn.apply(layer, single, input);
    expect(output.dims).toEqual(here.shape);
    for (const [i, v] of here.data().entries()) expect((output.data as Float32Array)[i]).toBeCloseTo(v, 4);
  });

  test('JSON', () => {
    expect(nn.checkArchitecture(JSON.parse(JSON.stringify(layer)))).toEqual(layer);
  });
});

test('invalid options and inputs are named', () => {
  const bad = (f: () => unknown, pattern: RegExp) => expect(f).toThrow(pattern);
  bad(
    () => nn.conv1d({ in: 1, out: 1, kernel: [2, 2] as never }),
    /conv1d: kernel must be a whole number of at least 1/,
  );
  bad(() => nn.conv3d({ in: 1, out: 1, kernel: [2, 2] as never }), /three for depth, rows and columns/);
  bad(
    () => nn.conv2d({ in: 3, out: 4, kernel: 1, groups: 2 }),
    /3 input and 4 output channels cannot be divided into 2/,
  );
  bad(() => nn.conv1d({ in: 1, out: 1, kernel: 1, stride: 2, padding: 'same' }), /requires a stride of 1/);
  bad(() => nn.groupNorm({ groups: 2, features: 3 }), /3 channels cannot be divided into 2 equal groups/);
  const apply = (layer: nn.Layer, shape: ad.Shape) => () =>
    nn.apply(layer, nn.init(layer, key), ad.full(shape, 0, 'f32'));
  bad(apply(nn.conv1d({ in: 2, out: 1, kernel: 1 }), [1, 2]), /conv1d of \[1, 2\].*sequences \[n, t, 2\]/);
  bad(apply(nn.conv1d({ in: 2, out: 1, kernel: 3 }), [1, 2, 2]), /the 3 kernel is larger than the padded sequences/);
  bad(apply(nn.conv3d({ in: 1, out: 1, kernel: 2 }), [1, 1, 2, 2, 1]), /2 × 2 × 2 kernel.*padded volumes/);
  bad(apply(nn.groupNorm({ groups: 1, features: 3 }), [2, 4]), /takes \[n, 3\]/);
});

test('losses refuse what does not fit, and unknown options', () => {
  const { losses } = nn;
  const [x, y] = [draw([2, 3]), draw([2, 1])];
  const classes = ad.tensor(Int32Array.from([0, 2]));
  const bad = (f: () => unknown, pattern: RegExp) => expect(f).toThrow(pattern);
  const { mse, mae, huber, bceWithLogits, kl, hinge, cosine, triplet, crossEntropy, nll } = losses;
  for (const [name, f] of Object.entries({ mse, mae, huber, bceWithLogits, kl, hinge })) {
    bad(() => f(x, y), new RegExp(`losses\\.${name} takes tensors of the same shape, not \\[2, 3\\] and \\[2, 1\\]`));
    bad(() => f(x, x, { other: 1 } as never), /has no option 'other'/);
    bad(() => f(x, x, { reduction: 'avg' as never }), /reduction must be one of mean, sum, none/);
  }
  bad(() => cosine(x, x, y), /same shape, not \[2\] and \[2, 1\]/);
  bad(() => triplet(x, x, y), /same shape/);
  for (const f of [cosine, triplet]) bad(() => f(x, x, x, { other: 1 } as never), /has no option 'other'/);
  for (const f of [crossEntropy, nll]) {
    bad(() => f(x, y), /a class \(i32\) for each row, not \[2, 3\] and f64 of \[2, 1\]/);
    bad(() => f(x, classes, { other: 1 } as never), /has no option 'other'/);
  }
  bad(() => crossEntropy(x, classes, { labelSmoothing: 1 }), /labelSmoothing must be at least 0 and below 1/);
  bad(() => huber(x, x, { delta: 0 }), /delta must be/);
});

test('the table of options in the docs has all of them, with their defaults', () => {
  const text = readFileSync(new URL('../../../../docs/nn.md', import.meta.url), 'utf8');
  const rows = text.slice(text.indexOf('### Options'), text.indexOf('**Cross-attention**')).split('\n');
  for (const [kind, { options }] of kinds) {
    if (Object.keys(options).length === 0) continue;
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${kind}\``));
    expect(row, kind).toBeDefined();
    for (const [name, { fallback }] of Object.entries(
      options as Readonly<Record<string, { readonly fallback?: unknown }>>,
    )) {
      const shown = typeof fallback === 'string' ? `'${fallback}'` : fallback === 1e-5 ? '1e-5' : String(fallback);
      const value = typeof fallback === 'object' ? '(none)' : `(${shown})`;
      expect(row, `${kind}: ${name}`).toContain(fallback === undefined ? `\`${name}\`` : `\`${name}\` ${value}`);
    }
    const given = [...row!.split('|')[2].matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(given.filter((name) => !(name in options) && name !== 'multiHeadAttention')).toEqual([]);
  }
});
