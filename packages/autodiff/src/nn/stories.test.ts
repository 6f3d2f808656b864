import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// A model that others trained, in the format of llama2.c: 260 thousand parameters, 5 blocks, 8 heads of which two share keys and values. Its numbers
// become a safetensors file with the architecture, and the model is run from that file alone.

// Tests with data stand beside the checkout.
const folder = [
  new URL('../../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../shared/data/stories260k/', import.meta.url),
].find((url) => existsSync(new URL('stories260K.bin', url)));

/** What the provenance of the data says: ids after BOS. */
const IDS =
  '403 407 261 378 432 383 286 261 376 298 315 421 395 317 426 338 401 396 267 337 410 408 419 292 411 322 265 282 295 433 426 385 328 432 358 ' +
  '394 261 370 432 352 266 268 388 426 338 391 266 267 337 335 312 432 398 312 286 267 414 270 333 415 426 13 438 310';
describe.skipIf(!folder)('a story by a model of others (skipped where shared/data/stories260k is absent)', () => {
  const expected = IDS.split(' ').map(Number);
  const file = () => readFileSync(new URL('stories260K.bin', folder));
  const model = () => {
    const { model: layer, parameters } = nn.read(file());
    return nn.loadModel(nn.saveModel(layer, parameters));
  };

  test('is that of its makers, from a file with its architecture', () => {
    const { layer, parameters } = model();
    expect(nn.countParameters(parameters)).toBe(260032);
    const found = [...nn.generate(layer, parameters, [1], { count: 64 })];
    expect(found).toEqual(expected);
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

  test('its file says what it is; cut short, or longer, it is refused', () => {
    const { inputs, outputs, missing } = nn.read(file());
    expect([inputs[0].name, outputs[0].shape, missing]).toEqual(['tokens', ['n', 't', 512], []]);
    const { context, vocabulary, gives } = nn.readLlama2c(file());
    expect([context, vocabulary, gives]).toEqual([512, 512, 'logits']);
    const said = /a model of 5 blocks of width 64 with 512 tokens has 1056540 bytes, but the file has (\d+) \(/;
    for (const size of [28, 1000, 1056539]) expect(() => nn.read(file().subarray(0, size))).toThrow(said);
    expect(() => nn.read(Buffer.concat([file(), Buffer.of(0)]))).toThrow(said);
    expect(() => nn.readLlama2c(Uint8Array.of(1, 2, 3))).toThrow('The file is no model of llama2.c');
    const newer = new Uint8Array(64);
    newer.set([0x32, 0x34, 0x6b, 0x61]);
    expect(() => nn.readLlama2c(newer)).toThrow('a newer version');
  });

  test('an output matrix of its own is read', () => {
    const given = file();
    const own = new Float32Array(512 * 64).fill(0.5);
    const longer = Buffer.concat([given, Buffer.from(own.buffer)]);
    longer.writeInt32LE(-512, 20);
    const { parameters } = nn.read(longer);
    expect(parameters['head.weight'].data()).toEqual(own);
    expect(nn.countParameters(parameters)).toBe(260032 + own.length);
  });
});
