import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { coarsePose, expRotation, type Pose, prepareCloud, registerClouds, transformPoints } from './index.ts';
import { broughtTogether } from './testing.ts';

test('clouds that lie anywhere are brought together, turned nearly by half a turn', () =>
  broughtTogether(3, [3, 0, 0.2]));

const scans = fileURLToPath(new URL('../../../../../shared/data/bunny_scans', import.meta.url));
test.skipIf(!existsSync(scans))(
  'two scans of a rabbit, one of them turned by any angle (needs ../shared/data/bunny_scans)',
  () => {
    const read = (name: string) => {
      const rows = readFileSync(`${scans}/${name}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
      return Float64Array.from(rows.filter((row) => row.length === 3).flat());
    };
    const [front, side] = [read('bun000.ply'), read('bun045.ply')];
    // The poses that came with the scans: 34.27° apart.
    const [x, y, z, w] = [0.00548449, -0.294635, -0.0038555, 0.955586];
    const s = Math.sqrt(x * x + y * y + z * z);
    const told: Pose = {
      rotation: expRotation([x, y, z].map((v) => (-2 * Math.atan2(s, w) * v) / s)),
      translation: Float64Array.of(-0.0520211, -0.000383981, -0.0109223),
    };
    const target = prepareCloud(front, { voxel: 0.002 });
    for (const phi of [
      [0, 0, 0],
      [1, 2, -1],
    ]) {
      const extra: Pose = { rotation: expRotation(phi), translation: Float64Array.of(1, 2, 3) };
      const source = prepareCloud(transformPoints(extra, side), { voxel: 0.002 });
      const guess = coarsePose(source, target);
      const { pose } = registerClouds(source, target, {
        initialPose: guess.pose,
        maxDistance: 0.004,
        tolerances: { rotation: 1e-6, translation: 1e-7 },
        maxIterations: 100,
      });
      const back = transformPoints(pose, transformPoints(extra, side.slice(0, 300)));
      const should = transformPoints(told, side.slice(0, 300));
      const off = Math.max(...back.map((v, k) => Math.abs(v - should[k])));
      expect(off).toBeLessThan(0.001);
    }
  },
);
