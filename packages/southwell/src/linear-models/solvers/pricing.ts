import type { Block, Scratch } from '@southwell/kernels';
import type { RowVectors } from '../design/rowVectors.ts';

/**
 * Tracks which gradients x̃ᵀv are out of date, and how far they can have moved: |x̃ᵀv − x̃ᵀv_old| ≤ ‖x̃‖·‖v − v_old‖ by
 * Cauchy–Schwarz, and ‖v − v_old‖ is at most the length of the path of v since then. Gradients that cannot have reached
 * their threshold are not recomputed; this is safe, as no violating feature is missed. A unit is a feature, or a group
 * of them.
 */
export class Pricing {
  /** Length of the path of v so far. */
  private way = 0;
  /** Length of the path of v when the gradient of a unit was last computed. */
  private readonly readAt: Float64Array;
  private readonly last: Block<Float64Array>[];

  /** All gradients are initially those at v, whose copy is allocated in `keep`. */
  constructor(
    units: number,
    v: readonly Block<Float64Array>[],
    keep: Scratch,
    private readonly vectors: Pick<RowVectors, 'follow'>,
  ) {
    this.readAt = new Float64Array(units);
    this.last = v.map(({ length }) => keep.f64(length));
    this.last.forEach((copy, k) => {
      copy.view.set(v[k].view);
    });
  }

  /** Adds the move to the current v. O(nK). */
  follow(v: readonly Block<Float64Array>[]): void {
    this.way += Math.sqrt(this.vectors.follow(v, this.last));
  }

  /** Length of the path of v since the gradient of a unit was computed; 0 if that is up to date. */
  since(unit: number): number {
    return this.way - this.readAt[unit];
  }

  /**
   * Lists the features whose gradient may have changed in a way that matters: all that are out of date, except (if
   * `threshold` is given) those that are at zero and cannot have reached it. Returns how many. O(p).
   */
  outdated(
    beta: Float64Array,
    g: Float64Array,
    norms: Float64Array,
    threshold: Float64Array | undefined,
    list: Int32Array,
  ): number {
    const { way, readAt } = this;
    return threshold ? mayMatter(way, readAt, beta, g, norms, threshold, list) : unread(way, readAt, list);
  }

  /** Lists those of units[0 … k) whose gradients are out of date; returns how many. */
  unreadOf(units: Int32Array, k: number, list: Int32Array): number {
    const { way, readAt } = this;
    let count = 0;
    for (let t = 0; t < k; t++) {
      list[count] = units[t];
      count += Number(readAt[units[t]] !== way);
    }
    return count;
  }

  /** Marks the gradients of units[0 … k) as up to date. */
  read(units: Int32Array, k: number): void {
    for (let t = 0; t < k; t++) this.readAt[units[t]] = this.way;
  }

  /** Marks all gradients as up to date. */
  readAll(): void {
    this.readAt.fill(this.way);
  }
}

/** Fraction of the features above which one pass over all data is cheaper than reading a list. */
export const MOST = 0.8;

// Branch prediction fails here: an index is always written, and the position advanced only if it counts.

function unread(way: number, readAt: Float64Array, list: Int32Array): number {
  let k = 0;
  for (let j = 0; j < readAt.length; j++) {
    list[k] = j;
    k += Number(way !== readAt[j]);
  }
  return k;
}

function mayMatter(
  way: number,
  readAt: Float64Array,
  beta: Float64Array,
  g: Float64Array,
  norms: Float64Array,
  threshold: Float64Array,
  list: Int32Array,
): number {
  let k = 0;
  for (let j = 0; j < beta.length; j++) {
    const since = way - readAt[j];
    const rests = Number(Math.abs(g[j]) + norms[j] * since < threshold[j] * (1 - 1e-12)) & Number(beta[j] === 0);
    list[k] = j;
    k += Number(since !== 0) & (1 - rests);
  }
  return k;
}
