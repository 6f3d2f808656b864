import { choleskyInPlace, symmetricEigenvalues } from '@southwell/numerics/linalg';
import type { Random } from 'southwell';
import {
  analyseDegeneracy,
  composePoses,
  type DegeneracyHandling,
  type DegeneracyMethod,
  expRotation,
  identityPose,
  neighbourhoods,
  type Pose,
  pointToPlaneHessian,
  transformPoints,
} from 'southwell/geometry';
import { lidarPair } from './lidarPair.ts';

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

/**
 * The remedies of the comparison, each with the library's defaults. The floor is plain least squares with a small number
 * added to the diagonal at every step, whatever the eigenvalues. ME-TSVD gives the steps of ME-SR.
 */
export const remedies = {
  none: { method: 'none' },
  floor: { method: 'me-treg', eigenvalueThreshold: Number.POSITIVE_INFINITY, damping: 1 },
  mesr: { method: 'me-sr' },
  metreg: { method: 'me-treg' },
  fcnsr: { method: 'fcn-sr' },
} as const satisfies Readonly<Record<string, DegeneracyHandling>>;
export const remedyNames: Readonly<Record<keyof typeof remedies, string>> = {
  none: 'none',
  floor: 'a floor',
  mesr: 'ME-SR',
  metreg: 'ME-TReg',
  fcnsr: 'FCN-SR',
};

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

/** A round hall of radius 10 and height 5 seen from `offset` beside its axis, with normals; a turn about the axis is free. */
export function hall(random: Random, offset: number): Scene {
  const [points, normals]: [number[], number[]] = [[], []];
  for (let i = 0; i < 3000; i++) {
    const angle = 2 * Math.PI * random.uniform();
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    if (i % 2 === 0) {
      points.push(10 * c - offset, 10 * s, 5 * random.uniform() - 1);
      normals.push(-c, -s, 0);
    } else {
      const radius = 10 * Math.sqrt(random.uniform());
      points.push(radius * c - offset, radius * s, -1);
      normals.push(0, 0, 1);
    }
  }
  return { points: Float64Array.from(points), normals: Float64Array.from(normals) };
}

type Place = readonly [number, number, number];
/** A random point of the surfaces of a scene within a range of x. */
type Surface = (random: Random, low: number, high: number) => Place;

/**
 * A corridor of length 60 with a niche of depth 0.4 in a wall every 12, which contain little information on the position
 * along it.
 */
const corridorPoint: Surface = (random, low, high) => {
  const x = low + (high - low) * random.uniform();
  const surface = random.uniform();
  const along = ((x % 12) + 12) % 12;
  if (surface < 0.35) return [x, along < 0.8 ? 1.9 : 1.5, 3 * random.uniform() - 1];
  if (surface < 0.7) return [x, -1.5, 3 * random.uniform() - 1];
  if (surface < 0.97) return [x, 3 * random.uniform() - 1.5, surface < 0.85 ? -1 : 2];
  const side = Math.round(x / 12) * 12 + (random.uniform() < 0.5 ? 0 : 0.8);
  return [side, 1.5 + 0.4 * random.uniform(), 3 * random.uniform() - 1];
};

/** The round hall with two pillars at its wall, which alone fix the turn about its axis. */
const pillarPoint: Surface = (random) => {
  const [angle, surface] = [2 * Math.PI * random.uniform(), random.uniform()];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  if (surface < 0.48) return [10 * c, 10 * s, 5 * random.uniform() - 1];
  if (surface < 0.97) {
    const radius = 10 * Math.sqrt(random.uniform());
    return [radius * c, radius * s, -1];
  }
  const side = random.uniform() < 0.5 ? 1 : -1;
  return [9 * side + 0.4 * c, 0.4 * s, 5 * random.uniform() - 1];
};

/** Stairs along x, of steps 0.3 deep and 0.18 high, between walls of which little is seen. */
const stairPoint: Surface = (random, low, high) => {
  const x = low + (high - low) * random.uniform();
  const surface = random.uniform();
  const step = Math.floor(x / 0.3);
  const y = 2.4 * random.uniform() - 1.2;
  if (surface < 0.65) return [x, y, 0.18 * step - 1];
  if (surface < 0.97) return [0.3 * step, y, 0.18 * (step - random.uniform()) - 1];
  return [x, random.uniform() < 0.5 ? 1.2 : -1.2, 0.18 * step - 1 + 2 * random.uniform()];
};

/** The map of a scene along x, and scans of it: points within `range` of a position, with noise of 2 cm in each coordinate. */
function mapped(surface: Surface, [from, to]: readonly [number, number], range: number, random: Random, count: number) {
  const map = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) map.set(surface(random, from, to), 3 * i);
  const scan = (pose: Pose, size: number): Float64Array => {
    const [x] = pose.translation;
    const world = new Float64Array(3 * size);
    for (let i = 0; i < size; i++)
      world.set(surface(random, Math.max(from, x - range), Math.min(to, x + range)), 3 * i);
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

export const corridor = (random: Random, count: number) => mapped(corridorPoint, [-12, 60], 10, random, count);

/** A scan, the cloud that it is registered to, and its true pose in it. */
export interface Pair {
  readonly source: Float64Array;
  readonly target: Float64Array;
  readonly truth: Pose;
}

/** Scenes that nearly leave a motion free, by name. */
export const weakScenes: Readonly<Record<string, (random: Random, points: number) => Pair>> = {
  corridor: (random, points) => pairOf(corridor(random, 12 * points), [6 + 24 * random.uniform(), 0, 0], points),
  hall: (random, points) => pairOf(mapped(pillarPoint, [-10, 10], 20, random, 8 * points), [0, 6, 0], points),
  stairs: (random, points) =>
    pairOf(mapped(stairPoint, [-6, 6], 4, random, 8 * points), [random.normal() / 4, 0, 0.6], points),
  'lidar pair': (random) => withoutDirection(random),
};

function pairOf(
  { map, scan }: ReturnType<typeof mapped>,
  translation: readonly [number, number, number],
  points: number,
): Pair {
  const truth: Pose = { rotation: identityPose().rotation, translation: Float64Array.from(translation) };
  return { source: scan(truth, points), target: map, truth };
}

/** How many times weaker than the strongest the weakest shift is once points have been taken out of the lidar scan. */
const LOST = 50;

/**
 * The lidar pair without the points of the first scan that fix its position along a random horizontal direction: those
 * whose normals lie most along it are left out until the direction is {@link LOST} times weaker than the strongest.
 */
function withoutDirection(random: Random): Pair {
  const { source, target, truth } = lidarPair();
  const angle = Math.PI * random.uniform();
  const direction = [Math.cos(angle), Math.sin(angle), 0];
  const { normals } = neighbourhoods(source);
  const along = Array.from({ length: source.length / 3 }, (_, i) => {
    const dot = direction.reduce((sum, v, k) => sum + v * normals[3 * i + k], 0);
    return Number.isFinite(dot) ? Math.abs(dot) : 0;
  });
  const order = along.map((_, i) => i).sort((a, b) => along[a] - along[b]);
  const first = (list: Float64Array, count: number) =>
    Float64Array.from(order.slice(0, count).flatMap((i) => [...list.subarray(3 * i, 3 * i + 3)]));
  let count = order.length;
  // From 2 % fewer points to the next.
  while (count > 100) {
    const H = pointToPlaneHessian(first(source, count), first(normals, count), identityPose());
    const { values } = analyseDegeneracy(H).translation;
    if (Math.max(...values) > LOST * Math.min(...values)) break;
    count = Math.floor(0.98 * count);
  }
  return { source: first(source, count), target, truth };
}

/** A pose that is `metres` and `angle` degrees off in random directions. */
export function poorStart(truth: Pose, random: Random, metres: number, angle: number): Pose {
  const unit = (): number[] => {
    const v = [random.normal(), random.normal(), random.normal()];
    const size = Math.hypot(...v);
    return v.map((x) => x / size);
  };
  const shift = unit();
  const { rotation, translation } = composePoses(truth, turn(unit().map((v) => (v * angle * Math.PI) / 180)));
  return { rotation, translation: translation.map((v, k) => v + metres * shift[k]) };
}

/** Root mean square distance of the points of a scan from their true places. */
export function displacement(points: Float64Array, pose: Pose, truth: Pose): number {
  const [found, wanted] = [transformPoints(pose, points), transformPoints(truth, points)];
  return Math.sqrt(found.reduce((sum, v, k) => sum + (v - wanted[k]) ** 2, 0) / (points.length / 3));
}

/** H without the coupling of turns and shifts. */
export const uncoupled = (H: ArrayLike<number>) =>
  Float64Array.from(H, (v, k) => (Math.floor(k / 6) < 3 === k % 6 < 3 ? v : 0));

/** The condition number of H with the symmetric preconditioner P = L Lᵀ: that of Lᵀ H L. */
export function conditionOf(H: ArrayLike<number>, P: Float64Array): number {
  const L = P.slice();
  if (!choleskyInPlace(L, 6)) return Number.POSITIVE_INFINITY;
  const at = (i: number, j: number) => (i >= j ? L[6 * i + j] : 0);
  const M = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      for (let k = 0; k < 6; k++) for (let l = 0; l < 6; l++) M[6 * i + j] += at(k, i) * H[6 * k + l] * at(l, j);
    }
  }
  const values = symmetricEigenvalues(M, 6);
  return values[0] > 1e-15 * values[5] ? values[5] / values[0] : Number.POSITIVE_INFINITY;
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
