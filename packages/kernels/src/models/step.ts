import type { StepKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';
import { proximal } from './penalties.ts';

export const step = (heap: Heap): StepKernels => ({
  moveCoordinate(b, pull, t, kind, penalty, size) {
    const a = heap.f64;
    const [a1, a2, gamma, lower, upper] = [0, 1, 2, 3, 4].map((q) => a[(penalty + q * size) >>> 3]);
    const old = a[b >>> 3];
    const next = proximal(kind, old + pull, t, a1, a2, gamma, lower, upper);
    if (next !== old) a[b >>> 3] = next;
    return next - old;
  },
});

/** Epochs over m coordinates; the caller computes gradients and applies updates. */
export function sweeps(heap: Heap) {
  const { moveCoordinate } = step(heap);
  return (
    m: number,
    b: number,
    kind: number,
    penalty: number,
    stride: number,
    epochs: number,
    tol: number,
    curvature: (k: number) => number,
    gradient: (k: number) => number,
    update: (k: number, delta: number) => void,
  ): number => {
    let largest = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      largest = 0;
      for (let k = 0; k < m; k++) {
        const c = curvature(k);
        if (!(c > 0)) continue;
        const delta = moveCoordinate(b + 8 * k, gradient(k) / c, 1 / c, kind, penalty + 8 * k, 8 * stride);
        if (delta === 0) continue;
        update(k, delta);
        largest = Math.max(largest, 0.5 * c * delta * delta);
      }
      if (largest <= tol) break;
    }
    return largest;
  };
}
