import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import { eigen3, spectral3 } from '../eigen3.ts';

export const degeneracyRecords = {
  /** Condition threshold: a direction is degenerate if it is this many times weaker than the strongest of its block. Default 10. */
  conditionThreshold: numberOption(
    { min: 1 },
    {
      title: 'Degeneracy threshold',
      about: 'a motion is degenerate if it is this many times less constrained than the best of its kind',
      argument: 'ratio',
      default: 10,
    },
  ),
  /** Target condition number of each preconditioned block. Default 10. */
  targetCondition: numberOption({ min: 1 }),
};

export interface DegeneracyOptions extends OptionsOf<typeof degeneracyRecords> {}

/** Analysis of the rotation or translation block after eliminating the other. */
export interface BlockAnalysis {
  /** The Schur complement, nine numbers. */
  readonly schur: Float64Array;
  /** Its eigenvalues, in the order of the axes x, y and z, to which the eigenvectors are assigned one to one. */
  readonly values: Float64Array;
  /** Row k is the unit eigenvector that lies most along axis k, with component k not negative. */
  readonly vectors: Float64Array;
  /** Condition number; infinite if a direction is unconstrained. */
  readonly condition: number;
  /** Whether the direction of axis k is degenerate. */
  readonly mask: readonly [boolean, boolean, boolean];
  /** Row k: the contributions (vₖ · e)² of the three axes to direction k, which sum to 1. */
  readonly contributions: Float64Array;
  /** Angle between direction k and axis k, in radians. */
  readonly angles: Float64Array;
  /**
   * The fraction of each axis in the span of the degenerate directions, which does not depend on the basis of the span.
   */
  readonly weakShare: Float64Array;
}

export interface Degeneracy {
  /** Rotations about x, y, z (roll, pitch, yaw), then translations along them. */
  readonly mask: readonly boolean[];
  readonly rotation: BlockAnalysis;
  readonly translation: BlockAnalysis;
  readonly conditionFull: number;
  /** Condition number of H with symmetric preconditioning. */
  readonly conditionPreconditioned: number;
  /** The preconditioner, 6 × 6, symmetric: the inverse of each Schur complement, with its small eigenvalues raised. */
  readonly preconditioner: Float64Array;
}

/** Eigenvalues below this fraction of the largest count as 0. */
const ZERO = 1e-12;
const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER unless it is a symmetric 6 × 6 matrix. */
export function checkHessian(H: ArrayLike<number>): void {
  if (H.length !== 36) fail('INVALID_SHAPE', `The matrix must be 6 × 6, 36 numbers by rows; there are ${H.length}.`);
  let largest = 0;
  for (let k = 0; k < 36; k++) {
    if (!Number.isFinite(H[k]))
      fail('NON_FINITE', `Entry (${Math.floor(k / 6) + 1}, ${(k % 6) + 1}) of the matrix is ${H[k]}.`);
    largest = Math.max(largest, Math.abs(H[k]));
  }
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(H[6 * i + j] - H[6 * j + i]) > 1e-8 * largest) {
        fail(
          'INVALID_PARAMETER',
          `The matrix is not symmetric: entries (${i + 1}, ${j + 1}) and (${j + 1}, ${i + 1}) differ.`,
        );
      }
    }
  }
}

const block = (H: ArrayLike<number>, row: number, column: number): Float64Array =>
  Float64Array.from({ length: 9 }, (_, k) => H[6 * (row + Math.floor(k / 3)) + column + (k % 3)]);

function eigenOf(A: Float64Array): { values: Float64Array; vectors: Float64Array } {
  const [values, vectors] = [new Float64Array(3), new Float64Array(9)];
  eigen3(Float64Array.of(A[0], (A[1] + A[3]) / 2, (A[2] + A[6]) / 2, A[4], (A[5] + A[7]) / 2, A[8]), values, vectors);
  return { values, vectors };
}

function pseudoInverse(A: Float64Array): Float64Array {
  const { values, vectors } = eigenOf(A);
  const cut = ZERO * Math.max(values[2], 0);
  return spectral3(values, vectors, (v) => (v > cut ? 1 / v : 0));
}

/** A − B C⁺ Bᵀ; remainders of the size of rounding errors count as 0. */
function schurComplement(A: Float64Array, B: Float64Array, C: Float64Array): Float64Array {
  const inverse = pseudoInverse(C);
  const out = A.slice();
  const BC = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) BC[3 * i + j] += B[3 * i + k] * inverse[3 * k + j];
  }
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) out[3 * i + j] -= BC[3 * i + k] * B[3 * j + k];
  }
  return out;
}

/**
 * A motion of one kind with the motion of the other kind that minimises its effect: x that minimises xᵀHx with v as one
 * part.
 */
export function withCompanions(H: ArrayLike<number>, v: Float64Array): Float64Array {
  const own = v[0] !== 0 || v[1] !== 0 || v[2] !== 0 ? 0 : 3;
  const other = 3 - own;
  const inverse = pseudoInverse(block(H, other, other));
  const coupled = [0, 1, 2].map((i) =>
    [0, 1, 2].reduce((sum, k) => sum + H[6 * (other + i) + own + k] * v[own + k], 0),
  );
  const x = Float64Array.from(v);
  for (let i = 0; i < 3; i++) x[other + i] = -[0, 1, 2].reduce((sum, k) => sum + inverse[3 * i + k] * coupled[k], 0);
  return x;
}

function analyseBlock(schur: Float64Array, scale: number, threshold: number): BlockAnalysis {
  const { values: rising, vectors: found } = eigenOf(schur);
  let best: readonly number[] = PERMUTATIONS[0];
  let most = -1;
  for (const trial of PERMUTATIONS) {
    const sum = trial.reduce<number>((s, vector, axis) => s + Math.abs(found[3 * vector + axis]), 0);
    if (sum > most + 1e-12) [most, best] = [sum, trial];
  }
  const values = Float64Array.from(best, (k) => (rising[k] > ZERO * scale ? rising[k] : 0));
  const vectors = new Float64Array(9);
  for (const [axis, k] of best.entries()) {
    const sign = found[3 * k + axis] < 0 ? -1 : 1;
    for (let j = 0; j < 3; j++) vectors[3 * axis + j] = sign * found[3 * k + j];
  }
  const [largest, least] = [Math.max(...values), Math.min(...values)];
  const mask = Array.from(values, (v) => !(v * threshold >= largest) || largest === 0) as [boolean, boolean, boolean];
  const weakShare = new Float64Array(3);
  for (const [k, weak] of mask.entries()) {
    if (weak) for (let j = 0; j < 3; j++) weakShare[j] += vectors[3 * k + j] ** 2;
  }
  return {
    ...{ schur, values, vectors, mask, weakShare },
    condition: least > 0 ? largest / least : Number.POSITIVE_INFINITY,
    contributions: vectors.map((v) => v * v),
    angles: Float64Array.from({ length: 3 }, (_, k) => Math.acos(Math.min(1, vectors[4 * k]))),
  };
}

/**
 * Analyses which motions a least-squares problem in three rotations and three translations does not constrain (DCReg,
 * Hu et al. 2025): the Schur complements of the two blocks of H = JᵀJ measure the information about each when the other
 * is free, and directions far weaker than the strongest of their block are degenerate. The complement of rotations
 * depends neither on the units of translations nor on the origin; that of translations refers to the origin of the
 * points, which should be that of the sensor. O(1).
 * @param H 6 × 6 by rows, symmetric, positive semi-definite, rotations first.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function analyseDegeneracy(H: ArrayLike<number>, options: DegeneracyOptions = {}): Degeneracy {
  checkOptions('analyseDegeneracy', degeneracyRecords, options);
  const { conditionThreshold = 10, targetCondition = 10 } = options;
  checkHessian(H);
  const [RR, Rt, tR, tt] = [block(H, 0, 0), block(H, 0, 3), block(H, 3, 0), block(H, 3, 3)];
  const largest = (A: Float64Array) => Math.max(A[0], A[4], A[8], 0);
  const rotation = analyseBlock(schurComplement(RR, Rt, tt), largest(RR), conditionThreshold);
  const translation = analyseBlock(schurComplement(tt, tR, RR), largest(tt), conditionThreshold);
  const preconditioner = new Float64Array(36);
  const root = new Float64Array(36);
  for (const [at, { values, vectors }] of [rotation, translation].entries()) {
    const floor = Math.max(...values) / targetCondition;
    const raised = (v: number) => Math.max(v, floor);
    const P = spectral3(values, vectors, (v) => (floor > 0 ? 1 / raised(v) : 0));
    const half = spectral3(values, vectors, (v) => (floor > 0 ? 1 / Math.sqrt(raised(v)) : 0));
    for (let k = 0; k < 9; k++) {
      const place = 6 * (3 * at + Math.floor(k / 3)) + 3 * at + (k % 3);
      preconditioner[place] = P[k];
      root[place] = half[k];
    }
  }
  return {
    mask: [...rotation.mask, ...translation.mask],
    ...{ rotation, translation, preconditioner },
    conditionFull: condition6(Float64Array.from(H)),
    conditionPreconditioned: condition6(product6(root, product6(Float64Array.from(H), root))),
  };
}

function product6(A: Float64Array, B: Float64Array): Float64Array {
  const out = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) for (let k = 0; k < 6; k++) out[6 * i + j] += A[6 * i + k] * B[6 * k + j];
  }
  return out;
}

function condition6(A: Float64Array): number {
  const values = symmetricEigenvalues(A, 6);
  return values[0] > 1e-15 * values[5] ? values[5] / values[0] : Number.POSITIVE_INFINITY;
}

/**
 * H of points about another point c, which is then the centre of rotation. Use it if the origin of coordinates is
 * arbitrary, as in maps whose origin is far away.
 */
export function hessianAbout(H: ArrayLike<number>, c: ArrayLike<number>): Float64Array {
  const A = new Float64Array(36);
  for (let k = 0; k < 6; k++) A[7 * k] = 1;
  // (p − c) × n = p × n − c × n.
  A[4] = c[2];
  A[5] = -c[1];
  A[9] = -c[2];
  A[11] = c[0];
  A[15] = c[1];
  A[16] = -c[0];
  const At = Float64Array.from({ length: 36 }, (_, k) => A[6 * (k % 6) + Math.floor(k / 6)]);
  const out = product6(A, product6(Float64Array.from(H), At));
  return out.map((v, k) => (v + out[6 * (k % 6) + Math.floor(k / 6)]) / 2);
}

const AXES = ['x', 'y', 'z'] as const;

export interface WeakMotion {
  readonly kind: 'turn' | 'shift';
  /** The nearest axis. */
  readonly axis: 'x' | 'y' | 'z';
  readonly direction: readonly number[];
  /** The contribution of that axis to the direction. */
  readonly share: number;
  /** How many times weaker than the strongest of its block; infinite if unconstrained. */
  readonly ratio: number;
  /** `shift along x`, or `turn about 0.7 x + 0.7 y`. */
  readonly name: string;
}

/** The degenerate motions of an analysis, weakest first. */
export function weakMotions({ rotation, translation }: Pick<Degeneracy, 'rotation' | 'translation'>): WeakMotion[] {
  const of = (kind: WeakMotion['kind'], { values, vectors, mask }: BlockAnalysis): WeakMotion[] =>
    [0, 1, 2]
      .filter((k) => mask[k])
      .map((k) => {
        const direction = Array.from(vectors.subarray(3 * k, 3 * k + 3));
        const share = direction[k] ** 2;
        const ratio = values[k] > 0 ? Math.max(...values) / values[k] : Number.POSITIVE_INFINITY;
        const name = `${kind === 'turn' ? 'turn about' : 'shift along'} ${directionName(direction)}`;
        return { kind, axis: AXES[k], direction, share, ratio, name };
      });
  const all = [...of('turn', rotation), ...of('shift', translation)];
  return all.sort((a, b) => (a.ratio === b.ratio ? 0 : b.ratio - a.ratio));
}

/** The name of a unit vector: `x`, or `0.71 x + 0.71 y`. */
export function directionName(v: ArrayLike<number>): string {
  const parts = AXES.map((name, k) => ({ name, part: v[k] })).filter(({ part }) => Math.abs(part) >= 0.1);
  if (parts.length === 1) return parts[0].name;
  const first = Math.sign(parts[0]?.part ?? 1);
  return parts
    .map(
      ({ name, part }, k) => `${k === 0 ? '' : part * first < 0 ? ' − ' : ' + '}${Math.abs(part).toFixed(2)} ${name}`,
    )
    .join('');
}
