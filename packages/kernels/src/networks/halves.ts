import { bitsOfHalf, numberOfHalf } from '../common/halves.ts';
import type { HalvesKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

export function halves(heap: Heap): HalvesKernels {
  return {
    fromHalves(brain, n, x, y) {
      for (let i = 0; i < n; i++) heap.f32[(y >>> 2) + i] = numberOfHalf(heap.u16[(x >>> 1) + i], brain);
    },
    stoHalves(brain, n, x, y) {
      for (let i = 0; i < n; i++) heap.u16[(y >>> 1) + i] = bitsOfHalf(heap.f32[(x >>> 2) + i], brain);
    },
    toHalves(brain, n, x, y) {
      for (let i = 0; i < n; i++) heap.u16[(y >>> 1) + i] = bitsOfHalf(heap.f64[(x >>> 3) + i], brain);
    },
    copyHalves(_op, meta, y, a) {
      const [dims, words] = [heap.i32, heap.u16];
      const first = (meta >>> 2) + 1;
      const rank = dims[first - 1];
      const visit = (d: number, to: number, from: number): void => {
        const [n, sy, sa] = [dims[first + 5 * d], dims[first + 5 * d + 1], dims[first + 5 * d + 2]];
        for (let i = 0; i < n; i++) {
          if (d === rank - 1) words[to + i * sy] = words[from + i * sa];
          else visit(d + 1, to + i * sy, from + i * sa);
        }
      };
      visit(0, y >>> 1, a >>> 1);
    },
    takeHalves(outer, count, length, inner, whole, at, x, y) {
      const words = heap.u16;
      for (let o = 0; o < outer; o++) {
        for (let j = 0; j < count; j++) {
          const index = heap.i32[(at >>> 2) + j];
          if (index < 0 || index >= length) return j;
          const from = (x >>> 1) + (o * length + index) * whole;
          words.copyWithin((y >>> 1) + (o * count + j) * whole, from, from + inner);
        }
      }
      return -1;
    },
  };
}
