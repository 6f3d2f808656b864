import { expect, test } from 'vitest';
import { engines, reals, TestArena, uniform } from '../testing.ts';

test.each(engines)('the squared loss has the bits of loops over rows (%s)', (engine) => {
  const random = uniform(5);
  for (const n of [0, 1, 2, 7, 100]) {
    const t = new TestArena(engine);
    const [y, eta] = [reals(n, random), reals(n, random)];
    const w = Array.from({ length: n }, (_, i) => (i === 3 ? 0 : 0.1 + random()));
    const [ys, ws, etas] = [t.f64(y), t.f64(w), t.f64(eta)];
    const [v, d, sums] = [t.f64(new Array(n).fill(-1)), t.f64(new Array(n).fill(-1)), t.f64([1, 2, 3])];
    const value = t.kernels.squaredDerivatives(
      n,
      ys.pointer,
      ws.pointer,
      etas.pointer,
      v.pointer,
      d.pointer,
      sums.pointer,
    );
    let [sum, sumV, size, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const r = y[i] - eta[i];
      sum += w[i] * r * r;
      sumV += w[i] * r;
      size += Math.abs(w[i] * r);
      sumD += w[i];
    }
    expect(value).toBe(0.5 * sum);
    expect(Array.from(sums.view)).toEqual([sumV, size, sumD]);
    expect(Array.from(v.view)).toEqual(w.map((wi, i) => wi * (y[i] - eta[i])));
    expect(Array.from(d.view)).toEqual(w);
    for (const s of [1, 0.3, 0]) {
      let conjugate = 0;
      v.view.forEach((vi, i) => {
        const u = s * vi;
        if (w[i] > 0) conjugate += (0.5 * u * u) / w[i] - y[i] * u;
      });
      expect(t.kernels.squaredConjugate(n, ys.pointer, ws.pointer, v.pointer, s)).toBe(conjugate);
    }
    expect(t.end()).toBe(0);
  }
});
