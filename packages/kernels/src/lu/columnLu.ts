import type { ColumnLuKernels } from '../generated/lu/kernels.ts';
import type { Heap } from '../heap.ts';

/**
 * Places in the table of sizes and pointers (32-bit integers) with which kernels eliminate the columns of a sparse
 * matrix; as in the assembly, which says what each is.
 */
export const LU_TABLE = {
  N: 0,
  COUNT: 1,
  ROWS: 2,
  VALUES: 3,
  UPPER: 4,
  ROW_ROOM: 5,
  VALUE_ROOM: 6,
  UPPER_ROOM: 7,
  SPARE: 8,
  A_POINTERS: 9,
  A_ROWS: 10,
  A_VALUES: 11,
  ORDER: 12,
  STEP: 13,
  OWNER: 14,
  FIRST: 15,
  ROW_START: 16,
  VALUE_START: 17,
  SEARCH_END: 18,
  ROW_LIST: 19,
  SEARCH_LIST: 20,
  L: 21,
  U_POINTERS: 22,
  U_ROWS: 23,
  U_VALUES: 24,
  DIAGONAL: 25,
  X: 26,
  SEEN: 27,
  VISITED: 28,
  FOUND: 29,
  PATH: 30,
  PLACE: 31,
  FREE: 32,
  OWN: 33,
  SUMS: 34,
  LENGTH: 35,
} as const;
export type LuTableEntry = keyof typeof LU_TABLE;

/** The lists of a table, as in the assembly. */
class Lists {
  constructor(
    private readonly heap: Heap,
    private readonly table: number,
  ) {}

  size(name: LuTableEntry): number {
    return this.heap.i32[(this.table >>> 2) + LU_TABLE[name]];
  }

  put(name: LuTableEntry, value: number): void {
    this.heap.i32[(this.table >>> 2) + LU_TABLE[name]] = value;
  }

  ints(name: LuTableEntry): Int32Array {
    return this.heap.i32.subarray((this.size(name) >>> 0) >>> 2);
  }

  reals(name: LuTableEntry): Float64Array {
    return this.heap.f64.subarray((this.size(name) >>> 0) >>> 3);
  }
}

/** What column k reaches through L: supernodes, each before those that it modifies, and rows that have not been pivots. */
function reachOf(lists: Lists, k: number): { order: number[]; free: number[] } {
  const [pointers, rows] = [lists.ints('A_POINTERS'), lists.ints('A_ROWS')];
  const [step, owner, seen, visited] = (['STEP', 'OWNER', 'SEEN', 'VISITED'] as const).map((name) => lists.ints(name));
  const [starts, ends, search] = (['ROW_START', 'SEARCH_END', 'SEARCH_LIST'] as const).map((name) => lists.ints(name));
  const order: number[] = [];
  const free: number[] = [];
  const stack: Array<{ s: number; p: number }> = [];
  const meet = (row: number): void => {
    if (seen[row] === k) return;
    seen[row] = k;
    if (step[row] < 0) free.push(row);
    else if (visited[owner[step[row]]] !== k) {
      visited[owner[step[row]]] = k;
      stack.push({ s: owner[step[row]], p: starts[owner[step[row]]] });
    }
  };
  const column = lists.ints('ORDER')[k];
  for (let p = pointers[column]; p < pointers[column + 1]; p++) {
    meet(rows[p]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.p < ends[top.s]) meet(search[top.p++]);
      else order.unshift(stack.pop()!.s);
    }
  }
  return { order, free };
}

/** Column k less the supernodes that reach it, in X; entries of U are listed, but those of the supernode `open`. */
function reduceColumn(lists: Lists, k: number, open: number, width: number) {
  const [pointers, rows, values] = [lists.ints('A_POINTERS'), lists.ints('A_ROWS'), lists.reals('A_VALUES')];
  const [first, starts, offsets, list] = (['FIRST', 'ROW_START', 'VALUE_START', 'ROW_LIST'] as const).map((name) =>
    lists.ints(name),
  );
  const [x, L, own] = [lists.reals('X'), lists.reals('L'), lists.reals('OWN')];
  const column = lists.ints('ORDER')[k];
  const { order, free } = reachOf(lists, k);
  for (let p = pointers[column]; p < pointers[column + 1]; p++) x[rows[p]] = values[p];
  let upper = lists.size('UPPER');
  let taken = width;
  for (const s of order) {
    const [r0, m] = [starts[s], starts[s + 1] - starts[s]];
    const w = s === open ? width : first[s + 1] - first[s];
    const u = Array.from({ length: w }, (_, c) => x[list[r0 + c]]);
    for (let c = 0; c < w; c++) x[list[r0 + c]] = 0;
    const f = u.findIndex((v) => v !== 0);
    if (f < 0) continue;
    for (let c = f; c < w; c++) {
      for (let r = c + 1; r < w; r++) u[r] -= L[offsets[s] + c * m + r] * u[c];
    }
    for (let c = f; c < w; c++) {
      for (let r = w; r < m; r++) x[list[r0 + r]] -= L[offsets[s] + c * m + r] * u[c];
      if (s === open) own[c] = u[c];
      else {
        lists.ints('U_ROWS')[upper] = first[s] + c;
        lists.reals('U_VALUES')[upper++] = u[c];
      }
    }
    if (s === open) taken = f;
  }
  lists.put('UPPER', upper);
  return { free, taken };
}

/** Rows that have been pivots come first in the searches of supernodes from which column k is reached in any case. */
function prune(lists: Lists, k: number, pivot: number, open: number): void {
  const [starts, ends, search] = (['ROW_START', 'SEARCH_END', 'SEARCH_LIST'] as const).map((name) => lists.ints(name));
  const [step, owner] = [lists.ints('STEP'), lists.ints('OWNER')];
  const listed = lists.ints('U_ROWS').subarray(lists.ints('U_POINTERS')[k], lists.size('UPPER'));
  for (const s of new Set(Array.from(listed, (j) => owner[j]))) {
    if (s === open || ends[s] < starts[s + 1]) continue;
    const own = Array.from(search.subarray(starts[s], starts[s + 1]));
    if (!own.includes(pivot)) continue;
    const done = own.filter((row) => step[row] >= 0);
    search.set([...done, ...own.filter((row) => step[row] < 0)], starts[s]);
    ends[s] = starts[s] + done.length;
  }
}

/** Adds column k to the supernode `open`, whose rows it has. */
function join(lists: Lists, k: number, open: number, width: number, pivot: number, taken: number): void {
  const [starts, list, owner] = [lists.ints('ROW_START'), lists.ints('ROW_LIST'), lists.ints('OWNER')];
  const [x, own] = [lists.reals('X'), lists.reals('OWN')];
  const [r0, m] = [starts[open], starts[open + 1] - starts[open]];
  const V = lists.reals('L').subarray(lists.ints('VALUE_START')[open]);
  const place = list.indexOf(pivot, r0) - r0;
  [list[r0 + place], list[r0 + width]] = [list[r0 + width], pivot];
  for (let c = 0; c < width; c++) [V[c * m + place], V[c * m + width]] = [V[c * m + width], V[c * m + place]];
  for (let r = 0; r < m; r++) {
    const row = list[r0 + r];
    if (r < width) V[width * m + r] = r < taken ? 0 : own[r];
    else V[width * m + r] = r === width ? x[pivot] : x[row] / x[pivot];
  }
  for (let r = width; r < m; r++) x[list[r0 + r]] = 0;
  lists.put('VALUES', lists.size('VALUES') + m);
  owner[k] = open;
}

/** Begins a supernode with column k, whose rows are the pivot and `others`. */
function begin(lists: Lists, k: number, pivot: number, others: readonly number[]): void {
  const [s, r0, v0] = [lists.size('COUNT'), lists.size('ROWS'), lists.size('VALUES')];
  const [x, L] = [lists.reals('X'), lists.reals('L')];
  const rows = [pivot, ...others];
  lists.ints('ROW_LIST').set(rows, r0);
  lists.ints('SEARCH_LIST').set(rows, r0);
  rows.forEach((row, r) => {
    L[v0 + r] = r === 0 ? x[row] : x[row] / L[v0];
  });
  for (const row of rows) x[row] = 0;
  lists.ints('OWNER')[k] = s;
  lists.ints('FIRST')[s] = k;
  lists.ints('VALUE_START')[s] = v0;
  lists.ints('ROW_START')[s] = r0;
  lists.ints('ROW_START')[s + 1] = r0 + rows.length;
  lists.ints('SEARCH_END')[s] = r0 + rows.length;
  lists.put('ROWS', r0 + rows.length);
  lists.put('VALUES', v0 + rows.length);
  lists.put('COUNT', s + 1);
}

export function columnLu(heap: Heap): ColumnLuKernels {
  return {
    eliminateColumns(table, from, threshold, dense) {
      const lists = new Lists(heap, table);
      const n = lists.size('N');
      const [x, step, first] = [lists.reals('X'), lists.ints('STEP'), lists.ints('FIRST')];
      for (let k = from; k < n; k++) {
        const open = lists.size('COUNT') - 1;
        const width = open < 0 ? 0 : k - first[open];
        const m = open < 0 ? 0 : lists.ints('ROW_START')[open + 1] - lists.ints('ROW_START')[open];
        const lacks = (size: LuTableEntry, room: LuTableEntry) => lists.size(size) + n > lists.size(room);
        if (lacks('ROWS', 'ROW_ROOM') || lacks('VALUES', 'VALUE_ROOM') || lacks('UPPER', 'UPPER_ROOM')) return k;
        if (n - k >= 32 && m - width >= dense * (n - k)) return k;
        const { free, taken } = reduceColumn(lists, k, open, width);
        let pivot = -1;
        for (const row of free) if (Math.abs(x[row]) > (pivot < 0 ? 0 : Math.abs(x[pivot]))) pivot = row;
        const column = lists.ints('ORDER')[k];
        const enough = pivot < 0 ? 0 : threshold * Math.abs(x[pivot]);
        if (pivot >= 0 && free.includes(column) && Math.abs(x[column]) >= enough) pivot = column;
        else if (pivot >= 0 && threshold < 1) {
          const lengths = lists.ints('LENGTH');
          for (const row of free) {
            if (Math.abs(x[row]) < enough) continue;
            const less = lengths[row] - lengths[pivot];
            if (less < 0 || (less === 0 && Math.abs(x[row]) > Math.abs(x[pivot]))) pivot = row;
          }
        }
        lists.reals('DIAGONAL')[k] = pivot < 0 ? 0 : x[pivot];
        const regular = pivot >= 0;
        const joins = regular && taken < width && free.length === m - width;
        if (joins) join(lists, k, open, width, pivot, taken);
        else {
          for (let c = taken; c < width; c++) {
            const upper = lists.size('UPPER');
            lists.ints('U_ROWS')[upper] = first[open] + c;
            lists.reals('U_VALUES')[upper] = lists.reals('OWN')[c];
            lists.put('UPPER', upper + 1);
          }
          const others = pivot < 0 ? [] : free.filter((row) => row !== pivot);
          if (pivot < 0) {
            for (const row of free) x[row] = 0;
            pivot = step.subarray(0, n).indexOf(-1);
          }
          begin(lists, k, pivot, others);
        }
        first[lists.size('COUNT')] = k + 1;
        step[pivot] = k;
        lists.ints('U_POINTERS')[k + 1] = lists.size('UPPER');
        // A column of which nothing is left reaches no rows.
        if (regular) prune(lists, k, pivot, lists.size('COUNT') - 1);
      }
      return n;
    },
    reduceColumns(table, from, begin, place, D, ld) {
      const lists = new Lists(heap, table);
      const n = lists.size('N');
      const x = lists.reals('X');
      for (let k = begin; k < n; k++) {
        if (lists.size('UPPER') + n > lists.size('UPPER_ROOM')) return k;
        for (const row of reduceColumn(lists, k, -1, 0).free) {
          heap.f64[(D >>> 3) + (k - from) * ld + heap.i32[(place >>> 2) + row]] = x[row];
          x[row] = 0;
        }
        lists.ints('U_POINTERS')[k + 1] = lists.size('UPPER');
      }
      return n;
    },
  };
}
