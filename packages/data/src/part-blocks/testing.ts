// Shared by the quick and the long tests of blocks read by several ranks. Not exported from the package.
import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Source } from '../io/source.ts';
import { PartBlocks } from '../read-part-blocks.ts';
import { readTableBlocks } from '../read-table-blocks.ts';
import type { ChooseColumns, Table } from '../table.ts';
import { bytesOf, chunked, expectSame, gathering, plain } from '../testing.ts';

/** A source that delivers pieces of the given number of bytes. */
export const inPieces = (bytes: Uint8Array, name: string, piece: number): Source => ({
  ...{ name, size: bytes.length, piece, restartable: true },
  stream: () => chunked(bytes, [piece]),
  slice: async (start, end) => bytes.subarray(start, end),
});

export const all: ChooseColumns = (names) => new Map(names.map((name) => [name, { type: 'category' as const }]));

/** A sparse block without its width, which depends on the rows read so far. */
export const block = (table: Table) => {
  const { pointers, shape, ...rest } = plain({ ...table, notes: [] }) as ReturnType<typeof plain> & {
    readonly pointers?: number[];
    readonly shape?: number[];
  };
  return { ...rest, pointers: pointers?.slice(0, pointers.indexOf(pointers.at(-1)!) + 1) };
};

export const attempt = async <T>(read: () => Promise<T>): Promise<T | string> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

/** The blocks as read by a single rank. */
export const alone = (source: Source, choose: ChooseColumns) =>
  attempt(async () => {
    const blocks: unknown[] = [];
    let notes: readonly string[] = [];
    for await (const table of readTableBlocks(source, { choose })) {
      blocks.push(block(table));
      ({ notes } = table);
    }
    return { blocks, notes };
  });

/** The blocks as read by several ranks, which must all report the same. */
export async function together(source: Source, size: number, choose: ChooseColumns) {
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

export const sizes = [1, 2, 3, 5];

/** Tests random files of each format. */
export function randomFiles({ csv, libsvm }: { readonly csv: number; readonly libsvm: number }): void {
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
          // Small pieces give many blocks, although detecting the layout takes 64 KiB.
          const source = inPieces(bytesOf(text), 'x.csv', 2000 + piece);
          const expected = await alone(source, choose);
          for (const size of sizes) expectSame(await together(source, size, choose), expected, `${size} ranks`);
        },
      ),
      { numRuns: csv },
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
          for (const size of sizes)
            expectSame(await together(source, size, () => new Map()), expected, `${size} ranks`);
        },
      ),
      { numRuns: libsvm },
    );
  });
}
