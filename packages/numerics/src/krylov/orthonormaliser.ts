import type { Arena } from '@southwell/kernels';
import { fail } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import type { Scaled } from './eigenProblem.ts';
import { TallBlock, unitLength } from './tallBlock.ts';

/** A vector is independent of others if at least this fraction remains after orthogonalisation. */
const INDEPENDENT = 1e-11;

/** Directions of the scaled Gram matrix with eigenvalues below this are at rounding level. */
const NOISE = 1e-13;

/** Maximum number of passes; two suffice unless vectors are nearly dependent. */
const PASSES = 5;

/** Orthonormalises columns in the inner product of B, and makes them orthogonal to constraints. */
export class Orthonormaliser {
  /** Number of independent constraints. */
  readonly constraints: number;
  private readonly Y: TallBlock;
  private readonly BY: TallBlock;

  /** Takes ownership of the constraints. */
  constructor(
    private readonly arena: Arena,
    private readonly n: number,
    private readonly B: Scaled | undefined,
    constraints: TallBlock,
  ) {
    this.Y = constraints;
    this.BY = B ? new TallBlock(arena, n, constraints.capacity) : constraints;
    this.constraints = 0;
    this.constraints = this.orthonormalise(constraints, this.BY, 0, constraints.capacity);
  }

  /**
   * Makes `count` columns from `from` on orthonormal and orthogonal to the preceding ones, which are orthonormal;
   * dependent columns are dropped. Returns the number that remain; BS holds their images. O(n · count · (from +
   * count)).
   * @throws NUMERICAL if B turns out not to be positive definite.
   */
  orthonormalise(S: TallBlock, BS: TallBlock, from: number, count: number): number {
    let left = this.compact(S, from, count);
    for (let pass = 0; pass < PASSES && left > 0; pass++) {
      this.takeOff(S, this.Y, this.BY, 0, this.constraints, from, left);
      this.takeOff(S, S, BS, 0, from, from, left);
      // The vectors had unit norm before the projection, so shorter remainders are rounding errors.
      if (pass === 0) left = this.compact(S, from, left, INDEPENDENT);
      this.images(S, BS, from, left);
      const G = S.inner(from, left, BS, from, left);
      if (pass > 0 && nearIdentity(G, left)) return left;
      const C = this.whitening(G, left);
      const count = C.length / left;
      const spare = new TallBlock(this.arena, this.n, count);
      for (const block of this.B ? [S, BS] : [S]) {
        spare.combine(0, block, from, left, C);
        block.copy(from, spare, 0, count);
      }
      spare.free();
      left = count;
    }
    return left;
  }

  private images(S: TallBlock, BS: TallBlock, from: number, count: number): void {
    for (let j = from; this.B && j < from + count; j++) this.B.apply(S.column(j), BS.column(j));
  }

  /** S ← S − U(BU)ᵀS. */
  private takeOff(
    S: TallBlock,
    U: TallBlock,
    BU: TallBlock,
    start: number,
    size: number,
    from: number,
    count: number,
  ): void {
    if (size === 0 || count === 0) return;
    const C = BU.inner(start, size, S, from, count);
    S.combine(from, U, start, size, C, { alpha: -1, beta: 1 });
  }

  /** Normalises columns to unit norm, dropping those shorter than `least`; compacts the remainder. */
  private compact(S: TallBlock, from: number, count: number, least = 0): number {
    let left = 0;
    for (let j = from; j < from + count; j++) {
      const v = S.column(j);
      let square = 0;
      for (let i = 0; i < v.length && least > 0; i++) square += v[i] * v[i];
      if ((least > 0 && !(Math.sqrt(square) > least)) || !unitLength(v)) continue;
      if (j !== from + left) S.copy(from + left, S, j, 1);
      left++;
    }
    return left;
  }

  /** C with CᵀGC = I, for the directions above rounding level (Stathopoulos and Wu 2002), column-major. */
  private whitening(G: Float64Array, count: number): Float64Array {
    const root = Float64Array.from({ length: count }, (_, i) => {
      const d = G[i * count + i];
      if (d < 0 || Number.isNaN(d)) this.refuse(d);
      return d > 0 ? 1 / Math.sqrt(d) : 0;
    });
    const scaled = new Float64Array(count * count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j <= i; j++) {
        const v = ((G[i * count + j] + G[j * count + i]) / 2) * root[i] * root[j];
        scaled[i * count + j] = scaled[j * count + i] = v;
      }
    }
    const { values, vectors } = symmetricEigen(scaled, count);
    const top = values.reduce((a, b) => Math.max(a, b), 0);
    if (values.some((v) => v < -1e-8 * top)) this.refuse(Math.min(...values));
    const kept = Array.from(values.keys()).filter((c) => values[c] > NOISE * count * top);
    const C = new Float64Array(count * kept.length);
    kept.forEach((c, t) => {
      for (let i = 0; i < count; i++) C[t * count + i] = (root[i] * vectors[i * count + c]) / Math.sqrt(values[c]);
    });
    return C;
  }

  private refuse(value: number): never {
    const by = (this.B?.scale ?? 1) * value;
    fail(
      'NUMERICAL',
      `B is not positive definite: xᵀBx is ${by.toPrecision(3)} for a vector of the search space. Give a positive definite B.`,
    );
  }
}

function nearIdentity(G: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++)
      if (!(Math.abs(G[i * count + j] - (i === j ? 1 : 0)) < 1e-13 * (count + 8))) return false;
  }
  return true;
}
