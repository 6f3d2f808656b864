import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';
import { LU_TABLE, type LuTableEntry } from './index.ts';

/** A sparse matrix by columns, as a dense one by rows. */
function matrix(n: number, random: () => number, more = 2): number[][] {
  const A = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let j = 0; j < n; j++) {
    A[(j + 2) % n][j] = 1 + random();
    for (let k = 0; k < more; k++) A[Math.floor(random() * n)][j] = 2 * random() - 1;
  }
  return A;
}

/** The table of a matrix, with room for all. */
function tableOf(t: TestArena, A: number[][]) {
  const n = A.length;
  const columns = A.map((_, j) => A.flatMap((row, i) => (row[j] !== 0 ? [i] : [])));
  const table = t.i32(new Array(Object.keys(LU_TABLE).length).fill(0));
  const put = (name: LuTableEntry, value: number) => {
    table.view[LU_TABLE[name]] = value;
  };
  const blocks: Partial<Record<LuTableEntry, { view: Int32Array | Float64Array; pointer: number }>> = {};
  const ints = (name: LuTableEntry, values: readonly number[]) => {
    blocks[name] = t.i32(values);
    put(name, blocks[name].pointer);
  };
  const reals = (name: LuTableEntry, values: readonly number[]) => {
    blocks[name] = t.f64(values);
    put(name, blocks[name].pointer);
  };
  const room = 4 * n * n;
  const fill = (count: number, value = 0) => new Array<number>(count).fill(value);
  ints(
    'A_POINTERS',
    Array.from({ length: n + 1 }, (_, j) => columns.slice(0, j).flat().length),
  );
  ints('A_ROWS', columns.flat());
  reals(
    'A_VALUES',
    columns.flatMap((rows, j) => rows.map((i) => A[i][j])),
  );
  ints(
    'ORDER',
    fill(n).map((_, k) => (5 * k + 1) % n),
  );
  for (const name of ['STEP', 'SEEN', 'VISITED'] as const) ints(name, fill(n, -1));
  for (const name of ['OWNER', 'VALUE_START', 'SEARCH_END', 'FOUND', 'PATH', 'PLACE', 'FREE'] as const)
    ints(name, fill(n));
  for (const name of ['FIRST', 'ROW_START', 'U_POINTERS'] as const) ints(name, fill(n + 1));
  for (const name of ['ROW_LIST', 'SEARCH_LIST', 'U_ROWS'] as const) ints(name, fill(room));
  for (const name of ['L', 'U_VALUES'] as const) reals(name, fill(room));
  for (const name of ['DIAGONAL', 'X', 'OWN'] as const) reals(name, fill(n));
  reals('SUMS', fill(2 * n));
  ints(
    'LENGTH',
    A.map((row) => row.filter((v) => v !== 0).length),
  );
  put('N', n);
  for (const name of ['ROW_ROOM', 'VALUE_ROOM', 'UPPER_ROOM'] as const) put(name, room);
  return {
    table,
    put,
    size: (name: LuTableEntry) => table.view[LU_TABLE[name]],
    list: (name: LuTableEntry) => blocks[name]!,
  };
}

test.each(engines)(
  'columns of a matrix become those of L and U, and solves with them, either way round (%s)',
  (engine) => {
    const random = uniform(21);
    for (const n of [1, 4, 9, 26]) {
      for (const threshold of [1, 0.1]) {
        const t = new TestArena(engine);
        const A = matrix(n, random);
        const { table, put, size, list } = tableOf(t, A);
        // First without room for any column.
        put('UPPER_ROOM', n - 1);
        expect(t.kernels.eliminateColumns(table.pointer, 0, threshold, 2)).toBe(0);
        put('UPPER_ROOM', 4 * n * n);
        expect(t.kernels.eliminateColumns(table.pointer, 0, threshold, 2)).toBe(n);
        const count = size('COUNT');
        const step = list('STEP').view;
        expect([...step].sort((a, b) => a - b)).toEqual([...step.keys()]);
        const rows = t.i32([...list('ROW_LIST').view.slice(0, size('ROWS'))].map((i) => step[i]));
        const at = (name: LuTableEntry) => list(name).pointer;
        const sums = t.f64(new Array(n).fill(0));
        const x = Array.from({ length: n }, (_, i) => i + 1);
        const order = list('ORDER').view;
        // Ax = b: b in the order of pivots, x in that of columns.
        const b = A.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));
        const y = t.f64(new Array(n).fill(0));
        b.forEach((v, i) => {
          y.view[step[i]] = v;
        });
        const upper = [at('U_POINTERS'), at('U_ROWS'), at('U_VALUES'), y.pointer] as const;
        const lower = [count, at('FIRST'), at('ROW_START')] as const;
        t.kernels.solveLowerColumns(...lower, rows.pointer, at('VALUE_START'), at('L'), y.pointer, sums.pointer);
        t.kernels.solveUpperColumns(...lower, at('VALUE_START'), at('L'), ...upper);
        for (let k = 0; k < n; k++) expect(y.view[k]).toBeCloseTo(x[order[k]], 8);
        const c = x.map((_, j) => A.reduce((sum, row, i) => sum + row[j] * x[i], 0));
        for (let k = 0; k < n; k++) y.view[k] = c[order[k]];
        t.kernels.solveUpperColumnsTransposed(...lower, at('VALUE_START'), at('L'), ...upper);
        t.kernels.solveLowerColumnsTransposed(...lower, rows.pointer, at('VALUE_START'), at('L'), y.pointer);
        for (let i = 0; i < n; i++) expect(y.view[step[i]]).toBeCloseTo(x[i], 8);
        expect([...list('X').view].every((v) => v === 0)).toBe(true);
        expect(t.end()).toBe(0);
      }
    }
  },
);

test.each(engines)('a column of which nothing is left has a zero pivot, in any row (%s)', (engine) => {
  const t = new TestArena(engine);
  const { table, list } = tableOf(t, [
    [1, 1, 1, 0],
    [1, 1, 0, 0],
    [1, 1, 0, 0],
    [0, 0, 0, 1],
  ]);
  list('ORDER').view.set([0, 1, 2, 3]);
  // Rows are as long as nothing in memory is, whatever precedes the list.
  list('LENGTH').view.fill(-1e9);
  expect(t.kernels.eliminateColumns(table.pointer, 0, 0.1, 2)).toBe(4);
  const [first, second, third, last] = list('DIAGONAL').view;
  expect([Math.abs(first), second, Math.abs(third), last]).toEqual([1, 0, 1, 1]);
  expect([...list('STEP').view].sort()).toEqual([0, 1, 2, 3]);
  expect(t.end()).toBe(0);
});

test('engines choose the same pivots and supernodes; what is left of columns is reduced without being eliminated', () => {
  const results = engines.map((engine) => {
    const random = uniform(22);
    const t = new TestArena(engine);
    const n = 91;
    const A = matrix(n, random, 5);
    const { table, size, list } = tableOf(t, A);
    const from = t.kernels.eliminateColumns(table.pointer, 0, 0.5, 0.15);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThan(n - 31);
    const left = [...list('STEP').view].flatMap((s, i) => (s < 0 ? [i] : []));
    expect(left.length).toBe(n - from);
    const place = t.i32(new Array(n).fill(-1));
    left.forEach((i, k) => {
      place.view[i] = k;
    });
    const D = t.f64(new Array(left.length ** 2).fill(0));
    expect(t.kernels.reduceColumns(table.pointer, from, from, place.pointer, D.pointer, left.length)).toBe(n);
    const state = [...list('STEP').view, size('COUNT'), size('ROWS'), size('VALUES'), ...list('U_POINTERS').view];
    return { state, D: [...D.view] };
  });
  for (const { state, D } of results.slice(1)) {
    expect(state).toEqual(results[0].state);
    D.forEach((v, k) => {
      expect(v).toBeCloseTo(results[0].D[k], 11);
    });
  }
});
