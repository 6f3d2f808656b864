import type { FourierKernels } from '../generated/transforms/kernels.ts';
import type { Heap } from '../heap.ts';

export function fourier(heap: Heap): FourierKernels {
  return {
    fourierPasses(n, radices, count, roots, x, y) {
      const h = heap.f64;
      const turns = h.subarray(roots >>> 3, (roots >>> 3) + 2 * n);
      let [from, to] = [x, y].map((p) => h.subarray(p >>> 3, (p >>> 3) + 2 * n));
      let [rest, stride] = [n, 1];
      for (let i = 0; i < count; i++) {
        const p = heap.i32[(radices >>> 2) + i];
        rest /= p;
        if (p === 4) four(rest, stride, turns, from, to);
        else pass(p, rest, stride, turns, from, to);
        stride *= p;
        [from, to] = [to, from];
      }
      return count & 1;
    },
  };
}

/** {@link pass} of radix 4, whose roots of unity need no multiplications. */
function four(m: number, s: number, roots: Float64Array, x: Float64Array, y: Float64Array): void {
  const step = 2 * s * m;
  for (let q = 0; q < m; q++) {
    const w = 2 * q * s;
    const [r1, i1, r2, i2] = [roots[w], roots[w + 1], roots[2 * w], roots[2 * w + 1]];
    const [r3, i3] = [roots[3 * w], roots[3 * w + 1]];
    for (let k = 0; k < s; k++) {
      const at = 2 * (k + s * q);
      const [b, c, d] = [at + step, at + 2 * step, at + 3 * step];
      const re02 = x[at] + x[c];
      const im02 = x[at + 1] + x[c + 1];
      const re0m2 = x[at] - x[c];
      const im0m2 = x[at + 1] - x[c + 1];
      const re13 = x[b] + x[d];
      const im13 = x[b + 1] + x[d + 1];
      const re1m3 = x[b] - x[d];
      const im1m3 = x[b + 1] - x[d + 1];
      const to = 2 * (k + 4 * s * q);
      y[to] = re02 + re13;
      y[to + 1] = im02 + im13;
      let re = re0m2 + im1m3;
      let im = im0m2 - re1m3;
      y[to + 2 * s] = re * r1 - im * i1;
      y[to + 2 * s + 1] = re * i1 + im * r1;
      re = re02 - re13;
      im = im02 - im13;
      y[to + 4 * s] = re * r2 - im * i2;
      y[to + 4 * s + 1] = re * i2 + im * r2;
      re = re0m2 - im1m3;
      im = im0m2 + re1m3;
      y[to + 6 * s] = re * r3 - im * i3;
      y[to + 6 * s + 1] = re * i3 + im * r3;
    }
  }
}

/**
 * One pass of radix p: y[k + s(p·q + u)] = w^(q·u) Σ_t x[k + s(q + m·t)] ω_p^(t·u), where w is a root of unity of order
 * p·m.
 */
function pass(p: number, m: number, s: number, roots: Float64Array, x: Float64Array, y: Float64Array): void {
  const apart = roots.length / p;
  for (let q = 0; q < m; q++) {
    for (let u = 0; u < p; u++) {
      for (let k = 0; k < s; k++) {
        let re = x[2 * (k + s * q)];
        let im = x[2 * (k + s * q) + 1];
        for (let t = 1; t < p; t++) {
          const w = ((t * u) % p) * apart;
          const at = 2 * (k + s * (q + m * t));
          re += x[at] * roots[w] - x[at + 1] * roots[w + 1];
          im += x[at] * roots[w + 1] + x[at + 1] * roots[w];
        }
        const w = 2 * (q * u * s);
        const at = 2 * (k + s * (p * q + u));
        y[at] = re * roots[w] - im * roots[w + 1];
        y[at + 1] = re * roots[w + 1] + im * roots[w];
      }
    }
  }
}
