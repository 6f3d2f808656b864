import type { OrderingKernels } from '../generated/fronts/kernels.ts';
import type { Heap } from '../heap.ts';

/** The approximate minimum degree algorithm, as in the assembly. */
function minimumDegree(
  n: number,
  inner: number,
  pointers: Int32Array,
  list: Int32Array,
  room: number,
  tooDense: number,
  order: Int32Array,
): void {
  // Long because the phases of a step work on the same lists, sixteen arrays of the quotient graph, in one loop over
  // pivots.
  let free = pointers[n];
  /** Start of the list of each node; −1 for nodes that have been absorbed. */
  const start = pointers.slice(0, n);
  const length = new Int32Array(n);
  /** Number of elements in the list of each variable. */
  const elements = new Int32Array(n);
  /**
   * Number of columns that a variable represents: 0 once it is absorbed, negative while it belongs to the element under
   * construction.
   */
  const weight = new Int32Array(n).fill(1);
  const degree = new Int32Array(n);
  /** 0 for absorbed elements; at least `stamp` if visited in the current pass. */
  const mark = new Int32Array(n).fill(1);
  // Lists of variables by degree, doubly linked; the links are reused by the hash table while a variable is in no list.
  const head = new Int32Array(n + 1).fill(-1);
  const next = new Int32Array(n).fill(-1);
  const previous = new Int32Array(n).fill(-1);
  const hashHead = new Int32Array(n).fill(-1);
  // Columns absorbed by another, linked in a chain after it.
  const chainNext = new Int32Array(n).fill(-1);
  const chainTail = new Int32Array(n);
  let emitted = 0;
  let dense = 0;
  let stamp = 2;
  let longest = 0;
  let least = 0;

  const emit = (first: number): void => {
    for (let i = first; i !== -1; i = chainNext[i]) order[emitted++] = i;
  };
  const join = (i: number, to: number): void => {
    chainNext[chainTail[to]] = i;
    chainTail[to] = chainTail[i];
  };
  const link = (i: number, d: number): void => {
    const before = head[d];
    if (before !== -1) previous[before] = i;
    next[i] = before;
    previous[i] = -1;
    head[d] = i;
  };
  const unlink = (i: number): void => {
    const [p, q] = [previous[i], next[i]];
    if (q !== -1) previous[q] = p;
    if (p !== -1) next[p] = q;
    else head[degree[i]] = q;
  };
  const renew = (): void => {
    if (stamp < 0x7fffffff - 2 * n - 2) return;
    for (let i = 0; i < n; i++) if (mark[i] !== 0) mark[i] = 1;
    stamp = 2;
  };
  /**
   * Compacts the lists. While compacting, the first entry of each list is saved in `start`, and its slot identifies the
   * owner.
   */
  const compress = (): void => {
    for (let j = 0; j < n; j++) {
      const p = start[j];
      if (p < 0) continue;
      start[j] = list[p];
      list[p] = -j - 1;
    }
    let to = 0;
    for (let p = 0; p < free; ) {
      const owner = -list[p++] - 1;
      if (owner < 0) continue;
      list[to] = start[owner];
      start[owner] = to++;
      for (let k = 1; k < length[owner]; k++) list[to++] = list[p++];
    }
    free = to;
  };

  for (let i = 0; i < n; i++) {
    chainTail[i] = i;
    const d = pointers[i + 1] - pointers[i];
    length[i] = d;
    degree[i] = d;
    if (d === 0 || (d > tooDense && i < inner)) {
      weight[i] = 0;
      start[i] = -1;
      if (i >= inner) continue;
      if (d === 0) order[emitted++] = i;
      else order[inner - ++dense] = i;
    } else if (i < inner) link(i, d);
  }
  let done = emitted + dense;

  while (done < inner) {
    while (head[least] === -1) least++;
    const me = head[least];
    head[least] = next[me];
    if (next[me] !== -1) previous[next[me]] = -1;
    const absorbed = elements[me];
    let pivots = weight[me];
    done += pivots;
    if (absorbed > 0 && free + least >= room) compress();

    // The new element: the union of the pivot's elements and its own list.
    weight[me] = -pivots;
    const from = absorbed === 0 ? start[me] : free;
    let to = from;
    let size = 0;
    for (let t = 0; t <= absorbed; t++) {
      const e = t === absorbed ? me : list[start[me] + t];
      let p = t === absorbed ? start[me] + absorbed : start[e];
      const end = p + (t === absorbed ? length[me] - absorbed : length[e]);
      for (; p < end; p++) {
        const i = list[p];
        const w = weight[i];
        if (w <= 0) continue;
        size += w;
        weight[i] = -w;
        list[to++] = i;
        if (i < inner) unlink(i);
      }
      if (e !== me) {
        start[e] = -1;
        mark[e] = 0;
      }
    }
    if (absorbed > 0) free = to;
    start[me] = from;
    length[me] = to - from;
    elements[me] = -1;

    // For each neighbouring element, the size of its part outside the new element.
    renew();
    for (let k = from; k < to; k++) {
      const i = list[k];
      const w = -weight[i];
      for (let p = start[i], end = p + elements[i]; p < end; p++) {
        const e = list[p];
        if (mark[e] >= stamp) mark[e] -= w;
        else if (mark[e] !== 0) mark[e] = degree[e] + stamp - w;
      }
    }

    // Degrees excluding the new element; absorbed entries are removed from the lists and the new element is added.
    for (let k = from; k < to; k++) {
      const i = list[k];
      const first = start[i];
      const middle = first + elements[i];
      const end = first + length[i];
      let put = first;
      let hash = 0;
      let d = 0;
      for (let p = first; p < middle; p++) {
        const e = list[p];
        if (mark[e] === 0) continue;
        const outside = mark[e] - stamp;
        if (outside > 0) {
          d += outside;
          list[put++] = e;
          hash = (hash + e) >>> 0;
        } else {
          start[e] = -1;
          mark[e] = 0;
        }
      }
      elements[i] = put - first + 1;
      const variables = put;
      for (let p = middle; p < end; p++) {
        const j = list[p];
        const w = weight[j];
        if (w <= 0) continue;
        d += w;
        list[put++] = j;
        hash = (hash + j) >>> 0;
      }
      if (d === 0 && i < inner) {
        // Adjacent to nothing but the new element: eliminated together with the pivot (mass elimination).
        const w = -weight[i];
        start[i] = -1;
        size -= w;
        pivots += w;
        done += w;
        weight[i] = 0;
        join(i, me);
        continue;
      }
      if (d < degree[i]) degree[i] = d;
      list[put] = list[variables];
      list[variables] = list[first];
      list[first] = me;
      length[i] = put - first + 1;
      hash = (hash >>> 0) % n;
      next[i] = hashHead[hash];
      hashHead[hash] = i;
      previous[i] = hash;
    }
    degree[me] = size;
    if (size > longest) longest = size;
    stamp += longest;
    renew();

    // Merges indistinguishable variables.
    for (let k = from; k < to; k++) {
      if (weight[list[k]] >= 0) continue;
      const hash = previous[list[k]];
      let i = hashHead[hash];
      if (i === -1) continue;
      hashHead[hash] = -1;
      for (; i !== -1 && next[i] !== -1; i = next[i], stamp++) {
        const count = length[i];
        for (let p = start[i] + 1, end = start[i] + count; p < end; p++) mark[list[p]] = stamp;
        let last = i;
        for (let j = next[i]; j !== -1; ) {
          let same = length[j] === count && elements[j] === elements[i] && i < inner === j < inner;
          for (let p = start[j] + 1, end = start[j] + count; same && p < end; p++) same = mark[list[p]] === stamp;
          if (same) {
            weight[i] += weight[j];
            weight[j] = 0;
            start[j] = -1;
            join(j, i);
            j = next[j];
            next[last] = j;
          } else {
            last = j;
            j = next[j];
          }
        }
      }
    }

    // Reinserts the variables into the degree lists.
    let put = from;
    for (let k = from; k < to; k++) {
      const i = list[k];
      const w = -weight[i];
      if (w <= 0) continue;
      weight[i] = w;
      const d = Math.min(degree[i] + size - w, n - done - w);
      degree[i] = d;
      if (i < inner) {
        link(i, d);
        if (d < least) least = d;
      }
      list[put++] = i;
    }
    weight[me] = 0;
    length[me] = put - from;
    if (put === from) {
      start[me] = -1;
      mark[me] = 0;
    }
    if (absorbed > 0) free = put;
    emit(me);
  }
}

export function ordering(heap: Heap): OrderingKernels {
  const from = (pointer: number) => heap.i32.subarray(pointer >>> 2);
  return {
    minimumDegree(n, inner, pointers, list, room, dense, _work, order) {
      minimumDegree(n, inner, from(pointers).slice(0, n + 1), from(list), room, dense, from(order));
    },
    columnGraph(cols, columnPointers, rows, rowPointers, columns, dense, _seen, pointers, neighbours, room) {
      const [ours, i] = [from(columnPointers), from(rows)];
      const [theirs, j] = [from(rowPointers), from(columns)];
      let count = 0;
      from(pointers)[0] = 0;
      for (let c = 0; c < cols; c++) {
        const near = new Set<number>();
        for (let k = ours[c]; k < ours[c + 1]; k++) {
          const [first, end] = [theirs[i[k]], theirs[i[k] + 1]];
          if (end - first <= dense) for (let q = first; q < end; q++) if (j[q] !== c) near.add(j[q]);
        }
        for (const other of near) {
          if (count < room) from(neighbours)[count] = other;
          count++;
        }
        from(pointers)[c + 1] = count;
      }
      return count;
    },
  };
}
