import { Random } from '@southwell/numerics/core';
import { Blocks } from './blocks.ts';
import { leaves } from './leaves.ts';
import type { Points } from './points.ts';
import { WholeRows, wholeScale } from './wholeRows.ts';

export interface Neighbours {
  /** Number of neighbours of each point. */
  readonly k: number;
  /** The neighbours of point p at p·k … (p+1)·k − 1, nearest first; ties are broken by the smaller index. */
  readonly indices: Int32Array;
  readonly squaredDistances: Float64Array;
}

/** Rows per block, chosen so that the packed words stay in the first-level caches. */
const SIZE = 256;
/**
 * While the ball bounds exclude less than a twentieth of the pairs, they are tested only for one block in this many.
 */
const PATIENCE = 16;

/**
 * The k nearest other points of every point, nearest first, with ties broken by index: n × k. Each pair of blocks is
 * skipped if the ball bounds show that it contains no neighbours, and otherwise compared once. O(n²d/2) at most; yields
 * the completed fraction.
 */
export function* exactNeighbours(points: Points, k: number): Generator<number, Neighbours> {
  const { n, d, norms } = points;
  const rows = new WholeRows(points.matrix.arena, n, d, k, wholeScale(norms, d));
  let blocks: Blocks | undefined;
  try {
    const { order, starts } = leaves(points.data, n, d, SIZE, new Random(0));
    rows.set(points.data, order);
    blocks = new Blocks(rows, starts, Math.min(n, SIZE));
    const { count } = blocks;
    for (let b = 0; b < count; b++) {
      const { list } = blocks;
      for (let i = 0; i < blocks.size(b); i++) list[i] = starts[b] + i;
      blocks.pack(rows, blocks.size(b));
      blocks.offer(rows, blocks.size(b), b, false, true);
    }
    const far = new Float64Array(count);
    let useful = true;
    for (let a = 0; a < count; a++) {
      // Taken again, since memory may have moved while the caller was in control.
      const { list } = blocks;
      const { squares } = rows;
      const size = blocks.size(a);
      const asks = useful || a % PATIENCE === 0;
      if (asks) {
        blocks.toCentres(rows, starts[a], size);
        for (let b = a + 1; b < count; b++) {
          let most = 0;
          for (let p = starts[b]; p < starts[b + 1]; p++) most = Math.max(most, squares[p * k]);
          far[b] = Math.sqrt(most) * (1 + 1e-12);
        }
      }
      let kept = 0;
      if (!asks) {
        for (let i = 0; i < size; i++) list[i] = starts[a] + i;
        blocks.pack(rows, size);
      }
      for (let b = a + 1; b < count; b++) {
        let m = size;
        if (asks) {
          m = 0;
          for (let i = 0; i < size; i++) {
            const p = starts[a] + i;
            const least = blocks.least(i, b);
            // Row p cannot be among the neighbours of any row of block b, nor these among its own.
            if (least > far[b] && least > Math.sqrt(squares[p * k]) * (1 + 1e-12)) continue;
            list[m++] = p;
          }
          blocks.pack(rows, m);
        }
        kept += m;
        blocks.offer(rows, m, b, true);
      }
      if (asks && a < count - 1) useful = kept < 0.95 * size * (count - 1 - a);
      yield (2 * starts[a + 1] - starts[a + 1] ** 2 / n) / n;
    }
    const indices = new Int32Array(n * k);
    const squaredDistances = new Float64Array(n * k);
    rows.sorted(indices, squaredDistances);
    return { k, indices, squaredDistances };
  } finally {
    blocks?.free();
    rows.free();
  }
}
