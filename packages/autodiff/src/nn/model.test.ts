import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { checkDerivatives, draws } from './testing.ts';

const key = ad.randomKey(7);
const small = fc.integer({ min: 1, max: 3 });
const draw = draws(3);
const indices = (shape: readonly number[], count: number) =>
  ad.cast(ad.mul(ad.randomUniform(key, shape), count), 'i32');

/** Layers of random sizes, with inputs for them. */
const shaped: Readonly<Record<string, (n: number, t: number, d: number) => readonly [nn.Layer, ad.Tensor]>> = {
  linear: (n, t, d) => [nn.linear({ in: d, out: t }), draw([n, d])],
  conv2d: (n, t, d) => [nn.conv2d({ in: d, out: t, kernel: [2, 1], padding: 1, stride: [1, 2] }), draw([n, 3, t, d])],
  embedding: (n, t, d) => [nn.embedding({ count: 3, width: d }), indices([n, t], 3)],
  positions: (n, t, d) => [nn.positions({ count: 4, width: d }), draw([n, t, d])],
  layerNorm: (n, t, d) => [nn.layerNorm({ features: d + 1 }), draw([n, t, d + 1])],
  rmsNorm: (n, t, d) => [nn.rmsNorm({ features: d }), draw([n, t, d])],
  batchNorm: (n, _, d) => [nn.batchNorm({ features: d }), draw([n + 1, d])],
  multiHeadAttention: (n, t, d) => [
    nn.multiHeadAttention({ width: 2 * d, heads: 2, keyValueHeads: 1, headWidth: 2, rotary: 'halves', causal: true }),
    draw([n, t, 2 * d]),
  ],
  transformerBlock: (n, t, d) => [
    nn.transformerBlock({ width: 2 * d, heads: 2, hidden: 3, gated: true, activation: 'silu', norm: 'rms' }),
    draw([n, t, 2 * d]),
  ],
  gru: (n, t, d) => [nn.gru({ in: d, hidden: t, layers: 2 }), draw([n, t, d])],
  lstm: (n, t, d) => [nn.lstm({ in: d, hidden: t, layers: 2 }), draw([n, t, d])],
  'sequential of pools': (n, _, d) => [
    nn.sequential([nn.avgPool({ window: 2, padding: 1 }), nn.globalAvgPool(), nn.linear({ in: d, out: 2 })]),
    draw([n, 3, 2, d]),
  ],
  residual: (n, _, d) => [nn.residual(nn.sequential([nn.linear({ in: d, out: d }), nn.tanh()])), draw([n, d])],
  overPositions: (n, t, d) => [nn.overPositions({ take: 'mean' }), draw([n, t, d])],
};

describe('derivatives of layers are those of differences, of both orders, on random shapes', () => {
  test.each(Object.keys(shaped))('%s', (name) => {
    fc.assert(
      fc.property(small, small, small, (n, t, d) => {
        const [layer, x] = shaped[name](n, t, d);
        // Not at the first values: there norms have scales of 1.
        const first = Object.values(nn.init(layer, key, { dtype: 'f64' })).map((p) =>
          ad.add(p, ad.mul(draw(p.shape), 0.3)),
        );
        const names = Object.keys(nn.parameterShapes(layer));
        const state = nn.initState(layer, { dtype: 'f64' });
        // Tokens have no derivative.
        const given = x.dtype === 'i32' ? [] : [x];
        const f = (...all: ad.Tensor[]) => {
          const own = given.length > 0 ? all[0] : x;
          const p = Object.fromEntries(names.map((key, k) => [key, all[k + given.length]]));
          return nn.apply(layer, p, own, { train: true, state });
        };
        checkDerivatives(name, f as (...x: readonly ad.Tensor[]) => ad.Tensor, [...given, ...first]);
      }),
      { numRuns: 4, seed: 11 },
    );
  });
});

test.each(['linear', 'conv2d', 'embedding', 'multiHeadAttention', 'transformerBlock', 'gru', 'lstm'])(
  'gradients of every example by vmap: %s',
  (name) => {
    const [layer, x] = shaped[name](3, 2, 2);
    const p = nn.init(layer, key, { dtype: 'f64' });
    const slope = (own: nn.Parameters, one: ad.Tensor) =>
      ad.grad((v: nn.Parameters) => ad.sum(ad.square(nn.apply(layer, v, ad.expandDims(one, 0)))))(own);
    const all = ad.vmap(slope, { axes: [null, 0] })(p, x);
    for (let b = 0; b < 3; b++) {
      const one = slope(p, ad.slice(x, b));
      for (const [parameter, g] of Object.entries(one)) {
        const found = ad.slice(all[parameter], b).data();
        for (const [i, v] of g.data().entries()) expect(found[i], parameter).toBeCloseTo(v, 10);
      }
    }
  },
);

describe('sizes at the edge', () => {
  test.each(Object.keys(shaped).filter((name) => name !== 'batchNorm'))('%s of no example, and of one', (name) => {
    for (const n of [0, 1]) {
      const [layer, x] = shaped[name](n, 1, 1);
      const p = nn.init(layer, key, { dtype: 'f64' });
      const y = nn.apply(layer, p, x);
      expect(y.shape[0]).toBe(n);
      if (Object.keys(p).length === 0) continue;
      const [, g] = ad.valueAndGrad((v: nn.Parameters) => ad.sum(nn.apply(layer, v, x)))(p);
      for (const d of Object.values(g))
        expect([...d.data()].every((v) => Number.isFinite(v) && (n > 0 || v === 0))).toBe(true);
    }
  });
  test('a batch norm trains on two rows or more, and is used on any number', () => {
    const layer = nn.sequential({ norm: nn.batchNorm({ features: 1 }) });
    const [p, state] = [nn.init(layer, key), nn.initState(layer)];
    const x = (n: number) => ad.full([n, 1], 2, 'f32');
    expect(() => nn.apply(layer, p, x(1), { train: true, state })).toThrow(
      'norm (batchNorm) of [1, 1]: training needs at least two values per channel',
    );
    for (const n of [0, 1]) expect(nn.apply(layer, p, x(n), { state }).shape).toEqual([n, 1]);
    expect(() => nn.apply(layer, p, x(2))).toThrow("norm (batchNorm) needs the state 'norm.running_mean'");
  });
});

describe('first values', () => {
  const values = (layer: nn.Layer, name: string) => nn.init(layer, key, { dtype: 'f64' })[name];
  const deviation = (x: ad.Tensor) => Math.sqrt(ad.variance(x).item());

  test('depend on the key and the name alone', () => {
    const one = nn.init(nn.sequential({ a: nn.linear({ in: 3, out: 2 }) }), key);
    const two = nn.init(nn.sequential({ b: nn.linear({ in: 5, out: 3 }), a: nn.linear({ in: 3, out: 2 }) }), key);
    expect(two['a.weight'].data()).toEqual(one['a.weight'].data());
    expect(nn.init(nn.sequential({ a: nn.linear({ in: 3, out: 2 }) }), ad.randomKey(8))['a.weight'].data()).not.toEqual(
      one['a.weight'].data(),
    );
  });
  test('have the bounds of PyTorch', () => {
    const w = values(nn.linear({ in: 100, out: 200 }), 'weight');
    expect(Math.max(...w.data().map(Math.abs))).toBeLessThanOrEqual(0.1);
    expect(deviation(w)).toBeCloseTo(0.1 / Math.sqrt(3), 3);
    const conv = values(nn.conv2d({ in: 4, out: 50, kernel: 5 }), 'weight');
    expect(deviation(conv)).toBeCloseTo(0.1 / Math.sqrt(3), 2);
    expect(deviation(values(nn.embedding({ count: 100, width: 80 }), 'weight'))).toBeCloseTo(1, 1);
    expect(deviation(values(nn.lstm({ in: 7, hidden: 25 }), 'weight_ih_l0'))).toBeCloseTo(0.2 / Math.sqrt(3), 2);
    const q = values(nn.multiHeadAttention({ width: 64, heads: 4 }), 'query.weight');
    // Of one matrix [3·64, 64].
    expect(deviation(q)).toBeCloseTo(Math.sqrt(6 / 256 / 3), 2);
  });
  test.each([
    [6, 4],
    [4, 6],
    [5, 5],
  ])('orthogonal of %i rows and %i columns', (m, n) => {
    const w = nn.initialise('orthogonal', key, [m, n], 'f64');
    const product = m >= n ? ad.matmul(ad.transpose(w), w) : ad.matmul(w, ad.transpose(w));
    const k = Math.min(m, n);
    for (const [i, v] of product.data().entries()) expect(v).toBeCloseTo(i % (k + 1) === 0 ? 1 : 0, 12);
  });
  test('by other names', () => {
    const w = (init: nn.Initialisation, gain = 1) =>
      deviation(values(nn.linear({ in: 100, out: 300, init, gain }), 'weight'));
    expect(w('kaiming-normal')).toBeCloseTo(Math.sqrt(2 / 100), 2);
    expect(w('xavier-normal', 2)).toBeCloseTo(2 * Math.sqrt(2 / 400), 2);
    expect(w('xavier-uniform')).toBeCloseTo(Math.sqrt(2 / 400), 2);
    expect(w('normal')).toBeCloseTo(0.02, 3);
    expect(w('zeros')).toBe(0);
    expect(() => nn.initialise('large' as nn.Initialisation, key, [1])).toThrow("There is no initialiser 'large'");
  });
});

describe('what is remembered', () => {
  const models: Readonly<Record<string, nn.Layer>> = {
    attention: nn.sequential({
      embedding: nn.embedding({ count: 5, width: 8 }),
      positions: nn.positions({ count: 20, width: 8 }),
      blocks: nn.sequential([
        nn.transformerBlock({ width: 8, heads: 4, keyValueHeads: 2, causal: true, rotary: 'halves' }),
        nn.transformerBlock({ width: 8, heads: 2, causal: true }),
      ]),
    }),
    gru: nn.sequential([nn.embedding({ count: 5, width: 3 }), nn.gru({ in: 3, hidden: 4, layers: 2 })]),
    lstm: nn.sequential([nn.embedding({ count: 5, width: 3 }), nn.lstm({ in: 3, hidden: 4, layers: 2 })]),
  };
  test.each(Object.entries(models))('%s by parts is the whole', (_, layer) => {
    const p = nn.init(layer, key, { dtype: 'f64' });
    const x = indices([2, 9], 5);
    const whole = nn.apply(layer, p, x);
    let memory = nn.initMemory(layer, { batch: 2, capacity: 9, dtype: 'f64' });
    const parts = [
      [0, 4],
      [4, 5],
      [5, 6],
      [6, 9],
    ].map(([from, to]) => {
      const [y, after] = nn.step(layer, p, memory, ad.slice(x, undefined, [from, to]));
      memory = after;
      return y;
    });
    const found = ad.concat(parts, 1).data();
    for (const [i, v] of whole.data().entries()) expect(found[i]).toBeCloseTo(v, 12);
    expect(memory.position.item()).toBe(9);
  });
  test('memories that are full, or of others', () => {
    const layer = models.attention;
    const p = nn.init(layer, key);
    const memory = nn.initMemory(layer, { capacity: 2 });
    expect(() => nn.step(layer, p, memory, indices([1, 3], 5))).toThrow(
      'The memory holds 2 positions, 0 of them used: 3 more',
    );
    expect(() => nn.step(layer, p, nn.initMemory(models.gru), indices([1, 1], 5))).toThrow(
      'initMemory makes it for this model',
    );
    const long = nn.initMemory(layer, { capacity: 30 });
    expect(() => nn.step(layer, p, long, indices([1, 21], 5))).toThrow(
      'The model has 20 positions, 0 of them used: 21 more',
    );
    expect(() => [...nn.generate(layer, p, [1, 2], { count: 20 })]).toThrow('it can continue 2 tokens by 19, not 20 (');
    const open = nn.multiHeadAttention({ width: 2, heads: 1 });
    expect(() => nn.step(open, nn.init(open, key), nn.initMemory(open), ad.full([1, 1, 2], 1, 'f32'))).toThrow(
      'only causal attention',
    );
  });
  test('tokens are drawn by a key, among the largest, and end', () => {
    const layer = nn.sequential({
      ...models,
      gru: nn.gru({ in: 3, hidden: 5 }),
      attention: nn.embedding({ count: 5, width: 3 }),
      lstm: nn.linear({ in: 5, out: 5 }),
    });
    const p = nn.init(layer, key);
    const draw8 = (options: nn.GenerateOptions) => [...nn.generate(layer, p, [1], { count: 80, ...options })];
    const once = draw8({ temperature: 1, key });
    expect(once).toEqual(draw8({ temperature: 1, key }));
    expect(new Set(once).size).toBe(5);
    expect(new Set(draw8({ temperature: 5, key, among: 2 })).size).toBeLessThan(5);
    expect(draw8({ temperature: 1, key, among: 1 })).toEqual(draw8({}));
    expect(draw8({ temperature: 1, key, end: once[5] })).toEqual(once.slice(0, once.indexOf(once[5]) + 1));
    expect(() => draw8({ temperature: 1 })).toThrow('needs a key');
    expect(() => draw8({ temperature: -1, key })).toThrow('The temperature must be at least 0, not -1 (');
    expect(() => [...nn.generate(layer, p, [])]).toThrow('needs a prompt');
  });
});

describe('parameters', () => {
  const layer = nn.sequential({
    embedding: nn.embedding({ count: 3, width: 4 }),
    blocks: nn.sequential([1, 2].map(() => nn.transformerBlock({ width: 4, heads: 2 }))),
    head: nn.linear({ in: 4, out: 2 }),
  });
  const p = nn.init(layer, key);
  const x = indices([1, 3], 3);

  test('have names, a tree and sizes', () => {
    expect(Object.keys(p)).toContain('blocks.0.attention.query.weight');
    const tree = nn.parameterTree(p) as { blocks: Array<{ up: { weight: ad.Tensor } }> };
    expect(tree.blocks[1].up.weight).toBe(p['blocks.1.up.weight']);
    expect(nn.flattenParameters(tree as unknown as ad.Tree)).toEqual(p);
    expect(nn.apply(layer, tree as unknown as ad.Tree, x).data()).toEqual(nn.apply(layer, p, x).data());
    expect(nn.countParameters(p)).toBe(3 * 4 + 2 * (4 * 20 + 8 + 8 + 16 * 5 + 4 * 17) + 10);
    expect(nn.parameterBytes(p)).toBe(4 * nn.countParameters(p));
    expect(() => nn.parameterTree({ a: p['head.bias'], 'a.b': p['head.bias'] })).toThrow('would be nested in');
  });
  test('in groups, one piece of memory', () => {
    const groups = nn.groupParameters(p, {
      plain: ['**.bias', '*.*Norm.weight', 'blocks.*.*Norm.weight', 'embedding.**'],
      decayed: '**',
    });
    expect(Object.keys(groups.decayed).every((name) => p[name].rank === 2)).toBe(true);
    const program = ad
      .compile(ad.grad((g: typeof groups) => ad.sum(nn.apply(layer, { ...g.plain, ...g.decayed }, x))))
      .prepare(groups);
    const { decayed, plain } = nn.rangesOf(groups);
    expect([plain.from, decayed.to]).toEqual([0, program.inputs[0].data.length]);
    expect(program.inputs[0].data.subarray(decayed.from, decayed.from + 4)).toEqual(
      Object.values(groups.decayed)[0].data().subarray(0, 4),
    );
    program.free();
    expect(() => nn.groupParameters(p, { some: 'head.*' })).toThrow('No group matches embedding.weight');
  });
  test('frozen ones have no derivative, and nothing is computed for them', () => {
    const { chosen, rest } = nn.splitParameters(p, 'head.**');
    expect(Object.keys(chosen)).toEqual(['head.weight', 'head.bias']);
    const loss = (own: nn.Parameters) => ad.sum(ad.square(nn.apply(layer, { ...rest, ...own }, x)));
    const g = ad.grad(loss)(chosen);
    expect(Object.keys(g)).toEqual(['head.weight', 'head.bias']);
    const [part, all] = [chosen, p].map((own) => ad.compile(ad.grad(loss)).prepare(own).steps.length);
    expect(part).toBeLessThan(all / 1.5);
    expect(() => nn.splitParameters(p, 'haed.**')).toThrow('No parameter matches haed.**');
  });
  test('that do not fit are named', () => {
    const wrong: Record<string, ad.Tensor> = { ...p, more: p['head.bias'], 'head.weight': p['head.bias'] };
    delete wrong['blocks.0.up.bias'];
    expect(() => nn.apply(layer, wrong, x)).toThrow(
      'The parameters do not match the architecture: head.weight is [2], but head (linear) needs [2, 4]; 1 missing: blocks.0.up.bias; ' +
        '1 unexpected: more (',
    );
  });
});

describe('models that are wrong are refused by a sentence', () => {
  const bad: Readonly<Record<string, [() => unknown, string]>> = {
    'a missing option': [() => nn.linear({ in: 2 } as nn.LinearOptions), "linear needs the option 'out' ("],
    'another option': [
      () => nn.linear({ in: 2, out: 1, biass: true } as never),
      "linear has no option 'biass'; did you mean 'bias' (",
    ],
    'a size': [() => nn.linear({ in: 0, out: 1 }), 'linear: in must be a whole number of at least 1, not 0 ('],
    'no options': [() => (nn.linear as () => nn.Layer)(), 'linear takes its options as an object'],
    heads: [() => nn.multiHeadAttention({ width: 5, heads: 2 }), 'a width of 5 is not divisible by 2 heads'],
    'shared heads': [
      () => nn.multiHeadAttention({ width: 6, heads: 3, keyValueHeads: 2 }),
      'the number of query heads, 3, must be a multiple of the number of key–value heads, 2',
    ],
    'odd heads': [() => nn.multiHeadAttention({ width: 3, heads: 1, rotary: 'halves' }), 'must be even, not 3'],
    padding: [() => nn.maxPool({ window: 2, padding: 2 }), 'at most half of the window'],
    same: [
      () => nn.conv2d({ in: 1, out: 1, kernel: 2, stride: 2, padding: 'same' }),
      "padding 'same' requires a stride of 1",
    ],
    'a name': [() => nn.sequential({ '0.a': nn.relu() }), "'0.a' is not a valid layer name"],
    'no layer': [() => nn.sequential([{} as nn.Layer]), "'0' must be a layer"],
    'an activation': [() => nn.activation({ name: 'rellu' as 'relu' }), "did you mean 'relu' ("],
    'a kind': [
      () => nn.checkArchitecture({ kind: 'sequential', layers: { up: { kind: 'liner', in: 1, out: 1 } } }),
      "up: there is no layer type 'liner'; did you mean 'linear' (",
    ],
    'an option inside': [
      () => nn.checkArchitecture({ kind: 'sequential', layers: [{ kind: 'linear', in: 1, out: 'two' }] }),
      '0 (linear): out must be a whole number of at least 1, not "two" (',
    ],
    'a table': [
      () => nn.checkArchitecture(nn.sequential({ head: nn.unembedding({ table: 'e.weight' }) })),
      "head (unembedding): the model has no parameter 'e.weight'",
    ],
    'an input': [
      () =>
        nn.apply(
          nn.sequential({ up: nn.linear({ in: 2, out: 1 }) }),
          { up: { weight: ad.full([1, 2], 0), bias: ad.full([1], 0) } },
          ad.full([3, 4], 1),
        ),
      'up (linear) of [3, 4]: it takes […, 2] (',
    ],
    'another kind of numbers': [
      () =>
        nn.apply(
          nn.sequential({ up: nn.linear({ in: 2, out: 1 }) }),
          nn.init(nn.sequential({ up: nn.linear({ in: 2, out: 1 }) }), key),
          ad.full([3, 2], 1),
        ),
      'up (linear): matmulTransposed of [3, 2] and [1, 2]',
    ],
    'what is no mask': [
      () => {
        const attention = nn.sequential({ see: nn.multiHeadAttention({ width: 2, heads: 1 }) });
        return nn.apply(attention, nn.init(attention, key), ad.full([1, 2, 2], 1, 'f32'), {
          mask: ad.full([3, 3], 1, 'f32'),
        });
      },
      'see (multiHeadAttention): ',
    ],
    'tokens that there are not': [
      () =>
        nn.apply(nn.embedding({ count: 2, width: 1 }), { weight: ad.full([2, 1], 0) }, ad.tensor(Int32Array.of(0, 2))),
      'embedding: take',
    ],
    'no key': [
      () => nn.apply(nn.sequential({ drop: nn.dropout() }), {}, ad.full([3], 1), { train: true }),
      'drop (dropout) needs a random key in training',
    ],
    'a sum': [() => nn.apply(nn.residual(nn.flatten()), {}, ad.full([2, 2, 2], 1)), 'cannot be added to [2, 2, 2]'],
  };
  test.each(Object.entries(bad))('%s', (_, [f, message]) => {
    expect(f).toThrow(message);
  });
});

test('dropout takes its part, scales the rest, and does nothing in use', () => {
  const layer = nn.sequential([nn.dropout({ rate: 0.25 }), nn.dropout({ rate: 0 })]);
  const x = ad.full([4000], 3);
  const y = nn.apply(layer, {}, x, { train: true, key }).data();
  expect(new Set(y)).toEqual(new Set([0, 4]));
  expect(y.filter((v) => v === 0).length / 4000).toBeCloseTo(0.25, 1);
  expect(nn.apply(layer, {}, x).data()).toEqual(x.data());
});

const refusals: Readonly<Record<string, (options: Record<string, unknown>) => unknown>> = {
  init: (o) => nn.init(nn.relu(), key, o),
  initState: (o) => nn.initState(nn.relu(), o),
  initMemory: (o) => nn.initMemory(nn.relu(), o),
  apply: (o) => nn.apply(nn.relu(), {}, ad.tensor(1), o),
  applyWithState: (o) => nn.applyWithState(nn.relu(), {}, ad.tensor(1), o),
  step: (o) => nn.step(nn.relu(), {}, nn.initMemory(nn.relu()), ad.full([1, 1], 0, 'f32'), o),
  generate: (o) => [...nn.generate(nn.relu(), {}, [1], o)],
  saveModel: (o) => nn.saveModel(nn.relu(), {}, o),
  loadModel: (o) => nn.loadModel({ tensors: {}, metadata: {} }, o),
  toTensors: (o) => nn.toTensors({}, o),
  toOnnx: (o) => nn.toOnnx(nn.relu(), {}, { input: [1], ...o }),
  dropout: (o) => nn.dropout(o),
  flatten: (o) => nn.flatten(o),
  linear: (o) => nn.linear(o as never),
  conv1d: (o) => nn.conv1d(o as never),
  conv2d: (o) => nn.conv2d(o as never),
  conv3d: (o) => nn.conv3d(o as never),
  embedding: (o) => nn.embedding(o as never),
  unembedding: (o) => nn.unembedding(o as never),
  positions: (o) => nn.positions(o as never),
  layerNorm: (o) => nn.layerNorm(o as never),
  rmsNorm: (o) => nn.rmsNorm(o as never),
  batchNorm: (o) => nn.batchNorm(o as never),
  groupNorm: (o) => nn.groupNorm(o as never),
  instanceNorm: (o) => nn.instanceNorm(o as never),
  activation: (o) => nn.activation(o as never),
  maxPool: (o) => nn.maxPool(o as never),
  avgPool: (o) => nn.avgPool(o as never),
  overPositions: (o) => nn.overPositions(o as never),
  multiHeadAttention: (o) => nn.multiHeadAttention(o as never),
  transformerBlock: (o) => nn.transformerBlock(o as never),
  crossAttention: (o) => nn.crossAttention(o as never),
  decoderBlock: (o) => nn.decoderBlock(o as never),
  gru: (o) => nn.gru(o as never),
  lstm: (o) => nn.lstm(o as never),
  graph: (o) => nn.graph(o as never),
  applyGraph: (o) => nn.applyGraph(nn.relu(), {}, {}, o),
  read: (o) => nn.read(new Uint8Array(), o),
  inspectOnnx: (o) => nn.inspectOnnx(new Uint8Array(), o),
  readWeights: (o) => nn.readWeights(new Uint8Array(), o),
};
/** scripts/unknown-options.test.ts looks for this. */
function refusesUnknown(name: string): void {
  test(`${name} refuses an option that it does not know`, () => {
    expect(() => refusals[name]({ surely_not: 1 })).toThrow("has no option 'surely_not'");
  });
}
refusesUnknown('init');
refusesUnknown('initState');
refusesUnknown('initMemory');
refusesUnknown('apply');
refusesUnknown('applyWithState');
refusesUnknown('step');
refusesUnknown('generate');
refusesUnknown('saveModel');
refusesUnknown('loadModel');
refusesUnknown('toTensors');
refusesUnknown('toOnnx');
refusesUnknown('dropout');
refusesUnknown('flatten');
refusesUnknown('linear');
refusesUnknown('conv1d');
refusesUnknown('conv2d');
refusesUnknown('conv3d');
refusesUnknown('embedding');
refusesUnknown('unembedding');
refusesUnknown('positions');
refusesUnknown('layerNorm');
refusesUnknown('rmsNorm');
refusesUnknown('batchNorm');
refusesUnknown('groupNorm');
refusesUnknown('instanceNorm');
refusesUnknown('activation');
refusesUnknown('maxPool');
refusesUnknown('avgPool');
refusesUnknown('overPositions');
refusesUnknown('multiHeadAttention');
refusesUnknown('transformerBlock');
refusesUnknown('crossAttention');
refusesUnknown('decoderBlock');
refusesUnknown('gru');
refusesUnknown('lstm');
refusesUnknown('graph');
refusesUnknown('applyGraph');
refusesUnknown('read');
refusesUnknown('inspectOnnx');
refusesUnknown('readWeights');
