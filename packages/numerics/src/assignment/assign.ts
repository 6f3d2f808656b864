import { type Arena, arenaFor } from '@southwell/kernels';
import { assignmentKernels } from '@southwell/kernels/assignment';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '../core/index.ts';
import { auction } from './auction.ts';
import { InfeasibleAssignment } from './infeasible.ts';
import { reduceColumns, reduceRows, type Work } from './reductions.ts';

/** Options of {@link assign}. */
export interface AssignOptions {
  readonly rows: number;
  readonly columns: number;
  /** Whether the sum is maximised instead (false); pairs that are not allowed are then −Infinity. */
  readonly maximise?: boolean;
  /**
   * How it starts, before shortest paths complete an exact assignment: by reductions ('shortest-paths', the default), or by
   * an 'auction', which is faster where many rows compete for the same columns, and takes the memory of a square problem.
   */
  readonly method?: 'shortest-paths' | 'auction';
}
const keys: OptionKeys<AssignOptions> = { rows: true, columns: true, maximise: true, method: true };

/** An assignment of least cost, with a certificate. */
export interface Assignment {
  /** The column of each row, −1 for rows without one. */
  readonly columnOfRow: Int32Array;
  /** The row of each column, −1 for columns without one. */
  readonly rowOfColumn: Int32Array;
  /** The sum of the costs of the pairs. */
  readonly cost: number;
  /**
   * Dual variables of rows and columns: u_i + v_j ≤ c_ij for all pairs, with equality for those of the assignment; at
   * most 0, and 0 for what has no partner, on the side that has more. With `maximise` all inequalities are reversed.
   */
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** How far the cost is at most from the least: the sum of c_ij − u_i − v_j over the pairs, which is rounding error. */
  readonly gap: number;
}

/** Free rows bid for this many times their number, before they are matched along paths. */
const BIDS = 4;
/** Sums of numbers beyond this could overflow; they are computed in units of {@link UNIT}. */
const LARGE = 2 ** 900;
const UNIT = 2 ** 200;

/**
 * Linear assignment: pairs rows with columns, each at most once, and all of the side that has fewer, so that the sum of
 * the costs is least. Column and row reductions, then shortest augmenting paths (Jonker & Volgenant 1987; for
 * rectangular costs Crouse 2016), or an auction first. The same costs give the same pairs. O(min² · max) in the worst case.
 *
 * @param costs By rows; +Infinity for a pair that is not allowed. Not changed.
 * @throws InfeasibleAssignment, with rows and columns that prove it, if allowed pairs do not suffice; INVALID_SHAPE unless there is a number for each
 * pair; NON_FINITE for NaN, and for infinite costs of the other sign; INVALID_PARAMETER for invalid options.
 */
export function assign(costs: Float64Array | Float32Array, options: AssignOptions): Assignment {
  knownKeys('assign', options, keys);
  const { rows, columns, maximise = false, method = 'shortest-paths' } = options ?? {};
  wholeNumber('rows', rows, 0);
  wholeNumber('columns', columns, 0);
  if (typeof maximise !== 'boolean') fail('INVALID_PARAMETER', 'maximise must be true or false.');
  if (method !== 'shortest-paths' && method !== 'auction')
    fail('INVALID_PARAMETER', `method must be shortest-paths or auction, not '${method}'.`);
  if (!(costs instanceof Float64Array || costs instanceof Float32Array))
    fail('INVALID_PARAMETER', 'assign takes the costs as a Float64Array or Float32Array, by rows.');
  if (costs.length !== rows * columns)
    fail('INVALID_SHAPE', `assign: ${costs.length} costs do not fill ${rows} rows of ${columns}.`);
  const unit = checked(costs, columns, maximise) > LARGE ? UNIT : 1;
  const turned = rows > columns;
  const [few, m] = turned ? [columns, rows] : [rows, columns];
  // An auction has a row for each column: those that are added cost nothing.
  const n = method === 'auction' ? m : few;
  const sign = maximise ? -1 : 1;
  const arena = arenaFor(8 * n * m);
  // Before memory is reserved, since views end where it grows.
  const { shortestPath } = arena.use(assignmentKernels);
  const memory = reserve(arena, n, m);
  try {
    const { work } = memory;
    const factor = sign / unit;
    if (!turned && factor === 1) work.costs.set(costs);
    else
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          work.costs[turned ? j * rows + i : i * columns + j] = costs[i * columns + j] * factor;
    work.v.fill(0);
    work.columnOf.fill(-1);
    work.rowOf.fill(-1);
    work.costs.fill(0, few * m);
    if (method === 'auction') auction(work);
    else if (n === m) reduceColumns(work);
    reduceRows(work, BIDS * n);
    for (let i = 0; i < n; i++) {
      if (work.columnOf[i] >= 0) continue;
      const end = shortestPath(m, i, ...memory.pointers);
      if (end < 0) {
        const reached = [...memory.scanned.subarray(0, -1 - end)];
        const bound = [i, ...reached.map((j) => work.rowOf[j])];
        throw new InfeasibleAssignment(turned ? reached : bound, turned ? bound : reached, turned);
      }
    }
    if (n > few) withoutAdded(work, few);
    const { u, gap } = certified(work, few);
    const scaled = (x: Float64Array): Float64Array => x.map((value) => value * sign * unit || 0);
    const partners = [work.columnOf.slice(0, few), work.rowOf.slice()];
    const [columnOfRow, rowOfColumn] = turned ? [partners[1], partners[0]] : partners;
    let cost = 0;
    for (let i = 0; i < rows; i++) if (columnOfRow[i] >= 0) cost += costs[i * columns + columnOfRow[i]];
    const duals = [scaled(u), scaled(work.v)];
    return { columnOfRow, rowOfColumn, cost, u: duals[turned ? 1 : 0], v: duals[turned ? 0 : 1], gap: gap * unit };
  } finally {
    memory.free();
  }
}

/** The largest finite size of the costs. @throws NON_FINITE for numbers that are no costs. */
function checked(costs: Float64Array | Float32Array, columns: number, maximise: boolean): number {
  const forbidden = maximise ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let k = 0; k < costs.length; k++) {
    const size = Math.abs(costs[k]);
    if (size <= largest) continue;
    if (size < Number.POSITIVE_INFINITY) largest = size;
    else if (costs[k] !== forbidden) {
      const where = `the cost of row ${Math.floor(k / columns)} and column ${k % columns}, counted from 0, is ${costs[k]}`;
      fail('NON_FINITE', `assign: ${where}; a pair that is not allowed has ${forbidden}.`);
    }
  }
  return largest;
}

/** The memory of a problem with n rows and at least as many columns. */
function reserve(arena: Arena, n: number, m: number) {
  const floats = [n * m, m, m, 2 * m].map((length) => arena.f64Block(length));
  const integers = [n, m, m, m].map((length) => arena.i32Block(length));
  const [costs, v, distance, saved] = floats;
  const [columnOf, rowOf, from, scanned] = integers;
  const work: Work = {
    ...{ costs: costs.view, rows: n, columns: m, v: v.view },
    ...{ columnOf: columnOf.view, rowOf: rowOf.view },
  };
  const at = [costs, v, columnOf, rowOf, distance, from, scanned, saved].map(({ pointer }) => pointer);
  return {
    work,
    scanned: scanned.view,
    pointers: at as [number, number, number, number, number, number, number, number],
    free: (): void => {
      for (const block of [...floats, ...integers]) block.free();
    },
  };
}

/** Releases the columns of rows from `few` on, whose costs are 0, and makes duals 0 there. */
function withoutAdded({ v, rowOf }: Work, few: number): void {
  const free = [...rowOf.keys()].filter((j) => rowOf[j] >= few);
  const most = v.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  for (let j = 0; j < v.length; j++) v[j] -= most;
  for (const j of free) {
    v[j] = 0;
    rowOf[j] = -1;
  }
}

/** The largest duals of the rows that those of the columns admit, and the gap to their sum. */
function certified(
  { costs, columns, v, columnOf }: Work,
  rows: number,
): { readonly u: Float64Array; readonly gap: number } {
  const u = new Float64Array(rows);
  let gap = 0;
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      const c = costs[row + j] - v[j];
      if (c < least) least = c;
    }
    u[i] = least;
    gap += costs[row + columnOf[i]] - v[columnOf[i]] - least;
  }
  return { u, gap };
}
