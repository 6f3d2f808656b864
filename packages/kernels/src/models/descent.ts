import type { DescentKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';
import { sweeps } from './step.ts';

export function descent(heap: Heap): DescentKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  const sweep = sweeps(heap);
  return {
    gramDescent(m, G, ldg, q, b, kind, penalty, stride, epochs, tol) {
      const a = heap.f64;
      G >>>= 3;
      q >>>= 3;
      return sweep(
        m,
        b,
        kind,
        penalty,
        stride,
        epochs,
        tol,
        (j) => a[G + j * ldg + j],
        (j) => a[q + j],
        (j, delta) => {
          for (let i = 0; i < m; i++) a[q + i] -= delta * a[G + j * ldg + i];
        },
      );
    },

    gatherSymmetric(k, index, G, ldg, ridge, L, ldl) {
      const a = heap.f64;
      const at = heap.i32.subarray(index >>> 2, (index >>> 2) + k);
      for (let c = 0; c < k; c++) {
        for (let r = c; r < k; r++) a[(L >>> 3) + c * ldl + r] = a[(G >>> 3) + at[c] * ldg + at[r]];
        if (ridge) a[(L >>> 3) + c * ldl + c] += a[(ridge >>> 3) + at[c]];
      }
    },

    compactSymmetric(k, slots, G, ldg) {
      const a = heap.f64;
      const at = heap.i32.subarray(slots >>> 2, (slots >>> 2) + k);
      G >>>= 3;
      for (let c = 0; c < k; c++) for (let r = 0; r < k; r++) a[G + c * ldg + r] = a[G + at[c] * ldg + at[r]];
    },

    addColumns(m, k, index, A, lda, s, d, y) {
      const a = heap.f64;
      const at = heap.i32.subarray(index >>> 2, (index >>> 2) + k);
      for (let c = 0; c < k; c++) {
        const t = s * a[(d >>> 3) + c];
        for (let i = 0; i < m; i++) a[(y >>> 3) + i] += t * a[(A >>> 3) + at[c] * lda + i];
      }
    },

    denseDescent(
      n,
      m,
      columns,
      X,
      ldx,
      scale,
      d,
      rd,
      curvatures,
      sums,
      sumD,
      centre,
      state,
      b,
      kind,
      penalty,
      stride,
      epochs,
      tol,
    ) {
      const a = heap.f64;
      d >>>= 3;
      rd >>>= 3;
      const column = (k: number) => {
        const j = heap.i32[(columns >>> 2) + k];
        return { s: a[(scale >>> 3) + j], x: (X >>> 3) + j * ldx };
      };
      return sweep(
        m,
        b,
        kind,
        penalty,
        stride,
        epochs,
        tol,
        (k) => a[(curvatures >>> 3) + k],
        (k) => {
          const { s, x } = column(k);
          let g = 0;
          for (let i = 0; i < n; i++) g += a[x + i] * a[rd + i];
          return g * s + a[state >>> 3] * a[(sums >>> 3) + k];
        },
        (k, delta) => {
          const { s, x } = column(k);
          for (let i = 0; i < n; i++) a[rd + i] -= delta * s * a[x + i] * a[d + i];
          if (centre) a[state >>> 3] += (delta * a[(sums >>> 3) + k]) / sumD;
        },
      );
    },

    cscDescent(
      m,
      columns,
      colPointers,
      rowIndices,
      values,
      scale,
      d,
      rd,
      curvatures,
      sums,
      sumD,
      centre,
      state,
      b,
      kind,
      penalty,
      stride,
      epochs,
      tol,
    ) {
      const a = heap.f64;
      const { i32 } = heap;
      const rows = rowIndices >>> 2;
      const vals = values >>> 3;
      const column = (k: number) => {
        const j = i32[(columns >>> 2) + k];
        return { s: a[(scale >>> 3) + j], from: i32[(colPointers >>> 2) + j], to: i32[(colPointers >>> 2) + j + 1] };
      };
      return sweep(
        m,
        b,
        kind,
        penalty,
        stride,
        epochs,
        tol,
        (k) => a[(curvatures >>> 3) + k],
        (k) => {
          const { s, from, to } = column(k);
          let g = 0;
          for (let t = from; t < to; t++) g += a[vals + t] * a[(rd >>> 3) + i32[rows + t]];
          return g * s + a[state >>> 3] * a[(sums >>> 3) + k];
        },
        (k, delta) => {
          const { s, from, to } = column(k);
          for (let t = from; t < to; t++) {
            const i = i32[rows + t];
            a[(rd >>> 3) + i] -= delta * s * a[vals + t] * a[(d >>> 3) + i];
          }
          if (centre) a[state >>> 3] += (delta * a[(sums >>> 3) + k]) / sumD;
        },
      );
    },

    cscGram(m, from, columns, colPointers, rowIndices, values, rowPointers, slots, rowValues, d, G, ldg) {
      const a = heap.f64;
      const { i32 } = heap;
      G >>>= 3;
      for (let t = from; t < m; t++) {
        for (let k = 0; k <= t; k++) a[G + t * ldg + k] = 0;
        const j = i32[(columns >>> 2) + t];
        for (let e = i32[(colPointers >>> 2) + j]; e < i32[(colPointers >>> 2) + j + 1]; e++) {
          const i = i32[(rowIndices >>> 2) + e];
          const x = a[(d >>> 3) + i] * a[(values >>> 3) + e];
          for (let p = i32[(rowPointers >>> 2) + i]; p < i32[(rowPointers >>> 2) + i + 1]; p++) {
            const slot = i32[(slots >>> 2) + p];
            if (slot <= t) a[G + t * ldg + slot] += x * a[(rowValues >>> 3) + p];
          }
        }
        for (let k = 0; k < t; k++) a[G + k * ldg + t] = a[G + t * ldg + k];
      }
    },

    csrGram(n, rowPointers, rowColumns, rowValues, slots, m, from, d, G, ldg) {
      const a = heap.f64;
      const { i32 } = heap;
      G >>>= 3;
      for (let t = from; t < m; t++) for (let k = 0; k <= t; k++) a[G + t * ldg + k] = 0;
      const slotOf = (p: number) => i32[(slots >>> 2) + i32[(rowColumns >>> 2) + p]];
      for (let i = 0; i < n; i++) {
        const [begin, end] = [i32[(rowPointers >>> 2) + i], i32[(rowPointers >>> 2) + i + 1]];
        for (let p = begin; p < end; p++) {
          const slot = slotOf(p);
          if (slot < 0) continue;
          const x = a[(d >>> 3) + i] * a[(rowValues >>> 3) + p];
          for (let q = begin; q <= p; q++) {
            const other = slotOf(q);
            const [low, high] = [Math.min(slot, other), Math.max(slot, other)];
            if (other >= 0 && high >= from) a[G + high * ldg + low] += x * a[(rowValues >>> 3) + q];
          }
        }
      }
      for (let t = from; t < m; t++) for (let k = 0; k < t; k++) a[G + k * ldg + t] = a[G + t * ldg + k];
    },

    cscRows(n, m, columns, colPointers, rowIndices, values, rowPointers, slots, rowValues) {
      const a = heap.f64;
      const { i32 } = heap;
      const rp = rowPointers >>> 2;
      i32.fill(0, rp, rp + n + 1);
      const each = (visit: (t: number, i: number, e: number) => void) => {
        for (let t = 0; t < m; t++) {
          const j = i32[(columns >>> 2) + t];
          for (let e = i32[(colPointers >>> 2) + j]; e < i32[(colPointers >>> 2) + j + 1]; e++) {
            visit(t, i32[(rowIndices >>> 2) + e], e);
          }
        }
      };
      each((_, i) => i32[rp + i + 1]++);
      for (let i = 0; i < n; i++) i32[rp + i + 1] += i32[rp + i];
      const next = i32.slice(rp, rp + n);
      each((t, i, e) => {
        const p = next[i]++;
        i32[(slots >>> 2) + p] = t;
        a[(rowValues >>> 3) + p] = a[(values >>> 3) + e];
      });
    },
  };
}
