import { expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// Models whose weights take two bytes compute what the same weights give in single precision.

const halves = ['f16', 'bf16'] as const;
const STORED = { f16: 'F16', bf16: 'BF16' } as const;

/** Tensors as a file has them, whose numbers must not be decoded. */
function inFile(parameters: nn.Parameters, dtype: ad.HalfDType): nn.Stored {
  const tensors = Object.entries(parameters).map(([name, p]) => {
    const bits = ad.cast(p, dtype).storage.values as Uint16Array;
    const bytes = new Uint8Array(bits.length * 2 + 1).subarray(1);
    const view = new DataView(bytes.buffer, 1);
    bits.forEach((word, i) => void view.setUint16(2 * i, word, true));
    return [
      name,
      {
        dtype: STORED[dtype],
        shape: p.shape,
        bytes,
        get values(): nn.StoredValues {
          throw new Error('decoded');
        },
      },
    ] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata: {} };
}

const gpt = nn.sequential({
  embedding: nn.embedding({ count: 23, width: 16 }),
  blocks: nn.sequential([
    nn.transformerBlock({ width: 16, heads: 2, causal: true, rotary: 'halves', norm: 'rms', gated: true }),
    nn.transformerBlock({ width: 16, heads: 2, causal: true }),
  ]),
  norm: nn.layerNorm({ features: 16 }),
  head: nn.unembedding({ table: 'embedding.weight' }),
});
const convolutional = nn.sequential([
  nn.conv2d({ in: 1, out: 4, kernel: 3, padding: 'same' }),
  nn.groupNorm({ features: 4, groups: 2 }),
  nn.gelu(),
  nn.flatten(),
  nn.linear({ in: 36, out: 3 }),
]);
const recurrent = nn.sequential([nn.embedding({ count: 23, width: 6 }), nn.lstm({ in: 6, hidden: 5 })]);
const tokens = ad.tensor(Int32Array.of(3, 1, 22, 0, 5), { shape: [1, 5] });
const models: ReadonlyArray<readonly [string, nn.Layer, ad.Tensor]> = [
  ['a transformer', gpt, tokens],
  ['a convolutional net', convolutional, ad.randomNormal(ad.randomKey(4), [2, 3, 3, 1], 'f32')],
  ['a recurrent net', recurrent, tokens],
];

test.each(halves.flatMap((dtype) => models.map((model) => [dtype, ...model] as const)))(
  '%s: %s read from a file without decoding, applied, compiled and differentiated',
  (dtype, _, layer, x) => {
    const file = inFile(nn.init(layer, ad.randomKey(1)), dtype);
    const { parameters } = nn.loadModel(file, { architecture: layer, dtype });
    expect(new Set(Object.values(parameters).map((p) => p.dtype))).toEqual(new Set([dtype]));
    expect(nn.parameterBytes(parameters)).toBe(2 * nn.countParameters(parameters));
    const wide = ad.mapTree((p) => ad.cast(p, 'f32'), parameters);
    const expected = nn.apply(layer, wide, x);
    const found = nn.apply(layer, parameters, x);
    expect([found.dtype, found.toArray()]).toEqual(['f32', expected.toArray()]);
    expect(
      ad
        .compile((p: nn.Parameters) => nn.apply(layer, p, x))(parameters)
        .toArray(),
    ).toEqual(expected.toArray());
    const loss = (p: nn.Parameters) => ad.sum(ad.square(nn.apply(layer, p, x)));
    const [slopes, exact] = [ad.grad(loss)(parameters), ad.grad(loss)(wide)];
    const precision = dtype === 'f16' ? 2 ** -10 : 2 ** -7;
    for (const [name, g] of Object.entries(slopes)) {
      expect([name, g.dtype]).toEqual([name, dtype]);
      const own = [...exact[name].data()];
      const scale = own.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
      const apart = [...g.data()].reduce((a, v, i) => Math.max(a, Math.abs(v - own[i])), 0);
      expect(apart, name).toBeLessThanOrEqual(2 * precision * scale + 2 ** -24);
    }
    // Written with the dtype that they have, and read again.
    const saved = nn.saveModel(layer, parameters);
    expect(new Set(Object.values(saved.tensors).map((t) => t.dtype))).toEqual(new Set([STORED[dtype]]));
    const again = nn.loadModel(saved, { dtype }).parameters;
    for (const [name, p] of Object.entries(parameters)) expect(again[name].storage.values).toEqual(p.storage.values);
  },
);

test.each(halves)('generation with weights of %s', (dtype) => {
  const { parameters } = nn.loadModel(inFile(nn.init(gpt, ad.randomKey(2)), dtype), { architecture: gpt, dtype });
  const wide = ad.mapTree((p) => ad.cast(p, 'f32'), parameters);
  expect([...nn.generate(gpt, parameters, [3, 1], { count: 12 })]).toEqual([
    ...nn.generate(gpt, wide, [3, 1], { count: 12 }),
  ]);
});

test('a program takes half the memory for weights of two bytes, and that of one matrix more', () => {
  const layer = nn.sequential(Array.from({ length: 8 }, () => nn.linear({ in: 256, out: 256, bias: false })));
  const parameters = nn.init(layer, ad.randomKey(1));
  const x = ad.full([4, 256], 1, 'f32');
  const bytesFor = (p: nn.Parameters, closed: boolean): number => {
    const program = closed
      ? ad.compile((t: ad.Tensor) => nn.apply(layer, p, t)).prepare(x)
      : ad.compile((own: nn.Parameters) => nn.apply(layer, own, x)).prepare(p);
    const { bytes } = program;
    program.free();
    return bytes;
  };
  const small = ad.mapTree((p) => ad.cast(p, 'bf16'), parameters);
  for (const closed of [false, true]) {
    const saved = bytesFor(parameters, closed) - bytesFor(small, closed);
    expect(saved).toBeGreaterThanOrEqual(2 * 8 * 256 * 256 - 4 * 256 * 256 - 65536);
  }
});

test('numbers that a dtype of two bytes cannot hold are counted, with their tensor', () => {
  const tensors = { scale: { dtype: 'F32', shape: [3], values: Float32Array.of(1, 70000, -1e9) } };
  expect(() => nn.toTensors(tensors, { dtype: 'f16' })).toThrow(
    "'scale' of F32 has 2 numbers beyond the largest of f16: read it as 'bf16' or 'f32' (",
  );
  expect(nn.toTensors(tensors, { dtype: 'bf16' }).scale.toArray()).toEqual([1, 70144, -998244352]);
  const brain = nn.storedTensors(nn.toTensors(tensors, { dtype: 'bf16' }));
  expect(brain.scale.dtype).toBe('BF16');
  expect(() => nn.toTensors(brain, { dtype: 'f16' })).toThrow("'scale' of BF16 has 2 numbers beyond");
});
