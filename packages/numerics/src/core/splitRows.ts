import { fail } from './errors.ts';

/** Accumulators of sums over rows: double precision, or single precision if the summands have no more. */
export type Sums = Float64Array | Float32Array;

/** A zero array of the same type as `like`. */
export const zerosLike = <T extends Sums>(like: T, length: number): T =>
  (like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as T;

/**
 * Rows distributed over several ranks, as seen by a method on one of them: this rank holds a contiguous range of rows,
 * and obtains everything that depends on all rows by the collective calls below. Every call blocks until all ranks have
 * made the same call in the same order, and returns bitwise the same result on all ranks; the bits of sums over rows do
 * not depend on the number of ranks either. A method whose decisions depend only on these results therefore takes the
 * same course on all ranks and on any number of ranks.
 */
export interface SplitRows {
  /**
   * False if all rows are local and summed in one piece, the default of {@link inOnePlace}. To be consulted only where
   * another algorithm, or a faster kernel with different rounding, suits such rows.
   */
  readonly spread: boolean;
  readonly rank: number;
  /** Number of rows before those of this rank. */
  readonly first: number;
  /** Number of rows of this rank; may be 0. */
  readonly own: number;
  /** Number of rows of all ranks together. */
  readonly all: number;
  /**
   * The pieces into which this rank's rows are split for summation, as ranges [from, to) relative to this rank's first
   * row.
   */
  readonly pieces: ReadonlyArray<readonly [from: number, to: number]>;
  /**
   * Writes a sum over all rows to `into`, in its own precision. `add` receives the index and the row range of a piece
   * and adds its contribution to `part`, which is zero and as long as `into`.
   */
  sum<T extends Sums>(into: T, add: (piece: number, from: number, to: number, part: T) => void): void;
  /** The order of summation; alternative ways of summing must follow it. */
  readonly tree: PieceTree;
  /** Like `sum`, given the partial sum of each node of this rank (`into.length` numbers per node). */
  sumNodes(into: Float64Array, nodes: Float64Array): void;
  /** Replaces `into` by the elementwise maximum over the ranks. No entry may be NaN. */
  max(into: Float64Array): void;
  /** All-gather of plain data, indexed by rank. The data may contain no numbers that JSON lacks. */
  tell<T>(own: T): T[];
  /** All-gather of numbers, concatenated by rank: per-row values of this rank become those of all rows. */
  gather(own: Float64Array): Float64Array;
}

/**
 * How the pieces of a rank are summed: as leaves of a binary tree over the pieces of all ranks, some nodes of which lie
 * entirely on this rank. Partial sums are joined by the smallest common subtree first, and pieces without entries count
 * as 0.
 */
export interface PieceTree {
  /** The local node, from 0, to which each piece belongs. */
  readonly nodeOf: Int32Array;
  /** The index of each piece among those of all ranks, in ascending order. */
  readonly places: Int32Array;
  readonly nodes: number;
}

/**
 * Sum of the leaves [from, to) of a binary tree, written to `into`. Siblings are added first, so that log₂(leaves)
 * vectors of scratch suffice. `add` adds a leaf to `part`, which is zero and as long as `into`. `from` is a multiple of
 * the width of the tree, a power of two.
 */
export function treeSum<T extends Sums>(
  from: number,
  to: number,
  into: T,
  add: (leaf: number, part: T) => void,
  free: T[] = [],
): void {
  // The right sum is added to the one below it on the stack, so that the first entry, `into`, becomes the total.
  const stack: Array<{ level: number; readonly sum: T }> = [];
  const join = () => {
    const [{ sum: left }, { sum: right }] = stack.slice(-2);
    for (let i = 0; i < left.length; i++) left[i] += right[i];
    free.push(right);
    stack.pop();
  };
  if (to <= from) into.fill(0);
  for (let leaf = from; leaf < to; leaf++) {
    const sum = (stack.length === 0 ? into : (free.pop() ?? zerosLike(into, into.length))).fill(0) as T;
    add(leaf, sum);
    stack.push({ level: 0, sum });
    while (stack.length > 1 && stack.at(-2)!.level === stack.at(-1)!.level) {
      join();
      stack.at(-1)!.level++;
    }
  }
  // Joins the remaining subtrees of an incomplete tree, from the right.
  while (stack.length > 1) join();
}

/**
 * Local rows in one piece: the default of methods, so that sums are requested in the same way with and without ranks.
 * O(1).
 */
export function inOnePlace(all: number): SplitRows;
/** The same in pieces of `chunk` rows, as ranks sum them. O(all / chunk). */
export function inOnePlace(all: number, chunk: number): SplitRows;
export function inOnePlace(all: number, chunk?: number): SplitRows {
  return chunk === undefined ? new OnePiece(all) : inPieces(all, chunk);
}

/** A class, because every fit makes one and creating an object with as many closures takes 1–3 µs. */
class OnePiece implements SplitRows {
  readonly spread = false;
  readonly rank = 0;
  readonly first = 0;
  readonly own: number;

  constructor(readonly all: number) {
    this.own = all;
  }

  get pieces(): SplitRows['pieces'] {
    return [[0, this.all]];
  }

  get tree(): PieceTree {
    return { nodeOf: new Int32Array(1), places: new Int32Array(1), nodes: 1 };
  }

  sum<T extends Sums>(into: T, add: (piece: number, from: number, to: number, part: T) => void): void {
    into.fill(0);
    add(0, 0, this.all, into);
  }

  sumNodes(into: Float64Array, nodes: Float64Array): void {
    into.set(nodes);
  }

  max(): void {}

  tell<T>(own: T): T[] {
    return [own];
  }

  gather(own: Float64Array): Float64Array {
    return own;
  }
}

function inPieces(all: number, chunk: number): SplitRows {
  const count = Math.max(1, Math.ceil(all / chunk));
  const pieces = Array.from({ length: count }, (_, k) => [k * chunk, Math.min(all, (k + 1) * chunk)] as const);
  return {
    ...{ spread: true, rank: 0, first: 0, own: all, all, pieces },
    sum: (into, add) => treeSum(0, count, into, (k, part) => add(k, ...pieces[k], part)),
    tree: { nodeOf: new Int32Array(count), places: Int32Array.from(pieces, (_, k) => k), nodes: 1 },
    sumNodes: (into, nodes) => into.set(nodes),
    max: () => {},
    tell: (own) => [own],
    gather: (own) => own,
  };
}

/** Sum over all rows of one number per row. */
export function sumOverRows(rows: SplitRows, of: (row: number) => number): number {
  const into = new Float64Array(1);
  rows.sum(into, (_, from, to, part) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += of(i);
    part[0] = sum;
  });
  return into[0];
}

/** Copies the local rows of `whole`, which holds `width` numbers per row for the rows of all ranks, row after row. */
export const ownRows = (rows: SplitRows, whole: Float64Array, width: number): Float64Array =>
  whole.slice(width * rows.first, width * (rows.first + rows.own));

/**
 * Gathers `cols` columns from all ranks: each rank gives its rows of them, column after column. Returns the whole
 * columns as a copy.
 */
export function wholeColumns(rows: SplitRows, own: Float64Array, cols: number): Float64Array {
  const whole = new Float64Array(cols * rows.all);
  for (let j = 0; j < cols; j++) {
    whole.set(rows.gather(own.slice(j * rows.own, (j + 1) * rows.own)), j * rows.all);
  }
  return whole;
}

/** Copies the local rows of columns returned by {@link wholeColumns}. */
export function ownColumns(rows: SplitRows, whole: Float64Array, cols: number): Float64Array {
  const own = new Float64Array(cols * rows.own);
  for (let j = 0; j < cols; j++) {
    const from = j * rows.all + rows.first;
    own.set(whole.subarray(from, from + rows.own), j * rows.own);
  }
  return own;
}

/** Sum of the entries of a vector over all rows. */
export function sumOfRows(rows: SplitRows, values: Float64Array): number {
  const into = new Float64Array(1);
  rows.sum(into, (_, from, to, part) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i];
    part[0] = sum;
  });
  return into[0];
}

/**
 * For methods that cannot be computed as sums over pieces.
 * @throws NOT_SUPPORTED if the rows are distributed; `what` begins the sentence ("A Cox model needs"), `instead` gives
 * the remedy.
 */
export function needsOnePlace(rows: SplitRows, what: string, instead = 'run it on one rank'): void {
  if (rows.spread) fail('NOT_SUPPORTED', `${what} all rows in one place: ${instead}.`);
}

/** Maximum over the ranks. */
export function largestOf(rows: SplitRows, own: number): number {
  const into = new Float64Array(1);
  into[0] = own;
  rows.max(into);
  return into[0];
}

/** Whether the condition holds on all ranks. */
export const onAll = (rows: SplitRows, own: boolean): boolean => largestOf(rows, own ? 0 : 1) === 0;

/** The listed rows of this rank (ascending), renumbered and in their original pieces. */
export function rowsAmong(rows: SplitRows, list: ArrayLike<number>): SplitRows {
  if (!rows.spread) return inOnePlace(list.length);
  const counts = rows.tell(list.length);
  let at = 0;
  const pieces = rows.pieces.map(([, to]) => {
    const from = at;
    while (at < list.length && list[at] < to) at++;
    return [from, at] as const;
  });
  const sumUpTo = (rank: number) => counts.slice(0, rank).reduce((sum, count) => sum + count, 0);
  return {
    spread: true,
    rank: rows.rank,
    first: sumUpTo(rows.rank),
    own: list.length,
    all: sumUpTo(counts.length),
    pieces,
    sum: (into, add) =>
      rows.sum(into, (piece, _, __, part) => {
        const [from, to] = pieces[piece];
        if (from < to) add(piece, from, to, part);
      }),
    tree: rows.tree,
    sumNodes: (into, nodes) => rows.sumNodes(into, nodes),
    max: (into) => rows.max(into),
    tell: (own) => rows.tell(own),
    gather: (own) => rows.gather(own),
  };
}
