import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writePly } from '@southwell/data';
import { readTable } from '@southwell/data/node';
import { Random } from '@southwell/numerics/core';
import { expRotation, invertPose, type Pose, poseDistance, poseOf, transformPoints } from 'southwell/geometry';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const columnsOf = (points: Float64Array) =>
  Object.fromEntries(['x', 'y', 'z'].map((name, k) => [name, points.filter((_, j) => j % 3 === k)]));
/** A corridor along x, with its end where it is asked for. */
function corridor(seed: number, end: boolean, n = 1500): Float64Array {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, (_, i) => {
    const [x, y, z] = [20 * random.uniform() - 10, 3 * random.uniform() - 1.5, 3 * random.uniform() - 1];
    return end && i % 5 === 0
      ? [10, y, z]
      : [
          [x, 1.5, z],
          [x, -1.5, z],
          [x, y, -1],
        ][i % 3];
  });
  return Float64Array.from(rows.flat());
}
const ply = (name: string, points: Float64Array, more: Record<string, ArrayLike<number>> = {}) =>
  file(name, writePly({ ...columnsOf(points), ...more }));
const pose: Pose = { rotation: expRotation([0.01, -0.02, 0.03]), translation: Float64Array.of(0.1, 0.2, -0.1) };
const matrixIn = (name: string) => poseOf(readFileSync(at(name), 'utf8').trim().split(/\s+/).map(Number));

test('a cloud is laid on another, with its other columns, and the pose is written', async () => {
  const target = corridor(1, true, 4000);
  const source = transformPoints(invertPose(pose), corridor(2, true));
  const normals = { nx: new Float64Array(1500).fill(1), ny: new Float64Array(1500), nz: new Float64Array(1500) };
  ply('a.ply', source, { ...normals, shade: Float64Array.from({ length: 1500 }, (_, i) => i) });
  ply('b.ply', target);
  const { code, out, err } = await here([
    'register',
    'a.ply',
    'b.ply',
    '--out',
    at('c.ply'),
    '--pose',
    at('p.txt'),
    '--svg',
    at('d.svg'),
  ]);
  expect([code, err]).toEqual([0, '']);
  expect(out.replace(/\s+/g, ' ')).toMatch(
    /Turned by 2\.1\d*° and shifted by 0\.2\d+: \d+(\.\d)? % of the points lie within/,
  );
  expect(out).not.toMatch(/do not fix/);
  const off = poseDistance(matrixIn('p.txt'), pose);
  expect(off.translation).toBeLessThan(0.01);
  expect(off.rotation).toBeLessThan(0.005);
  const moved = await readTable(at('c.ply'));
  expect(moved.columns.map(({ name }) => name)).toEqual(['x', 'y', 'z', 'nx', 'ny', 'nz', 'shade']);
  const values = moved.columns.map((column) => (column as { values: Float64Array }).values);
  const should = transformPoints(matrixIn('p.txt'), source);
  for (let i = 0; i < 1500; i += 100) {
    for (let k = 0; k < 3; k++) expect(values[k][i]).toBeCloseTo(should[3 * i + k], 9);
    // A normal turns, and is not shifted.
    expect(values[3][i]).toBeCloseTo(matrixIn('p.txt').rotation[0], 12);
    expect(values[6][i]).toBe(i);
  }
  expect(readFileSync(at('d.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<circle[\s\S]*<\/svg>\n$/);
  // Begun where it ended it stays there.
  const again = await here(['register', 'a.ply', 'b.ply', '--initial', at('p.txt'), '--json']);
  const json = JSON.parse(again.out);
  expect([again.code, json.start, json.status]).toEqual([0, 'first pose', 'converged']);
  expect(poseDistance(poseOf(json.pose), matrixIn('p.txt')).translation).toBeLessThan(1e-3);
});

test('in a corridor without an end the shift along it is told to be free, in words and drawn', async () => {
  ply('a.ply', transformPoints(invertPose(pose), corridor(2, false)));
  ply('b.ply', corridor(1, false, 4000));
  const { code, out } = await here(['register', 'a.ply', 'b.ply', '--svg', at('d.svg')]);
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, ' ')).toMatch(
    /Converged after \d+ steps .*The data do not fix shift along x: that part of the pose is arbitrary, one of many/,
  );
  expect(readFileSync(at('d.svg'), 'utf8')).toContain('not or weakly fixed');
  const alone = await here(['register', 'b.ply', '--json']);
  const { motions, status } = JSON.parse(alone.out);
  expect([alone.code, status, motions[0].name, motions[0].known]).toEqual([0, 'completed', 'shift along x', 'free']);
});

test('tables, far origins, gaps, and clouds turned over', async () => {
  const target = corridor(1, true, 3000);
  const far = (points: Float64Array) => points.map((v, k) => v + [4e5, 5e6, 300][k % 3]);
  const csv = (points: Float64Array, head: string) =>
    `${head}\n${Array.from({ length: points.length / 3 }, (_, i) => [...points.subarray(3 * i, 3 * i + 3)].join()).join('\n')}\n`;
  file('a.csv', `${csv(far(transformPoints(invertPose(pose), corridor(2, true))), 'X,Y,Z')},1,2\n`);
  file('b.csv', csv(far(target), 'east,north,up'));
  const { code, out } = await here(['register', 'a.csv', 'b.csv', '--json', '--out', at('c.csv')]);
  const json = JSON.parse(out);
  expect([code, json.data.source.points, json.data.source.used]).toEqual([0, 1501, 1500]);
  expect(json.data.notes.join(' ')).toMatch(/1 point of a.csv without a number for each coordinate took no part/);
  expect(json.about[1]).toBeGreaterThan(4e6);
  expect(json.turn.degrees).toBeCloseTo(2.14, 1);
  expect(json.rmse).toBeLessThan(0.3);
  const moved = (await readTable(at('c.csv'))).columns.map((column) => (column as { values: Float64Array }).values);
  expect([moved[0].length, moved[0][1500]]).toEqual([1501, Number.NaN]);
  // Where they lie on the far map: walls at 1.5 from the middle.
  expect(Math.abs(Math.abs(moved[1][2] - 5e6) - 1.5) < 0.02 || Math.abs(moved[2][2] - 299) < 0.02).toBe(true);
});

test.each([
  ['one,two\n1,2\n', [], /a\.csv has no columns x, y and z of numbers, nor three columns in all: it has one, two/],
  ['x,y,z\nNA,NA,NA\n1,NA,2\n', [], /a\.csv has no points whose coordinates are all numbers/],
  ['x,y,z\n1,2,3\n', [], /The source has 1 point, and ten are needed/],
  ['x,y,z\n1,2,3\n', ['--initial', 'a.csv'], /--initial: \S+a\.csv is no first pose: .*16 numbers/],
  ['x,y,z\n1,2,3\n', ['--voxel', '-1'], /--voxel/],
])('%j %j is refused in a sentence', async (text, more, sentence) => {
  file('a.csv', text);
  ply('b.ply', corridor(1, true, 300));
  const { code, err } = await here(['register', 'a.csv', 'b.ply', ...more]);
  expect(code).toBe(2);
  expect(err.replace(/\s+/g, ' ')).toMatch(sentence);
});

const shared = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
test.skipIf(!existsSync(`${shared}/lidar_pair`))(
  'a pair of real scans is found within centimetres of its published pose (needs ../shared/data/lidar_pair)',
  async () => {
    const truth = poseOf(
      readFileSync(`${shared}/lidar_pair/T_target_source.txt`, 'utf8').trim().split(/\s+/).map(Number),
    );
    for (const method of ['point-to-plane', 'generalised']) {
      const files = ['source', 'target'].map((name) => `${shared}/lidar_pair/${name}.ply`);
      const { code, out } = await here(['register', ...files, '--method', method, '--json', '--out', at('o.ply')]);
      const json = JSON.parse(out);
      const off = poseDistance(poseOf(json.pose), truth);
      expect([code, json.status]).toEqual([0, 'converged']);
      expect(off.translation).toBeLessThan(0.05);
      expect((off.rotation * 180) / Math.PI).toBeLessThan(0.5);
    }
  },
);
