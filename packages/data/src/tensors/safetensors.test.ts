import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BITS, isFloat, type TensorDType } from './dtypes.ts';
import { openSafetensors } from './open.ts';
import { readSafetensors, type TensorToWrite, writeSafetensors } from './safetensors.ts';

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

const f32 = (...values: number[]): TensorToWrite => ({
  ...{ dtype: 'F32', shape: [values.length], values: Float32Array.from(values) },
});
const f64 = (...values: number[]): TensorToWrite => ({
  ...{ dtype: 'F64', shape: [values.length], values: Float64Array.from(values) },
});
const i32 = (...values: number[]): TensorToWrite => ({
  ...{ dtype: 'I32', shape: [values.length], values: Int32Array.from(values) },
});

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
  'more than an object': [file('{} {}'), 'goes on after its end at character 4'],
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
  'a tensor that ends within a byte': [
    file(`{${entry('a', 0, 2, '[3]', 'F4')}}`, 2),
    "'a' of F4 and [3] would end within a byte.",
  ],
  'no description': [file('{"a":3}'), "'a' is described by no object."],
  metadata: [file('{"__metadata__":{"a":1}}'), "'a' is 1"],
  'metadata that are a list': [file('{"__metadata__":[]}'), '__metadata__ is no object'],
};

describe('files that are damaged are refused by a sentence', () => {
  test.each(Object.entries(damaged))('%s', async (_, [bytes, message]) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
    const opening = openSafetensors(bytes, { name: 'a.safetensors' });
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_FORMAT', message: expect.stringContaining(message) });
    await expect(opening).rejects.toThrow('a.safetensors');
  });
  test('what are no bytes', () => {
    const { buffer } = file('{}', 0);
    expect(() => readSafetensors(buffer as unknown as Uint8Array)).toThrow('give new Uint8Array(buffer)');
  });

  test('a file that is cut anywhere, or has a byte too many', () => {
    const whole = writeSafetensors({ tensors: { a: f64(0, 1, 2), b: i32(0, 1) }, metadata: { x: 'y' } });
    for (let n = 0; n < whole.length; n++)
      expect(() => readSafetensors(whole.subarray(0, n)), `${n}`).toThrow(/safetensors|header/);
    expect(() => readSafetensors(Uint8Array.of(...whole, 0))).toThrow('1 bytes follow the last tensor');
  });
});

const names = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((s) => s !== '__metadata__' && s !== '__proto__');
const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, 65504, 2 ** -24, 1e-320, Number.MAX_VALUE),
);
const floats = ['F64', 'F32', 'F16', 'BF16'] as const;
const wholes = {
  BOOL: 1,
  U8: 255,
  I8: 127,
  I16: 32767,
  U16: 65535,
  I32: 2 ** 31 - 1,
  U32: 2 ** 32 - 1,
  I64: 2 ** 53 - 1,
};
const tensor = fc
  .tuple(
    fc.constantFrom(...floats, ...(Object.keys(wholes) as Array<keyof typeof wholes>)),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    fc.infiniteStream(numbers),
  )
  .map(([dtype, shape, stream]): TensorToWrite & { values: Float64Array } => {
    const size = shape.reduce((a, b) => a * b, 1);
    const most = wholes[dtype as 'U8'];
    // The remainder of what is no number is none.
    const fit = (x: number) => (most ? Math.floor(Math.abs(x) % (most + 1)) || 0 : x);
    return { dtype, shape, values: Float64Array.from({ length: size }, () => fit(stream.next().value as number)) };
  });

test('what is written is read, whatever the names, types, shapes and numbers, and written anew to the byte', () => {
  fc.assert(
    fc.property(fc.dictionary(names, tensor), fc.dictionary(names, fc.string()), (tensors, metadata) => {
      const bytes = writeSafetensors({ tensors, metadata });
      const back = readSafetensors(bytes);
      expect(back.metadata).toEqual({ ...metadata });
      expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
      // Every tensor is aligned to the size of its numbers, as wider types come first; those of one type are in the order of their names.
      const written = Object.entries(back.tensors);
      written.forEach(([name, { shape, bytes }], k) => {
        const count = shape.reduce((a, b) => a * b, 1);
        if (count > 0) expect(bytes.byteOffset % (bytes.length / count)).toBe(0);
        const before = written[k - 1];
        if (before?.[1].dtype === written[k][1].dtype)
          expect(Buffer.compare(Buffer.from(before[0]), Buffer.from(name))).toBe(-1);
      });
      for (const [name, { dtype, shape, values }] of Object.entries(tensors)) {
        expect([back.tensors[name].dtype, back.tensors[name].shape]).toEqual([dtype, shape]);
        // As another type rounds; by Node's own numbers where it has them.
        if (dtype !== 'F16' && dtype !== 'BF16')
          expect([...back.tensors[name].values]).toEqual([...(dtype === 'F32' ? Float32Array.from(values) : values)]);
        const again = writeSafetensors({ tensors: { a: { dtype, shape, values: back.tensors[name].values } } });
        expect(readSafetensors(again).tensors.a.bytes).toEqual(back.tensors[name].bytes);
      }
      expect(writeSafetensors(back)).toEqual(bytes);
    }),
    { numRuns: 100, seed: 5 },
  );
});

test('numbers that conversion would make infinite are refused, with the tensor and its number', () => {
  const write = (values: number[], dtype: 'F32' | 'F16' | 'BF16', own: 'F32' | 'F64' = 'F32') =>
    readSafetensors(
      writeSafetensors({ tensors: { 'head.weight': { dtype: own, shape: [values.length], values } } }, { dtype }),
    ).tensors['head.weight'].values;
  expect(() => write([1, 65519, 65520], 'F16')).toThrow(
    "'head.weight' has 65520, number 3, which is beyond the largest number of F16, 65504: write the file as BF16 or F32.",
  );
  expect([...write([65519, -65519], 'F16')]).toEqual([65504, -65504]);
  expect(() => write([-3.4e38], 'BF16')).toThrow('beyond the largest number of BF16, 3.39e38: write the file as F32.');
  expect([...write([70000], 'BF16')]).toEqual([70144]);
  expect(() => write([1e39], 'F32', 'F64')).toThrow('beyond the largest number of F32, 3.4e38: write the file as F64.');
  // What is infinite already stays so.
  expect([...write([Number.POSITIVE_INFINITY, Number.NaN], 'F16')]).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
});

test('floating-point numbers are written as asked for, whole ones as they are', () => {
  const file = writeSafetensors(
    { tensors: { a: f64(1, 1 + 2 ** -11, 0.1), b: i32(7), c: f32(3.5) } },
    { dtype: 'F16' },
  );
  const { a, b, c } = readSafetensors(file).tensors;
  expect([a.dtype, b.dtype, c.dtype]).toEqual(['F16', 'I32', 'F16']);
  expect([...a.values]).toEqual([1, 1, 0.0999755859375]);
  const up = readSafetensors(writeSafetensors(readSafetensors(file), { dtype: 'F64' })).tensors.a;
  expect([up.dtype, ...up.values]).toEqual(['F64', 1, 1, 0.0999755859375]);
});

test('bytes of every type are kept, also of those that are not made numbers of', () => {
  for (const dtype of Object.keys(BITS) as TensorDType[]) {
    const bytes = Uint8Array.from({ length: 24 }, (_, i) => 7 * i);
    const shape = [(24 * 8) / BITS[dtype]];
    const file = writeSafetensors({ tensors: { a: { dtype, shape, bytes } } });
    const { a } = readSafetensors(file).tensors;
    expect([a.dtype, a.shape, a.bytes]).toEqual([dtype, shape, bytes]);
    if (isFloat(dtype)) expect(a.values.length).toBe(shape[0]);
  }
});

test('what cannot be written is refused', () => {
  const write = (t: unknown) => () => writeSafetensors({ tensors: { a: t as TensorToWrite } });
  expect(write({ dtype: 'F32', shape: [3], values: [1, 2] })).toThrow(
    "'a' has 8 bytes of F32, which do not fit the shape [3].",
  );
  expect(write({ dtype: 'F32', shape: [-1, -2], values: [1, 2] })).toThrow('do not fit the shape [-1, -2]');
  expect(write({ dtype: 'F31', shape: [1], values: [1] })).toThrow("'a' has the dtype 'F31'; supported are BOOL");
  expect(write({ dtype: 'F8_E4M3', shape: [1], values: [1] })).toThrow('cannot be written as F8_E4M3');
  expect(() => writeSafetensors({ tensors: { __metadata__: f32(1) } })).toThrow("'__metadata__'");
  expect(() => writeSafetensors({ tensors: {}, metadata: { a: 1 as never } })).toThrow(
    "Metadata must be texts, but 'a' is 1",
  );
});

test('a file in a part of a larger memory is read as one of its own', () => {
  const bytes = writeSafetensors({ tensors: { a: f64(0.1, 0.2), b: f32(1, 2, 3) } });
  const pool = Buffer.alloc(bytes.length + 64);
  pool.set(bytes, 13);
  const { tensors } = readSafetensors(pool.subarray(13, 13 + bytes.length));
  for (const [name, t] of Object.entries(readSafetensors(bytes).tensors))
    expect(tensors[name].values).toEqual(t.values);
  // What is read does not change with the memory that it was read from.
  pool.fill(0);
  expect([...tensors.a.values]).toEqual([0.1, 0.2]);
});

/** scripts/unknown-options.test.ts looks for this. */
function refusesUnknown(_: string, call: (options: object) => unknown): void {
  test(`${_} refuses an option that it does not know`, async () => {
    await expect((async () => call({ surely_not: 1 }))()).rejects.toThrow("has no option 'surely_not'");
  });
}
refusesUnknown('writeSafetensors', (o) => writeSafetensors({ tensors: {} }, o));
refusesUnknown('openSafetensors', (o) => openSafetensors(new Uint8Array(9), o));

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
    const { tensors, metadata } = readSafetensors(read('a.safetensors'));
    expect(metadata).toEqual({ 'made by': 'numpy "x"' });
    const expected = JSON.parse(out) as Record<string, [number[], number[]]>;
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, [shape, values]] of Object.entries(expected)) {
      expect(tensors[name].shape, name).toEqual(shape);
      expect([...tensors[name].values], name).toEqual(values);
    }
    expect(writeSafetensors({ tensors, metadata })).toEqual(read('a.safetensors'));
    // And from the numbers alone.
    const decoded = Object.entries(tensors).map(([name, { dtype, shape, values }]) => [name, { dtype, shape, values }]);
    expect(writeSafetensors({ tensors: Object.fromEntries(decoded), metadata })).toEqual(read('a.safetensors'));
  });

  test('reads what is written here', () => {
    const own = {
      'a.weight': { ...f32(0.1, 2, 3, 4), shape: [2, 2] },
      'b.bias': f64(0.1),
      n: i32(-3, 2 ** 31 - 1),
      half: { dtype: 'F16' as const, shape: [1, 1], values: [0.1] },
    };
    const bytes = writeSafetensors({ tensors: own, metadata: { note: 'x' } });
    const { out } = run(
      `
import json
from safetensors import safe_open
with safe_open('ours.bin', 'np') as f:
    print(json.dumps([f.metadata(), {k: [f.get_tensor(k).dtype.name, f.get_tensor(k).tolist()] for k in f.keys()}]))
`,
      { 'ours.bin': bytes },
    );
    expect(JSON.parse(out)).toEqual([
      { note: 'x' },
      {
        'a.weight': [
          'float32',
          [
            [Math.fround(0.1), 2],
            [3, 4],
          ],
        ],
        'b.bias': ['float64', [0.1]],
        n: ['int32', [-3, 2 ** 31 - 1]],
        half: ['float16', [[0.0999755859375]]],
      },
    ]);
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
    const whole = writeSafetensors({
      tensors: {
        'a longer name': f32(0, 1, 2),
        'ünd one "more" of them': { ...f64(1, 2), shape: [2, 1] },
        d: i32(0, 1),
      },
      metadata: { 'what is told': 'of a file, in some more words' },
    });
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
        const all = Object.entries(readSafetensors(m).tensors);
        const values = all.map(([name, t]) => [name, t.shape, [...t.values]] as const);
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
