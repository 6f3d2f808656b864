import type { PivotsKernels } from '../generated/lu/kernels.ts';
import type { Heap } from '../heap.ts';

function exchange(list: Float64Array | Int32Array, a: number, b: number): void {
  [list[a], list[b]] = [list[b], list[a]];
}

export function pivots(heap: Heap): PivotsKernels {
  return {
    eliminatePanel(pointer, M, whole, from, end, reach, rows, columns, threshold) {
      const F = heap.f64.subarray(pointer >>> 3, (pointer >>> 3) + M * M);
      const [rowIds, columnIds] = [heap.i32.subarray(rows >>> 2), heap.i32.subarray(columns >>> 2)];
      const pivotOf = (c: number, k: number): number => {
        const column = F.subarray(c * M, (c + 1) * M).map(Math.abs);
        let best = k;
        for (let i = k; i < whole; i++) if (column[i] > column[best]) best = i;
        const all = column.subarray(k).reduce((most, v) => Math.max(most, v), 0);
        const diagonal = rowIds.subarray(0, whole).indexOf(columnIds[c], k);
        if (all === 0) return diagonal >= 0 ? diagonal : k;
        if (diagonal >= 0 && column[diagonal] >= threshold * all) return diagonal;
        return column[best] > 0 && column[best] >= threshold * all ? best : -1;
      };
      let k = from;
      for (let c = k; c < end; ) {
        const pivot = pivotOf(c, k);
        if (pivot < 0) {
          c++;
          continue;
        }
        exchange(columnIds, k, c);
        exchange(rowIds, k, pivot);
        if (c !== k) for (let i = 0; i < M; i++) exchange(F, k * M + i, c * M + i);
        if (pivot !== k) for (let j = 0; j < M; j++) exchange(F, j * M + k, j * M + pivot);
        const p = F[k * M + k];
        if (p !== 0) {
          for (let i = k + 1; i < M; i++) F[k * M + i] /= p;
          for (let j = k + 1; j < reach; j++) {
            const x = F[j * M + k];
            if (x !== 0) for (let i = k + 1; i < M; i++) F[j * M + i] -= F[k * M + i] * x;
          }
        }
        c = ++k;
      }
      return k;
    },
  };
}
