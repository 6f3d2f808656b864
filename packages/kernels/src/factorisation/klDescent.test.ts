import { expect, test } from 'vitest';
import type { Engine } from '../index.ts';
import { engines, TestArena, uniform } from '../testing.ts';

/** A problem with zeros in X, stored ones among them, and zeros in G and F; `call` runs the kernel on it. */
function problem(engine: Engine, rows: number, cols: number, k: number, zeros: number) {
  const random = uniform(rows * 100 + k);
  const t = new TestArena(engine);
  const X = Array.from({ length: rows * cols }, () => (random() < zeros ? 0 : 5 * random()));
  const pointers = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) {
      if (X[j * rows + i] === 0 && random() < 0.5) continue;
      indices.push(i);
      values.push(X[j * rows + i]);
    }
    pointers.push(indices.length);
  }
  const longest = Math.max(...pointers.slice(1).map((p, j) => p - pointers[j]));
  const g = Array.from({ length: rows * k }, () => (random() < 0.2 ? 0 : random()));
  for (let i = 0; i < rows; i++) g[i * k] += 0.1;
  const f = Array.from({ length: cols * k }, (_, at) => (at % k > 0 && random() < 0.2 ? 0 : random() + 0.1));
  const sums = Array.from({ length: k }, (_, a) => g.reduce((s, v, at) => (at % k === a ? s + v : s), 0));
  const parts = [t.i32(pointers).pointer, t.i32(indices).pointer, t.f64(values).pointer] as const;
  const [G, S, F] = [t.f64(g), t.f64(sums), t.f64(f)];
  const loss = t.f64([Number.NaN]);
  const work = t.bytes(8 * (k + 4) * 4 * Math.ceil(longest / 4));
  const call = (l1: number, l2: number, passes: number, tol: number) => ({
    violation: t.kernels.klDescent(
      rows,
      cols,
      k,
      ...parts,
      G.pointer,
      S.pointer,
      F.pointer,
      l1,
      l2,
      passes,
      tol,
      longest,
      work,
      loss.pointer,
    ),
    loss: loss.view[0],
  });
  const y = (i: number, j: number) => {
    let sum = 0;
    for (let a = 0; a < k; a++) sum += g[i * k + a] * F.view[j * k + a];
    return sum;
  };
  const derivative = (j: number, a: number, l1: number, l2: number) => {
    let d = l1 + l2 * F.view[j * k + a];
    for (let i = 0; i < rows; i++) d += g[i * k + a] * (1 - X[j * rows + i] / y(i, j));
    return d;
  };
  const value = () => {
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      for (let i = 0; i < rows; i++) {
        const x = X[j * rows + i];
        sum += (x > 0 ? x * Math.log(x / y(i, j)) : 0) - x + y(i, j);
      }
    }
    return sum;
  };
  return { t, F, call, derivative, value };
}

test.each(engines)('klDescent ends where the KKT conditions hold, its loss that of the definition (%s)', (engine) => {
  for (const [rows, k, zeros, l1, l2] of [
    [1, 1, 0, 0, 0],
    [6, 1, 0.5, 0.1, 0],
    [13, 3, 0.4, 0, 0],
    [16, 5, 0, 0, 0.3],
    [30, 8, 0.7, 0.2, 0.1],
  ]) {
    const cols = 4;
    const { t, F, call, derivative, value } = problem(engine, rows, cols, k, zeros);
    const { loss } = call(l1, l2, 20_000, 1e-14);
    expect(Math.abs(loss - value())).toBeLessThan(1e-10 * (1 + value()));
    for (let j = 0; j < cols; j++) {
      for (let a = 0; a < k; a++) {
        const f = F.view[j * k + a];
        const d = derivative(j, a, l1, l2);
        expect(f).toBeGreaterThanOrEqual(0);
        // Values creep to a bound of zero: there it is their product with the derivative that vanishes.
        if (d < 0) expect(d).toBeGreaterThan(-1e-5);
        else expect(d * f).toBeLessThan(1e-5);
      }
    }
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('each pass of klDescent lowers the loss, from a violation as defined (%s)', (engine) => {
  const { t, call, derivative } = problem(engine, 21, 5, 1, 0.3);
  let before = 0;
  for (let j = 0; j < 5; j++) before += Math.abs(derivative(j, 0, 0.1, 0));
  expect(Math.abs(call(0.1, 0, 1, 0).violation - before)).toBeLessThan(1e-12 * before);
  expect(t.end()).toBe(0);
  const other = problem(engine, 21, 5, 6, 0.3);
  let last = other.value();
  for (let pass = 0; pass < 30; pass++) {
    const { loss } = other.call(0, 0, 1, 0);
    expect(loss).toBeLessThanOrEqual(last * (1 + 1e-14));
    last = loss;
  }
  expect(other.t.end()).toBe(0);
});

test('the engines take the same steps', () => {
  const ends = engines.map((engine) => {
    const { t, F, call } = problem(engine, 19, 6, 5, 0.4);
    const { violation, loss } = call(0.05, 0.02, 3, 1e-3);
    const all = [violation, loss, ...F.view];
    t.end();
    return all;
  });
  for (const end of ends) for (const [at, v] of end.entries()) expect(v).toBeCloseTo(ends[0][at], 10);
});

test.each(engines)('a loss that is infinite is reported as such (%s)', (engine) => {
  const t = new TestArena(engine);
  // The second value of X meets a row of G without entries.
  const parts = [t.i32([0, 2]).pointer, t.i32([0, 1]).pointer, t.f64([1, 2]).pointer] as const;
  const [G, S, F, loss] = [t.f64([1, 0]), t.f64([1]), t.f64([1]), t.f64([0])];
  const work = t.bytes(8 * 5 * 4);
  t.kernels.klDescent(2, 1, 1, ...parts, G.pointer, S.pointer, F.pointer, 0, 0, 3, 0, 2, work, loss.pointer);
  expect(loss.view[0]).toBe(Number.POSITIVE_INFINITY);
  expect(t.end()).toBe(0);
});
