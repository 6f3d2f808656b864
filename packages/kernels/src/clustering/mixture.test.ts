import { expect, test } from 'vitest';
import { engines, integers, reals, TestArena, uniform } from '../testing.ts';

const guard = 12345;
const sizes = [
  [1, 1],
  [2, 3],
  [3, 4],
  [5, 7],
  [8, 2],
];

test.each(engines)('densities, centred points and squares agree with loops, exactly on integers (%s)', (engine) => {
  const random = uniform(31);
  for (const [d, n] of sizes) {
    const t = new TestArena(engine);
    const [x, mean, f] = [integers(d * n, random), integers(d, random), integers(d, random)];
    const w = Array.from({ length: n }, (_, p) => [0, 4, 9, 1][p % 4]);
    const [X, m] = [t.f64(x).pointer, t.f64(mean).pointer];
    const at = (j: number, p: number) => x[p * d + j] - mean[j];
    const columns = Array.from({ length: d }, (_, j) => j);

    const out = t.f64(new Array(n + 1).fill(guard));
    t.kernels.logDensities(d, n, X, m, t.f64(f).pointer, 3, out.pointer);
    const densities = w.map((_, p) => 3 - columns.reduce((sum, j) => sum + f[j] * at(j, p) ** 2, 0) / 2);
    expect([...out.view]).toEqual([...densities, guard]);

    const centred = t.f64(new Array(d * n + 1).fill(guard));
    const weights = t.f64(w).pointer;
    const kept = w.flatMap((share, p) => (share > 0 ? [columns.map((j) => Math.sqrt(share) * at(j, p))] : []));
    expect(t.kernels.centreWeighted(d, n, X, m, weights, centred.pointer)).toBe(kept.length);
    expect([...centred.view.slice(0, d * kept.length)]).toEqual(kept.flat());
    expect(centred.view[d * kept.length]).toBe(guard);

    const s = t.f64([...columns, guard]);
    t.kernels.addWeightedSquares(d, n, X, m, weights, s.pointer);
    expect([...s.view]).toEqual([
      ...columns.map((j) => j + w.reduce((sum, share, p) => sum + share * at(j, p) ** 2, 0)),
      guard,
    ]);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('posterior probabilities and their sums agree with loops (%s)', (engine) => {
  const random = uniform(32);
  for (const [n, k] of [...sizes, [41, 3]]) {
    const t = new TestArena(engine);
    const logs = reals(n * k, random).map((v, at) => (at % 5 === 4 && at >= n ? -1e4 : 40 * v - 1000));
    // A lost component.
    if (k > 2) for (let p = 0; p < n; p++) logs[2 * n + p] = Number.NEGATIVE_INFINITY;
    const ratios = Array.from({ length: k }, (_, c) => 1 / (c + 1));
    const r = t.f64([...logs, guard]);
    const sums = t.f64([0]);
    const total = t.kernels.posteriors(n, k, r.pointer, t.f64(ratios).pointer, sums.pointer);
    let [expected, weighted] = [0, 0];
    for (let p = 0; p < n; p++) {
      const own = ratios.map((_, c) => logs[c * n + p]);
      const most = own.reduce((a, b) => Math.max(a, b));
      const parts = own.map((v) => Math.exp(v - most));
      const sum = parts.reduce((a, b) => a + b);
      expected += most + Math.log(sum);
      weighted += most + Math.log(parts.reduce((a, e, c) => a + e * ratios[c], 0));
      parts.forEach((e, c) => {
        if (e === 0) expect(r.view[c * n + p]).toBe(0);
        else expect(Math.abs(r.view[c * n + p] - e / sum)).toBeLessThanOrEqual(2e-15 * (e / sum));
      });
    }
    expect(Math.abs(total - expected)).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
    expect(Math.abs(sums.view[0] - weighted)).toBeLessThanOrEqual(1e-14 * Math.abs(weighted));
    expect(r.view[n * k]).toBe(guard);
    expect(t.end()).toBe(0);
  }
});
