/**
 * A factor of an axis: an index that runs over `size` places. Factors that must be permuted alike are joined; one that is
 * split becomes a coarse factor (blocks) and a fine one (places within each block).
 */
export interface Factor {
  readonly size: number;
  /** Whether its order has a meaning, so that it cannot be permuted. */
  fixed: boolean;
  joined?: Factor;
  parts?: readonly [Factor, Factor];
}

/** The factors of an axis, the slowest first; none for an axis of length 1. */
export type Axis = readonly Factor[];

export const factorOf = (size: number, fixed = false): Factor => ({ size, fixed });

/** An axis whose values nothing is known of yet. */
export const freshAxis = (size: number, fixed = false): Axis => (size === 1 ? [] : [factorOf(size, fixed)]);

function rootOf(factor: Factor): Factor {
  let at = factor;
  while (at.joined) at = at.joined;
  return at;
}

/** The factors into which those of an axis have been split. */
export function leavesOf(axis: Axis): Factor[] {
  return axis.flatMap((factor) => {
    const root = rootOf(factor);
    return root.parts ? leavesOf(root.parts) : [root];
  });
}

export function fix(axis: Axis): void {
  for (const leaf of leavesOf(axis)) leaf.fixed = true;
}

/** Splits a leaf into blocks of `within` places; false if they do not come out even. */
function split(leaf: Factor, within: number): boolean {
  if (leaf.size % within !== 0) return false;
  leaf.parts = [factorOf(leaf.size / within, leaf.fixed), factorOf(within, leaf.fixed)];
  return true;
}

/** Makes two axes of equal length move alike. Axes whose factors do not match are fixed. */
export function join(a: Axis, b: Axis): void {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === y) continue;
    if (x.size === y.size) {
      x.joined = y;
      y.fixed ||= x.fixed;
      // What was joined may be in the rest of the lists as well.
      join(left.slice(i + 1), right.slice(i + 1));
      return;
    }
    const [large, small] = x.size > y.size ? [x, y] : [y, x];
    if (small.size <= 1 || large.size % small.size !== 0 || !split(large, large.size / small.size)) {
      fix(left);
      fix(right);
      return;
    }
    join(left.slice(i), right.slice(i));
    return;
  }
}

/** The axes of a tensor that is read with another shape in the same order. */
export function regrouped(axes: readonly Axis[], shape: readonly number[]): Axis[] {
  const rest = axes.flatMap(leavesOf);
  return shape.map((length) => {
    const own: Factor[] = [];
    for (let left = length; left > 1; ) {
      const [next] = rest;
      if (next && left % next.size === 0) {
        own.push(rest.shift()!);
        left /= next.size;
      } else if (next && next.size % left === 0 && split(next, next.size / left)) {
        rest.splice(0, 1, ...leavesOf([next]));
      } else {
        fix(axes.flat());
        return freshAxis(length, true);
      }
    }
    return own;
  });
}
