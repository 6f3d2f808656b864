import type { Arena } from '@southwell/kernels';
import { fail } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import type { Scaled } from './eigenProblem.ts';
import { TallBlock, unitLength } from './tallBlock.ts';

/** Of a vector, the share that must be left when what lies along others is taken off. */
const INDEPENDENT = 1e-11;

/** Directions of the scaled Gram matrix beneath this eigenvalue are rounding. */
const NOISE = 1e-13;

/** Passes at most: two do, unless vectors all but depend on others. */
const PASSES = 5;

/** Makes columns orthonormal in the inner product of B, and orthogonal to constraints. */
export class Orthonormaliser {
  /** How many of the constraints are independent. */
  readonly constraints: number;
  private readonly Y: TallBlock;
  private readonly BY: TallBlock;

  /** Takes the constraints over. */
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
   * Makes `count` columns from `from` on orthonormal and orthogonal to those before them, which are orthonormal; what depends on others
   * is dropped. Gives how many are left; BS holds their images. O(n · count · (from + count)).
   * @throws NUMERICAL if B shows that it is not positive definite.
   */
  orthonormalise(S: TallBlock, BS: TallBlock, from: number, count: number): number {
    let left = this.compact(S, from, count);
    for (let pass = 0; pass < PASSES && left > 0; pass++) {
      this.takeOff(S, this.Y, this.BY, 0, this.constraints, from, left);
      this.takeOff(S, S, BS, 0, from, from, left);
      // Taken off vectors of length one: what is then this short is rounding.
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

  /** Columns of length one, without those that are shorter than `least`; moves them together. */
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

  /** C with CᵀGC = I, of the directions that are more than rounding (Stathopoulos and Wu 2002), column after column. */
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
      `B is not positive definite: on a combination of vectors that came up xᵀBx is ${by.toPrecision(3)}. Give a positive definite B.`,
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
