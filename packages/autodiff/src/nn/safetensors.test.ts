import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import * as nn from './index.ts';
import { bytesOf, KINDS, numbersOf } from './safetensors/kinds.ts';

const encoder = new TextEncoder();
/** A file of a header, as text or bytes, and bytes of numbers. */
function file(header: string | Uint8Array, numbers = 0, length?: number): Uint8Array {
  const text = typeof header === 'string' ? encoder.encode(header) : header;
  const out = new Uint8Array(8 + text.length + numbers);
  new DataView(out.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  out.set(text, 8);
  return out;
}
const entry = (name: string, from: number, to: number, shape = `[${(to - from) / 4}]`, dtype = 'F32') =>
  `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`;

const damaged: Readonly<Record<string, readonly [Uint8Array, string]>> = {
  'no file': [new Uint8Array(5), 'it has 5 bytes, and the length of the header alone takes 8.'],
  'a header cut short': [file('{"a"', 0, 90), 'its header should have 90 bytes, but the file ends after 4 of them'],
  'a header without end': [
    file('{}', 0, 200_000_000),
    'its header would have 200000000 bytes; 100000000 are the most.',
  ],
  'another file': [file('PK....'), "its header begins with 'P' rather than '{'."],
  'no text': [file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'its header is no UTF-8.'],
  'no JSON': [file('{"a":}'), 'a value is expected at character 6'],
  'half of an object': [file('{"a":1'), "',' is expected at character 7"],
  'more than an object': [file('{} {}'), 'The header goes on after its end at character 4'],
  'a name twice': [file(`{${entry('a', 0, 4)},${entry('a', 4, 8)}}`, 8), "The name 'a' is there twice"],
  'a field twice': [file('{"a":{"dtype":"F32","dtype":"F32"}}'), "The name 'dtype' is there twice"],
  'numbers cut short': [file(`{${entry('a', 0, 8)}}`, 6), "'a' should end at 8, but only 6 bytes of numbers are there"],
  'numbers without a tensor': [file(`{${entry('a', 0, 8)}}`, 12), '4 bytes follow the last tensor'],
  'a gap': [
    file(`{${entry('a', 0, 4)},${entry('b', 8, 12)}}`, 12),
    "'b' begins at 8, and no tensor owns the bytes from 4 to there.",
  ],
  'a gap at the front': [file(`{${entry('a', 4, 8)}}`, 8), 'no tensor owns the bytes from 0'],
  'an overlap': [
    file(`{${entry('a', 0, 8)},${entry('b', 4, 12)}}`, 12),
    "'b' begins at 4, within 'a', which ends at 8.",
  ],
  'an end before its beginning': [
    file(`{${entry('a', 4, 0, '[1]')}}`, 4),
    "'a' would end, at 0, before it begins, at 4.",
  ],
  'another size': [file(`{${entry('a', 0, 8, '[3]')}}`, 8), "'a' has 8 bytes, but F32 of [3] takes 12."],
  'a size beyond counting': [
    file(`{${entry('a', 0, 8, '[4294967296,4294967296]')}}`, 8),
    'more bytes than can be counted',
  ],
  'a kind': [file(`{${entry('a', 0, 8, '[2]', 'F31')}}`, 8), `'a' has the dtype "F31"; there are BOOL`],
  'a shape': [file(`{${entry('a', 0, 8, '[-2]')}}`, 8), "the shape of 'a' is no list of whole numbers"],
  offsets: [file('{"a":{"dtype":"U8","shape":[],"data_offsets":[0]}}', 1), "the data_offsets of 'a' are no two"],
  'no description': [file('{"a":3}'), "'a' is described by no object."],
  metadata: [file('{"__metadata__":{"a":1}}'), "'a' is 1"],
  'metadata that are a list': [file('{"__metadata__":[]}'), '__metadata__ is no object'],
};

describe('files that are damaged are refused by a sentence', () => {
  test.each(Object.entries(damaged))('%s', (_, [bytes, message]) => {
    expect(() => nn.readSafetensors(bytes)).toThrow(message);
  });
  test('what are no bytes', () => {
    const { buffer } = file('{}', 0);
    expect(() => nn.readSafetensors(buffer as unknown as Uint8Array)).toThrow('from new Uint8Array(buffer)');
  });

  test('a file that is cut anywhere, or has a byte too many', () => {
    const whole = nn.writeSafetensors({ a: ad.range(3), b: ad.range(2, 'i32') }, { metadata: { x: 'y' } });
    for (let n = 0; n < whole.length; n++)
      expect(() => nn.readSafetensors(whole.subarray(0, n)), `${n}`).toThrow(/safetensors|header/);
    expect(() => nn.readSafetensors(Uint8Array.of(...whole, 0))).toThrow('1 bytes follow the last tensor');
  });
});

describe('kinds of numbers', () => {
  test('halves, all of them, there and back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    for (const kind of ['F16', 'BF16'] as const) {
      const values = numbersOf(kind, new Uint8Array(all.buffer));
      const back = new Uint16Array(bytesOf(kind, values).buffer);
      // What is no number has many forms.
      expect(all.findIndex((bits, i) => bits !== back[i] && !Number.isNaN(values[i]))).toBe(-1);
    }
  });
  test('round to the nearest, ties to even', () => {
    const halves = (x: number) => numbersOf('F16', bytesOf('F16', [x]))[0];
    expect(
      [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -25, -0, 2047.5, 4095.9].map(halves),
    ).toEqual([...[1, 1 + 2 ** -9, 65504, Number.POSITIVE_INFINITY, 0, 2 ** -23, -0, 2048, 4096]]);
    const brain = (x: number) => numbersOf('BF16', bytesOf('BF16', [x]))[0];
    expect([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, Number.NaN].map(brain)).toEqual([
      1,
      1 + 2 ** -6,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });
  test('of eight bits', () => {
    const read = (kind: 'F8_E4M3' | 'F8_E5M2', bits: number) => numbersOf(kind, Uint8Array.of(bits))[0];
    expect([0x38, 0x7e, 0xfe, 0x7f, 1].map((b) => read('F8_E4M3', b))).toEqual([1, 448, -448, Number.NaN, 2 ** -9]);
    expect([0x3c, 0x7b, 0x7c, 0x7f, 1].map((b) => read('F8_E5M2', b))).toEqual([
      1,
      57344,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      2 ** -16,
    ]);
  });
  test('whole ones fit, or are refused', () => {
    expect(() => bytesOf('U8', [3, 256])).toThrow('256, number 2, cannot be written as U8');
    expect(() => bytesOf('F8_E4M3', [1])).toThrow('not written as F8_E4M3');
    const wide = { a: { kind: 'I64' as const, shape: [1], bytes: bytesOf('I64', [2 ** 40]) } };
    expect(() => nn.toTensors(wide)).toThrow("'a' of I64 has 1099511627776");
    expect(numbersOf('I64', bytesOf('I64', [-3, 2 ** 53 - 1]))).toEqual(Float64Array.of(-3, 2 ** 53 - 1));
  });
});

const names = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((s) => s !== '__metadata__' && s !== '__proto__');
test('what is written is read, whatever the names and shapes', () => {
  fc.assert(
    fc.property(
      fc.dictionary(names, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })),
      fc.dictionary(names, fc.string()),
      (shapes, metadata) => {
        const tensors = Object.fromEntries(
          Object.entries(shapes).map(([name, shape], i) => [
            name,
            ad.randomNormal(ad.randomKey(i), shape, i % 2 ? 'f32' : 'f64'),
          ]),
        );
        const back = nn.readSafetensors(nn.writeSafetensors(tensors, { metadata }));
        expect(back.metadata).toEqual({ ...metadata });
        const found = nn.toTensors(back.tensors);
        expect(Object.keys(found).sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, t] of Object.entries(tensors)) {
          expect([found[name].shape, found[name].dtype]).toEqual([t.shape, t.dtype]);
          expect(found[name].data()).toEqual(t.data());
        }
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});

const python = '/usr/bin/python3';
const installed =
  spawnSync(python, [
    '-c',
    'import importlib.util as u, sys; sys.exit(u.find_spec("safetensors") is None or u.find_spec("numpy") is None)',
  ]).status === 0;

describe.skipIf(!installed)('the package of Python (skipped where python3-safetensors is not installed)', () => {
  /** Runs a script on a folder and gives what it prints. */
  function run(
    script: string,
    files: Readonly<Record<string, Uint8Array>> = {},
  ): { out: string; read: (name: string) => Uint8Array } {
    const folder = mkdtempSync(join(tmpdir(), 'southwell-safetensors-'));
    try {
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
      const { stdout, stderr, status } = spawnSync(python, ['-c', script], { cwd: folder, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      const made = new Map(
        script.match(/\w+\.safetensors/g)?.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
      );
      return { out: stdout, read: (name) => made.get(name)! };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test('writes files that are read here, and written anew to the byte', () => {
    const { out, read } = run(`
import json, numpy as np
from safetensors.numpy import save_file
kinds = [np.bool_, np.uint8, np.int8, np.int16, np.uint16, np.float16, np.int32, np.uint32, np.float32, np.float64, np.int64, np.uint64]
t = {f'{k}.{np.dtype(d).name}': (np.arange(k + 1) * (0.7 if np.dtype(d).kind == 'f' else 1)).astype(d).reshape(1, -1) for k, d in enumerate(kinds)}
t |= {'scalar': np.float32(2.5).reshape(()), 'none': np.zeros((0, 3), np.float64), 'ü "quoted"': np.ones(1, np.float32)}
save_file(t, 'a.safetensors', {'made by': 'numpy "x"'})
print(json.dumps({k: [list(v.shape), v.astype(np.float64).reshape(-1).tolist()] for k, v in t.items()}))
`);
    const { tensors, metadata } = nn.readSafetensors(read('a.safetensors'));
    expect(metadata).toEqual({ 'made by': 'numpy "x"' });
    const expected = JSON.parse(out) as Record<string, [number[], number[]]>;
    const found = nn.toTensors(tensors, { dtype: 'f64' });
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, [shape, values]] of Object.entries(expected)) {
      expect(found[name].shape, name).toEqual(shape);
      expect([...found[name].data()], name).toEqual(values);
    }
    expect(nn.writeSafetensors(tensors, { metadata })).toEqual(read('a.safetensors'));
  });

  test('reads what is written here', () => {
    const layer = nn.sequential([nn.linear({ in: 3, out: 2 }), nn.batchNorm({ features: 2 })]);
    const parameters = nn.init(layer, ad.randomKey(1));
    const bytes = nn.saveModel(layer, parameters, { state: nn.initState(layer), metadata: { note: 'x' } });
    const { out } = run(
      `
import json
from safetensors import safe_open
with safe_open('ours.bin', 'np') as f:
    print(json.dumps([f.metadata(), {k: [f.get_tensor(k).dtype.name, f.get_tensor(k).tolist()] for k in f.keys()}]))
`,
      { 'ours.bin': bytes },
    );
    const [metadata, tensors] = JSON.parse(out) as [Record<string, string>, Record<string, [string, ad.NestedNumbers]>];
    expect(metadata).toEqual({ note: 'x', 'southwell.architecture': nn.architectureJson(layer) });
    const own = { ...parameters, ...nn.initState(layer) };
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(own).sort());
    for (const [name, t] of Object.entries(own)) expect(tensors[name], name).toEqual(['float32', t.toArray()]);
  });

  test('refuses what is refused here', () => {
    const tried = Object.entries(damaged);
    const { out } = run(
      `
import json
from safetensors.numpy import load
def refused(k):
    try:
        load(open(f'{k}.bin', 'rb').read())
        return False
    except Exception:
        return True
print(json.dumps([refused(k) for k in range(${tried.length})]))
`,
      Object.fromEntries(tried.map(([, [bytes]], k) => [`${k}.bin`, bytes])),
    );
    const accepted = (JSON.parse(out) as boolean[]).flatMap((no, k) => (no ? [] : [tried[k][0]]));
    expect(accepted).toEqual([]);
  });

  test('and of files in which bytes were changed at random, the same ones', () => {
    const whole = nn.writeSafetensors(
      { 'a longer name': ad.range(3, 'f32'), 'ünd one "more" of them': ad.tensor([[1], [2]]), d: ad.range(2, 'i32') },
      { metadata: { 'what is told': 'of a file, in some more words' } },
    );
    const header = Number(new DataView(whole.buffer).getBigUint64(0, true));
    const random = new Random(5);
    const below = (n: number) => Math.floor(random.uniform() * n);
    const signs = encoder.encode('{}[]",:0123456789.-e\\utF326BI4 ');
    const mutants = Array.from({ length: 3000 }, (_, i) => {
      const out = whole.slice();
      // Some of the signs that headers are made of, some of any; one or two, and lengths too.
      for (let k = 0; k <= i % 2; k++)
        out[i % 10 === 0 ? below(8) : 8 + below(header)] = i % 3 ? signs[below(signs.length)] : below(256);
      return i % 7 === 0 ? out.subarray(0, out.length - below(3)) : out;
    });
    const lengths = Int32Array.from(mutants, (m) => m.length);
    const { out } = run(
      `
import json, numpy as np
from safetensors.numpy import load
lengths = np.fromfile('lengths.bin', np.int32)
data = open('mutants.bin', 'rb').read()
at, fine = 0, []
for n in lengths:
    try:
        fine.append(sorted([k, list(v.shape), v.astype(float).reshape(-1).tolist()] for k, v in load(data[at:at + n]).items()))
    except Exception:
        fine.append(None)
    at += n
print(json.dumps(fine).replace('NaN', 'null'))
`,
      { 'lengths.bin': new Uint8Array(lengths.buffer), 'mutants.bin': new Uint8Array(mutants.flatMap((m) => [...m])) },
    );
    const theirs = JSON.parse(out) as unknown[];
    const here = mutants.map((m) => {
      try {
        const all = Object.entries(nn.readSafetensors(m).tensors);
        const values = all.map(([name, t]) => [name, t.shape, [...numbersOf(t.kind, t.bytes)]] as const);
        return JSON.parse(JSON.stringify(values.sort(([a], [b]) => (a < b ? -1 : 1)))) as unknown;
      } catch (error) {
        expect(error).toBeInstanceOf(SouthwellError);
        return null;
      }
    });
    expect(theirs.filter((t) => t !== null).length).toBeGreaterThan(200);
    const other = here.findIndex((t, i) => (t === null) !== (theirs[i] === null));
    expect(
      other < 0
        ? ''
        : `${theirs[other] ? 'read' : 'refused'} there: ${new TextDecoder().decode(mutants[other].subarray(0, 8 + header))}`,
    ).toBe('');
    expect(here).toEqual(theirs);
  });
});

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

  test('are rebuilt from a file alone', () => {
    const model = nn.loadModel(nn.saveModel(layer, parameters, { state }));
    expect(model.layer).toEqual(layer);
    expect(nn.apply(model.layer, model.parameters, x, { state: model.state }).data()).toEqual(
      nn.apply(layer, parameters, x, { state }).data(),
    );
  });
  test('in halves, with the architecture beside, under other names', () => {
    const { tensors } = nn.readSafetensors(nn.saveModel(layer, parameters, { state, kind: 'F16' }));
    const foreign = nn.writeSafetensors(
      Object.fromEntries(Object.entries(tensors).map(([name, t]) => [`model.${name}`, t])),
    );
    const options = {
      architecture: nn.architectureJson(layer),
      rename: (name: string) => name.replace(/^model\./, ''),
    };
    const model = nn.loadModel(foreign, options);
    for (const [name, p] of Object.entries(parameters)) {
      expect(model.parameters[name].data()).toEqual(ad.roundToHalf(p).data());
    }
  });
  test('what does not fit is named and counted', () => {
    const bytes = nn.saveModel(layer, parameters, { state });
    const architecture = nn.sequential([nn.linear({ in: 2, out: 3 })]);
    expect(() => nn.loadModel(bytes, { architecture })).toThrow(
      'The weights do not fit the architecture: 2 missing: 0.weight, 0.bias; 8 not expected: ',
    );
    const other = nn.sequential({
      body: (layer.layers as Record<string, nn.Layer>).body,
      head: nn.sequential([nn.flatten(), nn.linear({ in: 18, out: 4 })]),
    });
    expect(() => nn.loadModel(bytes, { architecture: other })).toThrow(
      'head.1.weight is [2, 18], but head.1 (linear) needs [4, 18].',
    );
    expect(() => nn.saveModel(other, parameters, { state })).toThrow('head.1.weight is [2, 18]');
    expect(() => nn.saveModel(layer, parameters)).toThrow(
      'The states do not fit the architecture: 2 missing: body.1.running_mean',
    );
    expect(() => nn.loadModel(nn.writeSafetensors(parameters))).toThrow('The file carries no architecture');
    expect(() => nn.loadModel(bytes, { architecture: '{' })).toThrow('The architecture is no JSON');
    expect(() => nn.loadModel(bytes, { rename: () => 'a' })).toThrow(
      "Two tensors of the file would have the name 'a'.",
    );
    const whole = nn.writeSafetensors({ weight: ad.tensor(Int32Array.of(1), { shape: [1, 1] }) });
    expect(() => nn.loadModel(whole, { architecture: nn.linear({ in: 1, out: 1, bias: false }) })).toThrow(
      'whole numbers (I32)',
    );
  });
});

test('every kind has its bytes', () => {
  for (const [kind, size] of Object.entries(KINDS))
    expect(numbersOf(kind as nn.Kind, new Uint8Array(size)).length).toBe(1);
});

test('what Node reads, a part of a larger memory, is read as bytes of their own are', () => {
  const bytes = nn.saveModel(nn.linear({ in: 3, out: 2 }), nn.init(nn.linear({ in: 3, out: 2 }), ad.randomKey(1)));
  const pool = Buffer.alloc(bytes.length + 64);
  pool.set(bytes, 13);
  const [own, shared] = [bytes, pool.subarray(13, 13 + bytes.length)].map((b) => nn.loadModel(b).parameters);
  for (const name of ['weight', 'bias']) expect(shared[name].data()).toEqual(own[name].data());
});
