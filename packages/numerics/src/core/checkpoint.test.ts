import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, fingerprint } from './checkpoint.ts';

const example = {
  method: 'counting',
  problem: fingerprint('data', Float64Array.of(1, 2), { tol: 1e-6 }),
  iteration: 12,
  state: {
    x: Float64Array.of(0.1, Number.NaN, -0, Number.NEGATIVE_INFINITY),
    k: 3,
    best: Number.POSITIVE_INFINITY,
    of: [1, 'two', null, true],
  },
};

test('what is written is read back to the last bit', () => {
  expect(decodeCheckpoint(encodeCheckpoint(example))).toEqual(example);
  const leaf = fc.oneof(
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.float64Array(),
    fc.float32Array(),
    fc.int32Array(),
    fc.uint8Array(),
  );
  const key = fc.string().filter((k) => k !== '$' && k !== '__proto__');
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node')),
      fc.dictionary(key, tie('node'), { noNullPrototype: true }),
    ),
  })).node;
  fc.assert(
    fc.property(tree, (state) => {
      expect(decodeCheckpoint(encodeCheckpoint({ ...example, state })).state).toEqual(state);
    }),
    { numRuns: 200 },
  );
});

test('every cut and every changed byte is noticed', () => {
  const text = encodeCheckpoint(example);
  for (let n = 0; n < text.length - 1; n++) expect(() => decodeCheckpoint(text.slice(0, n))).toThrow(/checkpoint/);
  for (let n = text.indexOf('\n') + 1; n < text.length - 1; n++) {
    const other = text[n] === 'x' ? 'y' : 'x';
    expect(() => decodeCheckpoint(text.slice(0, n) + other + text.slice(n + 1))).toThrow(/damaged/);
  }
});

test.each([
  ['', /not a checkpoint/],
  ['null', /not a checkpoint/],
  ['x1,x2\n1,2\n', /not a checkpoint/],
  [encodeCheckpoint(example).replace('"version":2', '"version":1'), /has version 1, and this release reads version 2/],
])('other files are refused: %#', (text, message) => {
  expect(() => decodeCheckpoint(text)).toThrow(message);
});

test('a state goes on with its own method and data only', () => {
  const text = encodeCheckpoint(example);
  expect(decodeCheckpoint(text, { method: 'counting', problem: example.problem })).toEqual(example);
  expect(() => decodeCheckpoint(text, { method: 'other' })).toThrow(/by counting, not by other/);
  expect(() => decodeCheckpoint(text, { problem: fingerprint('other') })).toThrow(/other data or other options/);
});

test('fingerprints tell values apart, and do not mind the order of keys', () => {
  expect(fingerprint({ a: 1, b: 2, c: undefined })).toBe(fingerprint({ b: 2, a: 1 }));
  const seen = new Set(
    [
      1,
      '1',
      [1],
      [[1]],
      { a: 1 },
      { a: '1' },
      Float64Array.of(1),
      Float32Array.of(1),
      null,
      undefined,
      true,
      -0,
      0,
    ].map((v) => fingerprint(v)),
  );
  expect(seen.size).toBe(13);
  expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
});

test('what is not plain data is refused when written', () => {
  expect(() => encodeCheckpoint({ ...example, state: new Map() })).toThrow(/plain data only, not a Map/);
  expect(() => encodeCheckpoint({ ...example, state: () => 1 })).toThrow(/not a function/);
});
