import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writePly } from '@southwell/data';
import { readTable } from '@southwell/data/node';
import { Random } from '@southwell/numerics/core';
import {
  composePoses,
  expRotation,
  invertPose,
  type Pose,
  poseDistance,
  poseOf,
  transformPoints,
} from 'southwell/geometry';
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
    /Rotated by 2\.1\d*° and translated by 0\.2\d+: \d+(\.\d)? % of the points lie within/,
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
  expect(readFileSync(at('d.svg'), 'utf8')).toContain('not or weakly constrained');
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

/** A yard with boxes on it, seen whole: its yaw cannot be mistaken. */
function yard(seed: number, shape = 3, n = 3000): Float64Array {
  const shapes = new Random(shape);
  const boxes = Array.from({ length: 14 }, () => [
    ...[36 * shapes.uniform() - 18, 36 * shapes.uniform() - 18, 1 + 2 * shapes.uniform(), 1 + 2 * shapes.uniform()],
    ...[Math.PI * shapes.uniform(), 2 + 5 * shapes.uniform()],
  ]);
  const random = new Random(seed);
  const rows = Array.from({ length: n }, (_, i) => {
    if (i % 2 === 0) return [40 * random.uniform() - 20, 40 * random.uniform() - 20, 0];
    const [x, y, a, b, turn, high] = boxes[Math.floor(boxes.length * random.uniform())];
    const [side, along] = [i % 4 < 2 ? 1 : -1, 2 * random.uniform() - 1];
    const [u, v] = random.uniform() < b / (a + b) ? [side * a, along * b] : [along * a, side * b];
    const [c, w] = [Math.cos(turn), Math.sin(turn)];
    return [x + c * u - w * v, y + w * u + c * v, high * random.uniform()];
  });
  return Float64Array.from(rows.flat());
}

test('scans rotated by 90° are found; where features may not be used the pose does not agree, and the exit code is 3', async () => {
  const turned: Pose = { rotation: expRotation([0, 0, Math.PI / 2]), translation: new Float64Array(3) };
  ply('a.ply', transformPoints(invertPose(turned), yard(2)));
  ply('b.ply', yard(1));
  const found = await here(['register', 'a.ply', 'b.ply', '--json']);
  const json = JSON.parse(found.out);
  expect([found.code, json.start, json.agreement.verdict]).toEqual([0, 'features', 'agrees']);
  expect(json.agreement.support).toBeGreaterThan(0.8);
  expect(poseDistance(poseOf(json.pose), turned).rotation).toBeLessThan(0.01);
  const lying = await here(['register', 'a.ply', 'b.ply', '--coarse', 'never', '--svg', at('d.svg')]);
  const out = lying.out.replace(/\s+/g, ' ');
  expect(lying.code).toBe(3);
  expect(out).toMatch(/The clouds do not agree: [\d.]+ % of the points in the overlap, and .* Converged after/);
  expect(out).toMatch(
    /The clouds do not agree at this pose\. .*Give an initial pose by --initial, or let --coarse auto/,
  );
  expect(out).toContain('deviation if right');
  expect(readFileSync(at('d.svg'), 'utf8')).toContain('The clouds do not agree at this pose.');
});

test('two scenes, clouds in different units, and what turns of a ball do not change', async () => {
  ply('a.ply', yard(2, 4, 2000));
  ply('b.ply', yard(1, 3, 2000));
  const other = await here(['register', 'a.ply', 'b.ply', '--json']);
  expect(other.code).toBe(3);
  expect(JSON.parse(other.out).agreement.verdict).not.toBe('agrees');
  ply(
    'mm.ply',
    yard(2, 3, 2000).map((v) => 1000 * v),
  );
  const units = await here(['register', 'mm.ply', 'b.ply', '--coarse', 'never']);
  expect(units.code).not.toBe(0);
  expect((units.out + units.err).replace(/\s+/g, ' ')).toMatch(
    /mm\.ply is (1,?000|990|1,?\d+) times as large as b\.ply: are both in the same unit\?/,
  );
  const ball = (seed: number, n: number) => {
    const random = new Random(seed);
    const rows = Array.from({ length: n }, () => {
      const v = [random.normal(), random.normal(), random.normal()];
      const size = Math.hypot(...v);
      return v.map((x) => x / size + 0.005 * random.normal());
    });
    return Float64Array.from(rows.flat());
  };
  ply('c.ply', ball(1, 2000));
  ply('d.ply', ball(2, 3000));
  for (const files of [['c.ply', 'd.ply'], ['c.ply']]) {
    const { code, out } = await here(['register', ...files]);
    expect(code).toBe(0);
    // Three turns about any axes: the names of these depend on chance.
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /The data do not fix turn about [^,]+, turn about [^,]+ and turn about [^,]+:/,
    );
    expect(out).not.toMatch(/constrains all six motions/);
  }
});

test.each([
  ['one,two\n1,2\n', [], /a\.csv has no columns x, y and z of numbers, nor three columns in all: it has one, two/],
  ['x,y,z\nNA,NA,NA\n1,NA,2\n', [], /a\.csv has no points whose coordinates are all numbers/],
  ['x,y,z\n1,2,3\n', [], /The source has 1 point, and registration needs at least ten/],
  ['x,y,z\n1,2,3\n', ['--initial', 'a.csv'], /--initial: \S+a\.csv is no first pose: .*16 numbers/],
  ['x,y,z\n1,2,3\n', ['--voxel', '-1'], /--voxel/],
])('%j %j is refused in a sentence', async (text, more, sentence) => {
  file('a.csv', text);
  ply('b.ply', corridor(1, true, 300));
  const { code, err } = await here(['register', 'a.csv', 'b.ply', ...more]);
  expect(code).toBe(2);
  expect(err.replace(/\s+/g, ' ')).toMatch(sentence);
});

/** Hills, nothing of which is repeated. */
function hills(seed: number, from: number, to: number): Float64Array {
  const random = new Random(seed);
  const shape = new Random(5);
  const tops = Array.from({ length: 40 }, () => [
    30 * shape.uniform() - 15,
    12 * shape.uniform() - 6,
    1 + shape.uniform(),
  ]);
  const rows = Array.from({ length: 2500 }, () => {
    const [x, y] = [from + (to - from) * random.uniform(), 12 * random.uniform() - 6];
    return [x, y, tops.reduce((sum, [a, b, h]) => sum + h * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / 2), 0)];
  });
  return Float64Array.from(rows.flat());
}

test('three clouds are merged in the frame of one, with what ties nothing left out and named', async () => {
  const turns = [pose, invertPose(pose), { ...pose, translation: Float64Array.of(0.2, 0, 0.1) }];
  const clouds = turns.map((p, k) => transformPoints(invertPose(p), hills(k + 1, -12 + 5 * k, 2 + 5 * k)));
  ply('a.ply', clouds[0], { shade: new Float64Array(2500).fill(7) });
  ply('b.ply', clouds[1]);
  ply('c.ply', clouds[2]);
  const files = ['--out', at('m.ply'), '--pose', at('p.txt'), '--svg', at('m.svg')];
  const { code, out, err } = await here(['register', 'a.ply', 'b.ply', 'c.ply', '--reference', '2', ...files]);
  expect([code, err]).toEqual([0, '']);
  const flat = out.replace(/\s+/g, ' ');
  expect(flat).toMatch(/All 3 clouds registered in the frame of b\.ply by \d pairs\./);
  expect(flat).toMatch(/b\.ply reference/);
  expect(readFileSync(at('m.svg'), 'utf8')).toMatch(/● a\.ply[\s\S]*● c\.ply/);
  const rows = readFileSync(at('p.txt'), 'utf8').trim().split('\n');
  expect(rows.map((row) => row.split(' ').length)).toEqual([17, 17, 17]);
  expect(rows[1]).toBe('1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 b.ply');
  for (const k of [0, 2]) {
    const found = poseOf(rows[k].split(' ').slice(0, 16).map(Number));
    const off = poseDistance(found, composePoses(invertPose(turns[1]), turns[k]));
    expect(off.rotation).toBeLessThan(0.005);
    expect(off.translation).toBeLessThan(0.03);
  }
  const merged = await readTable(at('m.ply'));
  expect([merged.rows, merged.columns.map(({ name }) => name)]).toEqual([7500, ['x', 'y', 'z', 'shade', 'scan']]);
  const column = (name: string) => (merged.columns.find((c) => c.name === name) as { values: Float64Array }).values;
  expect([column('scan')[0], column('scan')[2500], column('scan')[7499]]).toEqual([1, 2, 3]);
  expect([column('shade')[0], column('shade')[2500], column('x')[2500]]).toEqual([7, Number.NaN, clouds[1][0]]);
  // Begun where it ended it stays there; a cloud of something else is tied to nothing.
  const random = new Random(3);
  ply(
    'd.ply',
    Float64Array.from({ length: 300 }, () => 100 * random.uniform()),
  );
  const again = await here([
    'register',
    'a.ply',
    'b.ply',
    'c.ply',
    'd.ply',
    '--initial',
    at('p.txt'),
    '--json',
    '--reference',
    '2',
  ]);
  const json = JSON.parse(again.out);
  expect([again.code, json.status]).toEqual([3, 'converged']);
  expect(json.scans.map((s: { tied: boolean }) => s.tied)).toEqual([true, true, true, false]);
  expect(json.scans[3].pose).toBeNull();
  expect(json.advice.join(' ')).toMatch(
    /Nothing ties d\.ply to the reference: it is in no file\. Give first poses by --initial/,
  );
  expect(json.pairs.every((p: { start: string }) => p.start === 'as they lie')).toBe(true);
  const stays = poseDistance(poseOf(json.scans[0].pose), poseOf(rows[0].split(' ').slice(0, 16).map(Number)));
  expect(stays.translation).toBeLessThan(5e-3);
});

test('the same file three times, and corridors of which nothing says where along they lie', async () => {
  ply('a.ply', corridor(1, true));
  const same = JSON.parse((await here(['register', 'a.ply', 'a.ply', 'a.ply', '--json'])).out);
  expect(same.status).toBe('converged');
  for (const scan of same.scans)
    expect(poseDistance(poseOf(scan.pose), poseOf(same.scans[0].pose)).translation).toBeLessThan(1e-9);
  for (const k of [1, 2, 3]) ply(`${k}.ply`, corridor(k, false, 2500));
  const { code, out } = await here(['register', '1.ply', '2.ply', '3.ply']);
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, ' ')).toMatch(
    /The data do not fix shift along x of 2\.ply.* The data do not fix shift along x of 3\.ply/,
  );
});

test('poses of three clouds that nothing shows to be right are doubtful, as that of two is', async () => {
  const random = new Random(8);
  const fog = Float64Array.from({ length: 1800 }, () => 10 * random.uniform());
  for (const k of [1, 2, 3]) ply(`fog${k}.ply`, fog);
  const two = await here(['register', 'fog1.ply', 'fog2.ply', '--json']);
  expect([two.code, JSON.parse(two.out).agreement.verdict]).toEqual([3, 'doubtful']);
  const three = await here(['register', 'fog1.ply', 'fog2.ply', 'fog3.ply', '--json']);
  const { scans, pairs, advice, status, exitCode } = JSON.parse(three.out);
  expect([three.code, exitCode, status]).toEqual([3, 3, 'converged']);
  expect(scans.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['agrees', 'doubtful', 'doubtful']);
  expect(pairs[0].reasons.join()).toMatch(/The points lie on no surface/);
  expect(advice.join(' ')).toMatch(
    /^Whether the poses of fog2\.ply and fog3\.ply are right is doubtful: .*fog2\.ply on fog1\.ply: The points lie on no surface/,
  );
});

test.each([
  [
    ['a.ply', 'b.ply', '--reference', '2'],
    /--reference goes only with three or more clouds: of two, the first is registered/,
  ],
  [['a.ply', 'b.ply', '--least-overlap', '0.2'], /--least-overlap goes only with three or more clouds\./],
  [['a.ply', 'b.ply', 'a.ply', '--reference', '4'], /--reference is 4, but there are 3 clouds/],
  [['a.ply', 'b.ply', 'empty.csv'], /empty\.csv has no points whose coordinates are all numbers/],
  [['a.ply', 'b.ply', 'gone.ply'], /gone\.ply/],
  [['a.ply', 'b.ply', 'a.ply', '--out', 'b.ply'], /b\.ply/],
  [
    ['a.ply', 'b.ply', 'a.ply', '--initial', 'one.txt'],
    /one\.txt has no first poses: row 1 is not 16 numbers and the name/,
  ],
  [['a.ply', 'b.ply', 'a.ply', '--initial', 'named.txt'], /row 1 names z\.ply, and no cloud is called so/],
  [['point.csv', 'point.csv', 'point.csv'], /No cloud overlaps with the reference, cloud 1\. .*1 point/],
])('%j is refused in a sentence', async (args, sentence) => {
  ply('a.ply', corridor(1, true, 300));
  ply('b.ply', corridor(2, true, 300));
  file('empty.csv', 'x,y,z\nNA,NA,NA\n1,NA,2\n');
  file('point.csv', 'x,y,z\n1,2,3\n');
  file('one.txt', '1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n');
  file('named.txt', '1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 z.ply\n');
  const { code, err } = await here(['register', ...args]);
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

test('the report tells what the handling of degenerate motions changed', async () => {
  const source = transformPoints(invertPose(pose), corridor(4, false));
  ply('e.ply', source);
  ply('f.ply', corridor(3, false, 4000));
  const told = async (method: string) =>
    (await here(['register', 'e.ply', 'f.ply', '--degeneracy', method])).out.replace(/\s+/g, ' ');
  // Conjugate gradients that converge give plain steps.
  expect(await told('dcreg')).toContain('dcreg changed no step: plain steps lead to the same pose.');
  expect(await told('fcn-sr')).toMatch(/fcn-sr changed steps by up to \S+° and \S+, compared with plain ones\./);
  expect(await told('none')).not.toMatch(/changed/);
});
