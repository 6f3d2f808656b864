// LU of a sparse matrix column by column, with supernodes: consecutive columns of L with the same rows, stored as dense columns.
import { int, real, setInt, setReal, subtractColumns } from '../common/lists';

/**
 * The places of a table of i32 that holds what {@link eliminateColumns} works on: sizes, and pointers of arrays. The rows of supernode s
 * are rows_{rowStart_s} …: first its pivot rows, in their order; its values, as many a column as it has rows, begin at value valueStart_s
 * of L and contain U's entries within the supernode above the unit diagonal of L. Other entries of U are listed by column.
 */
// Sizes: of the matrix, of the lists, and their capacities.
const N = 0, COUNT = 1, ROWS = 2, VALUES = 3, UPPER = 4, ROW_ROOM = 5, VALUE_ROOM = 6, UPPER_ROOM = 7, SPARE = 8;
// The matrix by columns, with scaled rows, and the order of its columns.
const A_POINTERS = 9, A_ROWS = 10, A_VALUES = 11, ORDER = 12;
// For each row the step in which it was the pivot row, or −1; the supernode of each column; and for each supernode its first column, the
// offsets of its rows and values, and the end of the rows that searches visit.
const STEP = 13, OWNER = 14, FIRST = 15, ROW_START = 16, VALUE_START = 17, SEARCH_END = 18;
const ROW_LIST = 19, SEARCH_LIST = 20, L = 21, U_POINTERS = 22, U_ROWS = 23, U_VALUES = 24, DIAGONAL = 25;
// Scratch of n places each, and of 2n for sums: x is 0 between columns, `seen` and `visited` are below the current column.
const X = 26, SEEN = 27, VISITED = 28, FOUND = 29, PATH = 30, PLACE = 31, FREE = 32, OWN = 33, SUMS = 34;
// Number of entries of each row of the matrix.
const LENGTH = 35;

// @ts-ignore: decorator
@inline
function get(table: usize, k: usize): i32 { return load<i32>(table + (k << 2)); }
// @ts-ignore: decorator
@inline
function pointer(table: usize, k: usize): usize { return <usize>load<u32>(table + (k << 2)); }
// @ts-ignore: decorator
@inline
function set(table: usize, k: usize, v: i32): void { store<i32>(table + (k << 2), v); }
/**
 * Adds what row i of column k reaches through L: supernodes, in reverse topological order before found_top, and rows that have not been
 * pivots at free_count. Returns top in the low half and the count in the high half.
 */
function search(table: usize, k: i32, i: i32, top: i32, free: i32): i64 {
  const step = pointer(table, STEP), owner = pointer(table, OWNER), seen = pointer(table, SEEN);
  const list = pointer(table, FREE);
  setInt(seen, i, k);
  const own = int(step, i);
  if (own < 0) {
    setInt(list, free, i);
    return (<i64>(free + 1) << 32) | <i64>top;
  }
  const visited = pointer(table, VISITED), found = pointer(table, FOUND), path = pointer(table, PATH), place = pointer(table, PLACE);
  const starts = pointer(table, ROW_START), ends = pointer(table, SEARCH_END), rows = pointer(table, SEARCH_LIST);
  const s = int(owner, own);
  if (int(visited, s) == k) return (<i64>free << 32) | <i64>top;
  setInt(visited, s, k);
  let depth = 0;
  setInt(path, 0, s);
  setInt(place, 0, int(starts, s));
  while (depth >= 0) {
    const at = int(path, depth);
    const end = int(ends, at);
    let p = int(place, depth);
    let down = -1;
    for (; p < end; p++) {
      const row = int(rows, p);
      if (int(seen, row) == k) continue;
      setInt(seen, row, k);
      const j = int(step, row);
      if (j < 0) {
        setInt(list, free++, row);
        continue;
      }
      const next = int(owner, j);
      if (int(visited, next) == k) continue;
      setInt(visited, next, k);
      down = next;
      p++;
      break;
    }
    setInt(place, depth, p);
    if (down < 0) {
      setInt(found, --top, at);
      depth--;
    } else {
      depth++;
      setInt(path, depth, down);
      setInt(place, depth, int(starts, down));
    }
  }
  return (<i64>free << 32) | <i64>top;
}

/**
 * Scatters column k of the matrix, and subtracts the supernodes that reach it. Entries of U go to its list, but those of supernode `open`,
 * which go to `own`. `width`: number of columns of `open`. Returns the number of rows that have not been pivots, in `free`, in the low half;
 * and the first column of `open` that takes part, or its width if none does, in the high half.
 */
function reduceColumn(table: usize, k: i32, open: i32, width: i32): i64 {
  const n = get(table, N);
  const column = int(pointer(table, ORDER), k);
  const rows = pointer(table, A_ROWS), values = pointer(table, A_VALUES), x = pointer(table, X), seen = pointer(table, SEEN);
  let top = n, free = 0;
  const end = int(pointer(table, A_POINTERS), column + 1);
  for (let p = int(pointer(table, A_POINTERS), column); p < end; p++) {
    const i = int(rows, p);
    if (int(seen, i) != k) {
      const both = search(table, k, i, top, free);
      top = <i32>both;
      free = <i32>(both >> 32);
    }
    setReal(x, i, real(values, p));
  }
  const found = pointer(table, FOUND), first = pointer(table, FIRST), starts = pointer(table, ROW_START);
  const list = pointer(table, ROW_LIST), lower = pointer(table, L), offsets = pointer(table, VALUE_START);
  const own = pointer(table, OWN), sums = pointer(table, SUMS), upperRows = pointer(table, U_ROWS), upperValues = pointer(table, U_VALUES);
  let upper = get(table, UPPER);
  let taken = width;
  for (let t = top; t < n; t++) {
    const s = int(found, t);
    const from = int(starts, s), m = int(starts, s + 1) - from, j0 = int(first, s);
    const w = s == open ? width : int(first, s + 1) - j0;
    const V = lower + (<usize>int(offsets, s) << 3);
    const ld = <usize>m << 3;
    // Entries of U, from the first that is not 0.
    const u = s == open ? own : sums + (<usize>n << 3);
    let f = w;
    for (let c = 0; c < w; c++) {
      const at = x + (<usize>int(list, from + c) << 3);
      const v = load<f64>(at);
      store<f64>(at, 0);
      setReal(u, c, v);
      if (v != 0 && f == w) f = c;
    }
    if (f == w) continue;
    for (let c = f; c < w - 1; c++) {
      const v = real(u, c);
      if (v == 0) continue;
      const col = V + <usize>c * ld;
      for (let r = c + 1; r < w; r++) setReal(u, r, real(u, r) - real(col, r) * v);
    }
    if (s == open) {
      taken = f;
    } else {
      for (let c = f; c < w; c++) {
        setInt(upperRows, upper, j0 + c);
        setReal(upperValues, upper++, real(u, c));
      }
    }
    const below = m - w;
    if (below == 0) continue;
    if (w - f == 1) {
      const v = real(u, f);
      const col = V + <usize>f * ld;
      for (let r = w; r < m; r++) {
        const at = x + (<usize>int(list, from + r) << 3);
        store<f64>(at, load<f64>(at) - real(col, r) * v);
      }
      continue;
    }
    memory.fill(sums, 0, <usize>below << 3);
    subtractColumns(below, V + (<usize>w << 3), ld, f, w, u, sums);
    for (let r = 0; r < below; r++) {
      const at = x + (<usize>int(list, from + w + r) << 3);
      store<f64>(at, load<f64>(at) + real(sums, r));
    }
  }
  set(table, UPPER, upper);
  return (<i64>taken << 32) | <i64>free;
}

/**
 * Symmetric pruning: if L has the new pivot row in a supernode whose last column has an entry of U in column k, searches of that supernode
 * need not visit rows that have not been pivots, since column k reaches them.
 */
function prune(table: usize, k: i32, pivot: i32, open: i32): void {
  const starts = pointer(table, ROW_START), ends = pointer(table, SEARCH_END);
  const rows = pointer(table, SEARCH_LIST), step = pointer(table, STEP);
  const upperRows = pointer(table, U_ROWS), owner = pointer(table, OWNER);
  // Only supernodes with entries of U: each contributes its last column last.
  const from = int(pointer(table, U_POINTERS), k), to = get(table, UPPER);
  for (let q = from; q < to; q++) {
    const s = int(owner, int(upperRows, q));
    if (q + 1 < to && int(owner, int(upperRows, q + 1)) == s) continue;
    if (s == open) continue;
    const begin = int(starts, s), end = int(starts, s + 1);
    if (int(ends, s) < end) continue;
    let has = false;
    for (let p = begin; p < end && !has; p++) has = int(rows, p) == pivot;
    if (!has) continue;
    let head = begin, tail = end;
    while (head < tail) {
      if (int(step, int(rows, head)) >= 0) {
        head++;
      } else {
        tail--;
        const row = int(rows, head);
        setInt(rows, head, int(rows, tail));
        setInt(rows, tail, row);
      }
    }
    setInt(ends, s, tail);
  }
}

/** Adds column k, whose rows are those of the supernode `open` of `width` columns, to it. */
function extend(table: usize, k: i32, open: i32, width: i32, pivot: i32, taken: i32): void {
  const starts = pointer(table, ROW_START), list = pointer(table, ROW_LIST), x = pointer(table, X), own = pointer(table, OWN);
  const r0 = int(starts, open), m = int(starts, open + 1) - r0;
  const V = pointer(table, L) + (<usize>int(pointer(table, VALUE_START), open) << 3);
  const to = V + ((<usize>width * <usize>m) << 3);
  let place = width;
  while (int(list, r0 + place) != pivot) place++;
  if (place != width) {
    setInt(list, r0 + place, int(list, r0 + width));
    setInt(list, r0 + width, pivot);
    for (let c = 0; c < width; c++) {
      const col = V + ((<usize>c * <usize>m) << 3);
      const v = real(col, place);
      setReal(col, place, real(col, width));
      setReal(col, width, v);
    }
  }
  for (let c = 0; c < width; c++) setReal(to, c, c < taken ? 0 : real(own, c));
  const d = real(x, pivot);
  setReal(x, pivot, 0);
  setReal(to, width, d);
  setReal(pointer(table, DIAGONAL), k, d);
  for (let r = width + 1; r < m; r++) {
    const row = int(list, r0 + r);
    setReal(to, r, real(x, row) / d);
    setReal(x, row, 0);
  }
  set(table, VALUES, get(table, VALUES) + m);
  setInt(pointer(table, OWNER), k, open);
}

/** Begins a supernode with column k, whose rows are the pivot and the first `count` of `free`. */
function begin(table: usize, k: i32, pivot: i32, count: i32): void {
  const list = pointer(table, ROW_LIST), searched = pointer(table, SEARCH_LIST), lower = pointer(table, L), x = pointer(table, X);
  const freeRows = pointer(table, FREE), starts = pointer(table, ROW_START);
  const s = get(table, COUNT), r0 = get(table, ROWS), v0 = get(table, VALUES);
  const d = real(x, pivot);
  setReal(x, pivot, 0);
  setReal(pointer(table, DIAGONAL), k, d);
  setInt(list, r0, pivot);
  setInt(searched, r0, pivot);
  setReal(lower, v0, d);
  let size = 1;
  for (let t = 0; t < count; t++) {
    const row = int(freeRows, t);
    if (row == pivot) continue;
    setInt(list, r0 + size, row);
    setInt(searched, r0 + size, row);
    setReal(lower, v0 + size, real(x, row) / d);
    setReal(x, row, 0);
    size++;
  }
  setInt(pointer(table, OWNER), k, s);
  setInt(pointer(table, FIRST), s, k);
  setInt(pointer(table, VALUE_START), s, v0);
  setInt(starts, s, r0);
  setInt(starts, s + 1, r0 + size);
  setInt(pointer(table, SEARCH_END), s, r0 + size);
  set(table, ROWS, r0 + size);
  set(table, VALUES, v0 + size);
  set(table, COUNT, s + 1);
}

/**
 * Eliminates columns `from` … n − 1 of the matrix of a table (Gilbert and Peierls 1988, with supernodes as in Demmel et al. 1999): the
 * diagonal entry is the pivot if it is at least `threshold` times the largest one of the column, otherwise one that is as large in the row
 * of the matrix with the fewest entries. Returns the first column that was not
 * eliminated: a list has no room for it, or, if `dense` is below 1, the preceding columns have at least this fraction of the remaining rows
 * and at least 32 remain.
 */
export function eliminateColumns(table: usize, from: i32, threshold: f64, dense: f64): i32 {
  const n = get(table, N);
  const step = pointer(table, STEP), first = pointer(table, FIRST), starts = pointer(table, ROW_START);
  const x = pointer(table, X), freeRows = pointer(table, FREE), own = pointer(table, OWN);
  const upperRows = pointer(table, U_ROWS), upperValues = pointer(table, U_VALUES), uPointers = pointer(table, U_POINTERS);
  const seen = pointer(table, SEEN), order = pointer(table, ORDER), lengths = pointer(table, LENGTH);
  for (let k = from; k < n; k++) {
    const count = get(table, COUNT);
    const open = count - 1;
    const start = open < 0 ? 0 : int(first, open);
    const width = open < 0 ? 0 : k - start;
    const m = open < 0 ? 0 : int(starts, count) - int(starts, open);
    if (get(table, ROWS) + n > get(table, ROW_ROOM) || get(table, VALUES) + n > get(table, VALUE_ROOM)) return k;
    if (get(table, UPPER) + n > get(table, UPPER_ROOM)) return k;
    if (n - k >= 32 && <f64>(m - width) >= dense * <f64>(n - k)) return k;
    const both = reduceColumn(table, k, open, width);
    const free = <i32>both, taken = <i32>(both >> 32);
    let pivot = -1;
    let most: f64 = 0;
    for (let t = 0; t < free; t++) {
      const row = int(freeRows, t);
      const v = abs(real(x, row));
      if (v > most) {
        most = v;
        pivot = row;
      }
    }
    const column = int(order, k);
    const enough = threshold * most;
    if (pivot >= 0 && int(step, column) < 0 && int(seen, column) == k && abs(real(x, column)) >= enough) {
      pivot = column;
    } else if (pivot >= 0 && threshold < 1) {
      for (let t = 0; t < free; t++) {
        const row = int(freeRows, t);
        const v = abs(real(x, row));
        if (v < enough) continue;
        const less = int(lengths, row) - int(lengths, pivot);
        if (less < 0 || (less == 0 && v > abs(real(x, pivot)))) pivot = row;
      }
    }
    const regular = pivot >= 0;
    const joins = regular && taken < width && free == m - width;
    if (joins) {
      extend(table, k, open, width, pivot, taken);
    } else {
      let upper = get(table, UPPER);
      for (let c = taken; c < width; c++) {
        setInt(upperRows, upper, start + c);
        setReal(upperValues, upper++, real(own, c));
      }
      set(table, UPPER, upper);
      if (!regular) {
        for (let t = 0; t < free; t++) setReal(x, int(freeRows, t), 0);
        // Nothing is left of the column: its pivot is zero and may be in any row.
        pivot = get(table, SPARE);
        while (int(step, pivot) >= 0) pivot++;
        set(table, SPARE, pivot);
      }
      begin(table, k, pivot, regular ? free : 0);
    }
    setInt(first, get(table, COUNT), k + 1);
    setInt(step, pivot, k);
    setInt(uPointers, k + 1, get(table, UPPER));
    // A column of which nothing is left reaches no rows.
    if (regular) prune(table, k, pivot, joins ? open : count);
  }
  return n;
}

/**
 * Subtracts all supernodes from columns `from` … n − 1 without eliminating them, as far as U's list has room: their rows that have not been
 * pivots go to columns of D, `ld` values apart, row i in place_i. Returns the first column that was not reached.
 */
export function reduceColumns(table: usize, from: i32, begin: i32, place: usize, D: usize, ld: i32): i32 {
  const n = get(table, N);
  const x = pointer(table, X), freeRows = pointer(table, FREE);
  for (let k = begin; k < n; k++) {
    if (get(table, UPPER) + n > get(table, UPPER_ROOM)) return k;
    const free = <i32>reduceColumn(table, k, -1, 0);
    const to = D + ((<usize>(k - from) * <usize>ld) << 3);
    for (let t = 0; t < free; t++) {
      const row = int(freeRows, t);
      setReal(to, int(place, row), real(x, row));
      setReal(x, row, 0);
    }
    setInt(pointer(table, U_POINTERS), k + 1, get(table, UPPER));
  }
  return n;
}
