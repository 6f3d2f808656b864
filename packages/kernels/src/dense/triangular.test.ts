import { expect, test } from 'vitest';
import { gemmWorkBytes } from '../index.ts';
import { engines, gamma, padded, reals, TestArena, uniform } from '../testing.ts';

const sizes = [0, 1, 2, 3, 5, 8, 31, 33, 70];

/** Random triangles with a diagonal that keeps solves tame; the other triangle (and a unit diagonal) is NaN. */
function triangle(n: number, lower: boolean, unit: boolean, random: () => number): number[] {
  const t = new Array<number>(n * n).fill(Number.NaN);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) if (lower ? i > j : i < j) t[j * n + i] = (random() - 0.5) / Math.sqrt(n);
    if (!unit) t[j * n + j] = 1 + random();
  }
  return t;
}

test.each(engines)('triangularSolve: residuals within γₙ|T||X| on both sides, all shapes (%s)', (engine) => {
  const random = uniform(1);
  for (const right of [false, true]) {
    for (const lower of [false, true]) {
      for (const trans of [false, true]) {
        for (const unit of [false, true]) {
          for (const [m, n] of [
            [5, 3],
            [33, 9],
            [3, 40],
            [70, 70],
            [1, 1],
            [0, 3],
            [64, 1],
            [67, 1],
            [40, 2],
          ]) {
            const size = right ? n : m;
            const t = new TestArena(engine);
            const T = triangle(size, lower, unit, random);
            const B = reals(m * n, random);
            const matrix = t.f64(padded(T, size, size, 2));
            const X = t.f64(padded(B, m, n, 1));
            const work = t.bytes(gemmWorkBytes(m, n, Math.max(m, n)) + 8448);
            t.kernels.triangularSolve(
              right,
              lower,
              trans,
              unit,
              m,
              n,
              matrix.pointer,
              size + 2,
              X.pointer,
              m + 1,
              work,
            );
            // op(T) by columns.
            const op = Float64Array.from({ length: size * size }, (_, e) => {
              const [i, j] = [e % size, Math.floor(e / size)];
              const [r, c] = trans ? [j, i] : [i, j];
              if (r === c) return unit ? 1 : T[c * size + r];
              return (lower ? r > c : r < c) ? T[c * size + r] : 0;
            });
            const { view } = X;
            const x = (i: number, j: number) => view[j * (m + 1) + i];
            let worst = 0;
            for (let j = 0; j < n; j++) {
              for (let i = 0; i < m; i++) {
                let sum = 0;
                let magnitude = 0;
                for (let k = 0; k < size; k++) {
                  const p = right ? x(i, k) * op[j * size + k] : op[k * size + i] * x(k, j);
                  sum += p;
                  magnitude += Math.abs(p);
                }
                const error = Math.abs(sum - B[j * m + i]) / magnitude;
                if (!(error <= worst)) worst = error;
              }
            }
            expect(worst, `${[right, lower, trans, unit, m, n]}`).toBeLessThanOrEqual(2 * gamma(size + 2));
            expect(t.end()).toBe(0);
          }
        }
      }
    }
  }
});

test.each(engines)('symv reads the lower triangle alone (%s)', (engine) => {
  const random = uniform(2);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const a = triangle(n, true, false, random);
    const x = reals(n, random);
    const A = t.f64(padded(a, n, n, 3));
    const [X, y] = [t.f64(x), t.f64(new Array(n).fill(Number.NaN))];
    t.kernels.symv(n, A.pointer, n + 3, X.pointer, y.pointer);
    for (let i = 0; i < n; i++) {
      let [sum, magnitude] = [0, 0];
      for (let j = 0; j < n; j++) {
        const p = a[Math.min(i, j) * n + Math.max(i, j)] * x[j];
        sum += p;
        magnitude += Math.abs(p);
      }
      expect(Math.abs(y.view[i] - sum)).toBeLessThanOrEqual(2 * gamma(n + 1) * magnitude);
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('addOuter and addLower are what they say; above the diagonal nothing is touched (%s)', (engine) => {
  const random = uniform(3);
  for (const n of sizes) {
    const t = new TestArena(engine);
    const [m, k] = [n + 2, 5];
    const [x, y, c] = [reals(m, random), reals(n, random), reals(m * n, random)];
    const C = t.f64(padded(c, m, n, 1));
    let worst = 0;
    t.kernels.addOuter(m, n, -0.5, t.f64(x).pointer, t.f64(y).pointer, C.pointer, m + 1);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < m; i++)
        worst = Math.max(worst, Math.abs(C.view[j * (m + 1) + i] - (c[j * m + i] - 0.5 * x[i] * y[j])));
    }
    expect(worst).toBeLessThan(5e-15);
    worst = 0;
    const [a, b] = [reals(n * k, random), reals(n * k, random)];
    const d = reals(n * n, random);
    const D = t.f64(padded(d, n, n, 1));
    const work = t.bytes(gemmWorkBytes(n, n, k));
    t.kernels.addLower(n, k, -2, t.f64(a).pointer, n, t.f64(b).pointer, n, D.pointer, n + 1, work);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[p * n + i] * b[p * n + j];
        const want = i >= j ? d[j * n + i] - 2 * sum : d[j * n + i];
        worst = Math.max(worst, Math.abs(D.view[j * (n + 1) + i] - want));
      }
    }
    expect(worst).toBeLessThan(5e-14);
    expect(t.end()).toBe(0);
  }
});
