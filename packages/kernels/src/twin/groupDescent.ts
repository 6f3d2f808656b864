import type { Heap, Kernels } from '../kernels.ts';

const soft = (z: number, t: number): number => (z > t ? z - t : z < -t ? z + t : 0);

export function groupDescent(heap: Heap): Pick<Kernels, 'gramGroupDescent'> {
  return {
    gramGroupDescent(groups, starts, m, G, ldg, q, b, l1, l2, bound, _identity, _work, epochs, tol) {
      const a = heap.f64;
      const index = heap.i32;
      starts >>>= 2;
      G >>>= 3;
      q >>>= 3;
      b >>>= 3;
      l1 >>>= 3;
      l2 >>>= 3;
      bound >>>= 3;
      const move = (j: number, delta: number) => {
        for (let i = 0; i < m; i++) a[q + i] -= delta * a[G + j * ldg + i];
      };
      let largest = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        largest = 0;
        for (let g = 0; g < groups; g++) {
          const from = index[starts + g];
          const to = index[starts + g + 1];
          const [t1, t2, L] = [a[l1 + g], a[l2 + g], a[bound + g]];
          if (t2 === 0) {
            for (let j = from; j < to; j++) {
              const curvature = a[G + j * ldg + j];
              if (!(curvature > 0)) continue;
              const next = soft(a[b + j] + a[q + j] / curvature, t1 / curvature);
              const delta = next - a[b + j];
              if (delta === 0) continue;
              a[b + j] = next;
              move(j, delta);
              largest = Math.max(largest, 0.5 * curvature * delta * delta);
            }
            continue;
          }
          if (!(L > 0)) continue;
          const z: number[] = [];
          for (let j = from; j < to; j++) z.push(soft(a[b + j] + a[q + j] / L, t1 / L));
          const norm = Math.sqrt(z.reduce((sum, v) => sum + v * v, 0));
          const shrink = norm * L > t2 ? 1 - t2 / (L * norm) : 0;
          let moved = 0;
          for (let j = from; j < to; j++) {
            const delta = shrink * z[j - from] - a[b + j];
            a[b + j] += delta;
            moved += delta * delta;
            if (delta !== 0) move(j, delta);
          }
          largest = Math.max(largest, 0.5 * L * moved);
        }
        if (largest <= tol) break;
      }
      return largest;
    },
  };
}
