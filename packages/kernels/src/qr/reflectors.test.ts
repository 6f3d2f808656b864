import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

/** A front whose rows lead in random columns, sorted; and the number of rows that lead up to each column. */
function front(rows: number, cols: number, random: () => number): { values: number[]; ends: number[] } {
  const lead = Array.from({ length: rows }, () => Math.floor(random() ** 2 * cols)).sort((a, b) => a - b);
  const values = reals(rows * cols, random).map((v, p) => (Math.floor(p / rows) < lead[p % rows] ? 0 : v));
  return { values, ends: Array.from({ length: cols }, (_, j) => lead.filter((l) => l <= j).length) };
}

test.each(engines)(
  'a front becomes R, reflectors keep its products, and its parts are kept and placed (%s)',
  (engine) => {
    const random = uniform(3);
    for (const [rows, cols, pivotal] of [
      [1, 1, 1],
      [5, 3, 2],
      [4, 9, 3],
      [23, 14, 6],
      [30, 11, 11],
    ]) {
      const t = new TestArena(engine);
      const { values, ends } = front(rows, cols, random);
      const F = t.f64(values);
      const [last, column, end, state] = [ends, new Array(rows).fill(0), new Array(rows).fill(0), [0, 0]].map((v) =>
        t.i32(v),
      );
      const tau = t.f64(new Array(rows).fill(0));
      const half = Math.ceil(cols / 2);
      const from = [column.pointer, end.pointer, tau.pointer, state.pointer] as const;
      // The left half, whose reflectors are then applied to the right half, in which the rest are made.
      t.kernels.reflectColumns(F.pointer, rows, 0, half, pivotal, last.pointer, 1e-14, false, ...from);
      t.kernels.applyReflectors(
        F.pointer,
        rows,
        0,
        state.view[0],
        column.pointer,
        end.pointer,
        tau.pointer,
        half,
        cols,
      );
      t.kernels.reflectColumns(F.pointer, rows, half, cols, pivotal, last.pointer, 1e-14, false, ...from);
      const [count, live] = state.view;
      // R has the products of the columns.
      const R = (i: number, j: number) => {
        const own = [...column.view.slice(0, count)].indexOf(j);
        const height = own >= 0 ? own + 1 : [...column.view.slice(0, count)].filter((c) => c < j).length;
        return i < height ? F.view[j * rows + i] : 0;
      };
      for (let a = 0; a < cols; a++) {
        for (let b = 0; b < cols; b++) {
          let [before, after] = [0, 0];
          for (let i = 0; i < rows; i++) before += values[a * rows + i] * values[b * rows + i];
          for (let i = 0; i < count; i++) after += R(i, a) * R(i, b);
          expect(after).toBeCloseTo(before, 12);
        }
      }
      const pivots = new Array(pivotal).fill(-1);
      for (let s = 0; s < live; s++) pivots[column.view[s]] = s;
      const pivot = t.i32(pivots);
      const kept = t.f64(new Array(rows * cols).fill(0));
      const size = t.kernels.keepFactor(
        ...([F.pointer, rows, cols, pivotal, live, pivot.pointer, count] as const),
        ...([column.pointer, end.pointer, kept.pointer] as const),
      );
      let tops = 0;
      let height = 0;
      for (let j = 0; j < cols; j++) {
        height = j < pivotal ? Math.max(height, pivots[j] + 1) : live;
        for (let i = 0; i < height; i++) expect(kept.view[tops++]).toBe(F.view[j * rows + i]);
      }
      // Q applied to a column of A is that column of R; and back.
      for (let j = 0; j < cols; j++) {
        const y = t.f64(values.slice(j * rows, (j + 1) * rows));
        const V = kept.pointer + 8 * tops;
        t.kernels.applyKeptReflectors(false, count, end.pointer, tau.pointer, V, y.pointer);
        for (let i = 0; i < rows; i++) expect(y.view[i]).toBeCloseTo(i < count ? R(i, j) : 0, 12);
        t.kernels.applyKeptReflectors(true, count, end.pointer, tau.pointer, V, y.pointer);
        for (let i = 0; i < rows; i++) expect(y.view[i]).toBeCloseTo(values[j * rows + i], 12);
      }
      expect(size).toBe(tops + [...end.view.slice(0, count)].reduce((sum, e, s) => sum + e - s - 1, 0));
      // Solves with R, whose dependent columns take no part.
      const x = t.f64([...new Array(pivotal).fill(0), ...reals(cols - pivotal, random)]);
      const given = reals(rows, random);
      const y = t.f64(given);
      t.kernels.solveKeptRows(pivotal, cols, live, pivot.pointer, kept.pointer, tops, x.pointer, y.pointer);
      for (let i = 0; i < live; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += R(i, j) * x.view[j];
        expect(sum).toBeCloseTo(given[i], 6);
      }
      const b = t.f64(reals(cols, random));
      const first = [...b.view];
      const sizes = t.f64(new Array(cols).fill(0));
      const z = t.f64(new Array(rows).fill(0));
      t.kernels.solveKeptColumns(pivotal, cols, live, pivot.pointer, kept.pointer, b.pointer, sizes.pointer, z.pointer);
      for (let j = 0; j < cols; j++) {
        let [sum, size] = [0, 0];
        for (let i = 0; i < live; i++) {
          sum += R(i, j) * z.view[i];
          if (!(j < pivotal && pivots[j] === i)) size += Math.abs(R(i, j) * z.view[i]);
        }
        if (j < pivotal && pivots[j] >= 0) expect(sum).toBeCloseTo(first[j], 6);
        else expect(b.view[j]).toBeCloseTo(first[j] - sum, 6);
        expect(sizes.view[j]).toBeCloseTo(size, 6);
      }
      // What is left of the front goes to rows and columns of another.
      const left = count - live;
      const lead = t.i32([...column.view.slice(live, count)].map((j) => j - pivotal));
      const S = t.f64(new Array(rows * cols).fill(0));
      t.kernels.keepRemainder(F.pointer, rows, live, pivotal, left, cols - pivotal, lead.pointer, S.pointer);
      const parent = t.f64(new Array((left + 2) * (cols + 1)).fill(0));
      const rowPlaces = t.i32(Array.from({ length: left }, (_, i) => left + 1 - i));
      const columnPlaces = t.i32(Array.from({ length: cols - pivotal }, (_, j) => j + 1));
      t.kernels.placeRemainder(
        ...([left, cols - pivotal, lead.pointer, S.pointer, rowPlaces.pointer, columnPlaces.pointer] as const),
        ...([parent.pointer, left + 2] as const),
      );
      for (let i = 0; i < left; i++) {
        for (let j = 0; j < cols - pivotal; j++) {
          expect(parent.view[(j + 1) * (left + 2) + left + 1 - i]).toBe(R(live + i, pivotal + j));
        }
      }
      expect(t.end()).toBe(0);
    }
  },
);

test.each(engines)(
  'small columns are set to zero, blocks end before they are mostly zeros, rows are placed (%s)',
  (engine) => {
    const t = new TestArena(engine);
    const F = t.f64([3, 4, 0, 0, 1e-20, 2e-20, 0, 0, 1, 1, 1, 1]);
    const [ends, column, end, state] = [
      [2, 2, 4],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0],
    ].map((v) => t.i32(v));
    const tau = t.f64([0, 0, 0, 0]);
    const from = [column.pointer, end.pointer, tau.pointer, state.pointer] as const;
    expect(t.kernels.reflectColumns(F.pointer, 4, 0, 3, 3, ends.pointer, 1e-10, false, ...from)).toBe(3);
    expect([...state.view]).toEqual([2, 2]);
    expect([...column.view.slice(0, 2)]).toEqual([0, 2]);
    expect(F.view[0]).toBeCloseTo(-5, 14);
    expect(F.view[5]).toBe(0);
    // One row that leads in the first column and forty in the second.
    const G = t.f64(Array.from({ length: 82 }, (_, p) => (p > 0 && p < 41 ? 0 : 1)));
    const steep = t.i32([1, 41]);
    const lists = [
      t.i32(new Array(41).fill(0)),
      t.i32(new Array(41).fill(0)),
      t.f64(new Array(41).fill(0)),
      t.i32([0, 0]),
    ];
    const into = lists.map(({ pointer }) => pointer) as [number, number, number, number];
    expect(t.kernels.reflectColumns(G.pointer, 41, 0, 2, 2, steep.pointer, 0, true, ...into)).toBe(1);
    // Rows 2 and 0 of a matrix by rows.
    const [pointers, columns, where, ids, places] = [
      [0, 2, 2, 3],
      [1, 3, 0],
      [2, 0, 9, 1],
      [2, 0],
      [0, 1],
    ].map((v) => t.i32(v));
    const [values, to] = [t.f64([5, 6, 7]), t.f64(new Array(6).fill(0))];
    t.kernels.placeRows(
      ...([2, ids.pointer, places.pointer, pointers.pointer, columns.pointer, values.pointer] as const),
      ...([where.pointer, to.pointer, 2] as const),
    );
    expect([...to.view]).toEqual([0, 5, 0, 6, 7, 0]);
    expect(t.end()).toBe(0);
  },
);
