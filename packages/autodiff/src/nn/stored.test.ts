import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

/** Stored tensors under names, without an architecture. */
const plain = (tensors: nn.Parameters): nn.Stored => ({ tensors: nn.storedTensors(tensors), metadata: {} });

describe('models', () => {
  const layer = nn.sequential({
    body: nn.sequential([
      nn.conv2d({ in: 1, out: 2, kernel: 3, padding: 'same' }),
      nn.batchNorm({ features: 2 }),
      nn.gelu(),
    ]),
    head: nn.sequential([nn.flatten(), nn.linear({ in: 18, out: 2 })]),
  });
  const parameters = nn.init(layer, ad.randomKey(2));
  const state = ad.mapTree((x) => ad.add(x, 0.5), nn.initState(layer));
  const x = ad.randomNormal(ad.randomKey(3), [2, 3, 3, 1], 'f32');

  test('are rebuilt from what a file has alone', () => {
    const model = nn.loadModel(nn.saveModel(layer, parameters, { state }));
    expect(model.layer).toEqual(layer);
    expect(nn.apply(model.layer, model.parameters, x, { state: model.state }).data()).toEqual(
      nn.apply(layer, parameters, x, { state }).data(),
    );
  });
  test('with the architecture beside, under other names', () => {
    const { tensors } = nn.saveModel(layer, parameters, { state });
    const foreign = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [`model.${name}`, t]));
    const options = {
      architecture: nn.architectureJson(layer),
      rename: (name: string) => name.replace(/^model\./, ''),
    };
    const model = nn.loadModel({ tensors: foreign, metadata: {} }, options);
    for (const [name, p] of Object.entries(parameters)) expect(model.parameters[name].data()).toEqual(p.data());
  });
  test('of halves and of any other floating-point numbers', () => {
    const { tensors } = nn.saveModel(layer, parameters, { state });
    const halves = ad.mapTree((p) => ad.roundToHalf(p), parameters);
    const stored = Object.fromEntries(
      Object.entries(tensors).map(([name, t]) => [
        name,
        { ...t, dtype: 'F16', ...(halves[name] && { values: halves[name].data() }) },
      ]),
    );
    const model = nn.loadModel({ tensors: stored, metadata: {} }, { architecture: layer });
    for (const [name, p] of Object.entries(halves)) expect(model.parameters[name].data()).toEqual(p.data());
  });
  test('numbers are decoded only of tensors that the model takes', () => {
    const { tensors, metadata } = nn.saveModel(layer, parameters, { state });
    const lazy = {
      ...tensors,
      other: {
        dtype: 'F32',
        shape: [1],
        get values(): nn.StoredValues {
          throw new Error('decoded');
        },
      },
    };
    const rename = (name: string) => (name === 'other' ? undefined : name);
    expect(nn.loadModel({ tensors: lazy, metadata }, { rename }).layer).toEqual(layer);
  });
  test('what does not fit is named and counted', () => {
    const saved = nn.saveModel(layer, parameters, { state });
    const architecture = nn.sequential([nn.linear({ in: 2, out: 3 })]);
    expect(() => nn.loadModel(saved, { architecture })).toThrow(
      'The weights do not match the architecture: 2 missing: 0.weight, 0.bias; 8 unexpected: ',
    );
    const other = nn.sequential({
      body: (layer.layers as Record<string, nn.Layer>).body,
      head: nn.sequential([nn.flatten(), nn.linear({ in: 18, out: 4 })]),
    });
    expect(() => nn.loadModel(saved, { architecture: other })).toThrow(
      'head.1.weight is [2, 18], but head.1 (linear) needs [4, 18] (',
    );
    expect(() => nn.saveModel(other, parameters, { state })).toThrow('head.1.weight is [2, 18]');
    expect(() => nn.saveModel(layer, parameters)).toThrow(
      'The states do not match the architecture: 2 missing: body.1.running_mean',
    );
    expect(() => nn.loadModel(plain(parameters))).toThrow('The file has no architecture');
    expect(() => nn.loadModel(saved, { architecture: '{' })).toThrow('The architecture is not valid JSON');
    expect(() => nn.loadModel(saved, { rename: () => 'a' })).toThrow("Two tensors of the file map to the name 'a' (");
    const whole = plain({ weight: ad.tensor(Int32Array.of(1), { shape: [1, 1] }) });
    expect(() => nn.loadModel(whole, { architecture: nn.linear({ in: 1, out: 1, bias: false }) })).toThrow(
      'an integer tensor (I32)',
    );
    expect(() => nn.loadModel(new Uint8Array(9) as unknown as nn.Stored)).toThrow('readSafetensors(bytes)');
  });
});

test('tensors as they are stored, and back', () => {
  const tensors = { a: ad.range(3, 'f32'), b: ad.tensor([[0.1], [2]]), c: ad.range(2, 'i32') };
  const stored = nn.storedTensors(tensors);
  expect(Object.values(stored).map(({ dtype, shape }) => [dtype, ...shape])).toEqual([
    ['F32', 3],
    ['F64', 2, 1],
    ['I32', 2],
  ]);
  for (const [name, t] of Object.entries(nn.toTensors(stored))) {
    const own = tensors[name as 'a'];
    expect([t.dtype, t.shape, t.data()]).toEqual([own.dtype, own.shape, own.data()]);
  }
  const bytes = { dtype: 'U8', shape: [2], values: Uint8Array.of(3, 255) };
  expect(nn.toTensors({ bytes }).bytes.data()).toEqual(Int32Array.of(3, 255));
  const wide = { dtype: 'I64', shape: [1], values: Float64Array.of(2 ** 40) };
  expect(() => nn.toTensors({ a: wide })).toThrow("'a' of I64 has 1099511627776");
  expect(() => nn.toTensors({ a: { dtype: 'F32', shape: [3], values: new Float32Array(2) } })).toThrow(
    '2 numbers do not fill',
  );
  expect(nn.toTensors({ a: { dtype: 'BF16', shape: [1], values: Float32Array.of(1.5) } }).a.dtype).toBe('f32');
});
