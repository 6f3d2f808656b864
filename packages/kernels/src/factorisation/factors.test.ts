import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

test.each(engines)('nonnegativeDescent ends where the KKT conditions hold (%s)', (engine) => {
  const random = uniform(3);
  for (const k of [1, 2, 3, 7, 16, 33]) {
    const t = new TestArena(engine);
    const m = k + 5;
    const A = reals(m * k, random);
    const ldg = k + 1;
    const gram = new Array<number>(ldg * k).fill(Number.NaN);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += A[a * m + i] * A[b * m + i];
        gram[a * ldg + b] = sum;
      }
    }
    const count = 5;
    const c = reals(count * k, random);
    const start = Array.from({ length: count * k }, () => Math.max(0, random() - 0.5));
    const G = t.f64(gram);
    const W = t.f64(start);
    const residual = (w: ArrayLike<number>, i: number, a: number) => {
      let q = c[i * k + a];
      for (let b = 0; b < k; b++) q -= gram[a * ldg + b] * w[i * k + b];
      return q;
    };
    const Q = t.f64(c.map((_, at) => residual(start, Math.floor(at / k), at % k)));
    const passes = t.kernels.nonnegativeDescent(count, k, G.pointer, ldg, Q.pointer, W.pointer, 20_000, 1e-18);
    expect(passes).toBeGreaterThanOrEqual(count);
    for (let i = 0; i < count; i++) {
      for (let a = 0; a < k; a++) {
        const q = residual(W.view, i, a);
        expect(Q.view[i * k + a]).toBeCloseTo(q, 10);
        expect(W.view[i * k + a]).toBeGreaterThanOrEqual(0);
        if (W.view[i * k + a] > 0) expect(Math.abs(q)).toBeLessThan(1e-6);
        else expect(q).toBeLessThan(1e-6);
      }
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)(
  'nonnegativeDescent treats coordinates without curvature and stops early when asked (%s)',
  (engine) => {
    const t = new TestArena(engine);
    const G = t.f64([0, 0, 0, 2]);
    const W = t.f64([5, 1]);
    const Q = t.f64([1, 4]);
    expect(t.kernels.nonnegativeDescent(1, 2, G.pointer, 2, Q.pointer, W.pointer, 50, 0.5)).toBe(2);
    expect([...W.view]).toEqual([5, 3]);
    expect([...Q.view]).toEqual([1, 0]);
    expect(t.end()).toBe(0);
  },
);

test.each(engines)('products of a dense and a sparse matrix agree with their definition (%s)', (engine) => {
  const random = uniform(4);
  for (const k of [1, 2, 4, 5, 7, 8, 11, 14, 19]) {
    const t = new TestArena(engine);
    const [rows, cols] = [9, 7];
    const dense = Array.from({ length: rows * cols }, () => (random() < 0.4 ? Math.floor(random() * 9) - 4 : 0));
    const pointers = [0];
    const indices: number[] = [];
    const values: number[] = [];
    for (let j = 0; j < cols; j++) {
      for (let i = 0; i < rows; i++) {
        if (dense[j * rows + i] === 0) continue;
        indices.push(i);
        values.push(dense[j * rows + i]);
      }
      pointers.push(indices.length);
    }
    const X = [t.i32(pointers).pointer, t.i32(indices).pointer, t.f64(values).pointer] as const;
    const b = Array.from({ length: k * 9 }, () => Math.floor(random() * 9) - 4);
    const B = t.f64(b);
    const Y = t.f64(new Array<number>(k * cols).fill(Number.NaN));
    t.kernels.cscLeftProduct(k, cols, ...X, B.pointer, Y.pointer);
    const T = t.f64(new Array<number>(k * rows).fill(Number.NaN));
    t.kernels.cscLeftProductT(k, rows, cols, ...X, B.pointer, T.pointer);
    for (let a = 0; a < k; a++) {
      for (let j = 0; j < cols; j++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += b[i * k + a] * dense[j * rows + i];
        expect(Y.view[j * k + a]).toBe(sum);
      }
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += b[j * k + a] * dense[j * rows + i];
        expect(T.view[i * k + a]).toBe(sum);
      }
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('conjugateSteps solves regressions, and carries residuals with them (%s)', (engine) => {
  const random = uniform(5);
  for (const k of [1, 2, 3, 5, 8, 11, 19]) {
    for (const weighted of [false, true]) {
      const t = new TestArena(engine);
      const [rows, lambda] = [40, 0.3];
      // Lines of all lengths, an empty one and one shorter than the rank among them.
      const lengths = [7, 0, 1, 2, 33, 40, 4];
      const count = lengths.length;
      const pointers = [0];
      for (const n of lengths) pointers.push(pointers[pointers.length - 1] + n);
      const entries = pointers[count];
      const indices = lengths.flatMap((n) => {
        const start = Math.floor(random() * rows);
        return Array.from({ length: n }, (_, e) => (start + 3 * e) % rows);
      });
      const weights = Array.from({ length: entries }, () => (weighted ? 0.5 + random() : 1));
      const f = reals(rows * k, random);
      const start = reals(count * k, random);
      const b = reals(entries, random);
      const residual = (x: ArrayLike<number>, i: number, e: number) => {
        let v = b[e];
        for (let a = 0; a < k; a++) v -= f[indices[e] * k + a] * x[i * k + a];
        return v;
      };
      const of = Array.from({ length: entries }, (_, e) => pointers.findIndex((p) => p > e) - 1);
      const [P, I, W, F] = [t.i32(pointers), t.i32(indices), t.f64(weights), t.f64(f)];
      const X = t.f64(start);
      const R = t.f64(b.map((_, e) => residual(start, of[e], e)));
      const work = t.f64(new Array<number>(2 * k + 40).fill(Number.NaN));
      const run = (steps: number) => {
        const w = weighted ? W.pointer : 0;
        return t.kernels.conjugateSteps(
          count,
          k,
          P.pointer,
          I.pointer,
          w,
          F.pointer,
          X.pointer,
          R.pointer,
          lambda,
          steps,
          work.pointer,
        );
      };
      const value = () => {
        let sum = 0;
        for (let e = 0; e < entries; e++) sum += 0.5 * weights[e] * R.view[e] ** 2;
        for (const x of X.view) sum += 0.5 * lambda * x * x;
        return sum;
      };
      const before = value();
      expect(run(1)).toBe(count - 1);
      expect(work.view[0]).toBe(entries);
      expect(value()).toBeLessThan(before);
      // As many steps as unknowns, twice for rounding, end at the normal equations.
      for (let again = 0; again < 3; again++) run(k);
      for (let e = 0; e < entries; e++) expect(R.view[e]).toBeCloseTo(residual(X.view, of[e], e), 12);
      for (let i = 0; i < count; i++) {
        for (let a = 0; a < k; a++) {
          let slope = -lambda * X.view[i * k + a];
          for (let e = pointers[i]; e < pointers[i + 1]; e++) {
            slope += weights[e] * R.view[e] * f[indices[e] * k + a];
          }
          // A line without entries stays as it was.
          if (lengths[i] > 0) expect(slope).toBeCloseTo(0, 7);
          else expect(X.view[i * k + a]).toBe(start[i * k + a]);
        }
      }
      expect(t.end()).toBe(0);
    }
  }
});
