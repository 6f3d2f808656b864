import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

type Rows = number[][];

/** A matrix whose pattern may lack mirror images and diagonals. */
function matrix(n: number, random: () => number): Rows {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? n + random() : random() < 0.4 ? reals(1, random)[0] : 0)),
  );
}

function place(t: TestArena, rows: Rows) {
  const n = rows.length;
  const entries = rows.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [{ i, j, v }])));
  const pointers = Array.from({ length: n + 1 }, (_, i) => entries.filter((e) => e.i < i).length);
  const of = {
    pointers: t.i32(pointers).pointer,
    columns: t.i32(entries.map(({ j }) => j)).pointer,
    left: t.i32(new Int32Array(n)),
    right: t.i32(new Int32Array(n)),
  };
  const [values, d] = [t.f64(entries.map(({ v }) => v)), t.f64(new Float64Array(n))];
  t.kernels.rowDiagonals(n, of.pointers, of.columns, values.pointer, of.left.pointer, of.right.pointer, d.pointer);
  return { ...of, n, entries, counts: pointers, values, d };
}

/** A dense copy of what is in the places of the entries. */
function dense(n: number, entries: ReadonlyArray<{ i: number; j: number }>, values: ArrayLike<number>): Rows {
  const out = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  entries.forEach(({ i, j }, e) => {
    out[i][j] = values[e];
  });
  return out;
}

/** ILU(0) by its definition: elimination in a dense matrix that forgets what falls outside of the pattern. */
function eliminated(A: Rows, shifts: readonly number[]): { L: Rows; U: Rows; D: number[] } {
  const n = A.length;
  const W = A.map((row, i) => row.map((v, j) => (i === j ? v + shifts[i] : v)));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      if (A[i][k] === 0) continue;
      W[i][k] /= W[k][k];
      for (let j = k + 1; j < n; j++) if (A[i][j] !== 0 || i === j) W[i][j] -= W[i][k] * W[k][j];
    }
  }
  return {
    L: W.map((row, i) => row.map((v, j) => (j < i ? v : 0))),
    U: W.map((row, i) => row.map((v, j) => (j > i ? v / W[i][i] : 0))),
    D: W.map((row, i) => row[i]),
  };
}

const close = (found: ArrayLike<number>, wanted: ArrayLike<number>) => {
  for (let k = 0; k < wanted.length; k++) expect(Math.abs(found[k] - wanted[k])).toBeLessThan(1e-12);
};

test.each(engines)('incomplete factors are those of an elimination that forgets what falls outside (%s)', (engine) => {
  const random = uniform(3);
  for (const n of [0, 1, 2, 5, 12]) {
    for (const definite of [false, true]) {
      const t = new TestArena(engine);
      const A = matrix(n, random);
      if (definite) for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[i][j] = A[j][i];
      // A diagonal that is not there fills up.
      else if (n > 2) A[n - 1][n - 1] = 0;
      const { pointers, columns, values, left, right, d, entries, counts } = place(t, A);
      expect([...d.view]).toEqual(A.map((row, i) => row[i]));
      for (let i = 0; i < n; i++) {
        const own = entries.slice(counts[i], counts[i + 1]);
        expect(left.view[i]).toBe(counts[i] + own.filter(({ j }) => j < i).length);
        expect(right.view[i]).toBe(counts[i] + own.filter(({ j }) => j <= i).length);
      }
      const shift = 0.01;
      const scales = A.map((row, i) => (definite ? row[i] : Math.hypot(...row)));
      const pivots = t.f64(new Float64Array(n));
      const work = t.i32(new Int32Array(n)).pointer;
      const run = (smallest: number) =>
        t.kernels.incompleteRows(
          n,
          pointers,
          columns,
          values.pointer,
          definite,
          shift,
          smallest,
          left.pointer,
          right.pointer,
          pivots.pointer,
          work,
        );
      expect(run(1e-14)).toBe(-1);
      const { L, U, D } = eliminated(
        A,
        scales.map((s) => s * shift),
      );
      const W = dense(n, entries, values.view);
      close(pivots.view, D);
      W.forEach((row, i) => {
        close(
          row.map((v, j) => (j === i ? 0 : v)),
          row.map((_, j) => L[i][j] + U[i][j]),
        );
      });
      // No pivot is that much above its row.
      if (n > 0) expect(run(1e9)).toBe(0);
      t.end();
    }
  }
});

test.each(engines)('a pivot that is not positive ends definite factors, and no others (%s)', (engine) => {
  for (const [definite, ends] of [
    [true, 1],
    [false, -1],
  ] as const) {
    const t = new TestArena(engine);
    const { pointers, columns, values, left, right, d, n } = place(t, [
      [1, 2],
      [2, 1],
    ]);
    const work = t.i32([0, 0]).pointer;
    const found = t.kernels.incompleteRows(
      n,
      pointers,
      columns,
      values.pointer,
      definite,
      0,
      1e-14,
      left.pointer,
      right.pointer,
      d.pointer,
      work,
    );
    expect(found).toBe(ends);
    expect([...d.view]).toEqual([1, -3]);
    t.end();
  }
});

test.each(engines)('triangles are scaled by the diagonal on their side (%s)', (engine) => {
  const t = new TestArena(engine);
  const A = [
    [2, 4, 6],
    [1, 4, 8],
    [3, 2, 8],
  ];
  const { pointers, columns, values, left, right, d, n } = place(t, A);
  t.kernels.scaleTriangles(n, pointers, columns, values.pointer, left.pointer, right.pointer, d.pointer, 2);
  expect([...values.view]).toEqual([2, 4, 6, 1, 4, 4, 3, 1, 8]);
  t.end();
});

test.each(engines)(
  'rows come after those that they read, level by level in windows, laid out with and without zeros (%s)',
  (engine) => {
    const random = uniform(4);
    for (const n of [0, 1, 3, 17]) {
      for (const backward of [false, true]) {
        for (const size of [4, 64]) {
          const t = new TestArena(engine);
          const placed = place(t, matrix(n, random));
          const { pointers, columns, values, left, right, entries } = placed;
          const [from, to] = backward ? [right.pointer, pointers + 4] : [pointers, left.pointer];
          const reads = (i: number) => entries.filter((e) => e.i === i && (backward ? e.j > i : e.j < i));
          const [order, level] = [t.i32(new Int32Array(n)), t.i32(new Int32Array(n))];
          const starts = t.i32(new Int32Array(size + 1)).pointer;
          t.kernels.windowOrder(n, size, from, to, columns, backward, order.pointer, level.pointer, starts);
          const seen = new Set<number>();
          order.view.forEach((i, at) => {
            // Windows of rows one behind the other.
            expect(Math.floor((backward ? n - 1 - i : i) / size)).toBe(Math.floor(at / size));
            for (const { j } of reads(i)) expect(seen.has(j)).toBe(true);
            seen.add(i);
          });
          expect(seen.size).toBe(n);
          const rank = new Map([...order.view].map((i, at) => [i, at]));
          const most = t.kernels.rowLevels(from, to, columns, backward, 0, n, level.pointer);
          for (let i = 0; i < n; i++) {
            expect(level.view[i]).toBe(Math.max(0, ...reads(i).map(({ j }) => level.view[j] + 1)));
          }
          expect(most).toBe(n === 0 ? 0 : Math.max(...level.view) + 1);

          const wanted = [...order.view].map((i) => reads(i).map(({ j, v }) => [j, v]));
          const count = wanted.flat().length;
          const width = Math.max(0, ...wanted.map((row) => row.length));
          const [p, c, v] = [
            t.i32(new Int32Array(n + 1)),
            t.i32(new Int32Array(Math.max(count, n * width))),
            t.f64(new Float64Array(Math.max(count, n * width))),
          ];
          const lay = (pointers: number) =>
            t.kernels.layRows(
              n,
              order.pointer,
              from,
              to,
              columns,
              values.pointer,
              width,
              pointers,
              c.pointer,
              v.pointer,
            );
          lay(p.pointer);
          wanted.forEach((row, at) => {
            expect(p.view[at + 1] - p.view[at]).toBe(row.length);
            expect(row.map((_, k) => [c.view[p.view[at] + k], v.view[p.view[at] + k]])).toEqual(row);
          });
          lay(0);
          wanted.forEach((row, at) => {
            for (let k = 0; k < width; k++) {
              const [column, value] = [c.view[at * width + k], v.view[at * width + k]];
              if (k < row.length) expect([column, value]).toEqual(row[k]);
              else {
                expect(value).toBe(0);
                // A number by then.
                expect(rank.get(column)).toBeLessThanOrEqual(Math.max(0, at - 1));
              }
            }
          });
          t.end();
        }
      }
    }
  },
);
