import { fail, knownKeys, type OptionKeys, type Sums, treeSum, wholeNumber, zerosLike } from '@southwell/numerics/core';
import type { Communicator, Exchange } from './communicator.ts';

export interface RowSumsOptions {
  /** Number of rows of all ranks. */
  readonly rows: number;
  /** Chunk size of row sums, independent of the number of ranks (default {@link rowChunk}). Results depend on it bitwise. */
  readonly chunk?: number;
  /**
   * The range of rows of this rank, [first, end); ranges are consecutive and begin at chunk boundaries. Default: chunks
   * distributed as evenly as possible.
   */
  readonly own?: readonly [number, number];
}

/** Default chunk size: a power of two, at least 16, that gives about 128 to 256 chunks for large numbers of rows. */
export const rowChunk = (rows: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, rows) / 256)));

/**
 * The range of rows [first, end) of a rank, with chunks distributed as evenly as possible. Ranks in excess of the
 * chunks have no rows.
 */
export function rowsOfRank(
  rows: number,
  rank: number,
  size: number,
  chunk = rowChunk(rows),
): [first: number, end: number] {
  const chunks = Math.ceil(rows / chunk);
  const cut = (r: number) => Math.min(rows, Math.floor((r * chunks) / size) * chunk);
  return [cut(rank), cut(rank + 1)];
}

const keys: OptionKeys<RowSumsOptions> = { rows: true, chunk: true, own: true };

/**
 * Sums over rows that are distributed over ranks, with bits that depend neither on the number of ranks nor on the order
 * of arrival. The rows are divided into chunks by their global indices; the program sums each chunk, and the chunks are
 * the leaves of a binary tree that depends only on the number of rows: node (level, k) covers chunks k·2^level to (k +
 * 1)·2^level and is the sum of its two children. A rank sums the nodes that it holds completely; the nodes above them
 * are summed from the nodes of all ranks.
 *
 * ```ts
 * const sums = yield* RowSums.over(comm, { rows });
 * yield* sums.allReduce(gradient, (from, to, part) => addGradientOfRows(from, to, part));
 * ```
 */
export class RowSums {
  private constructor(
    private readonly comm: Communicator,
    readonly rows: number,
    readonly chunk: number,
    /** First row of this rank. */
    readonly first: number,
    /** The row after the last row of this rank. */
    readonly end: number,
    /** The nodes that each rank holds, in the order of their chunks. */
    private readonly nodes: ReadonlyArray<readonly Node[]>,
  ) {}

  private readonly kept = new Map<string, Sums>();
  private readonly spare: Sums[] = [];

  /**
   * Agrees on the distribution of rows. Collective; one all-gather.
   * @throws INVALID_PARAMETER for options; INVALID_SHAPE if the rows of the ranks are not consecutive or do not begin
   * at chunk boundaries.
   */
  static *over(comm: Communicator, options: RowSumsOptions): Exchange<RowSums> {
    knownKeys('RowSums', options, keys);
    const { rows } = options;
    wholeNumber('The number of rows', rows, 0);
    const { chunk = rowChunk(rows) } = options;
    wholeNumber('The rows of a chunk', chunk, 1);
    const chunks = Math.ceil(rows / chunk);
    const [first, end] = options.own ?? rowsOfRank(rows, comm.rank, comm.size, chunk);
    const all = new Float64Array(2 * comm.size);
    yield* comm.allGather(Float64Array.of(first, end), all);
    const whole = Array.from({ length: comm.size }, (_, r) => [all[2 * r], all[2 * r + 1]] as const);
    whole.forEach(([from, to], r) => {
      if (from !== (r === 0 ? 0 : whole[r - 1][1]) || to < from || (r === comm.size - 1 && to !== rows)) {
        fail('INVALID_SHAPE', `The rows of the ranks are not consecutive: rank ${r} has ${from} to ${to} of ${rows}.`);
      }
      if (to !== rows && to % chunk !== 0) {
        fail('INVALID_SHAPE', `Rank ${r} ends at row ${to}, in the middle of a chunk of ${chunk} rows.`);
      }
    });
    const nodes = whole.map(([from, to]) => nodesOf(Math.ceil(from / chunk), Math.ceil(to / chunk), chunks));
    return new RowSums(comm, rows, chunk, first, end, nodes);
  }

  /**
   * `into` becomes the sum over all rows, in its own precision. `add(from, to, part)` adds the rows [from, to), which
   * belong to this rank and to one chunk, to `part`, which is zero and as long as `into`. For d numbers, c chunks and p
   * ranks: O(d c / p) additions and O(d log c) memory, which is reused by the next sum; two exchanges (one for few
   * numbers, and between two ranks with a node each) of d times the number of nodes of a rank (one if chunks and ranks
   * are powers of two, at most 2 log₂ c).
   */
  *allReduce<T extends Sums>(into: T, add: (from: number, to: number, part: T) => void): Exchange {
    const own = this.nodes[this.comm.rank];
    if (this.isPair) {
      this.sumOf(own[0], into, add);
      yield* this.comm.allReduce(into, 'sum', { nan: true });
      return;
    }
    const sums = own.map((node, k) => {
      const sum = this.memory(`node ${k}`, into, into.length);
      this.sumOf(node, sum, add);
      return sum;
    });
    yield* this.reduceNodes(into, sums);
  }

  /** The nodes of this rank, as ranges [from, to) of all chunks. */
  get own(): ReadonlyArray<readonly [from: number, to: number]> {
    const chunks = Math.ceil(this.rows / this.chunk);
    return this.nodes[this.comm.rank].map(({ level, k }) => [k * 2 ** level, Math.min(chunks, (k + 1) * 2 ** level)]);
  }

  /**
   * Like `allReduce`, given the sums of this rank's {@link RowSums.own} nodes, which must have been summed in the order
   * of the tree.
   */
  *reduceNodes<T extends Sums>(into: T, own: readonly T[]): Exchange {
    const { comm, nodes } = this;
    const d = into.length;
    if (this.isPair) {
      into.set(own[0]);
      yield* comm.allReduce(into, 'sum', { nan: true });
      return;
    }
    if (d <= FEW) {
      into.set(yield* this.fewNumbers(into, own));
      return;
    }
    // Each rank sums a part of the numbers, d / p rounded up.
    const width = Math.ceil(d / comm.size);
    const most = nodes.reduce((max, list) => Math.max(max, list.length), 0);
    const out = this.memory('out', into, comm.size * most * width);
    for (let r = 0; r < comm.size; r++) {
      own.forEach((sum, k) => {
        out.set(sum.subarray(r * width, Math.min(d, (r + 1) * width)), (r * most + k) * width);
      });
    }
    const come = this.memory('come', into, out.length);
    yield* comm.allToAll(out, come);
    const part = this.sumOfAll(come, width, most);
    const whole = this.memory('out', into, comm.size * width);
    yield* comm.allGather(part, whole);
    into.set(whole.subarray(0, d));
  }

  /**
   * Two ranks with one node each: the sum of two has the same bits in either order, so it may be left to the driver's
   * all-reduce.
   */
  private get isPair(): boolean {
    return this.nodes.length === 2 && this.nodes.every((list) => list.length === 1);
  }

  /** If latency dominates: one exchange, after which every rank sums all nodes. */
  private *fewNumbers<T extends Sums>(into: T, own: readonly T[]): Exchange<T> {
    const { comm, nodes } = this;
    const d = into.length;
    const most = nodes.reduce((max, list) => Math.max(max, list.length), 0);
    const out = this.memory('out', into, most * d);
    own.forEach((sum, k) => {
      out.set(sum, k * d);
    });
    const come = this.memory('come', into, comm.size * out.length);
    yield* comm.allGather(out, come);
    return this.sumOfAll(come, d, most);
  }

  /** The sum of the nodes of all ranks, with `width` numbers each and `most` nodes per rank; overwrites them. */
  private sumOfAll<T extends Sums>(come: T, width: number, most: number): T {
    const chunks = Math.ceil(this.rows / this.chunk);
    if (chunks === 0) return zerosLike(come, width);
    const known = new Map<string, T>();
    this.nodes.forEach((list, r) => {
      list.forEach(({ level, k }, i) => {
        const at = (r * most + i) * width;
        known.set(`${level} ${k}`, come.subarray(at, at + width) as T);
      });
    });
    return sumOfNodes<T>(topLevel(chunks), 0, chunks, known);
  }

  /** The sum of a node from its chunks, with the same additions as from its children. */
  private sumOf<T extends Sums>({ level, k }: Node, into: T, add: (from: number, to: number, part: T) => void): void {
    const [from, to] = [k * 2 ** level, Math.min(Math.ceil(this.rows / this.chunk), (k + 1) * 2 ** level)];
    const chunk = (c: number, part: T) => add(c * this.chunk, Math.min(this.rows, (c + 1) * this.chunk), part);
    treeSum(from, to, into, chunk, this.spareLike(into));
  }

  /**
   * Memory reused from sum to sum, by purpose, of the same type as `like`. Its contents are valid until the next sum.
   */
  private memory<T extends Sums>(what: string, like: T, length: number): T {
    const found = this.kept.get(what);
    if (found && found.constructor === like.constructor && found.length >= length)
      return found.subarray(0, length) as T;
    const made = zerosLike(like, length);
    if (made.byteLength <= KEPT) this.kept.set(what, made);
    return made;
  }

  /** Vectors for the sums within a node, all of equal length and type. */
  private spareLike<T extends Sums>(like: T): T[] {
    const [found] = this.spare;
    if (like.byteLength > KEPT) return [];
    if (found && (found.length !== like.length || found.constructor !== like.constructor)) this.spare.length = 0;
    return this.spare as T[];
  }
}

/** Up to this many numbers, every rank sums all nodes by itself. */
const FEW = 64;

/**
 * Maximum size in bytes of a vector that is kept for the next sum: gradients are summed thousands of times, larger
 * objects a few times.
 */
const KEPT = 1 << 22;

interface Node {
  readonly level: number;
  readonly k: number;
}

const topLevel = (chunks: number) => Math.ceil(Math.log2(chunks));

/** The largest nodes within chunks [from, to); the last ones of the tree may lack chunks that do not exist. */
function nodesOf(from: number, to: number, chunks: number): Node[] {
  const nodes: Node[] = [];
  for (let c = from; c < to; ) {
    let level = 0;
    // The next larger node must begin here, and end no later than this rank, or extend beyond all chunks.
    while (c % 2 ** (level + 1) === 0 && level < topLevel(chunks)) {
      const end = c + 2 ** (level + 1);
      if (end > to && to !== chunks) break;
      level++;
    }
    nodes.push({ level, k: c / 2 ** level });
    c += 2 ** level;
  }
  return nodes;
}

/** Sum of a node of the tree from known nodes, written to the memory of the first one. */
function sumOfNodes<T extends Sums>(level: number, k: number, chunks: number, known: ReadonlyMap<string, T>): T {
  const here = known.get(`${level} ${k}`);
  if (here) return here;
  const left = sumOfNodes(level - 1, 2 * k, chunks, known);
  if ((2 * k + 1) * 2 ** (level - 1) >= chunks) return left;
  const right = sumOfNodes(level - 1, 2 * k + 1, chunks, known);
  for (let i = 0; i < left.length; i++) left[i] += right[i];
  return left;
}
