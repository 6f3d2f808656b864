import { expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

test.each(engines)('the logistic loss agrees with its definition at every size of margin (%s)', (engine) => {
  const arena = new Arena({ engine });
  const random = uniform(3);
  const margins = [0, 1e-300, 1e-17, 1e-8, 0.3, 1, 5, 36, 37, 40, 300, 700, 707, 745, 1e4];
  for (let k = 0; k < 200; k++) margins.push(random() * 50);
  for (const n of [0, 1, 2, margins.length]) {
    const [y, w, eta, v, d] = Array.from({ length: 5 }, () => arena.f64Block(n));
    for (let i = 0; i < n; i++) {
      y.view[i] = random() < 0.5 ? -1 : 1;
      w.view[i] = i === 7 ? 0 : 0.1 + random();
      eta.view[i] = margins[i] * (random() < 0.5 ? -1 : 1);
    }
    for (const majorize of [false, true]) {
      const value = allKernels(arena).logisticDerivatives(
        n,
        y.pointer,
        w.pointer,
        eta.pointer,
        v.pointer,
        d.pointer,
        majorize,
      );
      let expected = 0;
      for (let i = 0; i < n; i++) {
        const m = y.view[i] * eta.view[i];
        const wi = w.view[i];
        expected += wi * (m > 0 ? Math.log1p(Math.exp(-m)) : Math.log1p(Math.exp(m)) - m);
        const wrong = m > 0 ? Math.exp(-m) / (1 + Math.exp(-m)) : 1 / (1 + Math.exp(m));
        expect(Math.abs(v.view[i] - wi * y.view[i] * wrong)).toBeLessThanOrEqual(4e-16 * wi * wrong + 1e-300);
        const curvature = majorize ? 0.25 : wrong * (1 / (1 + Math.exp(-m)));
        expect(Math.abs(d.view[i] - wi * curvature)).toBeLessThanOrEqual(1e-15 * wi * curvature + 1e-300);
      }
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-14 * expected);
      const sums = arena.f64Block(3);
      allKernels(arena).logisticSums(n, v.pointer, d.pointer, sums.pointer);
      const there = Array.from({ length: n }, (_, i) => i).filter((i) => v.view[i] !== 0);
      [Math.abs, (_: number, d: number) => d, (v: number, d: number) => (v * v) / d].forEach((term, k) => {
        const sum = there.reduce((sum, i) => sum + term(v.view[i], d.view[i]), 0);
        if (Number.isFinite(sum)) expect(Math.abs(sums.view[k] - sum)).toBeLessThanOrEqual(1e-14 * sum);
        else expect(sums.view[k]).toBe(sum);
      });
      sums.free();
      for (const s of [1, 0.7, 0]) {
        let entropy = 0;
        for (let i = 0; i < n; i++) {
          const t = w.view[i] > 0 ? (s * v.view[i] * y.view[i]) / w.view[i] : 0;
          if (w.view[i] > 0 && t > 0 && t < 1) entropy += w.view[i] * (t * Math.log(t) + (1 - t) * Math.log1p(-t));
        }
        const conjugate = allKernels(arena).logisticConjugate(n, y.pointer, w.pointer, v.pointer, s);
        expect(Math.abs(conjugate - entropy)).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(entropy)));
      }
      if (n > 0 && w.view[0] > 0) {
        expect(allKernels(arena).logisticConjugate(n, y.pointer, w.pointer, v.pointer, -1)).toBe(
          Number.POSITIVE_INFINITY,
        );
      }
    }
    for (const block of [y, w, eta, v, d]) block.free();
  }
  expect(arena.allocatedBytes).toBe(0);
});

test.each(engines)('sigmoids agree with their definition at every size (%s)', (engine) => {
  const arena = new Arena({ engine });
  const random = uniform(4);
  const values = [0, 1e-300, 1e-17, 0.3, -0.3, 5, -5, 36, -36, 40, -300, 300, 700, -700, 1e4, -1e4, 1e300, -1e300];
  for (let k = 0; k < 200; k++) values.push(random() * 100 - 50);
  for (const n of [0, 1, 2, values.length - 1, values.length]) {
    for (const bias of [0, 0.7, -3]) {
      const x = arena.f64Block(n + 1);
      x.view.set([...values.slice(0, n), 12345]);
      allKernels(arena).sigmoids(n, bias, x.pointer);
      for (let i = 0; i < n; i++) {
        const t = values[i] + bias;
        const expected = t > 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t));
        // Below e^−708 the answer is that.
        expect(Math.abs(x.view[i] - expected)).toBeLessThanOrEqual(1e-15 * expected + 1e-300);
      }
      expect(x.view[n]).toBe(12345);
      x.free();
    }
  }
  expect(arena.allocatedBytes).toBe(0);
});
