import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { qrKernels } from '@southwell/kernels/qr';
import { BlockReflector } from '../../linalg/index.ts';
import type { Rooms } from '../rooms.ts';

/** Number of reflectors that are applied together. */
const BLOCK = 32;
/** Fronts with at most this many entries are reduced reflector by reflector. */
const SMALL = 4096;
/** Blocks with at most this many values are applied reflector by reflector. */
const FEW = 512;

/**
 * A front: a matrix of `rows` × `cols` at `pointer`, column by column, whose rows are sorted by their leading columns.
 * The first `pivotal` columns are eliminated in this front.
 */
export interface TallFront {
  readonly pointer: number;
  readonly rows: number;
  readonly cols: number;
  readonly pivotal: number;
  /** Pointer of the number of rows that may have an entry in each column, ascending. */
  readonly ends: number;
}

/**
 * The reflectors of a reduced front: number t begins in row t, where it leaves row t of R; pointers of its column, of
 * the row after its last one, and of its τ. The first `live` of them belong to columns that are eliminated here.
 */
export interface FrontReflectors {
  readonly count: number;
  readonly live: number;
  readonly column: number;
  readonly end: number;
  readonly tau: number;
}

/**
 * QR factorisation of a front in place. A column that is eliminated here is left out if its remainder has at most the
 * norm `least`: the remainder is set to zero. All other columns get a reflector if rows are left. Within a block of
 * columns reflectors are applied one by one, and to the right of it together (as in LAPACK's dgeqrf); a block ends
 * early if its rows differ too much, as in SuiteSparseQR (Davis, ACM Trans. Math. Softw. 38(1), 2011).
 */
export function reduceFront(
  arena: Arena,
  rooms: Rooms,
  { pointer, rows, cols, pivotal, ends }: TallFront,
  least: number,
): FrontReflectors {
  const most = Math.min(rows, cols);
  const column = rooms.reserve('columns', most);
  const end = rooms.reserve('ends of reflectors', most);
  const tau = rooms.reserve('tau', most);
  const state = rooms.reserve('state', 1);
  const whole = rows * cols <= SMALL || cols <= BLOCK;
  const block = whole ? undefined : blockFor(arena, rooms, rows, cols);
  const triangle = whole ? 0 : rooms.reserve('triangle', BLOCK * BLOCK);
  const kernels = arena.use(qrKernels);
  const { i32, f64 } = arena;
  const at = state / 4;
  i32[at] = 0;
  i32[at + 1] = 0;
  for (let j = 0; j < cols && i32[at] < rows; ) {
    const start = i32[at];
    const limit = whole ? cols : Math.min(cols, j + BLOCK);
    j = kernels.reflectColumns(pointer, rows, j, limit, pivotal, ends, least, !whole, column, end, tau, state);
    const count = i32[at];
    if (!block || count === start || limit === cols) continue;
    const height = i32[end / 4 + count - 1] - start;
    if (height * (count - start) <= FEW) {
      kernels.applyReflectors(pointer, rows, start, count, column, end, tau, limit, cols);
      continue;
    }
    block.begin(height);
    for (let t = start; t < count; t++) {
      const place = pointer / 8 + i32[column / 4 + t] * rows + t;
      block.add(place, t - start, i32[end / 4 + t] - start);
    }
    block.triangle(f64.subarray(tau / 8 + start, tau / 8 + count), triangle, BLOCK);
    block.applyLeft(true, triangle, BLOCK, pointer + 8 * (limit * rows + start), rows, cols - limit);
  }
  return { count: i32[at], live: i32[at + 1], column, end, tau };
}

function blockFor(arena: Arena, rooms: Rooms, rows: number, cols: number): BlockReflector {
  let parts = 0;
  const scratch = { f64: (size: number) => ({ pointer: rooms.reserve(`block ${parts++}`, size) }) };
  return new BlockReflector(arena, scratch, rows, BLOCK, cols, gemmWorkBytes(rows, Math.max(cols, BLOCK), rows));
}
