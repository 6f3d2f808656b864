import type { Random } from 'southwell';
import { composePoses, type DegeneracyMethod, expRotation, type Pose, transformPoints } from 'southwell/geometry';

export const names: Readonly<Record<DegeneracyMethod, string>> = {
  dcreg: 'DCReg',
  none: 'none',
  'me-sr': 'ME-SR',
  'me-tsvd': 'ME-TSVD',
  'me-treg': 'ME-TReg',
  'fcn-sr': 'FCN-SR',
};

/** The treatment of degenerate motions under test. */
export const libraryMethod: DegeneracyMethod = 'dcreg';

export const degrees = (radians: number): number => (radians * 180) / Math.PI;

/** A round hall of radius 40 and height 20: half of the points on its wall, half on its floor z = 0. */
export function cylinder(random: Random, each = 3781): Float64Array {
  const points = new Float64Array(6 * each);
  for (let i = 0; i < 2 * each; i++) {
    const wall = i < each;
    // The direction of a two-dimensional normal variable is uniform.
    const [a, b] = [random.normal(), random.normal()];
    const radius = wall ? 40 : 40 * Math.sqrt(random.uniform());
    const scale = radius / Math.sqrt(a * a + b * b);
    points.set([a * scale, b * scale, wall ? 20 * random.uniform() : 0], 3 * i);
  }
  return points;
}

const turn = (phi: readonly number[]): Pose => ({ rotation: expRotation(phi), translation: new Float64Array(3) });

/** The paper's initial pose: 0.97 m and 2° off. */
export function start(): Pose {
  const rad = Math.PI / 180;
  const [roll, pitch, yaw] = [turn([0.1 * rad, 0, 0]), turn([0, 0.1 * rad, 0]), turn([0, 0, 2 * rad])];
  const { rotation } = composePoses(yaw, composePoses(pitch, roll));
  return { rotation, translation: Float64Array.of(0.2, 0.8, 0.5) };
}

export interface Scene {
  readonly points: Float64Array;
  readonly normals: Float64Array;
}

/** Walls y = ±1.5 and floor z = −1 along x, 1500 points each; with an end, 500 at x = 30. */
export function tunnel(random: Random, end: boolean): Scene {
  const [points, normals]: [number[], number[]] = [[], []];
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  for (let i = 0; i < 1500; i++) {
    for (const side of [1, -1]) {
      points.push(between(-30, 30), 1.5 * side, between(-1, 2));
      normals.push(0, -side, 0);
    }
    points.push(between(-30, 30), between(-1.5, 1.5), -1);
    normals.push(0, 0, 1);
    if (!end || i % 3 > 0) continue;
    points.push(30, between(-1.5, 1.5), between(-1, 2));
    normals.push(-1, 0, 0);
  }
  return { points: Float64Array.from(points), normals: Float64Array.from(normals) };
}

/**
 * Surfaces of a corridor of length 60 with a niche of depth 0.4 in a wall every 12, which contain little information on
 * the position along it.
 */
function corridorPoint(random: Random, low: number, high: number): readonly [number, number, number] {
  const x = low + (high - low) * random.uniform();
  const surface = random.uniform();
  const along = ((x % 12) + 12) % 12;
  if (surface < 0.35) return [x, along < 0.8 ? 1.9 : 1.5, 3 * random.uniform() - 1];
  if (surface < 0.7) return [x, -1.5, 3 * random.uniform() - 1];
  if (surface < 0.97) return [x, 3 * random.uniform() - 1.5, surface < 0.85 ? -1 : 2];
  const side = Math.round(x / 12) * 12 + (random.uniform() < 0.5 ? 0 : 0.8);
  return [side, 1.5 + 0.4 * random.uniform(), 3 * random.uniform() - 1];
}

/** The map of the corridor, and scans of it: points within 10 of a position, with noise of 2 cm in each coordinate. */
export function corridor(random: Random, mapPoints: number) {
  const map = new Float64Array(3 * mapPoints);
  for (let i = 0; i < mapPoints; i++) map.set(corridorPoint(random, -12, 60), 3 * i);
  const scan = (pose: Pose, count: number): Float64Array => {
    const [x] = pose.translation;
    const world = new Float64Array(3 * count);
    for (let i = 0; i < count; i++)
      world.set(corridorPoint(random, Math.max(-12, x - 10), Math.min(60, x + 10)), 3 * i);
    const { rotation: R, translation: t } = pose;
    const back: Pose = {
      rotation: Float64Array.of(R[0], R[3], R[6], R[1], R[4], R[7], R[2], R[5], R[8]),
      translation: new Float64Array(3),
    };
    return transformPoints(
      back,
      world.map((v, k) => v - t[k % 3]),
    ).map((v) => v + 0.02 * random.normal());
  };
  return { map, scan };
}

/** The exact step by Gaussian elimination with pivoting; undefined if H is singular to working precision. */
export function exactStep(H: Float64Array, g: Float64Array): Float64Array | undefined {
  const rows = Array.from({ length: 6 }, (_, i) => [...H.subarray(6 * i, 6 * i + 6), g[i]]);
  const largest = Math.max(...H.map(Math.abs));
  for (let k = 0; k < 6; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]) > Math.abs(best[k]) ? row : best));
    if (!(Math.abs(pivot[k]) > 1e-12 * largest)) return undefined;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(k, 0, pivot);
    for (let i = k + 1; i < 6; i++) {
      const f = rows[i][k] / pivot[k];
      for (let j = k; j < 7; j++) rows[i][j] -= f * pivot[j];
    }
  }
  const x = new Float64Array(6);
  for (let k = 5; k >= 0; k--) {
    let value = rows[k][6];
    for (let j = k + 1; j < 6; j++) value -= rows[k][j] * x[j];
    x[k] = value / rows[k][k];
  }
  return x;
}
