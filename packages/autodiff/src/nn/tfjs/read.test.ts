import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { Builder } from './testing.ts';

// Files of TensorFlow.js: shards, quantised weights, ragged inputs, and what cannot be read.

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const from =
  (files: Readonly<Record<string, Uint8Array>>): nn.External =>
  (path, at, length) =>
    files[path].subarray(at, length === undefined ? undefined : at + length);

/** x·W + b as model.json with this manifest. */
function model(weightsManifest: object): Uint8Array {
  const node = [
    {
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '2' }] } } },
    },
    { name: 'W', op: 'Const' },
    { name: 'b', op: 'Const' },
    { name: 'product', op: 'MatMul', input: ['x', 'W'] },
    { name: 'y', op: 'BiasAdd', input: ['product', 'b', '^x'] },
  ];
  return bytesOf(JSON.stringify({ format: 'graph-model', modelTopology: { node }, weightsManifest }));
}
const plain = [
  { name: 'W', shape: [2, 3], dtype: 'float32' },
  { name: 'b', shape: [3], dtype: 'float32' },
];
const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30).buffer);
const x = ad.tensor(Float32Array.of(1, -1), { shape: [1, 2] });

test('tensors across shards, by their names in the file', () => {
  const files = { a: numbers.slice(0, 10), b: numbers.slice(10, 30), c: numbers.slice(30) };
  const read = nn.read(model([{ paths: ['a', 'b', 'c'], weights: plain }]), { external: from(files) });
  expect(nn.apply(read.model, read.parameters, x).toArray()).toEqual([[7, 17, 27]]);
  expect(nn.parameterShapes(read.model)).toEqual({ W: [2, 3], b: [3] });
  expect(read.inputs).toEqual([{ name: 'x', type: 'f32', shape: [null, 2] }]);
  expect(read.outputs.map(({ name }) => name)).toEqual(['y']);
});

test('quantised weights', () => {
  const weights = [
    { ...plain[0], quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
    { ...plain[1], quantization: { dtype: 'float16' } },
  ];
  const halves = Uint8Array.from([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00]); // 1, −2, 2⁻²⁴
  const files = { a: Uint8Array.from([0, 2, 4, 6, 8, 255, ...halves]) };
  const { parameters } = nn.read(model([{ paths: ['a'], weights }]), { external: from(files) });
  expect([...parameters.W.data()]).toEqual([-1, 0, 1, 2, 3, 126.5]);
  expect([...parameters.b.data()]).toEqual([1, -2, 2 ** -24]);
});

test('weights without a graph', () => {
  const manifest = [
    {
      paths: ['a'],
      weights: [{ name: 'conv/W', shape: [2], dtype: 'float32', quantization: { dtype: 'uint16', scale: 2, min: 1 } }],
    },
    { paths: ['b'], weights: [{ name: 'count', shape: [], dtype: 'int32' }] },
  ];
  const files = { a: Uint8Array.from([1, 0, 0, 1]), b: Uint8Array.from([255, 255, 255, 255]) };
  const read = nn.readWeights(bytesOf(JSON.stringify(manifest)), { external: from(files) });
  expect([...read['conv/W'].data()]).toEqual([3, 513]);
  expect([read.count.dtype, read.count.item()]).toEqual(['i32', -1]);
});

const refused = (file: Uint8Array, external?: nn.External): string => {
  try {
    nn.read(file, external ? { external } : {});
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('what is missing or damaged is told', () => {
  const whole = model([{ paths: ['a'], weights: plain }]);
  expect(refused(whole)).toContain("'a'");
  expect(refused(whole, from({ a: numbers.slice(1) }))).toContain("take 36 bytes, but their files have 35: 'a' 35");
  expect(refused(whole, from({ a: new Uint8Array(40) }))).toContain('36 bytes, but their files have 40');
  expect(refused(model([{ paths: ['a'], weights: plain.slice(1) }]), from({ a: numbers }))).toContain("'W'");
  expect(refused(bytesOf('{"modelTopology": '))).toContain('begins as JSON, but is not');
  expect(refused(bytesOf('{"weights": []}'))).toContain('no modelTopology');
  expect(refused(bytesOf('{"modelTopology": {"node": [{"op": "Add"}]}}'))).toContain('node 0, its name must be text');
  expect(refused(bytesOf('{"format": "layers-model", "modelTopology": {}}'))).toContain('class_name must be text');
  const text = new TextDecoder().decode(whole);
  for (let n = 1; n < text.length; n++) expect(refused(bytesOf(text.slice(0, n)), from({ a: numbers }))).not.toBe('');
});

test('operators that are not supported are named, and the rest is inspected', () => {
  const b = new Builder();
  b.input('x', [-1, 4]);
  const boxes = b.node('NonMaxSuppressionV3', [b.node('Relu', ['x'])]);
  b.node('Concat', [b.node('Shape', ['x']), `${boxes}:1`, boxes]);
  const read = b.read();
  expect(read.missing.map(({ op }) => op)).toEqual([
    'tensorflow.NonMaxSuppressionV3',
    'tensorflow.Concat (its axis is computed, which is not supported)',
  ]);
  const facts = nn.inspectOnnx(bytesOf(b.json()), { external: () => new Uint8Array() });
  expect(facts.nodes.map(({ op }) => op).sort()).toEqual([...read.missing.map(({ op }) => op), 'Relu', 'Shape'].sort());
  expect(facts.missing).toEqual(read.missing);
  expect(() => nn.apply(read.model, {}, ad.full([1, 4], 1, 'f32'))).toThrow('NonMaxSuppressionV3');
});

/** The sum of embeddings of a ragged batch; `mixed` subtracts from each row of the list the first one. */
function bag(mixed: boolean): Builder {
  const b = new Builder();
  b.input('at', [-1, 2], 'int32');
  b.input('ids', [-1], 'int32');
  const [zero, none] = [b.constant([0], []), b.constant([-1], [])];
  const shape = b.node('Add', [b.node('Max', ['at', zero], { keep_dims: false }), b.constant([1, 1])]);
  const dense = b.node('SparseToDense', ['at', shape, 'ids', none]);
  const mask = b.node('Greater', [dense, none]);
  const table = b.constant([1, 2, 3, 4, 5, 6, 7, 8], [4, 2], 'float32');
  let rows = b.node('Exp', [b.node('GatherV2', [table, 'ids', zero])]);
  if (mixed) rows = b.node('Sub', [rows, b.node('Max', [rows, zero], { keep_dims: false })]);
  const places = b.node('Where', [mask]);
  const full = b.node('ConcatV2', [b.node('Shape', [mask]), b.constant([2]), zero]);
  const batch = b.node('ScatterNd', [places, rows, full], { T: { type: 1 } });
  b.node('Sum', [batch, b.constant([1])], { keep_dims: false });
  return b;
}
const places = ad.tensor(Int32Array.of(0, 0, 0, 1, 1, 0), { shape: [3, 2] });
const three = ad.tensor(Int32Array.of(2, 0, 3));
const e = Math.exp;

test('a ragged batch becomes a padded one where its rows stay apart', () => {
  const { model: padded, parameters, inputs } = bag(false).read();
  expect(inputs).toEqual([{ name: 'ids', type: 'i64', shape: [null, null] }]);
  const ids = ad.tensor(Int32Array.of(2, 0, 3, -1), { shape: [2, 2] });
  const y = ad
    .compile((t: ad.Tensor) => nn.apply(padded, parameters, t))(ids)
    .data();
  [e(5) + e(1), e(6) + e(2), e(7), e(8)].forEach((v, i) => {
    expect(Math.abs(y[i] - v)).toBeLessThan(1e-6 * e(8));
  });
});

test('where rows are mixed, it stays ragged, and runs uncompiled', () => {
  const { model: ragged, parameters, inputs } = bag(true).read();
  expect(inputs.map(({ name }) => name)).toEqual(['at', 'ids']);
  const run = () => Object.values(nn.applyGraph(ragged, parameters, { at: places, ids: three }))[0];
  const y = run().data();
  [e(5) + e(1) - 2 * e(7), e(6) + e(2) - 2 * e(8), 0, 0].forEach((v, i) => {
    expect(Math.abs(y[i] - v)).toBeLessThan(1e-6 * e(8));
  });
  const compiled = ad.compile((at: ad.Tensor, ids: ad.Tensor) => nn.applyGraph(ragged, parameters, { at, ids }));
  expect(() => compiled(places, three)).toThrow('depends on the data');
});

/** scripts/unknown-options.test.ts looks for this. */
function refusesUnknown(name: string, call: (options: object) => unknown): void {
  test(`${name} refuses an option that it does not know`, () => {
    expect(() => call({ surely_not: 1 })).toThrow("has no option 'surely_not'");
  });
}
refusesUnknown('readWeights', (options) => nn.readWeights(bytesOf('[]'), options));

test('graphs with cycles, and nodes without their inputs', () => {
  const nodes = (...node: object[]) => bytesOf(JSON.stringify({ modelTopology: { node }, weightsManifest: [] }));
  const y = { name: 'y', op: 'Relu', input: ['a'] };
  const passed = nodes({ name: 'a', op: 'Identity', input: ['b'] }, { name: 'b', op: 'Identity', input: ['a'] }, y);
  expect(refused(passed)).not.toBe('');
  const products = nodes({ name: 'a', op: 'BatchMatMul', input: ['a', 'a'], attr: { adj_y: { b: true } } }, y);
  expect(refused(products)).toContain('cycle');
  const short = nodes({ name: 'x', op: 'Placeholder' }, { name: 'a', op: 'Reshape', input: ['x'] }, y);
  expect(refused(short)).toMatch(/^node 'a' \(Reshape\): it has 1 inputs, and needs more \(/);
  expect(nn.read(nodes({ name: 'a', op: 'Transpose' }, y)).missing[0].op).toContain('tensorflow.Transpose');
});
