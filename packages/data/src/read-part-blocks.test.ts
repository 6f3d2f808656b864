import { DenseMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Source } from './io/source.ts';
import { PartBlocks, undivided } from './read-part-blocks.ts';
import { readTableBlocks } from './read-table-blocks.ts';
import type { ChooseColumns, Table } from './table.ts';
import { bytesOf, chunked, expectFailure, expectSame, gathering, plain } from './testing.ts';
import { writeNpy } from './write/npy.ts';
import { ParquetBlocks } from './write/parquet.ts';

/** A file that comes in pieces of this many bytes. */
const inPieces = (bytes: Uint8Array, name: string, piece: number): Source => ({
  ...{ name, size: bytes.length, piece, restartable: true },
  stream: () => chunked(bytes, [piece]),
  slice: async (start, end) => bytes.subarray(start, end),
});

const all: ChooseColumns = (names) => new Map(names.map((name) => [name, { type: 'category' as const }]));

/** A sparse block without the width, of which each knows what it has seen. */
const block = (table: Table) => {
  const { pointers, shape, ...rest } = plain({ ...table, notes: [] }) as ReturnType<typeof plain> & {
    readonly pointers?: number[];
    readonly shape?: number[];
  };
  return { ...rest, pointers: pointers?.slice(0, pointers.indexOf(pointers.at(-1)!) + 1) };
};

const attempt = async <T>(read: () => Promise<T>): Promise<T | string> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

/** What one rank reads by blocks. */
const alone = (source: Source, choose: ChooseColumns) =>
  attempt(async () => {
    const blocks: unknown[] = [];
    let notes: readonly string[] = [];
    for await (const table of readTableBlocks(source, { choose })) {
      blocks.push(block(table));
      ({ notes } = table);
    }
    return { blocks, notes };
  });

/** What so many ranks read together, which all must say the same. */
async function together(source: Source, size: number, choose: ChooseColumns) {
  const blocks = new Map<number, unknown>();
  const ends = await Promise.all(
    gathering(size).map((gather, rank) =>
      attempt(async () => {
        const file = await PartBlocks.open(source, { rank, size, gather, choose });
        const notes = new Set<string>();
        let seen = 0;
        let last = -1;
        const work = async (table: Table) => {
          blocks.set(table.before!, block(table));
          return { before: table.before!, notes: table.notes };
        };
        for await (const told of file.rounds(work)) {
          for (const { before, notes: own } of told) {
            expect(before).toBeGreaterThan(last);
            last = before;
            seen++;
            for (const note of own) notes.add(note);
          }
        }
        for (const note of await file.notes()) notes.add(note);
        return { seen, notes: [...notes] };
      }),
    ),
  );
  for (const end of ends) expectSame(end, ends[0]);
  const [first] = ends;
  if (typeof first === 'string') return first;
  expect(blocks.size).toBe(first.seen);
  return { blocks: [...blocks].sort(([a], [b]) => a - b).map(([, found]) => found), notes: first.notes };
}

const sizes = [1, 2, 3, 5];

test('blocks of a CSV file are those of one rank, wherever lines and pieces end', async () => {
  const cell = fc.constantFrom(
    '1',
    '2.5',
    '',
    'x',
    '"a\nb"',
    '"a\r\n,""b"',
    '"\r"',
    'long enough to cross a piece',
    '"\n\n\n"',
  );
  const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', '\r\n\r\n');
  const lines = fc.array(fc.tuple(fc.constantFrom('1', '-3', '2.25', 'x'), cell, cell, end), {
    minLength: 1,
    maxLength: 12,
  });
  const wrong = fc.constantFrom('', '', '', '', '1,2\n', '1,2,"x\n', '1,2,"x"y\n');
  await fc.assert(
    fc.asyncProperty(
      ...[lines, fc.integer({ min: 1, max: 4000 }), fc.boolean(), wrong, fc.constantFrom(0.3, 0.9, 1)],
      ...[fc.constantFrom(70_000, 3000)],
      async (rows, piece, cutOff, broken, where, least) => {
        const some = rows.map(([a, b, c, e]) => `${a},${b},${c}${e}`).join('');
        const count = Math.ceil(least / some.length);
        const at = Math.floor(count * where);
        const body = some.repeat(at) + broken + some.repeat(count - at);
        const text = `a,b,c\n${cutOff && broken === '' ? body.trimEnd() : body}`;
        const choose: ChooseColumns = () =>
          new Map([
            ['c', { type: 'category' }],
            ['a', { type: 'number', required: 'should be numbers' }],
          ]);
        // So that blocks are many, though the layout needs 64 KiB.
        const source = inPieces(bytesOf(text), 'x.csv', 2000 + piece);
        const expected = await alone(source, choose);
        for (const size of sizes) expectSame(await together(source, size, choose), expected, `${size} ranks`);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 25) },
  );
});

test('blocks of a LIBSVM file are those of one rank', async () => {
  const line = fc.constantFrom(
    '1 1:2 3:0.5',
    '-1 2:1',
    '0',
    '',
    '# nothing',
    '2 7:1 # seven',
    '1 qid:3 1:4',
    '  1 4:4',
  );
  await fc.assert(
    fc.asyncProperty(
      ...[fc.array(line, { minLength: 1, maxLength: 30 }), fc.integer({ min: 20, max: 400 })],
      ...[fc.constantFrom('', '', '1 0:5', '1 3:x', '1 3:1 2:1'), fc.boolean()],
      async (lines, piece, odd, newline) => {
        const text = `1 1:1\n${lines.join('\n')}\n${odd}\n${lines.join('\n')}${newline ? '\n' : ''}`;
        const source = inPieces(bytesOf(text), 'x.svm', piece);
        const expected = await alone(source, () => new Map());
        for (const size of sizes) expectSame(await together(source, size, () => new Map()), expected, `${size} ranks`);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 40) },
  );
});

test('blocks of .npy and Parquet files are those of one rank', async () => {
  const count = 45_000;
  const X = DenseMatrix.create(count, 3);
  for (let j = 0; j < 3; j++) for (let i = 0; i < count; i++) X.set(i, j, Math.sin(i * (j + 1)));
  const choose: ChooseColumns = () => new Map(['x3', 'x1'].map((name) => [name, { type: 'number' }]));
  const c = rowMajor(X);
  const rows = (from: number, to: number, word: string) => ({
    x1: Array.from({ length: to - from }, (_, i) => X.get(from + i, 0)),
    x2: Array.from({ length: to - from }, (_, i) => (i % 7 === 0 ? null : `${word}${i % 3}`)),
    x3: Array.from({ length: to - from }, (_, i) => (i % 5 === 0 ? null : X.get(from + i, 2))),
  });
  const parts: Uint8Array[] = [];
  const writer = new ParquetBlocks((bytes) => parts.push(bytes));
  for (const [from, to] of [
    [0, 400],
    [400, 1200],
    [1200, 1201],
    [1201, 1500],
  ])
    writer.append(rows(from, to, 'w'));
  writer.finish();
  const groups = new Uint8Array(Buffer.concat(parts));
  for (const [name, bytes, wanted] of [
    ['f.npy', writeNpy(X), choose],
    ['c.npy', c, choose],
    ['g.parquet', groups, all],
  ] as const) {
    const source = inPieces(bytes, name, 1 << 20);
    const expected = await alone(source, wanted);
    expect(typeof expected === 'object' && expected.blocks.length, name).toBe(
      { 'f.npy': 1, 'c.npy': 2, 'g.parquet': 4 }[name],
    );
    for (const size of [3]) expectSame(await together(source, size, wanted), expected, `${name}, ${size} ranks`);
  }
});

/** The bytes of a .npy file in C order. */
function rowMajor(X: DenseMatrix): Uint8Array {
  const head = `{'descr': '<f8', 'fortran_order': False, 'shape': (${X.rows}, ${X.cols}), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + 8 * X.rows * X.cols);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(bytesOf(`${head.padEnd(length - 11)}\n`), 10);
  const values = new Float64Array(bytes.buffer, length);
  for (let i = 0; i < X.rows; i++) for (let j = 0; j < X.cols; j++) values[i * X.cols + j] = X.get(i, j);
  return bytes;
}

test('what cannot be read in parts is told, and what a work throws is thrown on all ranks', async () => {
  const text = `a,b,c\n${'1,2,3\n'.repeat(5)}`;
  expect(await undivided(bytesOf(text))).toBeUndefined();
  expect(await undivided(chunked(bytesOf(text), [10]))).toBe('can be read only once');
  expect(await undivided(bytesOf('%%MatrixMarket matrix array real general\n1 1\n2\n'))).toMatch(
    /Matrix Market and cannot/,
  );
  const { gzipSync } = await import('node:zlib');
  const zipped = new Uint8Array(gzipSync(text));
  expect(await undivided(zipped)).toBe('is compressed and cannot be read in parts');
  await expectFailure(together(inPieces(zipped, 'z.gz', 99), 2, all).then(raised), /compressed/, 'NOT_SUPPORTED');
  const source = inPieces(bytesOf(text), 'x.csv', 12);
  const choose: ChooseColumns = (names, file) => {
    throw new SouthwellError('INVALID_PARAMETER', `${file} has ${names.join()}`);
  };
  expect(await together(source, 3, choose)).toBe('INVALID_PARAMETER: x.csv has a,b,c');
});

const raised = (found: unknown): never => {
  const [code, ...message] = String(found).split(': ');
  throw new SouthwellError(code as 'NOT_SUPPORTED', message.join(': '));
};
