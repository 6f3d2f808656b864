import { expect, test } from 'vitest';
import { Arena, gramWorkBytes, ThreadPool } from '../index.ts';
import { allKernels, engines, TestArena, uniform } from '../testing.ts';

// Rows and columns below, at and above the panel (4), the block of G (256) and that of rows (256); Gram columns from there on.
const shapes: Array<[n: number, m: number, from: number]> = [
  [1, 1, 0],
  [7, 5, 0],
  [256, 64, 0],
  [300, 70, 0],
  [513, 9, 4],
  [513, 9, 7],
  [301, 140, 3],
  [301, 140, 136],
  [5, 261, 1],
  [20, 6, 6],
];
const guard = 12345;

test.each(engines)('Gram columns are those of the definition, centred, scaled and weighted or not (%s)', (engine) => {
  const random = uniform(5);
  shapes.forEach(([n, m, from], index) => {
    const weighted = index % 2 === 0;
    const [ldx, p, ldg] = [n + (index % 3), m + 2, m + (index % 2)];
    const t = new TestArena(engine);
    // Columns in another order than in the matrix, where there are some.
    const columns = Array.from({ length: m }, (_, a) => (index === 3 ? a : (a * 3 + 1) % p)).map((j, a, all) =>
      all.indexOf(j) === a ? j : a,
    );
    const X = Array.from({ length: ldx * p }, () => random() + 3);
    const scale = Array.from({ length: p }, () => 0.5 + random());
    const d = Array.from({ length: n }, () => (weighted ? random() : 0.25));
    const sumD = d.reduce((sum, v) => sum + v, 0);
    const means = columns.map((j) => d.reduce((sum, v, i) => sum + v * X[j * ldx + i], 0) / sumD);
    const scaled = columns.map((j, c) => Float64Array.from(d, (_, i) => (X[j * ldx + i] - means[c]) * scale[j]));
    const entry = (a: number, b: number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += d[i] * scaled[a][i] * scaled[b][i];
      return sum;
    };
    const [list, x, s, w] = [t.i32(columns), t.f64(X), t.f64(scale), t.f64(d)];
    const mean = t.f64(new Array(m).fill(Number.NaN));
    t.kernels.columnMeans(n, m, list.pointer, x.pointer, ldx, w.pointer, sumD, mean.pointer);
    mean.view.forEach((v, a) => {
      expect(v).toBeCloseTo(means[a], 12);
    });
    const root = weighted ? t.f64(d.map(Math.sqrt)).pointer : 0;
    const G = t.f64(new Array(ldg * m + 1).fill(guard));
    const work = t.bytes(gramWorkBytes(m));
    const sentinel = t.f64([guard]); // lies behind work: an overrun would show
    const of = [list.pointer, x.pointer, ldx, s.pointer, mean.pointer, root, weighted ? 1 : 0.25] as const;
    const v = Array.from({ length: n }, () => random() - 0.5);
    const target = t.f64([...v, ...new Array(m).fill(Number.NaN), guard]);
    const asked = index % 4 < 3;
    t.kernels.columnGram(n, m, from, ...of, G.pointer, ldg, work, asked ? target.pointer : 0);
    columns.forEach((j, a) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += v[i] * (X[j * ldx + i] - means[a]) * scale[j];
      const found = target.view[n + a];
      if (asked && from < m) expect(Math.abs(found - sum)).toBeLessThan(1e-13 * n);
      else expect(found).toBeNaN();
    });
    expect(target.view[n + m]).toBe(guard);
    let wrong = 0;
    for (let a = 0; a < m; a++) {
      for (let b = 0; b < ldg; b++) {
        const found = G.view[a * ldg + b];
        const good = b < m && Math.max(a, b) >= from ? Math.abs(found - entry(a, b)) < 1e-12 * n : found === guard;
        if (!good) wrong++;
      }
    }
    expect(wrong).toBe(0);
    expect(G.view[ldg * m]).toBe(guard);
    expect(sentinel.view[0]).toBe(guard);
  });
});

test('threads give the bits of one, from any column on', async () => {
  const [n, p] = [300, 90];
  const arena = new Arena();
  const random = uniform(6);
  const fill = (length: number) => {
    const block = arena.f64Block(length);
    for (let i = 0; i < length; i++) block.view[i] = random() + 0.1;
    return block;
  };
  const [X, scale, means, root] = [fill(n * p), fill(p), fill(p), fill(n)];
  const list = arena.i32Block(p);
  for (let j = 0; j < p; j++) list.view[j] = p - 1 - j;
  const work = arena.alloc(gramWorkBytes(p));
  const pool = await ThreadPool.create({ arena, threads: 3 });
  for (const from of [0, 50, 87]) {
    const [alone, together] = [fill(p * p), fill(p * p)];
    together.view.set(alone.view);
    const of = [list.pointer, X.pointer, n, scale.pointer, means.pointer, root.pointer, 1] as const;
    const [one, three] = [fill(n + p), fill(n + p)];
    three.view.set(one.view);
    allKernels(arena).columnGram(n, p, from, ...of, alone.pointer, p, work, one.pointer);
    pool.columnGram(n, p, from, ...of, together.pointer, p, work, three.pointer);
    expect(together.view).toEqual(alone.view);
    expect(three.view).toEqual(one.view);
  }
  await pool.close();
});
