import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// A model that others trained: 260 thousand parameters of the form of Llama, 5 blocks, 8 heads of which two share keys and values. Its numbers
// become a safetensors file with the architecture, and the model is run from that file alone.

// Tests with data stand beside the checkout.
const folder = [
  new URL('../../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../shared/data/stories260k/', import.meta.url),
].find((url) => existsSync(new URL('stories260K.bin', url)));

const block = nn.transformerBlock({
  ...{ width: 64, heads: 8, keyValueHeads: 4, hidden: 172, causal: true, bias: false, rotary: 'neighbours' },
  ...{ norm: 'rms', gated: true, activation: 'silu' },
});
const architecture = nn.sequential({
  embedding: nn.embedding({ count: 512, width: 64 }),
  blocks: nn.sequential(Array.from({ length: 5 }, () => block)),
  norm: nn.rmsNorm({ features: 64 }),
  head: nn.unembedding({ table: 'embedding.weight' }),
});

/** The tensors of the file by our names, in the order in which they lie there. */
function read(path: URL): nn.Parameters {
  const file = readFileSync(path);
  const numbers = new Float32Array(file.buffer.slice(file.byteOffset + 28, file.byteOffset + file.byteLength));
  let at = 0;
  const out: Record<string, ad.Tensor> = {};
  const next = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    out[name] = ad.tensor(numbers.slice(at, at + size), { shape });
    at += size;
  };
  const each = (name: string, shape: readonly number[]) => {
    for (let k = 0; k < 5; k++) next(`blocks.${k}.${name}.weight`, shape);
  };
  next('embedding.weight', [512, 64]);
  each('attentionNorm', [64]);
  each('attention.query', [64, 64]);
  each('attention.key', [32, 64]);
  each('attention.value', [32, 64]);
  each('attention.out', [64, 64]);
  each('hiddenNorm', [64]);
  each('gate', [172, 64]);
  each('down', [64, 172]);
  each('up', [172, 64]);
  next('norm.weight', [64]);
  return out;
}

/** Text of tokens by the vocabulary's file. */
function decoder(path: URL): (tokens: readonly number[]) => string {
  const file = readFileSync(path);
  const pieces: string[] = [];
  for (let at = 4; at < file.length; ) {
    const length = file.readInt32LE(at + 4);
    pieces.push(file.toString('utf8', at + 8, at + 8 + length));
    at += 8 + length;
  }
  return (tokens) =>
    tokens
      .map((t) => pieces[t].replace('<0x0A>', '\n'))
      .join('')
      .trimStart();
}

/** What the provenance of the data says: ids after BOS, and their text. */
const IDS =
  '403 407 261 378 432 383 286 261 376 298 315 421 395 317 426 338 401 396 267 337 410 408 419 292 411 322 265 282 295 433 426 385 328 432 358 ' +
  '394 261 370 432 352 266 268 388 426 338 391 266 267 337 335 312 432 398 312 286 267 414 270 333 415 426 13 438 310';
const TEXT =
  'Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. She wanted to ' +
  'play with it, but it was too high.\nLily';

describe.skipIf(!folder)('a story by a model of others (skipped where shared/data/stories260k is absent)', () => {
  const expected = IDS.split(' ').map(Number);
  const model = () => nn.loadModel(nn.saveModel(architecture, read(new URL('stories260K.bin', folder))));

  test('is that of its makers, from a file with its architecture', () => {
    const { layer, parameters } = model();
    expect(nn.countParameters(parameters)).toBe(260032);
    const found = [...nn.generate(layer, parameters, [1], { count: 64 })];
    expect(found).toEqual(expected);
    expect(decoder(new URL('tok512.bin', folder))(found)).toBe(TEXT);
  });

  test('the logits at the first position are theirs, and all at once those of one by one', () => {
    const { layer, parameters } = model();
    const tokens = ad.tensor(Int32Array.from([1, ...expected]), { shape: [1, 65] });
    const logits = nn.apply(layer, parameters, tokens);
    const first = ad.slice(logits, 0, 0).data();
    for (const [id, value] of [
      ...[
        [403, 17.02352],
        [385, 15.40621],
        [410, 13.10826],
        [317, 12.76917],
        [407, 12.41809],
      ],
    ])
      expect(first[id]).toBeCloseTo(value, 4);
    const chosen = ad.argmax(logits).data();
    expect([...chosen].slice(0, 64)).toEqual(expected);
  });

  test('goes on past the room that its memory had, as it does without memory', () => {
    const { layer, parameters } = model();
    const long = [...nn.generate(layer, parameters, [1, ...expected.slice(0, 60)], { count: 230 })];
    expect(long.slice(0, 4)).toEqual(expected.slice(60));
    const all = [1, ...expected.slice(0, 60), ...long];
    const logits = nn.apply(layer, parameters, ad.tensor(Int32Array.from(all), { shape: [1, all.length] }));
    expect([...ad.argmax(logits).data()].slice(60, -1)).toEqual(long);
  });
});
