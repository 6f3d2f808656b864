import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { folderOf } from '../io/folder.ts';
import type { Source } from '../io/source.ts';
import { openSafetensors as openPath } from '../node.ts';
import { chunked, expectFailure, expectSame } from '../testing.ts';
import { openSafetensorsFolder } from './folder.ts';
import { openSafetensors } from './open.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const tensor = (rows: number, cols: number, from = 0) => ({
  dtype: 'F32' as const,
  shape: [rows, cols],
  values: Float32Array.from({ length: rows * cols }, (_, i) => from + i),
});
/** Bytes of which each that is read is counted. */
function counted(bytes: Uint8Array, name = 'a.safetensors'): Source & { read: number } {
  const source = {
    ...{ name, size: bytes.length, restartable: true, read: 0 },
    async *stream() {
      for (let at = 0; at < bytes.length; at += 64) {
        source.read += Math.min(64, bytes.length - at);
        yield bytes.subarray(at, at + 64);
      }
    },
    slice: async (start: number, end: number) => {
      const part = bytes.slice(start, end);
      source.read += part.length;
      return part;
    },
  };
  return source;
}

describe('a file of many tensors', () => {
  const tensors = Object.fromEntries(Array.from({ length: 40 }, (_, k) => [`t${k}`, tensor(100, 10, k)]));
  const bytes = writeSafetensors({ tensors, metadata: { format: 'pt' } });
  const header = bytes.length - 40 * 4000;

  test('is opened by its header alone, and of the numbers only those asked for are read', async () => {
    const source = counted(bytes);
    const file = await openSafetensors(source);
    // The first 64 bytes are looked at for gzip, too.
    expect(source.read).toBeLessThanOrEqual(header + 64);
    expect([file.name, file.metadata]).toEqual(['a.safetensors', { format: 'pt' }]);
    expect(Object.keys(file.tensors)).toHaveLength(40);
    const { begin, end, ...rest } = file.tensors.t7;
    expect([end - begin, rest]).toEqual([4000, { dtype: 'F32', shape: [100, 10], file: 'a.safetensors' }]);
    expectSame(bytes.slice(begin, end), readSafetensors(bytes).tensors.t7.bytes);

    source.read = 0;
    expectSame((await file.read('t7')).values, tensors.t7.values);
    expect(source.read).toBe(4000);
    source.read = 0;
    const rows = await file.read('t9', { rows: [20, 23] });
    expect([rows.shape, ...rows.values]).toEqual([[3, 10], ...Array.from({ length: 30 }, (_, i) => 209 + i)]);
    expect(source.read).toBe(120);
    source.read = 0;
    const some = await file.readAll(['t3', 't1']);
    expect([Object.keys(some.tensors), some.metadata, source.read]).toEqual([['t3', 't1'], { format: 'pt' }, 8000]);
    expectSame(writeSafetensors(await file.readAll()), bytes);
  });

  test('in a Blob, a stream or gzipped is the same', async () => {
    const inputs = [
      new Blob([bytes as Uint8Array<ArrayBuffer>]),
      chunked(bytes, [1, 1, 7, 1000]),
      new Uint8Array(gzipSync(bytes)),
      bytes,
    ];
    for (const input of inputs) {
      const file = await openSafetensors(input);
      expect((await file.read('t39', { rows: [99, 100] })).values[9]).toBe(39 + 999);
      expectSame(writeSafetensors(await file.readAll()), bytes);
    }
  });

  test('what is not there is said', async () => {
    const file = await openSafetensors(counted(bytes));
    const refused = (reading: Promise<unknown>, sentence: RegExp) =>
      expectFailure(reading, sentence, 'INVALID_PARAMETER');
    await refused(file.read('x'), /^a\.safetensors has no tensor 'x'; it has t0, t1, .* and 30 more\.$/);
    await refused(file.read('toString'), /no tensor 'toString'/);
    await refused(file.readAll(['t1', 'x']), /no tensor 'x'/);
    await refused(file.read('t1', { rows: [0, 101] }), /'t1' has 100 rows: \[0, 101\] is not a range of them/);
    for (const rows of [
      [-1, 2],
      [3, 2],
      [0, 1.5],
      [Number.NaN, 3],
    ] as const)
      await refused(file.read('t1', { rows }), /is not a range of them/);
    expect((await file.read('t1', { rows: [5, 5] })).shape).toEqual([0, 10]);
    await expect(file.read('t1', { row: [1, 2] } as never)).rejects.toThrow("has no option 'row'");
  });

  test('scalars and empty tensors have the rows that they have', async () => {
    const file = await openSafetensors(
      writeSafetensors({
        tensors: {
          s: { dtype: 'F64', shape: [], values: [2.5] },
          none: { dtype: 'F32', shape: [0, 3], values: [] },
          thin: { dtype: 'F32', shape: [3, 0], values: [] },
          packed: { dtype: 'F4', shape: [4, 1], bytes: Uint8Array.of(1, 2) },
        },
      }),
    );
    expect([...(await file.read('s')).values]).toEqual([2.5]);
    await expect(file.read('s', { rows: [0, 1] })).rejects.toThrow('it has no rows');
    expect((await file.read('none', { rows: [0, 0] })).values.length).toBe(0);
    expect((await file.read('thin', { rows: [1, 3] })).shape).toEqual([2, 0]);
    expect((await file.read('packed', { rows: [2, 4] })).bytes).toEqual(Uint8Array.of(2));
    await expect(file.read('packed', { rows: [1, 4] })).rejects.toThrow('do not end on byte boundaries');
  });

  test('a file that becomes shorter is noticed', async () => {
    let most = bytes.length;
    const source = { ...counted(bytes), slice: async (a: number, b: number) => bytes.slice(a, Math.min(b, most)) };
    const file = await openSafetensors(source);
    most = file.tensors.t5.end - 3;
    await expectFailure(file.read('t5'), /has become shorter since it was opened: 't5' ends 3 bytes too early/);
  });
});

describe('a checkpoint in several files', () => {
  const first = { tensors: { 'a.weight': tensor(4, 2), b: tensor(1, 3, 50) }, metadata: { format: 'pt', part: '1' } };
  const second = { tensors: { 'c.weight': tensor(2, 2, 70) }, metadata: { format: 'pt', part: '2' } };
  const [one, two] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const map = { b: one, 'a.weight': one, 'c.weight': two };
  const indexOf = (weight_map: unknown) =>
    new TextEncoder().encode(JSON.stringify({ metadata: { total_size: 60 }, weight_map }));
  const NAME = 'model.safetensors.index.json';
  const whole = { [NAME]: indexOf(map), [one]: writeSafetensors(first), [two]: writeSafetensors(second) };
  const among = (files: Readonly<Record<string, Uint8Array>>) => folderOf('llama', new Map(Object.entries(files)));

  test('is one: its tensors with their files, its common metadata', async () => {
    const sources = new Map(Object.entries(whole).map(([name, bytes]) => [name, counted(bytes, name)]));
    const file = await openSafetensorsFolder(folderOf('llama', sources));
    expect([file.name, file.metadata]).toEqual([NAME, { format: 'pt' }]);
    expect(Object.entries(file.tensors).map(([name, { file: f }]) => [name, f])).toEqual([
      ['a.weight', one],
      ['b', one],
      ['c.weight', two],
    ]);
    for (const source of sources.values()) source.read = 0;
    expect([...(await file.read('c.weight', { rows: [1, 2] })).values]).toEqual([72, 73]);
    expect([one, two].map((name) => sources.get(name)!.read)).toEqual([0, 8]);
    const { tensors } = await file.readAll();
    for (const [name, t] of Object.entries({ ...first.tensors, ...second.tensors }))
      expect(tensors[name].values).toEqual(t.values);
  });

  test('is opened from a folder, by its index, or from files dropped on a page', async () => {
    const path = mkdtempSync(join(tmpdir(), 'southwell-tensors-'));
    afterAll(() => rmSync(path, { recursive: true, force: true }));
    for (const [name, bytes] of Object.entries(whole)) writeFileSync(join(path, name), bytes);
    const files = Object.entries(whole).map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name));
    for (const file of [
      await openPath(path),
      await openPath(join(path, NAME)),
      await openSafetensorsFolder(folderOf('llama', new Map(files.map((one) => [one.name, one])))),
    ])
      expect([...(await file.read('b')).values]).toEqual([50, 51, 52]);
    const alone = await openPath(join(path, two));
    expect([alone.name, ...Object.keys(alone.tensors)]).toEqual([two, 'c.weight']);
    await expectFailure(openPath(join(path, 'x.safetensors')), /there is no such file/, 'FILE');
    rmSync(join(path, one));
    await expectFailure(openPath(path), new RegExp(`names ${one}, which is not in ${basename(path)}`));
  });

  test.each([
    ['a file that is not there', { [two]: undefined }, `${NAME} names ${two}, which is not in llama: a part of the`],
    [
      'a tensor that its file does not have',
      { [NAME]: indexOf({ ...map, d: two }) },
      `${NAME} says that 'd' is in ${two}, but it is not there.`,
    ],
    [
      'a tensor in another file',
      { [NAME]: indexOf({ ...map, b: two }) },
      `says that 'b' is in ${two}, but it is in ${one}.`,
    ],
    [
      'a tensor in two files',
      { [two]: writeSafetensors({ tensors: { ...second.tensors, b: tensor(1, 3) } }) },
      `'b' is in two files, ${one} and ${two}: it is unclear which to use.`,
    ],
    [
      'a tensor twice in the index',
      { [NAME]: new TextEncoder().encode(`{"weight_map":{"b":"${one}","b":"${two}"}}`) },
      "The name 'b' is there twice, the second time at character",
    ],
    [
      'a tensor that the index does not name',
      { [NAME]: indexOf({ 'a.weight': one, 'c.weight': two }) },
      `'b' is in ${one}, but ${NAME} does not name it.`,
    ],
    ['no map', { [NAME]: indexOf(3) }, "it has no object 'weight_map'"],
    ['no JSON', { [NAME]: new TextEncoder().encode('{') }, `The text of ${NAME} is no JSON`],
    ['no text', { [NAME]: Uint8Array.of(0xff) }, 'it is no UTF-8'],
    ['a way out', { [NAME]: indexOf({ b: '../x.safetensors' }) }, `the file of 'b' is "../x.safetensors", and not a`],
    ['no name', { [NAME]: indexOf({ b: 3 }) }, "the file of 'b' is 3"],
    ['a damaged part', { [one]: whole[one].subarray(0, 90) }, `${one} is not a readable safetensors file`],
    ['nothing', { [NAME]: undefined, [one]: undefined, [two]: undefined }, 'llama has no checkpoint: neither'],
    ['two files without an index', { [NAME]: undefined }, 'llama has 2 files *.safetensors'],
    ['two indexes', { [`b${NAME}`]: whole[NAME] }, 'llama has 2 files *.safetensors.index.json'],
  ] as ReadonlyArray<readonly [string, Record<string, Uint8Array | undefined>, string]>)(
    '%s is refused by a sentence',
    async (_, change, message) => {
      const files = Object.entries({ ...whole, ...change }).filter(([, bytes]) => bytes !== undefined);
      const opening = openSafetensorsFolder(among(Object.fromEntries(files) as Record<string, Uint8Array>));
      await expect(opening).rejects.toMatchObject({
        code: 'INVALID_FORMAT',
        message: expect.stringContaining(message),
      });
    },
  );

  test('one file alone needs no index', async () => {
    const file = await openSafetensorsFolder(among({ 'model.safetensors': whole[one], 'config.json': whole[NAME] }));
    expect(Object.keys(file.tensors)).toEqual(['a.weight', 'b']);
  });
});
