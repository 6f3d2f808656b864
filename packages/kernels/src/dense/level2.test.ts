import { expect, test } from 'vitest';
import { engines, gamma, integers, padded, reals, TestArena, uniform, unitF32 } from '../testing.ts';

const shapes: Array<[number, number]> = [
  [0, 0],
  [0, 3],
  [3, 0],
  [1, 1],
  [2, 5],
  [7, 4],
  [8, 9],
  [33, 13],
  [2049, 6],
  [4100, 7],
];
const guard = 12345;

test.each(engines)(
  'gemv, gemvT, gemvTSubset, columnStats, weightedStats and transpose are exact on integers (%s)',
  (engine) => {
    const random = uniform(1);
    for (const [m, n] of shapes) {
      for (const pad of [0, 3]) {
        const t = new TestArena(engine);
        const { kernels } = t;
        const a = integers(m * n, random);
        const x = integers(m, random);
        const v = integers(n, random);
        const y0 = integers(m, random);
        const A = t.f64(padded(a, m, n, pad));
        const lda = m + pad;

        const dots = Array.from({ length: n }, (_, j) => x.reduce((s, xi, i) => s + a[j * m + i] * xi, 0));
        const squares = Array.from({ length: n }, (_, j) => x.reduce((s, _xi, i) => s + a[j * m + i] ** 2, 0));
        const px = t.f64(x);
        const out = t.f64(new Array(n + 1).fill(guard));
        kernels.gemvT(m, n, A.pointer, lda, px.pointer, out.pointer);
        expect(Array.from(out.view)).toEqual([...dots, guard]);

        const stats = [t.f64(new Array(n + 1).fill(guard)), t.f64(new Array(n + 1).fill(guard))];
        kernels.columnStats(m, n, A.pointer, lda, px.pointer, stats[0].pointer, stats[1].pointer);
        expect(Array.from(stats[0].view)).toEqual([...dots, guard]);
        expect(Array.from(stats[1].view)).toEqual([...squares, guard]);

        const columns = Array.from({ length: n > 0 ? n + 2 : 0 }, () => Math.floor(random() * n));
        const subset = t.f64(new Array(columns.length + 1).fill(guard));
        kernels.gemvTSubset(m, columns.length, t.i32(columns).pointer, A.pointer, lda, px.pointer, subset.pointer);
        expect(Array.from(subset.view)).toEqual([...columns.map((j) => dots[j]), guard]);

        const moments = [0, 1].map(() => t.f64(new Array(columns.length + 1).fill(guard)));
        const d = integers(m, random);
        kernels.weightedStats(
          m,
          columns.length,
          t.i32(columns).pointer,
          A.pointer,
          lda,
          t.f64(d).pointer,
          moments[0].pointer,
          moments[1].pointer,
        );
        for (const power of [1, 2]) {
          const expected = columns.map((j) => d.reduce((s, di, i) => s + di * a[j * m + i] ** power, 0));
          expect(Array.from(moments[power - 1].view)).toEqual([...expected, guard]);
        }

        const T = t.f64(new Array(m * (n + 2)).fill(guard));
        kernels.transpose(m, n, A.pointer, lda, T.pointer, n + 2);
        for (let i = 0; i < m; i++) {
          const row = Array.from({ length: n }, (_, j) => a[j * m + i]);
          expect(Array.from(T.view.subarray(i * (n + 2), (i + 1) * (n + 2)))).toEqual([...row, guard, guard]);
        }

        for (const [alpha, beta] of [
          [1, 0],
          [-2, 1],
          [3, -1],
        ]) {
          // β = 0 must overwrite even NaN.
          const y = t.f64([...(beta === 0 ? new Array<number>(m).fill(Number.NaN) : y0), guard]);
          kernels.gemv(m, n, alpha, A.pointer, lda, t.f64(v).pointer, beta, y.pointer);
          const expected = y0.map((yi, i) => v.reduce((s, vj, j) => s + alpha * vj * a[j * m + i], beta * yi));
          expect(Array.from(y.view, (z) => z + 0)).toEqual([...expected.map((z) => z + 0), guard]);
        }
        expect(t.end()).toBe(0);
      }
    }
  },
);

test.each(engines)('gemv does not read columns whose coefficient is zero (%s)', (engine) => {
  const t = new TestArena(engine);
  const [m, n] = [5, 11];
  const v = [0, 1, 0, 0, 2, 3, 0, 4, 5, 0, 6];
  const a = Array.from({ length: m * n }, (_, k) => (v[Math.floor(k / m)] === 0 ? Number.NaN : k));
  const y = t.f64(new Array(m).fill(0));
  t.kernels.gemv(m, n, 1, t.f64(a).pointer, m, t.f64(v).pointer, 0, y.pointer);
  expect(Array.from(y.view)).toEqual(
    Array.from({ length: m }, (_, i) => v.reduce((s, vj, j) => s + (vj === 0 ? 0 : vj * a[j * m + i]), 0)),
  );
  expect(t.end()).toBe(0);
});

test.each(engines)('a column sum does not depend on its neighbours (%s)', (engine) => {
  const random = uniform(2);
  const t = new TestArena(engine);
  const [m, n] = [1237, 11];
  const A = t.f64(reals(m * n, random));
  const x = t.f64(reals(m, random));
  const together = t.f64(new Array(n).fill(0));
  t.kernels.gemvT(m, n, A.pointer, m, x.pointer, together.pointer);
  const alone = t.f64(new Array(n).fill(0));
  for (let j = 0; j < n; j++) {
    t.kernels.gemvT(m, 1, A.pointer + j * m * 8, m, x.pointer, alone.pointer + j * 8);
  }
  expect(Array.from(alone.view)).toEqual(Array.from(together.view));
  const columns = [10, 3, 3, 7, 0];
  const subset = t.f64(new Array(5).fill(0));
  t.kernels.gemvTSubset(m, 5, t.i32(columns).pointer, A.pointer, m, x.pointer, subset.pointer);
  expect(Array.from(subset.view)).toEqual(columns.map((j) => together.view[j]));
  const stats = t.f64(new Array(2 * n).fill(0));
  t.kernels.columnStats(m, n, A.pointer, m, x.pointer, stats.pointer, stats.pointer + n * 8);
  expect(Array.from(stats.view.subarray(0, n))).toEqual(Array.from(together.view));
  expect(t.end()).toBe(0);
});

test.each(engines)('random products stay within γ_n·|A||x| of compensated sums (%s)', (engine) => {
  const random = uniform(3);
  const t = new TestArena(engine);
  const [m, n] = [997, 6];
  const a = reals(m * n, random);
  const x = reals(m, random);
  const out = t.f64(new Array(n).fill(0));
  t.kernels.gemvT(m, n, t.f64(a).pointer, m, t.f64(x).pointer, out.pointer);
  for (let j = 0; j < n; j++) {
    let sum = 0;
    let lost = 0;
    let magnitude = 0;
    for (let i = 0; i < m; i++) {
      const p = a[j * m + i] * x[i];
      const next = sum + p;
      lost += Math.abs(sum) >= Math.abs(p) ? sum - next + p : p - next + sum; // Neumaier's summation
      sum = next;
      magnitude += Math.abs(p);
    }
    expect(Math.abs(out.view[j] - (sum + lost))).toBeLessThanOrEqual(gamma(m) * magnitude);
  }
  expect(t.end()).toBe(0);
});

test.each(engines)('sgemv and sgemvT are exact on integers and within the bound on reals (%s)', (engine) => {
  const random = uniform(6);
  for (const [m, n] of shapes) {
    const t = new TestArena(engine);
    const draw = m < 100 ? integers : reals;
    const lda = m + 3;
    const A = t.f32(padded(draw(m * n, random), m, n, 3));
    const x = t.f32(draw(m, random));
    const v = t.f32(draw(n, random));
    const dots = t.f32(new Array(n + 1).fill(guard));
    t.kernels.sgemvT(m, n, A.pointer, lda, x.pointer, dots.pointer);
    expect(dots.view[n]).toBe(guard);
    for (let j = 0; j < n; j++) {
      const terms = Array.from(x.view, (xi, i) => A.view[j * lda + i] * xi);
      const exact = terms.reduce((s, p) => s + p, 0);
      const bound = draw === integers ? 0 : gamma(m, unitF32) * terms.reduce((s, p) => s + Math.abs(p), 0);
      expect(Math.abs(dots.view[j] - exact)).toBeLessThanOrEqual(bound);
    }
    for (const [alpha, beta] of [
      [1, 0],
      [-2, 1],
      [3, -1],
    ]) {
      const y0 = t.f32(draw(m, random));
      const y = t.f32([...(beta === 0 ? new Array<number>(m).fill(Number.NaN) : y0.view), guard]);
      t.kernels.sgemv(m, n, alpha, A.pointer, lda, v.pointer, beta, y.pointer);
      expect(y.view[m]).toBe(guard);
      let outside = 0;
      for (let i = 0; i < m; i++) {
        const terms = Array.from(v.view, (vj, j) => alpha * vj * A.view[j * lda + i]);
        terms.push(beta * y0.view[i]);
        const exact = terms.reduce((s, p) => s + p, 0);
        const bound = draw === integers ? 0 : gamma(n + 2, unitF32) * terms.reduce((s, p) => s + Math.abs(p), 0);
        if (!(Math.abs(y.view[i] - exact) <= bound)) outside++;
      }
      expect(outside).toBe(0);
    }
    expect(t.end()).toBe(0);
  }
});
