import type { Block, Scratch } from '@southwell/kernels';
import type { RowVectors } from '../design/rowVectors.ts';

/**
 * Knows which gradients x̃ᵀv are out of date, and how far they can have moved: |x̃ᵀv − x̃ᵀv_old| ≤ ‖x̃‖·‖v − v_old‖ by
 * Cauchy–Schwarz, and ‖v − v_old‖ is at most the way that v has come since. What cannot have reached its threshold is not
 * read again; this never loses a feature. A unit is a feature, or a group of them.
 */
export class Pricing {
  /** The way of v so far. */
  private way = 0;
  /** The way of v when the gradient of a unit was read. */
  private readonly readAt: Float64Array;
  private readonly last: Block<Float64Array>[];

  /** All gradients are those at v, whose copy lies in `keep`. */
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

  /** Follows v to where it is now. O(nK). */
  follow(v: readonly Block<Float64Array>[]): void {
    this.way += Math.sqrt(this.vectors.follow(v, this.last));
  }

  /** The way that v has come since the gradient of a unit was read; 0: it is the present one. */
  since(unit: number): number {
    return this.way - this.readAt[unit];
  }

  /**
   * Lists the features whose gradient may have changed so that it matters: all that are not the present ones, but, where `threshold`
   * is given, for those that are at zero and cannot have reached it. Returns how many. O(p).
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

  /** Lists those of units[0 … k) whose gradients are not those at the v that was followed last; returns how many. */
  unreadOf(units: Int32Array, k: number, list: Int32Array): number {
    const { way, readAt } = this;
    let count = 0;
    for (let t = 0; t < k; t++) {
      list[count] = units[t];
      count += Number(readAt[units[t]] !== way);
    }
    return count;
  }

  /** The gradients of units[0 … k) are those at the present v. */
  read(units: Int32Array, k: number): void {
    for (let t = 0; t < k; t++) this.readAt[units[t]] = this.way;
  }

  /** All gradients are. */
  readAll(): void {
    this.readAt.fill(this.way);
  }
}

/** The part of all features from which one pass over the data is cheaper than reading a list. */
export const MOST = 0.8;

// Which features are listed no processor can foresee: a place is written for each, and kept where it counts, without a branch.

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
