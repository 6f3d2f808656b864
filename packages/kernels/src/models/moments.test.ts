import { expect, test } from 'vitest';
import { engines, integers, TestArena, uniform } from '../testing.ts';

test.each(engines)('modelGradient: c − Gb and its sums, exactly on whole numbers (%s)', (engine) => {
  const random = uniform(4);
  for (const p of [1, 2, 5, 8, 31]) {
    const t = new TestArena(engine);
    const half = integers(p * p, random);
    const entry = (i: number, j: number) => (i === j ? (i % 5) ** 2 : half[Math.max(i, j) * p + Math.min(i, j)]);
    const G = Array.from({ length: p * p }, (_, k) => entry(k % p, Math.floor(k / p)));
    const [means, c] = [integers(p, random), integers(p, random)];
    const b = integers(p, random).map((v) => (v > 3 ? v : 0));
    const [q, facts] = [t.f64(new Array(p).fill(0)), t.f64([0, 0, 0])];
    const [list, packed] = [t.i32(new Array(p).fill(0)), t.f64(new Array(p).fill(0))];
    const of = [t.f64(G).pointer, t.f64(means).pointer, t.f64(b).pointer, t.f64(c).pointer] as const;
    t.kernels.modelGradient(p, ...of, q.pointer, facts.pointer, list.pointer, packed.pointer);
    const wanted = c.map((v, i) => v - b.reduce((sum, x, j) => sum + entry(i, j) * x, 0));
    expect(Array.from(q.view)).toEqual(wanted);
    const sum = (of: (j: number) => number) => b.reduce((total, x, j) => total + (x === 0 ? 0 : of(j)), 0);
    expect(facts.view[0]).toBe(sum((j) => b[j] * (c[j] + wanted[j])));
    expect(facts.view[1]).toBe(sum((j) => b[j] * means[j]));
    expect(facts.view[2]).toBe(sum((j) => Math.abs(b[j]) * (j % 5)));
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('gatherModel: columns in both triangles, no others (%s)', (engine) => {
  const t = new TestArena(engine);
  const [p, m, stride] = [6, 4, 5];
  const G = t.f64(
    Array.from(
      { length: p * p },
      (_, k) => Math.max(k % p, Math.floor(k / p)) * 10 + Math.min(k % p, Math.floor(k / p)),
    ),
  );
  const means = t.f64([1, 2, 3, 4, 5, 6]);
  const list = [4, 1, 5, 0];
  const [columns, some, out] = [t.i32(list), t.f64(new Array(m).fill(-1)), t.f64(new Array(m * stride).fill(-1))];
  t.kernels.gatherModel(p, G.pointer, means.pointer, columns.pointer, m, 2, some.pointer, out.pointer, stride);
  expect(Array.from(some.view)).toEqual([-1, -1, 6, 1]);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const wanted = i < 2 && j < 2 ? -1 : Math.max(list[i], list[j]) * 10 + Math.min(list[i], list[j]);
      expect(out.view[j * stride + i]).toBe(wanted);
    }
    expect(out.view[i * stride + m]).toBe(-1);
  }
  expect(t.end()).toBe(0);
});

test.each(engines)('modelSquare: the sums of a mean square, exactly on whole numbers (%s)', (engine) => {
  const random = uniform(6);
  for (const p of [1, 2, 9, 31]) {
    const t = new TestArena(engine);
    const half = integers(p * p, random);
    const entry = (i: number, j: number) => (i === j ? (i % 5) ** 2 : half[Math.max(i, j) * p + Math.min(i, j)]);
    // What is below the diagonal is not read.
    const G = Array.from({ length: p * p }, (_, k) => {
      const [i, j] = [k % p, Math.floor(k / p)];
      return i > j ? Number.NaN : entry(i, j);
    });
    const [means, c] = [integers(p, random), integers(p, random)];
    const b = integers(p, random).map((v) => (v > 1 ? v : 0));
    const facts = t.f64(new Array(5).fill(0));
    t.kernels.modelSquare(p, t.f64(G).pointer, t.f64(means).pointer, t.f64(c).pointer, t.f64(b).pointer, facts.pointer);
    const sum = (of: (j: number) => number) => b.reduce((total, x, j) => total + (x === 0 ? 0 : of(j)), 0);
    expect(Array.from(facts.view)).toEqual([
      sum((j) => b[j] * sum((i) => entry(i, j) * b[i])),
      sum((j) => b[j] * c[j]),
      sum((j) => b[j] * means[j]),
      sum((j) => Math.abs(b[j]) * (j % 5)),
      sum((j) => Math.abs(b[j] * means[j])),
    ]);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('addModel, modelWithout: rows come and go, exactly on whole numbers (%s)', (engine) => {
  const random = uniform(8);
  for (const p of [1, 2, 5, 8]) {
    const t = new TestArena(engine);
    const [g, h] = [integers(p * p, random), integers(p * p, random)];
    const [delta, ratio] = [integers(p, random), integers(p, random)];
    const [G, H, d, r] = [t.f64(g), t.f64(h), t.f64(delta), t.f64(ratio)];
    const out = t.f64(new Array(p * p).fill(-1));
    t.kernels.modelWithout(p, G.pointer, 0.5, H.pointer, 0.25, d.pointer, r.pointer, 2, out.pointer);
    const at = (k: number) => [k % p, Math.floor(k / p)] as const;
    const product = (v: readonly number[], k: number) => v[at(k)[0]] * v[at(k)[1]];
    expect(Array.from(out.view)).toEqual(
      g.map((value, k) => (value - 0.5 * h[k] - 0.25 * product(delta, k)) * 2 * product(ratio, k)),
    );
    t.kernels.addModel(p, 0.5, H.pointer, d.pointer, G.pointer);
    expect(Array.from(G.view)).toEqual(g.map((value, k) => value + 0.5 * (h[k] + product(delta, k))));
    expect(t.end()).toBe(0);
  }
});
