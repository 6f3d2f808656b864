import { functions } from '../common/functions.ts';
import type { BendsKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function bendsOf(heap: Heap, single: boolean) {
  const { r, exp, expm1 } = functions(single);
  const shift = single ? 2 : 3;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const bendElements: BendsKernels['bendElements'] = (kind, n, alpha, scale, gain, x, y) => {
    const a = numbers();
    const [bend, by, times] = [alpha, scale, gain].map(r);
    const f = (v: number): number => {
      if (kind === 0) return v > 0 ? v : r(v * bend);
      return r((v > 0 ? v : r(expm1(kind === 2 ? r(v / by) : v) * bend)) * times);
    };
    for (let i = 0; i < n; i++) a[(y >>> shift) + i] = f(a[(x >>> shift) + i]);
  };
  const bendBackward: BendsKernels['bendBackward'] = (kind, n, alpha, scale, gain, x, g, dx) => {
    const a = numbers();
    const [bend, by, times] = [alpha, scale, gain].map(r);
    const slope = (v: number, d: number): number => {
      if (kind === 0) return v > 0 ? d : r(d * bend);
      const own = r(d * times);
      if (v > 0) return own;
      const low = r(r(own * bend) * exp(kind === 2 ? r(v / by) : v));
      return kind === 2 ? r(low / by) : low;
    };
    for (let i = 0; i < n; i++) a[(dx >>> shift) + i] = slope(a[(x >>> shift) + i], a[(g >>> shift) + i]);
  };
  return { bendElements, bendBackward };
}

export function bends(heap: Heap): BendsKernels {
  const single = bendsOf(heap, true);
  return { ...bendsOf(heap, false), sbendElements: single.bendElements, sbendBackward: single.bendBackward };
}
