import fc from 'fast-check';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { checkDerivatives, draws } from './testing.ts';

// Attention to another sequence, and recurrent nets both ways; their values are held to PyTorch in torch.test.ts.

ort.env.wasm.numThreads = 1;
const key = ad.randomKey(5);
const draw = draws(4);
const small = fc.integer({ min: 1, max: 3 });

const layers: Readonly<Record<string, (d: number) => nn.Layer>> = {
  crossAttention: (d) =>
    nn.crossAttention({ width: 2 * d, heads: 2, keyValueHeads: 1, headWidth: 2, sourceWidth: d, bias: false }),
  decoderBlock: (d) => nn.decoderBlock({ width: 2 * d, heads: 2, sourceWidth: d, hidden: 3, rotary: 'none' }),
};
test.each(Object.keys(layers))('derivatives of %s are those of differences, in the source too', (name) => {
  fc.assert(
    fc.property(small, small, small, small, (n, t, s, d) => {
      const layer = layers[name](d);
      const first = Object.values(nn.init(layer, key, { dtype: 'f64' })).map((p) =>
        ad.add(p, ad.mul(draw(p.shape), 0.3)),
      );
      const names = Object.keys(nn.parameterShapes(layer));
      const sourceMask = ad.tensor(
        Float64Array.from({ length: n * s }, (_, i) => (i % s === 1 ? 0 : 1)),
        { shape: [n, s] },
      );
      const f = ([x, source, ...rest]: readonly ad.Tensor[]) => {
        const p = Object.fromEntries(names.map((key, k) => [key, rest[k]]));
        return nn.apply(layer, p, x, { source, sourceMask });
      };
      checkDerivatives(name, (...all) => f(all), [draw([n, t, 2 * d]), draw([n, s, d]), ...first]);
    }),
    { numRuns: 3, seed: 12 },
  );
});

const translator = {
  encoder: nn.sequential({ up: nn.linear({ in: 3, out: 4 }), both: nn.gru({ in: 4, hidden: 2, bidirectional: true }) }),
  decoder: nn.sequential({
    embedding: nn.embedding({ count: 5, width: 4 }),
    layers: nn.sequential([nn.decoderBlock({ width: 4, heads: 2 }), nn.decoderBlock({ width: 4, heads: 1 })]),
  }),
};
const p = nn.init(translator.decoder, key, { dtype: 'f64' });
const tokens = ad.tensor(Int32Array.of(0, 3, 1, 4, 2, 2), { shape: [2, 3] });

test('a decoder by steps is the decoder as a whole, and padding does not count', () => {
  const source = draw([2, 4, 4]);
  const sourceMask = ad.tensor([
    [1, 1, 1, 0],
    [1, 1, 1, 1],
  ]);
  const whole = nn.apply(translator.decoder, p, tokens, { source, sourceMask });
  let memory = nn.initMemory(translator.decoder, { batch: 2, capacity: 3, dtype: 'f64' });
  const parts = [0, 1, 2].map((k) => {
    const [y, after] = nn.step(translator.decoder, p, memory, ad.slice(tokens, undefined, [k, k + 1]), {
      source,
      sourceMask,
    });
    memory = after;
    return y;
  });
  const other = ad.add(source, ad.mul(ad.sub(1, ad.expandDims(sourceMask, 2)), 7));
  const padded = nn.apply(translator.decoder, p, tokens, { source: other, sourceMask });
  const found = ad.concat(parts, 1).data();
  for (const [i, v] of whole.data().entries()) {
    expect(found[i]).toBeCloseTo(v, 12);
    expect(padded.data()[i]).toBeCloseTo(v, 12);
  }
  expect(nn.apply(translator.decoder, p, tokens, { source: other }).data()[0]).not.toBeCloseTo(whole.data()[0], 5);
});

test('gradients flow through a whole translator into what is encoded', () => {
  const q = { encoder: nn.init(translator.encoder, key, { dtype: 'f64' }), decoder: p };
  const x = draw([2, 4, 3]);
  const f = (all: typeof q) =>
    ad.sum(
      ad.square(
        nn.apply(translator.decoder, all.decoder, tokens, { source: nn.apply(translator.encoder, all.encoder, x) }),
      ),
    );
  const g = ad.compile(ad.grad(f))(q);
  for (const [name, d] of Object.entries(g.encoder))
    expect(Math.max(...d.data().map(Math.abs)), name).toBeGreaterThan(1e-6);
});

test('files of both, and of PyTorch’s packed attention', () => {
  const layer = nn.sequential({
    both: nn.lstm({ in: 4, hidden: 2, bidirectional: true }),
    block: nn.decoderBlock({ width: 4, heads: 2 }),
  });
  const own = nn.init(layer, key);
  expect(Object.keys(own)).toContain('both.weight_hh_l0_reverse');
  expect(Object.keys(own)).toContain('block.multihead_attn.query.weight');
  const loaded = nn.loadModel(nn.saveModel(layer, own));
  const [x, source] = [draw([1, 3, 4]), draw([1, 2, 4])].map((t) => ad.cast(t, 'f32'));
  const expected = nn.apply(layer, own, x, { source }).data();
  expect(nn.apply(loaded.layer, loaded.parameters, x, { source }).data()).toEqual(expected);

  const packed: Record<string, ad.Tensor> = {};
  for (const [name, t] of Object.entries(own)) {
    const at = /^(.*)\.(query|key|value|out)\.(weight|bias)$/.exec(name);
    if (!at) packed[name] = t;
    else if (at[2] === 'out') packed[`${at[1]}.out_proj.${at[3]}`] = t;
    else {
      const together = ['query', 'key', 'value'].map((part) => own[`${at[1]}.${part}.${at[3]}`]);
      packed[`${at[1]}.in_proj_${at[3]}`] = ad.concat(together);
    }
  }
  const again = nn.loadModel({ tensors: nn.storedTensors(packed), metadata: {} }, { architecture: layer });
  for (const [name, t] of Object.entries(own)) expect(again.parameters[name].data(), name).toEqual(t.data());
  const short = { ...packed, 'block.self_attn.in_proj_weight': ad.full([3, 4], 0, 'f32') };
  expect(() => nn.loadModel({ tensors: nn.storedTensors(short), metadata: {} }, { architecture: layer })).toThrow(
    /3 missing: block.self_attn.query.weight.*1 unexpected: block.self_attn.in_proj_weight/,
  );
});

describe('onnxruntime gives the same', () => {
  const many = (...list: nn.Layer[]) => nn.sequential(list);
  const cases: Readonly<Record<string, readonly [nn.Layer, ad.Shape, ad.Shape | undefined]>> = {
    decoderBlock: [many(nn.decoderBlock({ width: 4, heads: 2, sourceWidth: 3, dropout: 0.1 })), [2, 3, 4], [2, 5, 3]],
    crossAttention: [nn.crossAttention({ width: 4, heads: 2, keyValueHeads: 1 }), [2, 3, 4], [2, 2, 4]],
    'both ways': [
      many(
        nn.gru({ in: 3, hidden: 2, layers: 2, bidirectional: true }),
        nn.lstm({ in: 4, hidden: 3, bidirectional: true }),
      ),
      [2, 4, 3],
      undefined,
    ],
    'without biases': [nn.gru({ in: 3, hidden: 2, bias: false, bidirectional: true }), [1, 4, 3], undefined],
  };
  test.each(Object.entries(cases))('%s', async (_, [layer, shape, other]) => {
    const parameters = nn.init(layer, key);
    const [x, source] = [shape, other].map((s) => s && ad.randomNormal(key, s, 'f32'));
    const open = (s: ad.Shape) => [null, ...s.slice(1)];
    const session = await ort.InferenceSession.create(
      nn.toOnnx(layer, parameters, { input: open(shape), ...(other ? { source: open(other) } : {}) }),
    );
    const fed = (t: ad.Tensor) => new ort.Tensor('float32', t.data() as Float32Array, [...t.shape]);
    const { output } = await session.run({ input: fed(x!), ...(source ? { source: fed(source) } : {}) });
    const here = nn.apply(layer, parameters, x!, source ? { source } : {});
    expect(output.dims).toEqual(here.shape);
    for (const [i, v] of here.data().entries()) expect((output.data as Float32Array)[i]).toBeCloseTo(v, 4);
    await session.release();
  });
});

test('what is missing or does not fit is said', () => {
  const layer = nn.sequential({ see: nn.crossAttention({ width: 4, heads: 2, sourceWidth: 3 }) });
  const own = nn.init(layer, key, { dtype: 'f64' });
  const x = draw([2, 3, 4]);
  const see = (options: nn.ApplyOptions) => () => nn.apply(layer, own, x, options);
  expect(see({})).toThrow('see (crossAttention) of [2, 3, 4]: cross-attention needs a source: apply(');
  expect(see({ source: draw([2, 5, 4]) })).toThrow('of [2, 5, 4]: the source must be [n, s, 3]');
  expect(see({ source: draw([1, 5, 3]) })).toThrow('the source has batch size 1, x has 2 (');
  expect(see({ source: draw([2, 5, 3]), sourceMask: draw([2, 4]) })).toThrow(
    'the sourceMask must be [2, 5], 0 for padding',
  );
  expect(see({ sourceMask: draw([2, 4]) })).toThrow('requires a source (');
  expect(() => nn.toOnnx(layer, own, { input: [null, 3, 4] })).toThrow('cross-attention needs a source');
  expect(() => nn.decoderBlock({ width: 5, heads: 2 })).toThrow('a width of 5 is not divisible by 2 heads');
  const both = nn.gru({ in: 3, hidden: 2, bidirectional: true });
  expect(() =>
    nn.step(both, nn.init(both, key, { dtype: 'f64' }), nn.initMemory(both, { dtype: 'f64' }), draw([1, 1, 3])),
  ).toThrow('cannot be stepped, since they also read the sequence from its end');
});
