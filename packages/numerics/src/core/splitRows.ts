import { fail } from './errors.ts';

/** What sums over rows are written to: in double precision, or in single where what is summed has no more. */
export type Sums = Float64Array | Float32Array;

/** Zeros of the kind of others. */
export const zerosLike = <T extends Sums>(like: T, length: number): T =>
  (like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as T;

/**
 * Rows that are spread over several ranks, as a method on one of them sees them: this rank holds some that follow each
 * other, and asks here for whatever is of all rows. Every question waits until all ranks have asked the same, in the same
 * order, and all get the same answer, to the last bit; where it is a sum over rows, its bits do not depend on the number
 * of ranks either. So a method that decides by these answers alone takes the same course on all ranks, and on any number.
 */
export interface SplitRows {
  /**
   * False where all rows are here and summed in one piece, as {@link inOnePlace} has them by default. To be asked only where another
   * algorithm, or a faster kernel with other bits, serves such rows.
   */
  readonly spread: boolean;
  readonly rank: number;
  /** Rows before those of this rank. */
  readonly first: number;
  /** Rows of this rank; there may be none. */
  readonly own: number;
  /** Rows of all ranks together. */
  readonly all: number;
  /** How this rank's rows are summed: piece after piece of them, [from, to), counted from this rank's first row. */
  readonly pieces: ReadonlyArray<readonly [from: number, to: number]>;
  /**
   * `into` becomes a sum over all rows, in its own precision. `add` adds one of the pieces, of which it is told the place and the
   * rows, to `part`, which is zero and as long as `into`.
   */
  sum<T extends Sums>(into: T, add: (piece: number, from: number, to: number, part: T) => void): void;
  /** The order of these sums: what can be summed in another way must keep to it. */
  readonly tree: PieceTree;
  /** As `sum`, from what the pieces of each node of this rank add up to, `into.length` numbers a node. */
  sumNodes(into: Float64Array, nodes: Float64Array): void;
  /** `into` becomes the largest over the ranks, entry by entry. No entry may be NaN. */
  max(into: Float64Array): void;
  /** What every rank says, by rank: plain data without numbers that JSON lacks. */
  tell<T>(own: T): T[];
  /** Numbers of every rank, one rank's after another's: of rows, those of all rows. */
  gather(own: Float64Array): Float64Array;
}

/**
 * How the pieces of a rank are summed: as the leaves of a binary tree over all places, of which this rank has some nodes whole. Two
 * neighbours are added before a third joins them where they share the smaller subtree, and what has no entries is 0.
 */
export interface PieceTree {
  /** The node that each piece is part of, from 0 on. */
  readonly nodeOf: Int32Array;
  /** The place of each piece among those of all ranks. Ascends. */
  readonly places: Int32Array;
  readonly nodes: number;
}

/**
 * The sum of leaves [from, to) of a binary tree, written to `into`: neighbours are added before others join them, with log₂ of the
 * leaves vectors. `add` adds a leaf to `part`, which is zero and of this length. `from` is a multiple of the tree's width, a power of two.
 */
export function treeSum<T extends Sums>(
  from: number,
  to: number,
  into: T,
  add: (leaf: number, part: T) => void,
  free: T[] = [],
): void {
  // A sum that another one is added to lies deeper: the first is that of all in the end.
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
  // What is left where the tree is not full: from the right.
  while (stack.length > 1) join();
}

/** Rows that are all here, in one piece: what a method takes where none are given, as it asks for sums in the same way. O(1). */
export function inOnePlace(all: number): SplitRows;
/** The same in pieces of so many, as ranks sum them. O(all / chunk). */
export function inOnePlace(all: number, chunk: number): SplitRows;
export function inOnePlace(all: number, chunk?: number): SplitRows {
  return chunk === undefined ? new OnePiece(all) : inPieces(all, chunk);
}

/** A class, as every fit makes one: an object of so many functions takes a microsecond or three. */
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

/** A sum over rows of one number each. */
export function sumOverRows(rows: SplitRows, of: (row: number) => number): number {
  const into = new Float64Array(1);
  rows.sum(into, (_, from, to, part) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += of(i);
    part[0] = sum;
  });
  return into[0];
}

/** Of numbers of the rows of all ranks, `width` a row and one row's after another's, those of the rows that are here: a copy. */
export const ownRows = (rows: SplitRows, whole: Float64Array, width: number): Float64Array =>
  whole.slice(width * rows.first, width * (rows.first + rows.own));

/** Of every rank `cols` columns, each as long as it has rows and one after another, as those of all rows: a copy. */
export function wholeColumns(rows: SplitRows, own: Float64Array, cols: number): Float64Array {
  const whole = new Float64Array(cols * rows.all);
  for (let j = 0; j < cols; j++) {
    whole.set(rows.gather(own.slice(j * rows.own, (j + 1) * rows.own)), j * rows.all);
  }
  return whole;
}

/** Of what {@link wholeColumns} gave, those of the rows that are here: a copy. */
export function ownColumns(rows: SplitRows, whole: Float64Array, cols: number): Float64Array {
  const own = new Float64Array(cols * rows.own);
  for (let j = 0; j < cols; j++) {
    const from = j * rows.all + rows.first;
    own.set(whole.subarray(from, from + rows.own), j * rows.own);
  }
  return own;
}

/** A sum over rows of the entries of a vector. */
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
 * For what adds up over no pieces.
 * @throws NOT_SUPPORTED, unless rows are in one place: that `what` ("A Cox model needs") has them so, and what to do.
 */
export function needsOnePlace(rows: SplitRows, what: string, instead = 'run it on one rank'): void {
  if (rows.spread) fail('NOT_SUPPORTED', `${what} all rows in one place: ${instead}.`);
}

/** The largest over the ranks. */
export function largestOf(rows: SplitRows, own: number): number {
  const into = new Float64Array(1);
  into[0] = own;
  rows.max(into);
  return into[0];
}

/** Whether something holds on all ranks. */
export const onAll = (rows: SplitRows, own: boolean): boolean => largestOf(rows, own ? 0 : 1) === 0;

/** Some rows of those: the listed ones of this rank, ascending and counted anew, in the pieces in which they were. */
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
