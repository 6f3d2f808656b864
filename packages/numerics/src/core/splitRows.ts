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

/**
 * Rows that are all here, in pieces of so many, by default one: a method that asks for sums in this way does the same with and without
 * ranks.
 */
export function inOnePlace(all: number, chunk = Math.max(1, all)): SplitRows {
  const count = Math.max(1, Math.ceil(all / chunk));
  const pieces = Array.from({ length: count }, (_, k) => [k * chunk, Math.min(all, (k + 1) * chunk)] as const);
  return {
    ...{ rank: 0, first: 0, own: all, all, pieces },
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

/** Numbers of every rank's rows, as many a row and one row's after another's, as those of all rows; as they are without `rows`. */
export const wholeRows = (rows: SplitRows | undefined, own: Float64Array): Float64Array =>
  rows ? rows.gather(own) : own;

/** Of what {@link wholeRows} gave, with `width` numbers a row, those of the rows that are here. */
export const ownRows = (rows: SplitRows | undefined, whole: Float64Array, width: number): Float64Array =>
  rows ? whole.slice(width * rows.first, width * (rows.first + rows.own)) : whole;

/** As {@link wholeRows}, of `cols` columns, one after another. */
export function wholeColumns(rows: SplitRows | undefined, own: Float64Array, cols: number): Float64Array {
  if (!rows) return own;
  const whole = new Float64Array(cols * rows.all);
  for (let j = 0; j < cols; j++) {
    whole.set(rows.gather(own.slice(j * rows.own, (j + 1) * rows.own)), j * rows.all);
  }
  return whole;
}

/** As {@link ownRows}, of `cols` columns, one after another. */
export function ownColumns(rows: SplitRows | undefined, whole: Float64Array, cols: number): Float64Array {
  if (!rows) return whole;
  const own = new Float64Array(cols * rows.own);
  for (let j = 0; j < cols; j++) {
    const from = j * rows.all + rows.first;
    own.set(whole.subarray(from, from + rows.own), j * rows.own);
  }
  return own;
}

/** The largest over the ranks. */
export function largestOf(rows: SplitRows, own: number): number {
  const into = Float64Array.of(own);
  rows.max(into);
  return into[0];
}

/** Whether something holds on all ranks. */
export const onAll = (rows: SplitRows, own: boolean): boolean => largestOf(rows, own ? 0 : 1) === 0;

/** Some rows of those: the listed ones of this rank, ascending and counted anew, in the pieces in which they were. */
export function rowsAmong(rows: SplitRows, list: ArrayLike<number>): SplitRows {
  const counts = rows.tell(list.length);
  let at = 0;
  const pieces = rows.pieces.map(([, to]) => {
    const from = at;
    while (at < list.length && list[at] < to) at++;
    return [from, at] as const;
  });
  const sumUpTo = (rank: number) => counts.slice(0, rank).reduce((sum, count) => sum + count, 0);
  return {
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
