import type { GroupDescentKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

const soft = (z: number, t: number): number => (z > t ? z - t : z < -t ? z + t : 0);

/** b after one proximal gradient step. */
function proximal(g: number[], b: number[], t1: number, t2: number, L: number): number[] {
  const z = b.map((x, j) => soft(x + g[j] / L, t1 / L));
  const norm = Math.sqrt(z.reduce((sum, v) => sum + v * v, 0));
  const shrink = norm * L > t2 ? 1 - t2 / (L * norm) : 0;
  return z.map((v) => shrink * v);
}

/** An approximately minimising change of one group; H(i, j) is its Gram matrix. */
function groupStep(
  g: number[],
  start: number[],
  H: (i: number, j: number) => number,
  t1: number,
  t2: number,
  L: number,
  length: number,
): number[] {
  const k = g.length;
  const rounds = Math.min(30, Math.max(1, Math.floor((2 * length) / k)));
  const pull = [...g];
  let b = start;
  const move = (j: number, change: number) => {
    for (let i = 0; i < k; i++) pull[i] -= change * H(i, j);
  };
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (let j = 0; t2 > 0 && j < k; j++) if (!(H(j, j) > 0)) pull[j] = 0;
    const next = t2 > 0 ? proximal(pull, b, t1, t2, L) : [...b];
    for (let j = 0; j < k; j++) {
      if (t2 === 0 && H(j, j) > 0) next[j] = soft(b[j] + pull[j] / H(j, j), t1 / H(j, j));
      const change = next[j] - b[j];
      moved += change * change;
      if (change !== 0) move(j, change);
    }
    b = next;
    if (round === 0) first = moved;
    if (k === 1 || moved <= 1e-4 * first) break;
  }
  return b.map((x, j) => x - start[j]);
}

export function groupDescent(heap: Heap): GroupDescentKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  const range = (base: number, from: number, count: number) =>
    Array.from({ length: count }, (_, j) => heap.f64[(base >>> 3) + from + j]);

  /** Shared by the dense and the sparse descent; `entries` lists the pairs [row, x] of a column. */
  const onColumns = (
    entries: (j: number) => Array<[number, number]>,
    n: number,
    groups: number,
    starts: number,
    columns: number,
    K: number,
    d: number,
    coupled: number,
    rd: number,
    blocks: number,
    b: number,
    [l1, l2, ridge, bound]: [number, number, number, number],
    correct: (at: number, c: number) => number,
    shift: (at: number, c: number, change: number) => void,
  ) => {
    const a = heap.f64;
    let block = blocks >>> 3;
    for (let u = 0; u < groups; u++) {
      const from = heap.i32[(starts >>> 2) + u];
      const count = heap.i32[(starts >>> 2) + u + 1] - from;
      const k = count * K;
      const at = block;
      block += K === 1 ? count * count : k;
      const [t1, t2, a2, L] = [l1, l2, ridge, bound].map((p) => a[(p >>> 3) + u]);
      if (!(L > 0)) continue;
      const rows = Array.from({ length: count }, (_, j) => entries(heap.i32[(columns >>> 2) + from + j]));
      const old = range(b, from * K, k);
      const g = old.map((x, e) => {
        const [j, c] = [Math.floor(e / K), e % K];
        const sum = rows[j].reduce((s, [i, v]) => s + v * a[(rd >>> 3) + c * n + i], 0);
        return sum + (coupled ? 0 : correct(from + j, c)) - a2 * x;
      });
      let delta: number[];
      if (K === 1) delta = groupStep(g, old, (i, j) => a[at + j * k + i], t1, t2, L, n);
      else if (t2 > 0) delta = proximal(g, old, t1, t2, L).map((x, e) => x - old[e]);
      else {
        delta = old.map((x, e) => {
          const h = a[at + e];
          return h > 0 ? soft(x + g[e] / h, t1 / h) - x : 0;
        });
      }
      delta.forEach((change, e) => {
        a[(b >>> 3) + from * K + e] += change;
      });
      rows.forEach((row, j) => {
        const change = delta.slice(j * K, (j + 1) * K);
        for (const [i, v] of row) {
          const weight = change.map((_, c) => a[(d >>> 3) + (coupled ? c * n : 0) + i]);
          const total = weight.reduce((s, w) => s + w, 0);
          const mean = coupled && total > 0 ? change.reduce((s, x, c) => s + x * weight[c], 0) / total : 0;
          change.forEach((x, c) => {
            a[(rd >>> 3) + c * n + i] -= v * weight[c] * (x - mean);
          });
        }
        if (!coupled) for (let c = 0; c < K; c++) shift(from + j, c, change[c]);
      });
    }
  };

  return {
    gramGroupDescent(groups, starts, m, G, ldg, q, b, l1, l2, bound, _identity, _work, epochs, tol) {
      const a = heap.f64;
      let largest = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        largest = 0;
        for (let g = 0; g < groups; g++) {
          const from = heap.i32[(starts >>> 2) + g];
          const k = heap.i32[(starts >>> 2) + g + 1] - from;
          const [t1, t2, L] = [l1, l2, bound].map((p) => a[(p >>> 3) + g]);
          if (!(L > 0)) continue;
          const H = (i: number, j: number) => a[(G >>> 3) + (from + j) * ldg + from + i];
          const delta = groupStep(range(q, from, k), range(b, from, k), H, t1, t2, L, m);
          delta.forEach((change, j) => {
            a[(b >>> 3) + from + j] += change;
            for (let i = 0; i < m; i++) a[(q >>> 3) + i] -= change * a[(G >>> 3) + (from + j) * ldg + i];
          });
          const moved = delta.reduce((sum, x) => sum + x * x, 0);
          largest = Math.max(largest, 0.5 * L * moved);
        }
        if (largest <= tol) break;
      }
      return largest;
    },
    denseGroupDescent(n, groups, starts, columns, X, ldx, scale, K, d, coupled, rd, means, blocks, b, ...rest) {
      const a = heap.f64;
      const entries = (j: number) =>
        Array.from({ length: n }, (_, i): [number, number] => [i, a[(scale >>> 3) + j] * a[(X >>> 3) + j * ldx + i]]);
      const shift = (at: number, c: number, change: number) => {
        const move = change * a[(means >>> 3) + at];
        for (let i = 0; i < n; i++) a[(rd >>> 3) + c * n + i] += a[(d >>> 3) + i] * move;
      };
      const [l1, l2, ridge, bound] = rest;
      const p: [number, number, number, number] = [l1, l2, ridge, bound];
      onColumns(entries, n, groups, starts, columns, K, d, coupled, rd, blocks, b, p, () => 0, shift);
    },
    cscGroupDescent(
      n,
      groups,
      starts,
      columns,
      colPointers,
      rowIndices,
      values,
      scale,
      K,
      d,
      coupled,
      rd,
      means,
      sumD,
      state,
      blocks,
      b,
      ...rest
    ) {
      const a = heap.f64;
      const entries = (j: number) => {
        const out: Array<[number, number]> = [];
        const end = heap.i32[(colPointers >>> 2) + j + 1];
        for (let t = heap.i32[(colPointers >>> 2) + j]; t < end; t++) {
          out.push([heap.i32[(rowIndices >>> 2) + t], a[(scale >>> 3) + j] * a[(values >>> 3) + t]]);
        }
        return out;
      };
      const correct = (at: number, c: number) => a[(state >>> 3) + c] * a[(means >>> 3) + at] * sumD;
      const shift = (at: number, c: number, change: number) => {
        a[(state >>> 3) + c] += change * a[(means >>> 3) + at];
      };
      const [l1, l2, ridge, bound] = rest;
      const p: [number, number, number, number] = [l1, l2, ridge, bound];
      onColumns(entries, n, groups, starts, columns, K, d, coupled, rd, blocks, b, p, correct, shift);
    },
  };
}
