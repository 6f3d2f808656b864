import { expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { examples, numbers } from './testing.ts';

/** Parameters of a model with packed weights, and the same as tensors. */
function both(layer: nn.Layer, form: string): { packed: nn.Weights; plain: nn.Parameters } {
  const next = numbers(7);
  const packed = Object.fromEntries(
    Object.entries(nn.init(layer, ad.randomKey(3))).map(([name, x]) => [
      name,
      x.rank < 2 ? x : ad.packedTensor(scaled(examples[form](x.shape, next))),
    ]),
  );
  return { packed, plain: nn.unpackParameters(packed) };
}

/** Weights of a size with which networks do not overflow. */
function scaled(matrix: ad.PackedMatrix): ad.PackedMatrix {
  const { arrays } = matrix as unknown as { arrays: Record<string, Float32Array> };
  const name = matrix.form === 'codebooks' ? 'codebooks' : matrix.form === 'int8' ? 'scales' : 'values';
  const by = matrix.form === 'int8' ? 0.002 : 0.2;
  return { ...matrix, arrays: { ...arrays, [name]: arrays[name].map((v) => by * v) } } as never;
}

const draw = (...shape: number[]): ad.Tensor => ad.randomNormal(ad.randomKey(5), shape, 'f32');
function near(got: ad.Tensor, expected: ad.Tensor): void {
  expect(got.shape).toEqual(expected.shape);
  const e = expected.data();
  for (const [i, v] of got.data().entries()) expect(v).toBeCloseTo(e[i], 4);
}

const tokens = ad.tensor(Int32Array.of(1, 4, 9), { shape: [1, 3] });
const forms = Object.keys(examples);
const plainly = (weights: nn.Weights): unknown => JSON.parse(JSON.stringify(weights));

test.each(forms)('%s: networks run as with unpacked weights, at once and compiled', (form) => {
  const layers: ReadonlyArray<readonly [nn.Layer, ad.Tensor]> = [
    [nn.sequential([nn.linear({ in: 13, out: 24 }), nn.relu(), nn.linear({ in: 24, out: 5 })]), draw(3, 13)],
    [nn.sequential([nn.embedding({ count: 11, width: 16 }), nn.transformerBlock({ width: 16, heads: 2 })]), tokens],
    [nn.conv2d({ in: 3, out: 6, kernel: 3 }), draw(1, 7, 7, 3)],
  ];
  for (const [layer, x] of layers) {
    const { packed, plain } = both(layer, form);
    const expected = nn.apply(layer, plain, x);
    near(nn.apply(layer, packed, x), expected);
    near(ad.compile((x: ad.Tensor) => nn.apply(layer, packed, x))(x), expected);
    near(ad.compile((p: nn.Weights, x: ad.Tensor) => nn.apply(layer, p, x))(packed, x), expected);
    expect(nn.countParameters(packed)).toBe(nn.countParameters(plain));
  }
});

test.each(forms)('%s: language models generate the same tokens', (form) => {
  const layer = nn.sequential([
    nn.embedding({ count: 11, width: 16 }),
    nn.transformerBlock({ width: 16, heads: 2, causal: true }),
    nn.unembedding({ table: '0.weight' }),
  ]);
  const { packed, plain } = both(layer, form);
  near(nn.apply(layer, packed, tokens), nn.apply(layer, plain, tokens));
  expect([...nn.generate(layer, packed, [1, 4, 9], { count: 6 })]).toEqual([
    ...nn.generate(layer, plain, [1, 4, 9], { count: 6 }),
  ]);
});

test('a compiled network with 2:4 weights takes at most 0.7 of the memory', () => {
  const layer = nn.sequential([nn.linear({ in: 256, out: 256 }), nn.relu(), nn.linear({ in: 256, out: 128 })]);
  const { packed, plain } = both(layer, 'groups');
  const x = draw(1, 256);
  const bytes = (p: nn.Weights) => ad.compile((x: ad.Tensor) => nn.apply(layer, p, x)).prepare(x).bytes;
  expect(bytes(packed)).toBeLessThanOrEqual(0.7 * bytes(plain));
  const given = (p: nn.Weights) =>
    ad.compile((p: nn.Weights, x: ad.Tensor) => nn.apply(layer, p, x)).prepare(p, x).bytes;
  expect(given(packed)).toBeLessThanOrEqual(0.7 * given(plain));
});

test('packed weights in trees; export as they are unpacked', () => {
  const layer = nn.linear({ in: 8, out: 4 });
  const { packed, plain } = both(layer, 'groups');
  expect(nn.flattenParameters({ a: [packed] })).toEqual({ 'a.0.weight': packed.weight, 'a.0.bias': packed.bias });
  expect(nn.parameterTree(nn.flattenParameters({ a: [packed] }) as never)).toEqual({ a: [packed] });
  expect(() => nn.flattenParameters(packed.weight as ad.PackedTensor)).toThrow('not a single tensor');
  expect(nn.parameterBytes(packed)).toBe(64 * 4 + 4 * 4 + 4 * 4);
  expect(nn.toOnnx(layer, packed, { input: [null, 8] })).toEqual(nn.toOnnx(layer, plain, { input: [null, 8] }));
});

test.each(forms)('%s: files keep packed weights, or loadModel expands them', (form) => {
  const layer = nn.sequential([nn.linear({ in: 9, out: 12 }), nn.linear({ in: 12, out: 3 })]);
  const { packed, plain } = both(layer, form);
  const stored = nn.saveModel(layer, packed, { metadata: { note: 'packed' } });
  expect(plainly(nn.loadModel(stored, { packed: 'keep' }).parameters)).toEqual(plainly(packed));
  expect(plainly(nn.loadModel(stored).parameters)).toEqual(plainly(plain));
  expect(nn.loadModel(stored, { dtype: 'f64' }).parameters['0.weight'].dtype).toBe('f64');
  expect(stored.metadata.note).toBe('packed');
});

test('decoder blocks attend to a source with packed weights', () => {
  const layer = nn.decoderBlock({ width: 16, heads: 2 });
  const { packed, plain } = both(layer, 'codebooks');
  const [x, source] = [draw(2, 5, 16), draw(2, 3, 16)];
  const run = ad.compile((p: nn.Weights, x: ad.Tensor) => nn.apply(layer, p, x, { source }));
  near(run(packed, x), nn.apply(layer, plain, x, { source }));
});

test('damaged packed weights of files are refused in sentences', () => {
  const layer = nn.linear({ in: 9, out: 12 });
  const { tensors, metadata } = nn.saveModel(layer, both(layer, 'codebooks').packed);
  const load = (text: string, given: object = tensors) =>
    nn.loadModel({ tensors: given as typeof tensors, metadata: { ...metadata, 'southwell.packed': text } });
  const text = metadata['southwell.packed'];
  expect(() => load(text.replace('"version":1', '"version":2'))).toThrow('have version 2 of their format');
  expect(() => load('{')).toThrow("'southwell.packed' of the metadata is not valid JSON");
  expect(() => load('{"version":1}')).toThrow('has no matrices');
  const { 'weight.codes': codes, ...rest } = tensors;
  expect(() => load(text, rest)).toThrow(
    "The packed parameter 'weight': packedTensor: the packed matrix is damaged: it has no codes",
  );
  const short = { ...codes, values: codes.values.subarray(1), shape: [codes.shape[0] - 1] };
  expect(() => load(text, { ...rest, 'weight.codes': short })).toThrow(/needs 24 entries in codes, not 23/);
  expect(() => nn.loadModel({ tensors, metadata }, { packed: 'keep', dtype: 'f64' })).toThrow('have single precision');
  expect(() => nn.loadModel({ tensors, metadata }, { packed: 'both' as never })).toThrow(
    'packed must be keep or expand',
  );
});
