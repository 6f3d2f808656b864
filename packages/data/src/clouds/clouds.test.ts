import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import { bytesOf, contents, expectFailure } from '../testing.ts';
import { writePcd, writePly, writeXyz } from '../write/cloud.ts';

const joined = (text: string, ...rest: Uint8Array[]) =>
  Uint8Array.from([...bytesOf(text), ...rest.flatMap((b) => [...b])]);
const packed = (size: number, fill: (view: DataView) => void) => {
  const view = new DataView(new ArrayBuffer(size));
  fill(view);
  return new Uint8Array(view.buffer);
};

describe('PLY', () => {
  test('ASCII, with comments, other elements and lists', async () => {
    const text =
      'ply\nformat ascii 1.0\ncomment made by hand\nelement colour 1\nproperty uchar r\nelement vertex 3\nproperty float x\nproperty float y\nproperty list uchar int near\nproperty double z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n9\n1 2 2 7 8 3\n-4 5e1 0 nan\n.5 1 1 9 2\n3 0 1 2\n';
    for (const given of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
      const table = await readTable(bytesOf(given), { name: 'a.ply' });
      expect(contents(table)).toEqual({ x: [1, -4, 0.5], y: [2, 50, 1], z: [3, null, 2] });
      expect(table.notes.join(' ')).toMatch(/not its 1 of 'colour', 1 of 'face'.*Lists/);
    }
  });

  test.each([true, false])('binary, little-endian %s, every type, behind an element of lists', async (little) => {
    const header = `ply\nformat binary_${little ? 'little' : 'big'}_endian 1.0\nelement face 2\nproperty list uchar int16 i\nelement vertex 2\nproperty char a\nproperty uint8 b\nproperty short c\nproperty ushort d\nproperty int e\nproperty uint f\nproperty float x\nproperty double y\nend_header\n`;
    const faces = packed(1 + 4 + 1, (v) => {
      v.setUint8(0, 2);
      v.setUint8(5, 0);
    });
    const vertices = packed(52, (v) => {
      for (const [i, sign] of [1, -1].entries()) {
        const at = 26 * i;
        v.setInt8(at, -5 * sign);
        v.setUint8(at + 1, 200);
        v.setInt16(at + 2, -300 * sign, little);
        v.setUint16(at + 4, 60000, little);
        v.setInt32(at + 6, -70000 * sign, little);
        v.setUint32(at + 10, 4e9, little);
        v.setFloat32(at + 14, 0.25 * sign, little);
        v.setFloat64(at + 18, 1.1 * sign, little);
      }
    });
    const table = await readTable(joined(header, faces, vertices), { name: 'a.ply' });
    expect(Object.values(contents(table)).map(([first]) => first)).toEqual([
      -5, 200, -300, 60000, -70000, 4e9, 0.25, 1.1,
    ]);
    expect(Object.values(contents(table)).map(([, second]) => second)).toEqual([
      5, 200, 300, 60000, 70000, 4e9, -0.25, -1.1,
    ]);
  });

  const ply = (header: string, body = '') => bytesOf(`ply\n${header}\nend_header\n${body}`);
  test.each([
    [
      'format ascii 1.0\nelement vertex 4000000\nproperty float x',
      '1\n',
      /announces 4000000 vertices, but has 2 bytes/,
    ],
    ['format ascii 1.0\nelement vertex 99999999999\nproperty float x', '1\n', /claims 99999999999 of vertex/],
    ['format ascii 1.0\nelement vertex -1\nproperty float x', '1\n', /'-1' for vertex, which is not a count/],
    ['format ascii 1.0\nelement vertex 1\nproperty floaty x', '1\n', /line 4: 'property floaty x' is no property/],
    ['format ascii 1.0\nelement vertex 2\nproperty float x', '1\nup\n', /line 7: 'up' is not a number/],
    ['format ascii 1.0\nelement vertex 2\nproperty float x', '1\n2 3\n', /line 7: 2 numbers, and a vertex has 1/],
    ['format ascii 1.0\nelement face 2\nproperty float x', '1\n2\n', /no element 'vertex'.*it has face/],
    ['format ebcdic 1.0\nelement vertex 1\nproperty float x', '1\n', /'ebcdic' is none of/],
    ['element vertex 1\nproperty float x', '1\n', /does not say 'format/],
    ['format binary_little_endian 1.0\nelement vertex 9\nproperty double x', '12345678', /cut off/],
    [
      'format binary_little_endian 1.0\nelement vertex 1\nproperty float x',
      '12345678',
      /has 4 bytes behind the 1 vertices that/,
    ],
    [
      'format binary_little_endian 1.0\nelement vertex 1\nproperty float x\nelement end 2\nproperty float x',
      '12345678',
      /ends before all of the elements/,
    ],
    ['format ascii 1.0\nelement vertex 1\nproperty float x', '1\n2\n', /line 7: there is more than the 1 vertices/],
    [
      'format ascii 1.0\nelement vertex 1\nproperty float x\nelement end 1\nproperty float x',
      '1\n',
      /ends before all of its elements/,
    ],
  ])('refuses %j', async (header, body, sentence) => {
    await expectFailure(readTable(ply(header, body), { name: 'a.ply' }), sentence);
  });
});

describe('PCD', () => {
  const header = (data: string, points = 2) =>
    `# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z _ n\nSIZE 4 4 8 1 2\nTYPE F F F U I\nCOUNT 1 1 1 3 2\nWIDTH ${points}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS ${points}\nDATA ${data}\n`;
  const expected = { x: [1, -1], y: [0.5, 2], z: [1.1, null], n_1: [-7, 7], n_2: [8, -8] };

  test('ASCII and binary, with gaps and fields of several numbers', async () => {
    const ascii = `${header('ascii')}1 0.5 1.1 0 0 0 -7 8\n-1 2 nan 0 0 0 7 -8\n`;
    expect(contents(await readTable(bytesOf(ascii), { name: 'a.pcd' }))).toEqual(expected);
    const rows = packed(46, (v) => {
      for (const i of [0, 1]) {
        v.setFloat32(23 * i, expected.x[i], true);
        v.setFloat32(23 * i + 4, expected.y[i], true);
        v.setFloat64(23 * i + 8, expected.z[i] ?? Number.NaN, true);
        v.setInt16(23 * i + 19, expected.n_1[i], true);
        v.setInt16(23 * i + 21, expected.n_2[i], true);
      }
    });
    expect(contents(await readTable(joined(header('binary'), rows), { name: 'a.pcd' }))).toEqual(expected);
  });

  test('compressed: literals and copies that overlap what they make', async () => {
    // Three points (2, 2, 2): twelve floats of bytes 0 0 0 64; four literals, then a copy of the 32 bytes that follow, four back.
    const stream = Uint8Array.of(3, 0, 0, 0, 64, (7 << 5) | 0, 32 - 9, 3);
    const sizes = packed(8, (v) => {
      v.setUint32(0, stream.length, true);
      v.setUint32(4, 36, true);
    });
    const text =
      'VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 3\nHEIGHT 1\nPOINTS 3\nDATA binary_compressed\n';
    const table = await readTable(joined(text, sizes, stream), { name: 'a' });
    expect(table.format).toBe('pcd');
    expect(contents(table)).toEqual({ x: [2, 2, 2], y: [2, 2, 2], z: [2, 2, 2] });
    for (let at = 0; at < stream.length; at++) {
      const damaged = stream.slice();
      damaged[at] = 255;
      await readTable(joined(text, sizes, damaged), { name: 'a' }).catch((error) => {
        expect(error.message).toMatch(/a: its compressed data are damaged/);
      });
    }
    await expectFailure(readTable(joined(text, sizes, stream.subarray(0, 5)), { name: 'a' }), /cut off/);
  });

  test.each([
    [header('ascii').replace('SIZE 4 4 8 1 2', 'SIZE 4 4'), /SIZE has 2 entries, but there are 5 fields/],
    [header('ascii').replace('TYPE F', 'TYPE C'), /field 'x' has TYPE C of SIZE 4/],
    [header('binary', 900), /announces 900 points of 23 bytes, but has 0/],
    [header('zip'), /data are 'zip'/],
    [header('ascii').replace('COUNT 1', 'COUNT 99999999'), /numbers a point|cut off/],
  ])('refuses %#', async (text, sentence) => {
    await expectFailure(readTable(bytesOf(text), { name: 'a.pcd' }), sentence);
  });
});

describe('XYZ', () => {
  test('lines of numbers under the names that they have', async () => {
    const text = '3\n# a remark\n1 2 3\n4,5,6\n\n// another\n7\t8\t9';
    for (const name of ['a.xyz', 'a.pts']) {
      const table = await readTable(bytesOf(text), { name });
      expect(contents(table)).toEqual({ x: [1, 4, 7], y: [2, 5, 8], z: [3, 6, 9] });
      expect(table.notes.join(' ')).toMatch(/1 line of .* fewer than three numbers was left out/);
    }
    const scan = await readTable(bytesOf('1 2 3 \n4 5 6 \n0\n0\n'), { name: 'scan.ply' });
    expect([scan.format, scan.rows]).toEqual(['xyz', 2]);
    expect(scan.notes.join(' ')).toMatch(/named like PLY but holds XYZ/);
    const six = await readTable(bytesOf('1 2 3 0 0 1\n'), { name: 'a.xyz' });
    expect(six.columns.map(({ name }) => name)).toEqual(['x', 'y', 'z', 'nx', 'ny', 'nz']);
  });

  test.each([
    ['a.xyz', '1 2 3\n1 2 3 4\n', /line 2: 4 numbers, and points before it have 3/],
    ['a.xyz', '1 2 3\nC 2 3\n', /line 2: 'C' is not a number/],
    ['a.xyz', '1 2\n', /no line of three numbers/],
    ['a.ply', 'hello\nworld\n', /a PLY file starts with 'ply'/],
    ['a.pcd', 'hello\nworld\n', /a PCD file starts with/],
  ])('%s %j is refused', async (name, text, sentence) => {
    await expectFailure(readTable(bytesOf(text), { name }), sentence);
  });
});

test('what is written is read back to the bit', async () => {
  const values = [0, -0.1, 1e-300, 123456.789, Math.PI, Number.NaN];
  const columns = { x: values, y: Float64Array.from(values), intensity: values.toReversed() };
  for (const encoding of ['ascii', 'binary'] as const) {
    for (const [name, bytes] of [
      ['a.ply', writePly(columns, { encoding })],
      ['a.pcd', writePcd(columns, { encoding })],
    ] as const) {
      expect(contents(await readTable(bytes, { name }))).toEqual({
        x: [...values.slice(0, 5), null],
        y: [...values.slice(0, 5), null],
        intensity: [null, ...values.slice(0, 5).toReversed()],
      });
    }
  }
  const floats = await readTable(writePly({ x: [0.1], y: [2], z: [3] }, { precision: 'float' }), { name: 'a.ply' });
  expect(contents(floats).x).toEqual([Math.fround(0.1)]);
  expect(contents(await readTable(writeXyz({ x: [0.1], y: [2], z: [3] }), { name: 'a.xyz' }))).toEqual({
    x: [0.1],
    y: [2],
    z: [3],
  });
  expect(() => writePly({ x: [1], y: [] })).toThrow(/'y' has 0 values, but 'x' has 1/);
  expect(() => writePly({})).toThrow(/there are none/);
  expect(() => writePcd({ 'a b': [1] })).toThrow(/must not contain blanks/);
});

const shared = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
test.skipIf(!existsSync(`${shared}/pcl_clouds`))(
  'clouds of other programs (needs ../shared/data/pcl_clouds)',
  async () => {
    const read = async (path: string) => readTable(readFileSync(`${shared}/${path}`), { name: path.split('/')[1] });
    const milk = await read('pcl_clouds/milk.pcd');
    expect(milk.rows).toBe(13704);
    // A bottle of milk is some 20 cm tall; damaged data would hold anything.
    for (const column of milk.columns) {
      const values = [...(column as { values: Float64Array }).values];
      expect(Math.max(...values) - Math.min(...values)).toBeLessThan(0.3);
    }
    expect((await read('pcl_clouds/bun0.pcd')).columns).toHaveLength(7);
    const lidar = await read('lidar_pair/source.ply');
    expect(lidar.rows).toBe(69792);
    const [x] = lidar.columns.map((c) => [...(c as { values: Float64Array }).values]);
    expect(x.reduce((a, b) => Math.min(a, b))).toBeCloseTo(-23.8, 1);
    expect((await read('bunny_scans/bun000.ply')).rows).toBe(40256);
    expect((await read('bunny_scans/bun_zipper_res4.ply')).rows).toBe(453);
    expect((await read('cpd_clouds/face-x.txt')).columns).toHaveLength(3);
  },
);
