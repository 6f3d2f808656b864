import { randomKey, tensor } from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { describe, expect, test } from 'vitest';
import { networkAnswer, networkInput, valuesPicture } from './answer.ts';
import { networkDrawing } from './drawing.ts';
import { OpenNetwork } from './open.ts';
import { bytesText } from './words.ts';

const layer = nn.sequential([
  nn.conv2d({ in: 3, out: 4, kernel: 3 }),
  nn.relu(),
  nn.residual(nn.sequential([nn.conv2d({ in: 4, out: 4, kernel: 3, padding: 1 }), nn.relu()])),
  nn.flatten(),
  nn.linear({ in: 4 * 6 * 5, out: 3 }),
]);
const parameters = nn.init(layer, randomKey(1));
const onnx = nn.toOnnx(layer, parameters, { input: [null, 8, 7, 3] });
const pixels = (n: number) => Float64Array.from({ length: n }, (_, i) => (37 * i) % 256);

test('a network of images: what it takes, its words, and the answer of the layer itself', () => {
  const network = new OpenNetwork(onnx);
  const { words, inputs, refused } = network.view;
  expect(refused).toBeUndefined();
  expect(inputs).toEqual([{ name: inputs[0].name, kind: 'image', height: 8, width: 7, channels: 3 }]);
  expect(words.size).toMatch(/ layers, 625 numbers in 7 arrays, 2\.51 kB \(ONNX, opset \d+ by southwell\)$/);
  expect(words.operators).toContain('2 × Conv');
  const image = pixels(8 * 7 * 3);
  const { outputs, layers } = network.answer({ [inputs[0].name]: image }, 'from -1 to 1');
  const x = tensor(
    image.map((v) => v / 127.5 - 1),
    { shape: [1, 8, 7, 3], dtype: 'f32' },
  );
  const expected = nn.apply(layer, parameters, x).toArray() as number[][];
  for (const [i, v] of outputs[0].first.entries()) expect(v).toBeCloseTo(expected[0][i], 5);
  const top = outputs[0].largest[0];
  expect(top[1]).toBe(Math.max(...outputs[0].first));
  expect(outputs[0].first[top[0]]).toBe(top[1]);

  const { nodes } = network.view.facts;
  const relu = nodes.findIndex(({ op }) => op === 'Relu');
  expect(layers[relu]).toMatchObject({ least: 0, notFinite: 0 });
  expect(layers[relu]!.zeros).toBeGreaterThan(0);
  const conv = nodes.findIndex(({ op }) => op === 'Conv');
  const { values, arrays } = network.look(conv);
  // Four planes of 6 × 5, one beside the other.
  expect(values!.picture).toMatchObject({ type: 'image', width: 11, height: 13 });
  expect(arrays[0].facts.shape).toEqual([4, 3, 3, 3]);
  expect(arrays[0].seen!.picture.type).toBe('image');
});

test('the drawing: chains between matrices, a branch around the residual block', () => {
  const { drawing, facts } = new OpenNetwork(onnx).view;
  const [conv] = drawing.blocks.flatMap(({ title }, k) => (title.startsWith('Conv') ? [k] : []));
  expect(drawing.edges.filter(([from]) => from === conv)).toHaveLength(2);
  expect(drawing.blocks[0]).toEqual({ title: facts.inputs[0].name, lines: [expect.any(String)], nodes: [] });
  expect(drawing.blocks.at(-1)!.title).toBe(facts.outputs[0].name);
  const drawn = drawing.blocks.flatMap(({ nodes }) => nodes);
  expect(new Set(drawn).size).toBe(drawn.length);
});

describe('drawings of many nodes', () => {
  const node = (name: string, input: string, output: string) => ({
    ...{ name, op: 'MatMul', inputs: [input, `w.${output}`], outputs: [output], tensors: [`w.${output}`] },
    ...{ numbers: 4, bytes: 16 },
  });
  const facts = (names: readonly string[]): nn.NetworkFacts => ({
    ...{ format: 'ONNX', producer: '', metadata: {}, opset: 17, missing: [], notes: [] },
    inputs: [{ name: 'v0', type: 'f32', shape: [1, 2] }],
    outputs: [{ name: `v${names.length}`, type: 'f32', shape: [1, 2] }],
    nodes: names.map((name, k) => node(name, `v${k}`, `v${k + 1}`)),
    tensors: names.map((_, k) => ({ name: `w.v${k + 1}`, type: 'f32', shape: [2, 2], size: 4, bytes: 16 })),
  });

  test('parts by name', () => {
    const names = Array.from({ length: 90 }, (_, k) => `/layers.${Math.floor(k / 9)}/attention/MatMul_${k}`);
    const { blocks, edges, note } = networkDrawing(facts(names));
    expect(blocks).toHaveLength(12);
    expect(blocks[1].nodes).toHaveLength(9);
    expect(edges).toHaveLength(11);
    expect(note).toBeUndefined();
  });

  test('the first of those without names', () => {
    const { blocks, note } = networkDrawing(facts(Array.from({ length: 90 }, () => '')));
    expect(blocks).toHaveLength(62);
    expect(note).toBe('Not drawn: all blocks after the first 60.');
  });
});

describe('inputs', () => {
  const value = (shape: nn.GraphValue['shape'], type = 'f32'): nn.GraphValue => ({ name: 'x', type, shape });

  test('by their shapes and types', () => {
    expect(networkInput(value(['n', 3, 'h', 'w']))).toMatchObject({ kind: 'image', height: 224, width: 224 });
    expect(networkInput(value([1, 32, 28, 1]))).toMatchObject({ kind: 'image', height: 32, width: 28, channels: 1 });
    expect(networkInput(value(['n', 12]))).toMatchObject({ kind: 'numbers', count: 12, open: false });
    expect(networkInput(value(['n', 'tokens'], 'i64'))).toMatchObject({ kind: 'whole', count: 1, open: true });
    expect(networkInput(value(null))).toMatchObject({ kind: 'numbers', open: true });
    expect(networkInput(value([]))).toMatchObject({ kind: 'numbers', count: 1, open: false });
  });

  test('numbers that do not fit', () => {
    const dense = nn.linear({ in: 2, out: 1 });
    const network = nn.read(nn.toOnnx(dense, nn.init(dense, randomKey(1)), { input: [null, 2] }));
    const [{ name }] = network.inputs;
    expect(() => networkAnswer(network, { [name]: [1, 2, 3] })).toThrow(`'${name}' takes 2 numbers, `);
    expect(() => networkAnswer(network, { [name]: [] })).toThrow('has no numbers');
    expect(() => networkAnswer(network, {})).toThrow(`There are no numbers for the input '${name}'.`);
  });
});

describe('pictures', () => {
  test('a matrix, a vector, channels at the end, and more planes than are drawn', () => {
    const of = (shape: readonly number[], last = false) =>
      valuesPicture(
        tensor(
          Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
          { shape },
        ),
        last,
      );
    expect(of([2, 3])!.picture).toMatchObject({ width: 3, height: 2, values: [0, 1, 2, 3, 4, 5] });
    expect(of([1, 4])!.picture).toMatchObject({ width: 4, height: 1 });
    expect(of([1, 2, 2, 2], true)!.picture).toMatchObject({ width: 5, height: 2 });
    const { values } = of([1, 2, 2, 2], true)!.picture as { values: readonly number[] };
    expect(values).toEqual([0, 2, Number.NaN, 1, 3, 4, 6, Number.NaN, 5, 7]);
    expect(of([100, 3, 3])!.note).toBe('The first 36 of 100 planes.');
    expect(of([1])).toBeUndefined();
    // Means of 4 × 4 cells.
    expect(of([1, 2048, 2048])!.picture).toMatchObject({ width: 512, height: 512 });
  });
});

test('networks that cannot be run say why', () => {
  const text = Buffer.from(onnx).toString('latin1').replaceAll('Relu', 'Rexu');
  const { refused, words } = new OpenNetwork(new Uint8Array(Buffer.from(text, 'latin1'))).view;
  expect(refused).toBe('It cannot be run: Rexu is not supported.');
  expect(words.notes.join()).toContain(
    'The operator Rexu is not supported, so that the network cannot be run: 2 nodes',
  );
  expect(() => new OpenNetwork(onnx.subarray(0, 100))).toThrow(/byte/);
});

test('what a file says of pixels and classes', () => {
  const view = (metadata: Readonly<Record<string, string>>) =>
    new OpenNetwork(nn.toOnnx(layer, parameters, { input: [null, 8, 7, 3], metadata })).view;
  expect(view({}).pixels).toBe('from 0 to 1');
  expect(view({}).classes).toBeUndefined();
  const told = view({ 'Image.NominalPixelRange': 'NominalRange_0_255', classes: '["a","b, c"]' });
  expect([told.pixels, told.classes]).toEqual(['from 0 to 255', ['a', 'b, c']]);
  expect(view({ labels: 'cat, dog' }).classes).toEqual(['cat', 'dog']);
});

test('bytes', () => {
  expect([999, 1000, 12_345_678, 5e12].map(bytesText)).toEqual(['999 B', '1 kB', '12.3 MB', '5000 GB']);
});
