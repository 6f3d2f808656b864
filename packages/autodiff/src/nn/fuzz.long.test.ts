import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { casesOf } from './onnx/testing.ts';

// Damaged files of others: whatever is read is a network, or an error with a sentence. The reader of safetensors has tests of its own in @southwell/data.

const TIMES = 2000;
/** The most that a damaged file of a few thousand bytes may take, in bytes. */
const MEMORY = 3e8;

let state = 20261202;
/** A whole number below n; the same sequence in every run. */
function below(n: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

/** Cut short, with bits and bytes changed, more often near both ends, where most of the structure is. */
function damaged(bytes: Uint8Array): Uint8Array {
  const out = below(3) === 0 ? bytes.slice(0, below(bytes.length)) : bytes.slice();
  for (let k = below(6); k >= 0 && out.length > 0; k--) {
    const near = below(Math.min(out.length, 500));
    const at = [below(out.length), near, out.length - 1 - near][below(3)];
    out[at] = below(2) ? out[at] ^ (1 << below(8)) : below(256);
  }
  return out;
}

/** Runs f, whose errors must be sentences. */
function sound(what: string, f: () => void): void {
  const before = process.memoryUsage().arrayBuffers;
  try {
    f();
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw new Error(`${what}: ${(error as Error).stack}`);
    expect(error.message, what).toMatch(/[.?]$/);
  }
  expect(process.memoryUsage().arrayBuffers - before, what).toBeLessThan(MEMORY);
}

function readAll(what: string, bytes: Uint8Array, external?: nn.External): void {
  sound(what, () => {
    const { model, parameters, state: own } = nn.read(bytes, { external });
    sound(`${what}, as JSON`, () => nn.checkArchitecture(JSON.parse(nn.architectureJson(model))));
    if (model.kind === 'graph') sound(`${what}, written`, () => nn.toOnnx(model, parameters, { state: own }));
  });
  sound(`${what}, inspected`, () => nn.inspectOnnx(bytes, { external }));
}

const key = ad.randomKey(1);
const written = (layer: nn.Layer, input: readonly (number | null)[]): Uint8Array =>
  nn.toOnnx(layer, nn.init(layer, key), { input });
const layers: Readonly<Record<string, Uint8Array>> = {
  perceptron: written(nn.sequential([nn.linear({ in: 3, out: 4 }), nn.tanh(), nn.linear({ in: 4, out: 2 })]), [
    null,
    3,
  ]),
  images: written(nn.sequential([nn.conv2d({ in: 1, out: 2, kernel: 2 }), nn.relu(), nn.flatten()]), [null, 3, 3, 1]),
  recurrent: written(nn.lstm({ in: 2, hidden: 3 }), [null, 4, 2]),
  transformer: written(nn.transformerBlock({ width: 4, heads: 2, hidden: 6, causal: true }), [null, 3, 4]),
  norms: written(nn.sequential([nn.layerNorm({ features: 4 }), nn.softmax()]), [null, 4]),
};

test('ONNX files of ours', { timeout: 600_000 }, () => {
  for (const [name, bytes] of Object.entries(layers))
    for (let k = 0; k < TIMES; k++) readAll(`${name} ${k}`, damaged(bytes));
});

const cases = ['control', 'more'].flatMap((name) => {
  const all = casesOf(name)?.filter(({ model }) => model !== undefined) ?? [];
  return Array.from({ length: all.length > 0 ? 5 : 0 }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / 5)]);
});
test.skipIf(cases.length === 0)('ONNX files of others (needs python3 with onnx)', { timeout: 600_000 }, () => {
  for (const { name, model } of cases) {
    const bytes = Uint8Array.from(Buffer.from(model, 'base64'));
    for (let k = 0; k < TIMES; k++) readAll(`${name} ${k}`, damaged(bytes));
  }
});

const tfjs = {
  format: 'graph-model',
  modelTopology: {
    node: [
      {
        name: 'x',
        op: 'Placeholder',
        attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '2' }] } } },
      },
      { name: 'W', op: 'Const' },
      { name: 'p', op: 'MatMul', input: ['x', 'W'], attr: { transpose_b: { b: false } } },
      { name: 'y', op: 'Softmax', input: ['p'] },
    ],
  },
  weightsManifest: [{ paths: ['a'], weights: [{ name: 'W', shape: [2, 3], dtype: 'float32' }] }],
};
const keras = {
  format: 'layers-model',
  modelTopology: {
    model_config: {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          {
            class_name: 'Dense',
            config: { name: 'd', units: 3, activation: 'relu', use_bias: false, batch_input_shape: [null, 2] },
          },
        ],
      },
    },
  },
  weightsManifest: [{ paths: ['a'], weights: [{ name: 'd/kernel', shape: [2, 3], dtype: 'float32' }] }],
};
const JUNK: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  '',
  'x',
  'W',
  [],
  {},
  [null],
  true,
  'toString',
  '__proto__',
  2 ** 40,
];

/** The value with one of its parts replaced. */
function changed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || below(6) === 0) return JUNK[below(JUNK.length)];
  const entries = Object.entries(value);
  if (entries.length === 0) return JUNK[below(JUNK.length)];
  const at = below(entries.length);
  const made = entries.flatMap(([name, part], i) =>
    i === at ? (below(8) ? [[name, changed(part)]] : []) : [[name, part]],
  );
  return Array.isArray(value) ? made.map(([, part]) => part) : Object.fromEntries(made);
}

test('files of TensorFlow.js', { timeout: 600_000 }, () => {
  const shard = new Uint8Array(24);
  const external: nn.External = (_, from, length) =>
    shard.subarray(from, length === undefined ? undefined : from + length);
  for (const [name, json] of Object.entries({ tfjs, keras })) {
    const text = new TextEncoder().encode(JSON.stringify(json));
    sound(name, () => expect(nn.read(text, { external }).missing).toEqual([]));
    for (let k = 0; k < TIMES; k++) {
      readAll(`${name} ${k}`, damaged(text), external);
      readAll(`${name} ${k}, a part`, new TextEncoder().encode(JSON.stringify(changed(json))), external);
    }
  }
});

test('files of llama2.c', { timeout: 600_000 }, () => {
  // Width 4, hidden 6, one block, two heads, five tokens, context 3.
  const numbers = 5 * 4 + 4 + 4 * 16 + 4 + 3 * 24 + 4 + 2 * 3;
  const bytes = new Uint8Array(28 + 4 * numbers);
  new Int32Array(bytes.buffer, 0, 7).set([4, 6, 1, 2, 2, 5, 3]);
  expect(nn.read(bytes).missing).toEqual([]);
  for (let k = 0; k < TIMES; k++) readAll(`llama2.c ${k}`, damaged(bytes));
});
