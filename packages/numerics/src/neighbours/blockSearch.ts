import { select } from '@southwell/numerics/arrays';
import type { Blocks } from './blocks.ts';
import type { WholeRows } from './wholeRows.ts';

/** Queries on which to test whether the ball bounds exclude any blocks. */
const TRIAL = 64;
const WORTH = 0.05;

/**
 * Offers each of the first m queries the rows of its `probes` nearest blocks, and of further blocks if these have fewer
 * than k rows. With all blocks the search is exact. O(m · rows probed · d).
 */
export function searchBlocks(blocks: Blocks, queries: WholeRows, m: number, probes: number): void {
  if (probes < blocks.count || m < 4 * TRIAL) {
    probe(blocks, queries, 0, m, probes);
    return;
  }
  const spared = probe(blocks, queries, 0, TRIAL, probes);
  if (spared > WORTH) probe(blocks, queries, TRIAL, m, probes);
  else scan(blocks, queries, TRIAL, m);
}

/** Searches every block for the queries from `from` to `to` − 1. */
function scan(blocks: Blocks, queries: WholeRows, from: number, to: number): void {
  for (let i = from; i < to; i++) blocks.list[i - from] = i;
  blocks.pack(queries, to - from);
  for (let b = 0; b < blocks.count; b++) blocks.offer(queries, to - from, b);
}

/**
 * Searches the nearest block of every query first, then the farther ones, skipping those whose balls lie beyond the k
 * nearest so far, which cannot change the result. Returns the fraction of probes skipped.
 */
function probe(blocks: Blocks, queries: WholeRows, from: number, to: number, probes: number): number {
  const { count } = blocks;
  const { k } = queries;
  const m = to - from;
  const squares = blocks.toCentres(queries, from, m);
  const { nearest, first, others } = chooseBlocks(blocks, squares, m, probes, k);
  const { list } = blocks;
  const bounds = queries.squares;
  for (let b = 0; b < count; b++) {
    let size = 0;
    for (let t = first[0][b]; t < first[0][b + 1]; t++) list[size++] = from + first[1][t];
    blocks.pack(queries, size);
    blocks.offer(queries, size, b);
  }
  let [asked, spared] = [0, 0];
  for (let b = 0; b < count; b++) {
    let size = 0;
    const take = (i: number): void => {
      asked++;
      const least = blocks.least(i, b);
      if (least > 0 && least * least > bounds[(from + i) * k] * (1 + 1e-12)) spared++;
      else list[size++] = from + i;
    };
    if (others) for (let t = others[0][b]; t < others[0][b + 1]; t++) take(others[1][t]);
    else for (let i = 0; i < m; i++) if (nearest[i] !== b) take(i);
    blocks.pack(queries, size);
    blocks.offer(queries, size, b);
  }
  return spared / Math.max(1, asked);
}

/** Queries grouped by block: the offsets of the groups, and the queries themselves. */
type ByBlock = readonly [Int32Array, Int32Array];

/** The nearest block of every query (the first one on ties), and its other probes unless all blocks are probed. */
function chooseBlocks(
  blocks: Blocks,
  squares: Float64Array,
  m: number,
  probes: number,
  k: number,
): { readonly nearest: Int32Array; readonly first: ByBlock; readonly others?: ByBlock } {
  const { count } = blocks;
  const nearest = new Int32Array(m);
  for (let i = 0; i < m; i++) {
    let best = 0;
    for (let b = 1; b < count; b++) if (squares[i * count + b] < squares[i * count + best]) best = b;
    nearest[i] = best;
  }
  const own = Int32Array.from({ length: m }, (_, i) => i);
  const first = byBlock(count, nearest, own);
  if (probes >= count) return { nearest, first };
  const queries: number[] = [];
  const chosen: number[] = [];
  const row = new Float64Array(count);
  for (let i = 0; i < m; i++) {
    const at = i * count;
    const add = (b: number): number => {
      if (b !== nearest[i]) {
        queries.push(i);
        chosen.push(b);
      }
      return blocks.size(b);
    };
    let held = 0;
    if (probes > 1) {
      for (let b = 0; b < count; b++) row[b] = squares[at + b];
      const limit = select(row, row.length, probes - 1);
      let left = probes;
      for (let b = 0; b < count; b++) if (squares[at + b] < limit) left--;
      for (let b = 0; b < count; b++) {
        const v = squares[at + b];
        if (v < limit || (v === limit && left-- > 0)) held += add(b);
      }
    } else held = blocks.size(nearest[i]);
    if (held >= k) continue;
    // Rarely needed: the chosen lists are nearly empty.
    const order = Array.from({ length: count }, (_, b) => b).sort((a, b) => squares[at + a] - squares[at + b] || a - b);
    for (let r = probes; r < count && held < k; r++) held += add(order[r]);
  }
  return { nearest, first, others: byBlock(count, Int32Array.from(chosen), Int32Array.from(queries)) };
}

function byBlock(count: number, blocks: Int32Array, queries: Int32Array): ByBlock {
  const starts = new Int32Array(count + 1);
  for (const b of blocks) starts[b + 1]++;
  for (let b = 0; b < count; b++) starts[b + 1] += starts[b];
  const next = starts.slice(0, count);
  const entries = new Int32Array(blocks.length);
  for (let t = 0; t < blocks.length; t++) entries[next[blocks[t]]++] = queries[t];
  return [starts, entries];
}
