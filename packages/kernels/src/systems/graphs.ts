import type { GraphsKernels } from '../generated/systems/kernels.ts';
import type { Heap } from '../heap.ts';

export function graphs(heap: Heap): GraphsKernels {
  /** The column indices of row i. */
  const row = (pointers: number, indices: number, i: number) => {
    const { i32 } = heap;
    return i32.subarray((indices >>> 2) + i32[(pointers >>> 2) + i], (indices >>> 2) + i32[(pointers >>> 2) + i + 1]);
  };

  return {
    rowFacts(n, pointers, indices, values, state, out) {
      const { f64, i32 } = heap;
      let [entries, largest, bandwidth, positive, negative, zero, above] = [0, 0, 0, 0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const columns = row(pointers, indices, i);
        const first = (values >>> 3) + i32[(pointers >>> 2) + i];
        let [own, others, sum, most] = [0, 0, 0, 0];
        columns.forEach((j, k) => {
          const v = f64[first + k];
          sum += v;
          most = Math.max(most, Math.abs(v));
          if (j === i) own = v;
          else {
            others += Math.abs(v);
            if (v > 0) above++;
          }
          if (v === 0) return;
          entries++;
          bandwidth = Math.max(bandwidth, Math.abs(j - i));
        });
        largest = Math.max(largest, most);
        if (own > 0) positive++;
        else if (own < 0) negative++;
        else zero++;
        const excess = Math.abs(own) - others;
        const slack = columns.length * 2 ** -52 * Math.max(Math.abs(own), others);
        const dominance = excess > slack ? 2 : excess >= -slack ? 1 : 0;
        i32[(state >>> 2) + i] = dominance | (Math.abs(sum) <= columns.length * 2 ** -51 * most ? 4 : 0);
      }
      f64.set([entries, largest, bandwidth, positive, negative, zero, above], out >>> 3);
    },
    rowsDifference(n, pointers, indices, values, otherPointers, otherIndices, otherValues, out) {
      const { f64, i32 } = heap;
      let [most, same] = [0, 1];
      for (let i = 0; i < n; i++) {
        const ofRow = (p: number, q: number, v: number) =>
          new Map([...row(p, q, i)].map((j, k) => [j, f64[(v >>> 3) + i32[(p >>> 2) + i] + k]] as const));
        const [a, b] = [ofRow(pointers, indices, values), ofRow(otherPointers, otherIndices, otherValues)];
        for (const j of new Set([...a.keys(), ...b.keys()])) {
          const [v, w] = [a.get(j) ?? 0, b.get(j) ?? 0];
          if ((v === 0) !== (w === 0)) same = 0;
          most = Math.max(most, Math.abs(v / 2 - w / 2));
        }
      }
      f64[out >>> 3] = most;
      return same;
    },
    connectedParts(n, pointers, indices, otherPointers, otherIndices, parts, stack) {
      const { i32 } = heap;
      const [of, s] = [parts >>> 2, stack >>> 2];
      i32.fill(-1, of, of + n);
      let count = 0;
      for (let root = 0; root < n; root++) {
        if (i32[of + root] >= 0) continue;
        i32[of + root] = count;
        i32[s] = root;
        let depth = 1;
        while (depth > 0) {
          const node = i32[s + --depth];
          const others = otherPointers ? row(otherPointers, otherIndices, node) : [];
          for (const i of [...row(pointers, indices, node), ...others]) {
            if (i32[of + i] >= 0) continue;
            i32[of + i] = count;
            i32[s + depth++] = i;
          }
        }
        count++;
      }
      return count;
    },
    breadthFirst(n, pointers, indices, from, depth, queue) {
      const { i32 } = heap;
      const [d, q] = [depth >>> 2, queue >>> 2];
      i32.fill(-1, d, d + n);
      i32[d + from] = 0;
      i32[q] = from;
      let end = 1;
      for (let at = 0; at < end; at++) {
        const node = i32[q + at];
        for (const i of row(pointers, indices, node)) {
          if (i32[d + i] >= 0) continue;
          i32[d + i] = i32[d + node] + 1;
          i32[q + end++] = i;
        }
      }
      return end;
    },
  };
}
