import { extremeOf, sumOf } from '../common/sums.ts';
import type { ReductionsKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

const ROWS = 128;

export function reductions(heap: Heap): ReductionsKernels {
  const reduceAxis = (single: boolean): ReductionsKernels['reduceAxis'] => {
    const [shift, lanes, r] = single ? [2, 4, Math.fround] : [3, 2, (v: number) => v];
    return (op, outer, length, inner, x, y) => {
      const m = single ? heap.f32 : heap.f64;
      x >>>= shift;
      y >>>= shift;
      for (let o = 0; o < outer; o++) {
        for (let j = 0; j < inner; j++) {
          const from = x + o * length * inner + j;
          const term = (i: number) => m[from + i * inner];
          let value: number;
          if (op !== 0) value = extremeOf(op === 2, length, term);
          else if (inner === 1) value = sumOf(r, lanes, length, term);
          else {
            value = 0;
            for (let at = 0; at < length; at += ROWS) {
              let part = 0;
              for (let i = at; i < Math.min(length, at + ROWS); i++) part = r(part + term(i));
              value = r(value + part);
            }
          }
          m[y + o * inner + j] = value;
        }
      }
    };
  };
  const cumulativeSum = (single: boolean): ReductionsKernels['cumulativeSum'] => {
    const shift = single ? 2 : 3;
    return (reverse, outer, length, inner, x, y) => {
      const m = single ? heap.f32 : heap.f64;
      for (let o = 0; o < outer; o++) {
        for (let j = 0; j < inner; j++) {
          let sum = 0;
          for (let i = 0; i < length; i++) {
            const at = (o * length + (reverse ? length - 1 - i : i)) * inner + j;
            sum += m[(x >>> shift) + at];
            if (single) sum = Math.fround(sum);
            m[(y >>> shift) + at] = sum;
          }
        }
      }
    };
  };
  const recurrenceRows = (single: boolean): ReductionsKernels['recurrenceRows'] => {
    const shift = single ? 2 : 3;
    return (reverse, rows, n, a, b, y) => {
      const m = single ? heap.f32 : heap.f64;
      for (let r = 0; r < rows; r++) {
        let value = 0;
        for (let k = 0; k < n; k++) {
          const at = r * n + (reverse ? n - 1 - k : k);
          value = m[(a >>> shift) + at] * value + m[(b >>> shift) + at];
          m[(y >>> shift) + at] = value;
        }
      }
    };
  };
  return {
    reduceAxis: reduceAxis(false),
    sreduceAxis: reduceAxis(true),
    cumulativeSum: cumulativeSum(false),
    scumulativeSum: cumulativeSum(true),
    recurrenceRows: recurrenceRows(false),
    srecurrenceRows: recurrenceRows(true),
  };
}
