import { expRotation, identityPose, type Pose, poseDistance, poseMatrix } from 'southwell/geometry';
import { expect, test } from 'vitest';
import { mergedColumns } from './cloud.ts';
import { adviceOf, namesOf } from './many.ts';
import { manyView } from './manyView.ts';
import { posesIn, posesText } from './poses.ts';
import type { ManyResult, Motion } from './result.ts';

const tools = { spell: (name: string) => `--${name}` } as never;
const pose: Pose = { rotation: expRotation([0.1, -2, 0.3]), translation: Float64Array.of(1e6, -2, 1 / 3) };
const free: Motion = {
  name: 'shift along x',
  kind: 'shift',
  direction: [1, 0, 0],
  ratio: null,
  deviation: null,
  known: 'free',
};
const scan = (name: string, more: object = {}) => ({
  ...{
    name,
    points: 10,
    used: 10,
    tied: true,
    verdict: 'agrees' as const,
    pose: poseMatrix(pose),
    about: [0, 0, 0],
    motions: [],
    deviations: [],
  },
  ...more,
});
const pair = (source: number, target: number, kept: boolean) => ({
  ...{ source, target, pose: poseMatrix(pose), start: 'features' as const, status: 'converged' as const, overlap: 0.5 },
  ...{
    verdict: 'agrees' as const,
    reasons: [],
    rmse: 0.1,
    matches: 9,
    maxDistance: 1,
    free: [],
    weight: kept ? 1 : 0.01,
    kept,
  },
});

test('what contradicts, what is tied to nothing and what is free is named, files of one name apart', () => {
  const scans = [
    scan('a.ply'),
    scan('b.ply', { motions: [free] }),
    scan('a.ply'),
    scan('c.ply', { tied: false, verdict: 'no', pose: null }),
  ];
  const names = namesOf(scans.map(({ name }) => name));
  expect(names).toEqual(['a.ply', 'b.ply', 'a.ply (2)', 'c.ply']);
  const pairs = [pair(2, 1, true), pair(3, 2, true), pair(3, 1, false)];
  const advice = adviceOf(scans, pairs, names, false, tools);
  expect(advice).toEqual([
    'Nothing ties c.ply to the reference: it is in no file. Give first poses by --initial, or a smaller --leastOverlap.',
    'Where a.ply (2) lies on a.ply by itself contradicts the other pairs: it is left out.',
    'The data do not fix shift along x of b.ply: that part of its pose is arbitrary, one of many that fit as well.',
  ]);
  // Who stopped it knows why, and no option would help.
  expect(adviceOf(scans, pairs, names, true, tools)[0]).toBe(
    'Stopped before c.ply could be tied to the reference: it is in no file.',
  );
  const result = { scans, pairs, advice, reference: 1, status: 'converged', seconds: 1, data: { notes: [] } };
  const { headline, tables } = manyView(result as unknown as ManyResult);
  expect(headline).toBe(
    '3 of 4 clouds registered in the frame of a.ply by 2 pairs; 1 pair that contradicts them left out.',
  );
  expect(tables[0].rows.map((row) => row[4])).toEqual(['', '∞', '', '']);
  expect(tables[1].rows.map((row) => row.at(-1))).toEqual(['', '', 'left out']);
});

test('poses that only doubtful pairs tie to the reference are named, with each reason once', () => {
  const scans = [scan('a.ply'), scan('b.ply'), scan('c.ply', { verdict: 'doubtful' })];
  const unsure = (source: number, target: number, ...reasons: string[]) => ({
    ...pair(source, target, true),
    ...{ verdict: 'doubtful' as const, reasons },
  });
  const pairs = [pair(2, 1, true), unsure(3, 2, 'No surface.', 'Few points.'), unsure(3, 1, 'No surface.')];
  expect(adviceOf(scans, pairs, ['a.ply', 'b.ply', 'c.ply'], false, tools)).toEqual([
    'Whether the pose of c.ply is right is doubtful: no pairs that agree tie it to the reference. c.ply on b.ply: No surface. c.ply on b.ply: Few points. Give first poses by --initial.',
  ]);
});

test('poses are read as they were written, by names, of which some come again', () => {
  const named = ['a b.ply', 'c.ply', 'a b.ply'];
  const scans = named.map((name, k) => scan(name, k === 1 ? { pose: poseMatrix(identityPose()) } : {}));
  const text = posesText({ scans } as never);
  const clouds = ['c.ply', 'a b.ply', 'x.ply', 'a b.ply'].map((name) => ({ name }));
  const back = posesIn(text, clouds, { initial: 'p.txt' }, tools);
  const far = back.map((p) => poseDistance(p, pose).translation < 1e-9);
  expect(far).toEqual([false, true, false, true]);
  expect(() => posesIn(text, clouds.slice(0, 2), { initial: 'p.txt' }, tools)).toThrow(
    '--initial: p.txt has no first poses: row 3 names a b.ply, and no cloud is called so, or not so often.',
  );
  expect(() => posesIn(' \n', clouds, { initial: 'p.txt' }, tools)).toThrow(/it is empty/);
  expect(() => posesIn(text.replace('1 0 0 0', '2 0 0 0'), clouds, { initial: 'p.txt' }, tools)).toThrow(
    /row 2: .*scales/,
  );
});

test('clouds of other columns are merged: gaps are NaN, and the column that tells them apart has a name of its own', () => {
  const column = (name: string, values: readonly number[]) => ({
    name,
    type: 'number',
    values: Float64Array.from(values),
  });
  const cloud = (names: readonly string[]) => {
    const columns = names.map((name, j) => column(name, [j, j + 10]));
    return { name: 'a', rows: 2, columns, at: [0, 1, 2], points: Float64Array.of(0, 1, 2, 10, 11, 12) } as never;
  };
  const moved: Pose = { ...identityPose(), translation: Float64Array.of(100, 0, 0) };
  const merged = mergedColumns(
    [cloud(['X', 'Y', 'Z', 'scan']), cloud(['x', 'y', 'z']), cloud(['e', 'n', 'u'])],
    [identityPose(), undefined, moved],
  );
  expect(Object.fromEntries(Object.entries(merged).map(([k, v]) => [k, Array.from(v)]))).toEqual({
    ...{ x: [0, 10, 100, 110], y: [1, 11, 1, 11], z: [2, 12, 2, 12] },
    ...{ scan: [3, 13, Number.NaN, Number.NaN], scan_: [1, 1, 3, 3] },
  });
});
