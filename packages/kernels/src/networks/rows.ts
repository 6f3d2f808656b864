import { functions } from '../common/functions.ts';
import { extremeOf, shortSumOf, sumOf } from '../common/sums.ts';
import type { RowsKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function rowsOf(heap: Heap, single: boolean) {
  const { exp, log, r } = functions(single);
  const [shift, lanes] = single ? [2, 4] : [3, 2];
  const numbers = () => (single ? heap.f32 : heap.f64);
  const softmaxRows: RowsKernels['softmaxRows'] = (logs, rows, m, causal, x, y) => {
    const a = numbers();
    for (let i = 0; i < rows; i++) {
      const [px, py] = [(x >>> shift) + i * m, (y >>> shift) + i * m];
      const n = causal > 0 ? Math.max(0, m - causal + (i % causal) + 1) : m;
      if (n > 0) {
        const top = extremeOf(false, n, (k) => a[px + k]);
        if (logs) {
          const all = log(shortSumOf(r, lanes, n, (k) => exp(r(a[px + k] - top))));
          for (let k = 0; k < n; k++) a[py + k] = r(r(a[px + k] - top) - all);
        } else {
          for (let k = 0; k < n; k++) a[py + k] = exp(r(a[px + k] - top));
          const all = r(sumOf(r, lanes, n, (k) => a[py + k]));
          for (let k = 0; k < n; k++) a[py + k] = a[py + k] / all;
        }
      }
      for (let k = n; k < m; k++) a[py + k] = logs ? Number.NEGATIVE_INFINITY : 0;
    }
  };
  const softmaxBackward: RowsKernels['softmaxBackward'] = (logs, rows, m, y, g, dx) => {
    const a = numbers();
    for (let i = 0; i < rows; i++) {
      const [py, pg, pd] = [y, g, dx].map((p) => (p >>> shift) + i * m);
      const all = r(sumOf(r, lanes, m, logs ? (k) => a[pg + k] : (k) => r(a[pg + k] * a[py + k])));
      for (let k = 0; k < m; k++) {
        a[pd + k] = logs ? a[pg + k] - r(exp(a[py + k]) * all) : a[py + k] * r(a[pg + k] - all);
      }
    }
  };
  const crossEntropyRows: RowsKernels['crossEntropyRows'] = (rows, m, x, targets, loss, lse) => {
    const a = numbers();
    for (let i = 0; i < rows; i++) {
      const px = (x >>> shift) + i * m;
      const target = heap.i32[(targets >>> 2) + i];
      if (target >= m) return i;
      const top = extremeOf(false, m, (k) => a[px + k]);
      const rest = log(shortSumOf(r, lanes, m, (k) => exp(r(a[px + k] - top))));
      a[(lse >>> shift) + i] = top + rest;
      a[(loss >>> shift) + i] = target < 0 ? 0 : r(top - a[px + target]) + rest;
    }
    return -1;
  };
  const crossEntropyBackward: RowsKernels['crossEntropyBackward'] = (rows, m, x, targets, lse, g, dx) => {
    const a = numbers();
    for (let i = 0; i < rows; i++) {
      const [px, pd] = [x, dx].map((p) => (p >>> shift) + i * m);
      const target = heap.i32[(targets >>> 2) + i];
      const weight = target < 0 ? 0 : a[(g >>> shift) + i];
      const all = a[(lse >>> shift) + i];
      for (let k = 0; k < m; k++) a[pd + k] = exp(r(a[px + k] - all)) * weight;
      if (target >= 0) a[pd + target] -= weight;
    }
  };
  const normRows: RowsKernels['normRows'] = (centred, rows, m, epsilon, x, gamma, beta, y, mean, rstd) => {
    const a = numbers();
    for (let i = 0; i < rows; i++) {
      const [px, py] = [x, y].map((p) => (p >>> shift) + i * m);
      const centre = centred ? r(sumOf(r, lanes, m, (k) => a[px + k]) / m) : 0;
      const squares = sumOf(r, lanes, m, (k) => r(r(a[px + k] - centre) * r(a[px + k] - centre)));
      const scale = r(1 / Math.sqrt(squares / m + epsilon));
      a[(mean >>> shift) + i] = centre;
      a[(rstd >>> shift) + i] = scale;
      for (let k = 0; k < m; k++) {
        const hat = r(r(a[px + k] - centre) * scale);
        a[py + k] = r(hat * a[(gamma >>> shift) + k]) + a[(beta >>> shift) + k];
      }
    }
  };
  const normBackward: RowsKernels['normBackward'] = (centred, rows, m, x, gamma, mean, rstd, g, dx, dgamma, dbeta) => {
    const a = numbers();
    const [qg, qb, qw] = [dgamma, dbeta, gamma].map((p) => p >>> shift);
    a.fill(0, qg, qg + m);
    a.fill(0, qb, qb + m);
    for (let i = 0; i < rows; i++) {
      const [px, pg, pd] = [x, g, dx].map((p) => (p >>> shift) + i * m);
      const [centre, scale] = [a[(mean >>> shift) + i], a[(rstd >>> shift) + i]];
      const hat = (k: number) => r(r(a[px + k] - centre) * scale);
      const weighted = (k: number) => r(a[pg + k] * a[qw + k]);
      const sum = shortSumOf(r, lanes, m, weighted);
      const product = shortSumOf(r, lanes, m, (k) => r(weighted(k) * hat(k)));
      for (let k = 0; k < m; k++) {
        a[qg + k] += r(a[pg + k] * hat(k));
        a[qb + k] += a[pg + k];
      }
      const along = centred ? r(sum / m) : 0;
      const across = r(product / m);
      for (let k = 0; k < m; k++) a[pd + k] = scale * r(r(weighted(k) - along) - r(hat(k) * across));
    }
  };
  return { softmaxRows, softmaxBackward, crossEntropyRows, crossEntropyBackward, normRows, normBackward };
}

export function rows(heap: Heap): RowsKernels {
  const single = rowsOf(heap, true);
  return {
    ...rowsOf(heap, false),
    ssoftmaxRows: single.softmaxRows,
    ssoftmaxBackward: single.softmaxBackward,
    scrossEntropyRows: single.crossEntropyRows,
    scrossEntropyBackward: single.crossEntropyBackward,
    snormRows: single.normRows,
    snormBackward: single.normBackward,
  };
}
