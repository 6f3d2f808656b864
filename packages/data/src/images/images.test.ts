import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { crc32 } from '../io/crc32.ts';
import { readTable as readPath } from '../node.ts';
import { readTable } from '../read-table.ts';
import type { CategoryColumn, NumberColumn, Table } from '../table.ts';
import { expectFailure } from '../testing.ts';
import { decodePicture } from './picture.ts';
import { resized } from './resize.ts';

/** Rows of numbers, labels left out. */
const rowsOf = ({ columns, rows }: Table) =>
  Array.from({ length: rows }, (_, i) =>
    columns.filter((c): c is NumberColumn => c.type === 'number').map(({ values }) => values[i]),
  );

/** As the format says: big-endian, sizes first. */
function idx(kind: number, shape: readonly number[], values: readonly number[]): Uint8Array {
  const size = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 }[kind]!;
  const bytes = Buffer.alloc(4 + 4 * shape.length + size * values.length);
  bytes.set([0, 0, kind, shape.length]);
  for (const [k, n] of shape.entries()) bytes.writeUInt32BE(n, 4 + 4 * k);
  values.forEach((value, k) => {
    const at = 4 + 4 * shape.length + k * size;
    if (kind === 8) bytes.writeUInt8(value, at);
    else if (kind === 9) bytes.writeInt8(value, at);
    else if (kind === 11) bytes.writeInt16BE(value, at);
    else if (kind === 12) bytes.writeInt32BE(value, at);
    else if (kind === 13) bytes.writeFloatBE(value, at);
    else bytes.writeDoubleBE(value, at);
  });
  return new Uint8Array(bytes);
}

describe('idx', () => {
  const kinds = [
    [8, 0, 255],
    [9, -128, 127],
    [11, -32768, 32767],
    [12, -(2 ** 31), 2 ** 31 - 1],
    [13, -1000, 1000],
    [14, -1000, 1000],
  ] as const;
  const array = fc
    .tuple(
      fc.constantFrom(...kinds),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
    )
    .chain(([[kind, min, max], shape, packed]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = fc.array(fc.integer({ min, max }), { minLength: size, maxLength: size });
      return values.map((of) => ({ kind, shape, packed, values: of }));
    });

  test('what was written is read, of all kinds and shapes, gzipped or not', async () => {
    await fc.assert(
      fc.asyncProperty(array, async ({ kind, shape, packed, values }) => {
        const bytes = idx(kind, shape, values);
        const table = await readTable(packed ? new Uint8Array(gzipSync(bytes)) : bytes, { name: 'a-ubyte' });
        expect([table.format, table.rows, table.notes]).toEqual(['idx', shape[0], []]);
        expect(rowsOf(table).flat()).toEqual(values);
        const [, height, width, channels = 1] = shape;
        expect(table.images).toEqual(shape.length > 2 ? { height, width, channels } : undefined);
      }),
      { numRuns: 60 },
    );
  });

  test('cut off or longer than it says, at every byte', async () => {
    const bytes = idx(11, [2, 2], [1, -2, 3, -4]);
    for (let end = 8; end < bytes.length; end++) {
      await expectFailure(
        readTable(bytes.slice(0, end), { name: 'a.idx' }),
        /a\.idx: (its header declares 2 × 2, 20 bytes in all, but it ends after|the file ends within)/,
      );
    }
    await expectFailure(
      readTable(Uint8Array.of(...bytes, 0), { name: 'a.idx' }),
      /20 bytes in all, but it goes on to 21/,
    );
    const images = idx(8, [1, 2, 3], [1, 2, 3, 4, 5, 6]);
    await expectFailure(
      readTable(images, { name: 'a.idx', resize: [4, 4] }),
      /a\.idx has images of 2 × 3, not 4 × 4: resize applies to PNG and JPEG only\./,
    );
    expect((await readTable(images, { name: 'a.idx', resize: [2, 3] })).columns.length).toBe(6);
    await expectFailure(readTable(idx(8, [0, 3], []), { name: 'a.idx' }), /a\.idx is 0 × 3: it is empty/);
    await expectFailure(
      readTable(new TextEncoder().encode('a,b\n1,2\n'), { name: 'a.csv', format: 'idx' }),
      /a\.csv was to be read as idx, but is CSV/,
    );
  });
});

/** A PNG as the standard says (RFC 2083), its lines filtered by the kinds in turn. */
function png(
  width: number,
  height: number,
  type: number,
  depth: number,
  samples: readonly number[],
  palette?: readonly number[],
): Uint8Array {
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[type]!;
  const line = Math.ceil((width * channels * depth) / 8);
  const step = Math.max(1, (channels * depth) / 8);
  const raw = Array.from({ length: height }, (_, i) => {
    const bytes = new Uint8Array(line);
    for (let k = 0; k < width * channels; k++) {
      const value = samples[i * width * channels + k];
      if (depth === 16) bytes.set([value >> 8, value & 255], 2 * k);
      else bytes[Math.floor((k * depth) / 8)] |= value << (8 - depth - ((k * depth) % 8));
    }
    return bytes;
  });
  const filtered = raw.flatMap((bytes, i) => {
    const kind = i % 5;
    const up = raw[i - 1] ?? new Uint8Array(line);
    return [
      kind,
      ...bytes.map((value, k) => {
        const [a, b, c] = [bytes[k - step] ?? 0, up[k], up[k - step] ?? 0];
        const p = a + b - c;
        const near = [a, b, c].reduce((best, x) => (Math.abs(p - x) < Math.abs(p - best) ? x : best), a);
        return value - [0, a, b, (a + b) >> 1, near][kind];
      }),
    ];
  });
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(name, 4, 'latin1');
    out.set(data, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
      chunk('IHDR', header),
      ...(palette ? [chunk('PLTE', Uint8Array.from(palette))] : []),
      chunk('IDAT', deflateSync(Uint8Array.from(filtered))),
      chunk('IEND', new Uint8Array(0)),
    ]),
  );
}
const ramp = (n: number, most: number) => Array.from({ length: n }, (_, k) => (k * 37) % (most + 1));

describe('pictures', () => {
  test.each([1, 2, 4, 8, 16])('PNG of %i bits a sample: grey, with transparency, in colours', async (depth) => {
    const most = 2 ** depth - 1;
    const values = ramp(7 * 6, most);
    const grey = await decodePicture(png(7, 6, 0, depth, values), 'a.png');
    expect(grey).toMatchObject({ width: 7, height: 6, channels: 1 });
    expect([...grey.data]).toEqual(values.map((v) => Math.round((255 * v) / most)));
    if (depth < 8) return;
    const rgb = ramp(3 * 7 * 6, most);
    const colour = await decodePicture(png(7, 6, 2, depth, rgb), 'a.png');
    expect([colour.channels, ...colour.data]).toEqual([3, ...rgb.map((v) => Math.round((255 * v) / most))]);
    // Half of it, on white.
    const veiled = await decodePicture(
      png(
        7,
        6,
        4,
        depth,
        values.flatMap((v) => [v, 0]),
      ),
      'a.png',
    );
    expect([veiled.transparent, ...veiled.data]).toEqual([true, ...values.map(() => 255)]);
    const whole = await decodePicture(
      png(
        7,
        6,
        6,
        depth,
        values.flatMap((v) => [v, v, v, most]),
      ),
      'a.png',
    );
    expect([whole.transparent, whole.channels, ...whole.data]).toEqual([false, 1, ...grey.data]);
  });

  test('PNG with a palette', async () => {
    const palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120];
    const places = ramp(5 * 4, 3);
    const { data, channels } = await decodePicture(png(5, 4, 3, 2, places, palette), 'a.png');
    expect([channels, ...data]).toEqual([3, ...places.flatMap((k) => palette.slice(3 * k, 3 * k + 3))]);
  });

  test('JPEG, in colours and progressive: the pixels of libjpeg, but for rounding', async () => {
    const near = async (base64: string, channels: number, pixels: readonly number[]) => {
      const found = await decodePicture(Uint8Array.from(Buffer.from(base64, 'base64')), 'a.jpg');
      expect(found).toMatchObject({ width: 6, height: 5, channels });
      expect(Math.max(...found.data.map((v, k) => Math.abs(v - pixels[k])))).toBeLessThanOrEqual(3);
      expect(found.data.length).toBe(pixels.length);
    };
    // Written and read by Pillow 11.1: quality 90, without subsampling; and quality 90, progressive.
    await near(
      '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAFAAYDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABoQAAEFAQAAAAAAAAAAAAAAAAYABBQxQVH/xAAVAQEBAAAAAAAAAAAAAAAAAAAGB//EAB0RAAECBwAAAAAAAAAAAAAAAAAFBgQHExQxQVH/2gAMAwEAAhEDEQA/AACEmdSL3qnqE3YSkN2DLdHtMa4f/9k=',
      3,
      [
        0, 255, 5, 20, 236, 11, 42, 213, 21, 60, 194, 35, 79, 174, 44, 96, 158, 49, 29, 226, 14, 49, 208, 20, 71, 184,
        30, 90, 166, 44, 109, 146, 53, 127, 128, 58, 62, 194, 31, 82, 176, 38, 102, 153, 48, 121, 134, 62, 139, 115, 71,
        158, 97, 76, 93, 163, 49, 112, 145, 56, 133, 122, 66, 151, 103, 80, 170, 83, 89, 189, 66, 94, 120, 136, 61, 140,
        119, 66, 161, 96, 76, 179, 77, 90, 198, 57, 99, 216, 40, 104,
      ],
    );
    await near(
      '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wgALCAAFAAYBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/aAAgBAQAAAAFb/8QAFhABAQEAAAAAAAAAAAAAAAAABgQU/9oACAEBAAEFAjhaTP8A/8QAFhAAAwAAAAAAAAAAAAAAAAAAAFGB/9oACAEBAAY/Aoj/xAAVEAEBAAAAAAAAAAAAAAAAAAAAQf/aAAgBAQABPyGQP//aAAgBAQAAABD/AP/EABcQAQADAAAAAAAAAAAAAAAAAGEAEUH/2gAIAQEAAT8QuiwM/9k=',
      1,
      [
        0, 21, 39, 61, 80, 100, 28, 50, 68, 90, 109, 129, 60, 82, 99, 122, 140, 161, 89, 110, 128, 151, 169, 189, 120,
        142, 160, 182, 201, 221,
      ],
    );
  });

  test('what is damaged, cut off or no picture names its file', async () => {
    const whole = png(20, 20, 2, 8, ramp(1200, 255));
    const fails = (bytes: Uint8Array, sentence: RegExp) => expectFailure(decodePicture(bytes, 'a/b.png'), sentence);
    for (const end of [9, 40, whole.length - 20])
      await fails(whole.slice(0, end), /a\/b\.png: the PNG ends before the picture is complete/);
    const altered = whole.slice();
    altered[60] ^= 1;
    await fails(altered, /a\/b\.png is not a readable PNG: .*[^:.\s]\.$/);
    await fails(new Uint8Array(0), /a\/b\.png is neither PNG nor JPEG: it is empty/);
    await fails(new TextEncoder().encode('GIF89a'), /a\/b\.png is neither PNG nor JPEG\./);
    await fails(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9), /is not a readable JPEG/);
  });

  test('another size: constants stay, slopes stay within, halves are means by triangles', () => {
    const picture = (width: number, height: number, at: (i: number, j: number) => number) => ({
      ...{ width, height, channels: 1 as const },
      data: Uint8Array.from({ length: width * height }, (_, k) => at(Math.floor(k / width), k % width)),
    });
    expect(
      new Set(
        resized(
          picture(9, 7, () => 77),
          [4, 13],
        ).data,
      ),
    ).toEqual(new Set([77]));
    const slope = resized(
      picture(16, 16, (i, j) => 4 * i + 8 * j),
      [8, 8],
    );
    for (let i = 1; i < 7; i++) for (let j = 1; j < 7; j++) expect(slope.data[i * 8 + j]).toBe(8 * i + 2 + 16 * j + 4);
    // 1/8, 3/8, 3/8, 1/8 of four, without what is beyond the edge.
    expect([
      ...resized(
        picture(4, 1, (_, j) => [0, 80, 160, 240][j]),
        [1, 2],
      ).data,
    ]).toEqual([Math.round(400 / 7), Math.round(1280 / 7)]);
    const same = picture(3, 2, (i, j) => i + j);
    expect(resized(same, [2, 3])).toBe(same);
  });
});

describe('folders of pictures', () => {
  const root = mkdtempSync(join(tmpdir(), 'southwell-pictures-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  };
  const grey = (level: number, width = 3, height = 2) => png(width, height, 0, 8, Array(width * height).fill(level));

  test('are a row each, in the order of names, with folders for classes; what is none is told', async () => {
    put('a/dog/2.png', grey(2));
    put('a/dog/10.PNG', grey(10));
    put('a/cat/x.jpg.png', grey(7));
    put('a/cat/notes.txt', 'none');
    put('a/cat/.hidden.png', 'none');
    put('a/cat/inner/y.png', grey(1));
    mkdirSync(join(root, 'a/bird'));
    put('a/list.csv', 'none');
    put('a/z.png', grey(9));
    const table = await readPath(join(root, 'a'));
    expect(table).toMatchObject({ name: 'a/', rows: 3, images: { height: 2, width: 3, channels: 1 } });
    expect((table.index as CategoryColumn).levels).toEqual(['cat/x.jpg.png', 'dog/10.PNG', 'dog/2.png']);
    expect(rowsOf(table)).toEqual([7, 10, 2].map((level) => Array(6).fill(level)));
    const label = table.columns.at(-1) as CategoryColumn;
    expect([label.name, ...label.levels, ...label.codes]).toEqual(['label', 'cat', 'dog', 0, 1, 1]);
    expect(table.notes).toEqual([
      '1 folder without pictures left out: bird/',
      '2 files left out that are not pictures: list.csv, cat/notes.txt',
      '1 folder within folders left out: cat/inner/',
      '1 picture beside the folders left out: z.png',
    ]);
  });

  test('without folders inside there are no labels; colour among grey makes all of three channels', async () => {
    put('b/1.png', grey(5, 1, 1));
    put('b/2.png', png(1, 1, 2, 8, [1, 2, 3]));
    const table = await readPath(join(root, 'b'));
    expect(table.images).toEqual({ height: 1, width: 1, channels: 3 });
    expect(rowsOf(table)).toEqual([
      [5, 5, 5],
      [1, 2, 3],
    ]);
    expect(table.notes.join()).toMatch(/1 picture without colour among those that have some/);
  });

  test('sizes that differ name the first that does, and one size can be given to all', async () => {
    put('c/x/1.png', grey(5));
    put('c/x/2.png', grey(6, 4, 4));
    put('c/y/3.png', grey(7, 5, 4));
    await expectFailure(
      readPath(join(root, 'c')),
      /c\/x\/2\.png is 4 × 4 pixels \(height × width\), but c\/x\/1\.png 2 × 3: resize 2x3 gives all the same size/,
    );
    const table = await readPath(join(root, 'c'), { resize: [2, 2] });
    expect(rowsOf(table)).toEqual([5, 6, 7].map((level) => Array(4).fill(level)));
    expect(table.notes).toEqual(['3 pictures of other sizes resized to 2 × 2.']);
  });

  test('a damaged picture, an empty folder, a picture that is too large', async () => {
    put('d/x/1.png', grey(5));
    put('d/y/2.jpg', 'no picture');
    await expectFailure(readPath(join(root, 'd')), /d\/y\/2\.jpg is neither PNG nor JPEG/);
    mkdirSync(join(root, 'e'));
    await expectFailure(readPath(join(root, 'e')), /is a folder without \.png or \.jpg files/, 'FILE');
    put('f/1.png', grey(5, 1001, 1000));
    await expectFailure(
      readPath(join(root, 'f')),
      /f\/1\.png is 1000 × 1001 pixels, too many for columns.*resize 64x64/,
    );
    await expectFailure(readPath(join(root, 'none')), /there is no such file/, 'FILE');
    expect((await readPath(join(root, 'd/x/1.png'))).rows).toBe(1);
  });
});
