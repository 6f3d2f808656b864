import type { MomentsKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

export function moments(heap: Heap): MomentsKernels {
  const vector = (at: number, n: number) => heap.f64.subarray(at >>> 3, (at >>> 3) + n);
  return {
    modelGradient(p, G, means, b, c, q, facts) {
      const [g, mean, x, linear, out] = [vector(G, p * p), vector(means, p), vector(b, p), vector(c, p), vector(q, p)];
      out.set(linear);
      for (let j = 0; j < p; j++) if (x[j] !== 0) for (let i = 0; i < p; i++) out[i] -= g[j * p + i] * x[j];
      const sums = [0, 0, 0];
      for (let j = 0; j < p; j++) {
        if (x[j] === 0) continue;
        sums[0] += x[j] * (linear[j] + out[j]);
        sums[1] += x[j] * mean[j];
        sums[2] += Math.abs(x[j]) * Math.sqrt(g[j * p + j]);
      }
      vector(facts, 3).set(sums);
    },

    gatherModel(p, G, means, columns, m, from, meansOut, out, stride) {
      const a = heap.f64;
      const list = heap.i32.subarray(columns >>> 2, (columns >>> 2) + m);
      for (let t = from; t < m; t++) {
        a[(meansOut >>> 3) + t] = a[(means >>> 3) + list[t]];
        for (let r = 0; r <= t; r++) {
          const value = a[(G >>> 3) + list[t] * p + list[r]];
          a[(out >>> 3) + t * stride + r] = value;
          a[(out >>> 3) + r * stride + t] = value;
        }
      }
    },

    modelSquare(p, G, means, c, b, facts) {
      const [g, mean, linear, x] = [vector(G, p * p), vector(means, p), vector(c, p), vector(b, p)];
      const sums = [0, 0, 0, 0, 0];
      for (let j = 0; j < p; j++) {
        if (x[j] === 0) continue;
        let before = 0;
        for (let i = 0; i < j; i++) before += g[j * p + i] * x[i];
        sums[0] += x[j] * (x[j] * g[j * p + j] + 2 * before);
        sums[1] += x[j] * linear[j];
        sums[2] += x[j] * mean[j];
        sums[3] += Math.abs(x[j]) * Math.sqrt(g[j * p + j]);
        sums[4] += Math.abs(x[j] * mean[j]);
      }
      vector(facts, 5).set(sums);
    },

    addModel(p, share, H, delta, G) {
      const [h, d, g] = [vector(H, p * p), vector(delta, p), vector(G, p * p)];
      for (let j = 0; j < p; j++) {
        for (let i = 0; i < p; i++) g[j * p + i] += share * (h[j * p + i] + d[i] * d[j]);
      }
    },

    modelWithout(p, G, share, H, factor, delta, ratio, gain, out) {
      const [g, h, d, r] = [vector(G, p * p), vector(H, p * p), vector(delta, p), vector(ratio, p)];
      const to = vector(out, p * p);
      for (let j = 0; j < p; j++) {
        for (let i = 0; i < p; i++) {
          const at = j * p + i;
          to[at] = (g[at] - share * h[at] - factor * (d[i] * d[j])) * (gain * (r[i] * r[j]));
        }
      }
    },
  };
}
