import { expect, test } from 'vitest';
import { dense, engines, integers, reals, TestArena, uniform } from '../testing.ts';

/** A dense matrix by rows, some rows empty, as compressed rows. */
function compressed(dense: readonly number[][]) {
  const pointers = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of dense) {
    row.forEach((v, j) => {
      if (v === 0) return;
      indices.push(j);
      values.push(v);
    });
    pointers.push(values.length);
  }
  return { pointers, indices, values };
}

const guard = 12345;
const random = uniform(31);
const matrix = (rows: number, cols: number, density: number): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    integers(cols, random).map((v) => (i % 4 === 3 || random() > density ? 0 : v)),
  );
const times = (A: readonly number[][], B: readonly number[][], cols: number): number[][] =>
  A.map((row) => Array.from({ length: cols }, (_, j) => row.reduce((sum, v, k) => sum + v * B[k][j], 0)));

test.each(engines)('products and transposes of compressed rows are exact on integers (%s)', (engine) => {
  for (const [rows, inner, cols] of [
    [0, 0, 0],
    [3, 0, 2],
    [1, 1, 1],
    [9, 7, 5],
    [30, 40, 20],
  ]) {
    const t = new TestArena(engine);
    const [A, B] = [matrix(rows, inner, 0.3), matrix(inner, cols, 0.4)];
    const [a, b] = [compressed(A), compressed(B)];
    const pa = [t.i32(a.pointers).pointer, t.i32(a.indices).pointer, t.f64(a.values).pointer] as const;
    const pb = [t.i32(b.pointers).pointer, t.i32(b.indices).pointer, t.f64(b.values).pointer] as const;
    const marks = t.i32(new Array(cols + 1).fill(guard));
    const starts = t.i32(new Array(rows + 2).fill(guard));
    const entries = t.kernels.rowsProductSize(
      ...([rows, cols, pa[0], pa[1], pb[0], pb[1], starts.pointer, marks.pointer] as const),
    );
    expect([starts.view[rows], starts.view[rows + 1], marks.view[cols]]).toEqual([entries, guard, guard]);
    const indices = t.i32(new Array(entries + 1).fill(guard));
    const values = t.f64(new Array(entries + 1).fill(guard));
    const c = [starts.pointer, indices.pointer, values.pointer] as const;
    t.kernels.rowsProduct(rows, cols, ...pa, ...pb, ...c, marks.pointer);
    expect([indices.view[entries], values.view[entries], marks.view[cols]]).toEqual([guard, guard, guard]);
    expect(dense(rows, cols, starts.view, indices.view, values.view)).toEqual(times(A, B, cols));
    for (let i = 0; i < rows; i++) {
      const own = indices.view.slice(starts.view[i], starts.view[i + 1]);
      expect(new Set(own).size).toBe(own.length);
    }
    const turned = {
      p: t.i32(new Array(cols + 3).fill(guard)),
      i: t.i32(new Array(entries + 1).fill(guard)),
      v: t.f64(new Array(entries + 1).fill(guard)),
    };
    t.kernels.rowsTranspose(rows, cols, ...c, turned.p.pointer, turned.i.pointer, turned.v.pointer);
    expect([turned.p.view[cols + 2], turned.i.view[entries], turned.v.view[entries]]).toEqual([guard, guard, guard]);
    const back = dense(cols, rows, turned.p.view, turned.i.view, turned.v.view);
    expect(back).toEqual(Array.from({ length: cols }, (_, j) => times(A, B, cols).map((row) => row[j])));
    for (let j = 0; j < cols; j++) {
      const own = Array.from(turned.i.view.slice(turned.p.view[j], turned.p.view[j + 1]));
      expect(own).toEqual([...own].sort((x, y) => x - y));
    }
    expect(t.end()).toBe(0);
  }
});

/** A symmetric matrix by rows with a heavy diagonal. */
function symmetric(n: number): number[][] {
  const A = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    A[i][i] = 4 + i / 7;
    for (let j = 0; j < i; j++) if (random() < 0.3) A[i][j] = A[j][i] = reals(1, random)[0];
  }
  return A;
}

test.each(engines)('sweeps over halves and over whole rows do what they say (%s)', (engine) => {
  for (const n of [0, 1, 2, 25]) {
    const t = new TestArena(engine);
    const A = symmetric(n);
    const lower = compressed(A.map((row, i) => row.map((v, j) => (j < i ? v : 0))));
    const whole = compressed(A);
    const half = [t.i32(lower.pointers).pointer, t.i32(lower.indices).pointer, t.f64(lower.values).pointer] as const;
    const full = [t.i32(whole.pointers).pointer, t.i32(whole.indices).pointer, t.f64(whole.values).pointer] as const;
    const d = t.f64(A.map((row, i) => row[i])).pointer;
    const inverse = t.f64(A.map((row, i) => 1 / row[i])).pointer;
    const rhs = reals(n, random);
    const start = reals(n, random);
    const vector = (values: readonly number[]) => t.f64([...values, guard]);
    const product = (x: ArrayLike<number>) => A.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));
    const near = (got: Float64Array, want: readonly number[]) => {
      want.forEach((v, i) => {
        expect(Math.abs(got[i] - v)).toBeLessThan(1e-13 * (1 + Math.abs(v)));
      });
      expect(got[n]).toBe(guard);
    };
    /** Gauss–Seidel as textbooks have it. */
    const swept = (from: readonly number[], backward: boolean): number[] => {
      const x = [...from];
      for (let k = 0; k < n; k++) {
        const i = backward ? n - 1 - k : k;
        x[i] += (rhs[i] - A[i].reduce((sum, v, j) => sum + v * x[j], 0)) / A[i][i];
      }
      return x;
    };
    const left = (x: ArrayLike<number>) => product(x).map((v, i) => rhs[i] - v);
    const b = vector(rhs);
    const zero = start.map(() => 0);

    const [x, r] = [vector(zero), vector(zero)];
    t.kernels.halfForward(n, ...half, inverse, b.pointer, x.pointer, r.pointer);
    near(x.view, swept(zero, false));
    near(r.view, left(swept(zero, false)));
    // The right-hand side in the place of the residual.
    const own = vector(rhs);
    t.kernels.halfForward(n, ...half, inverse, own.pointer, x.pointer, own.pointer);
    near(own.view, left(swept(zero, false)));

    const y = vector(start);
    t.kernels.halfBackward(n, ...half, inverse, b.pointer, y.pointer, r.pointer);
    near(y.view, swept(start, true));
    t.kernels.halfResidual(n, ...half, d, b.pointer, y.pointer, r.pointer);
    near(r.view, left(swept(start, true)));

    for (const backward of [false, true]) {
      const z = vector(start);
      t.kernels.rowsSweep(n, ...full, inverse, b.pointer, z.pointer, backward);
      near(z.view, swept(start, backward));
      t.kernels.rowsResidual(n, ...full, z.pointer, b.pointer, r.pointer);
      near(r.view, left(swept(start, backward)));
    }

    const sum = vector(start);
    t.kernels.rowsAdd(n, ...full, b.pointer, sum.pointer);
    near(
      sum.view,
      product(rhs).map((v, i) => v + start[i]),
    );

    const [p, u] = [vector(start.map(() => Number.NaN)), vector(start.map(() => Number.NaN))];
    t.kernels.chebyshevStep(n, 0.5, 2, inverse, b.pointer, p.pointer, u.pointer, true);
    const first = rhs.map((v, i) => (2 * v) / A[i][i]);
    near(p.view, first);
    near(u.view, first);
    t.kernels.chebyshevStep(n, 0.5, 3, inverse, b.pointer, p.pointer, u.pointer, false);
    const second = rhs.map((v, i) => 0.5 * first[i] + (3 * v) / A[i][i]);
    near(p.view, second);
    near(
      u.view,
      second.map((v, i) => v + first[i]),
    );
    expect(t.end()).toBe(0);
  }
});
