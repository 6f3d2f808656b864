import { expect, test } from 'vitest';
import { engines, integers, TestArena, uniform } from '../testing.ts';

type Rows = number[][];

/** Compressed rows of a dense matrix without its zeros, and where its diagonal is. */
function compress(rows: Rows) {
  const pointers = [0];
  const columns: number[] = [];
  const values: number[] = [];
  const diagonal: number[] = [];
  rows.forEach((row, i) => {
    row.forEach((v, j) => {
      if (v === 0) return;
      if (i === j) diagonal.push(values.length);
      columns.push(j);
      values.push(v);
    });
    pointers.push(values.length);
  });
  return { pointers, columns, values, diagonal };
}

const place = (t: TestArena, rows: Rows) => {
  const { pointers, columns, values, diagonal } = compress(rows);
  return [t.i32(pointers), t.i32(columns), t.f64(values), t.i32(diagonal)].map(({ pointer }) => pointer);
};

/** Integers with diagonals that are powers of two, so that sweeps are exact. */
function matrix(n: number, random: () => number): Rows {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 2 ** (1 + (i % 2)) : random() < 0.4 ? integers(1, random)[0] : 0)),
  );
}

const times = (rows: Rows, x: number[]) => rows.map((row) => row.reduce((s, v, j) => s + v * x[j], 0));
const plus = (v: number[]) => v.map((x) => x + 0);
const sizes = [0, 1, 2, 3, 5, 8];

test.each(engines)('products by rows, residuals and their sums are exact on integers (%s)', (engine) => {
  const random = uniform(2);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const A = matrix(n, random);
    const [p, c, v] = place(t, A);
    const [x, b] = [integers(n, random), integers(n, random)];
    const y = t.f64([...b, 77]);
    const product = times(A, x);
    expect(t.kernels.rowsProductDot(n, p, c, v, t.f64(x).pointer, y.pointer)).toBe(
      product.reduce((s, w, i) => s + w * x[i], 0),
    );
    expect(plus([...y.view])).toEqual(plus([...product, 77]));
    const r = t.f64([...x, 77]);
    const residual = product.map((w, i) => b[i] - w);
    const square = t.kernels.rowsResidual(n, p, c, v, t.f64(x).pointer, t.f64(b).pointer, r.pointer);
    expect(square).toBe(residual.reduce((s, w) => s + w * w, 0));
    expect(plus([...r.view])).toEqual(plus([...residual, 77]));

    const symmetric = A.map((row, i) => row.map((w, j) => (i >= j ? w : A[j][i])));
    for (const keep of [(i: number, j: number) => i >= j, (i: number, j: number) => i <= j]) {
      // Columns of a symmetric matrix are its rows.
      const half = symmetric.map((column, j) => column.map((w, i) => (keep(i, j) ? w : 0)));
      const [hp, hr, hv] = place(t, half);
      t.kernels.halfProduct(n, hp, hr, hv, t.f64(x).pointer, y.pointer);
      expect(plus([...y.view])).toEqual(plus([...times(symmetric, x), 77]));
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('triangular sweeps solve, in any order that respects what rows read (%s)', (engine) => {
  const random = uniform(3);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const L = matrix(n, random).map((row, i) => row.map((w, j) => (j < i ? w : 0)));
    const z = integers(n, random);
    const d = z.map((_, i) => 2 ** (i % 3));
    const r = times(L, z).map((w, i) => w + z[i]);
    const scaled = r.map((w, i) => w / d[i]);
    const [p, c, v] = place(t, L);
    const out = t.f64(r);
    t.kernels.unitSweep(n, 0, p, c, v, 0, out.pointer, out.pointer);
    expect(plus([...out.view])).toEqual(plus(z));
    const apart = t.f64(z.map(() => Number.NaN));
    const sum = t.kernels.unitSweep(n, 0, p, c, v, t.f64(d).pointer, t.f64(scaled).pointer, apart.pointer);
    expect(plus([...apart.view])).toEqual(plus(z));
    expect(sum).toBe(scaled.reduce((s, w, i) => s + w * z[i], 0));
    const width = Math.max(0, ...L.map((row) => row.filter((w) => w !== 0).length)) + 1;
    const padded = L.map((row) => row.flatMap((w, j) => (w === 0 ? [] : [[j, w]])));
    for (const row of padded) while (row.length < width) row.push([0, 0]);
    const natural = t.i32(z.map((_, i) => i)).pointer;
    const [pc, pv] = [t.i32(padded.flat().map(([j]) => j)).pointer, t.f64(padded.flat().map(([, w]) => w)).pointer];
    const D = t.f64(d).pointer;
    apart.view.fill(Number.NaN);
    t.kernels.paddedSweep(n, width, natural, pc, pv, D, t.f64(scaled).pointer, apart.pointer);
    expect(plus([...apart.view])).toEqual(plus(z));
    const within = t.f64(r);
    t.kernels.paddedSweep(n, width, natural, pc, pv, 0, within.pointer, within.pointer);
    expect(plus([...within.view])).toEqual(plus(z));
    // Lᵀ from the last unknown to the first.
    const order = Array.from({ length: n }, (_, t) => n - 1 - t);
    const U = order.map((i) => L.map((row) => row[i]));
    const [up, uc, uv] = place(t, U);
    const back = t.f64(order.map((_, i) => z[i] + L.reduce((s, row, k) => s + row[i] * z[k], 0)));
    t.kernels.unitSweep(n, t.i32(order).pointer, up, uc, uv, 0, back.pointer, back.pointer);
    expect(plus([...back.view])).toEqual(plus(z));
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('relaxation reads what is new, and a step of SOR is a sweep with its residual (%s)', (engine) => {
  const random = uniform(5);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const A = matrix(n, random);
    const [p, c, v, at] = place(t, A);
    const [start, b] = [integers(n, random), integers(n, random)];
    const inverse = t.f64(A.map((row, i) => 1 / row[i])).pointer;
    for (const backward of [false, true]) {
      const x = [...start];
      for (let k = 0; k < n; k++) {
        const i = backward ? n - 1 - k : k;
        x[i] += (1.5 * (b[i] - times([A[i]], x)[0])) / A[i][i];
      }
      const mine = t.f64(start);
      t.kernels.relaxSweep(n, p, c, v, inverse, 1.5, t.f64(b).pointer, mine.pointer, backward);
      expect(plus([...mine.view])).toEqual(plus(x));
      if (backward) continue;
      const r = t.f64(times(A, start).map((w, i) => b[i] - w));
      const stepped = t.f64(start);
      const e = t.f64(start.map(() => Number.NaN));
      const square = t.kernels.sorStep(n, p, at, c, v, 1.5, stepped.pointer, r.pointer, e.pointer);
      const scale = Math.max(1, ...x.map(Math.abs)) * 20;
      x.forEach((w, i) => {
        expect(Math.abs(stepped.view[i] - w)).toBeLessThan(1e-14 * scale);
        expect(Math.abs(r.view[i] - (b[i] - times([A[i]], x)[0]))).toBeLessThan(1e-13 * scale);
      });
      expect(square).toBeCloseTo(
        r.view.reduce((s, w) => s + w * w, 0),
        6,
      );
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('updates of vectors touch no neighbour (%s)', (engine) => {
  const random = uniform(7);
  for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 13]) {
    const t = new TestArena(engine);
    const [p, w, x, r] = [0, 1, 2, 3].map(() => integers(n, random));
    const [X, R, Y] = [t.f64([...x, 77]), t.f64([...r, 77]), t.f64([...w, 77])];
    const left = r.map((v, i) => v - 3 * w[i]);
    expect(t.kernels.subtractDot(n, 3, Y.pointer, R.pointer)).toBe(left.reduce((s, v) => s + v * v, 0));
    expect([...R.view]).toEqual([...left, 77]);
    const P = t.f64([...p, 77]);
    t.kernels.directionStep(n, 3, -2, t.f64(r).pointer, P.pointer, X.pointer);
    expect([...X.view]).toEqual([...x.map((v, i) => v + 3 * p[i]), 77]);
    expect(plus([...P.view])).toEqual(plus([...r.map((v, i) => v - 2 * p[i]), 77]));
    t.kernels.xpby(n, t.f64(p).pointer, -2, Y.pointer);
    expect(plus([...Y.view])).toEqual(plus([...p.map((v, i) => v - 2 * w[i]), 77]));
    const both = p.map((v, i) => v * x[i]);
    const sum = t.kernels.scaleByDot(n, t.f64(p).pointer, t.f64(x).pointer, X.pointer);
    expect(sum).toBe(both.reduce((s, v, i) => s + v * p[i], 0));
    expect(plus([...X.view])).toEqual(plus([...both, 77]));
    t.kernels.scaleBy(n, t.f64(p).pointer, t.f64(x).pointer, R.pointer);
    expect(plus([...R.view])).toEqual(plus([...p.map((v, i) => v * x[i]), 77]));
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('a matrix is mirrored where each entry has its equal across (%s)', (engine) => {
  const random = uniform(9);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const ask = (rows: Rows, relative = 0) => {
      const [p, c, v] = place(t, rows);
      return t.kernels.mirrored(n, p, c, v, relative, t.i32(new Array(n).fill(0)).pointer) === 1;
    };
    const A = matrix(n, random);
    const S = A.map((row, i) => row.map((w, j) => (i >= j ? w : A[j][i])));
    expect(ask(S)).toBe(true);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const changed = S.map((row) => [...row]);
        changed[i][j] += 1;
        expect(ask(changed)).toBe(false);
        // Ones beside entries of nine at most, or zeros left out.
        expect(ask(changed, 2)).toBe(S[i][j] !== 0 && changed[i][j] !== 0);
      }
    }
    expect(t.end()).toBe(0);
  }
});
