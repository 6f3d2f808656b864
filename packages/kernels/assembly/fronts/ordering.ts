// Fill-reducing orderings of graphs: the approximate minimum degree algorithm (Amestoy, Davis and Duff, SIAM J. Matrix Anal. Appl. 17(4), 1996).

// @ts-ignore: decorator
@inline
function at(list: usize, k: i32): i32 { return load<i32>(list + (<usize>k << 2)); }
// @ts-ignore: decorator
@inline
function put(list: usize, k: i32, v: i32): void { store<i32>(list + (<usize>k << 2), v); }


// Lists of the current call of minimumDegree.
let start: usize, length: usize, elements: usize, weight: usize, degree: usize, mark: usize;
let head: usize, next: usize, previous: usize, hashHead: usize, chainNext: usize, chainTail: usize;

/**
 * Orders the nodes of an undirected graph without loops: `list` holds the neighbours of node i from pointers_i on, and has `room` places, a
 * fifth more than neighbours, and 2n; `work` has twelve times n + 1. Only the first `inner` nodes are ordered, the others remain to be
 * eliminated later. Nodes of more than `dense` neighbours come last. The quotient graph has
 * variables (supernodes of indistinguishable columns) and elements (cliques created by eliminations): a list for each node in one array,
 * elements first. The degree of a variable is bounded by the sizes of its elements outside the newest one.
 */
export function minimumDegree(
  n: i32, inner: i32, pointers: usize, list: usize, room: i32, dense: f64, work: usize, order: usize,
): void {
  // Long because the phases of a step work on the same lists in one loop over pivots.
  const stride = <usize>(n + 1) << 2;
  start = work;
  length = start + stride;
  elements = length + stride;
  weight = elements + stride;
  degree = weight + stride;
  mark = degree + stride;
  head = mark + stride;
  next = head + stride;
  previous = next + stride;
  hashHead = previous + stride;
  chainNext = hashHead + stride;
  chainTail = chainNext + stride;
  let free = at(pointers, n);
  let emitted = 0, last = 0;
  put(head, n, -1);
  for (let i = 0; i < n; i++) {
    put(elements, i, 0);
    put(weight, i, 1);
    put(mark, i, 1);
    put(head, i, -1);
    put(next, i, -1);
    put(previous, i, -1);
    put(hashHead, i, -1);
    put(chainNext, i, -1);
    put(chainTail, i, i);
    put(start, i, at(pointers, i));
  }
  for (let i = 0; i < n; i++) {
    const d = at(pointers, i + 1) - at(pointers, i);
    put(length, i, d);
    put(degree, i, d);
    if (d == 0 || (<f64>d > dense && i < inner)) {
      put(weight, i, 0);
      put(start, i, -1);
      if (i >= inner) continue;
      if (d == 0) put(order, emitted++, i);
      else put(order, inner - ++last, i);
    } else if (i < inner) {
      link(i, d);
    }
  }
  let done = emitted + last;
  let stamp = 2, longest = 0, least = 0;
  while (done < inner) {
    while (at(head, least) == -1) least++;
    const me = at(head, least);
    put(head, least, at(next, me));
    if (at(next, me) != -1) put(previous, at(next, me), -1);
    const absorbed = at(elements, me);
    let pivots = at(weight, me);
    done += pivots;
    if (absorbed > 0 && free + least >= room) free = compress(n, list, free);

    // The new element: the union of the pivot's elements and its own list.
    put(weight, me, -pivots);
    const from = absorbed == 0 ? at(start, me) : free;
    let to = from, size = 0;
    for (let t = 0; t <= absorbed; t++) {
      const e = t == absorbed ? me : at(list, at(start, me) + t);
      let p = t == absorbed ? at(start, me) + absorbed : at(start, e);
      const end = p + (t == absorbed ? at(length, me) - absorbed : at(length, e));
      for (; p < end; p++) {
        const i = at(list, p);
        const w = at(weight, i);
        if (w <= 0) continue;
        size += w;
        put(weight, i, -w);
        put(list, to++, i);
        if (i < inner) unlink(i);
      }
      if (e != me) {
        put(start, e, -1);
        put(mark, e, 0);
      }
    }
    if (absorbed > 0) free = to;
    put(start, me, from);
    put(length, me, to - from);
    put(elements, me, -1);

    // For each neighbouring element, the size of its part outside the new element.
    stamp = renewed(n, stamp);
    for (let k = from; k < to; k++) {
      const i = at(list, k);
      const w = -at(weight, i);
      const end = at(start, i) + at(elements, i);
      for (let p = at(start, i); p < end; p++) {
        const e = at(list, p);
        const m = at(mark, e);
        if (m >= stamp) put(mark, e, m - w);
        else if (m != 0) put(mark, e, at(degree, e) + stamp - w);
      }
    }

    // Degrees excluding the new element; absorbed entries are removed from the lists and the new element is added.
    for (let k = from; k < to; k++) {
      const i = at(list, k);
      const first = at(start, i);
      const middle = first + at(elements, i);
      const end = first + at(length, i);
      let into = first, d = 0;
      let hash: u32 = 0;
      for (let p = first; p < middle; p++) {
        const e = at(list, p);
        const m = at(mark, e);
        if (m == 0) continue;
        const outside = m - stamp;
        if (outside > 0) {
          d += outside;
          put(list, into++, e);
          hash += e;
        } else {
          put(start, e, -1);
          put(mark, e, 0);
        }
      }
      put(elements, i, into - first + 1);
      const variables = into;
      for (let p = middle; p < end; p++) {
        const j = at(list, p);
        const w = at(weight, j);
        if (w <= 0) continue;
        d += w;
        put(list, into++, j);
        hash += j;
      }
      if (d == 0 && i < inner) {
        // Adjacent to nothing but the new element: eliminated together with the pivot (mass elimination).
        const w = -at(weight, i);
        put(start, i, -1);
        size -= w;
        pivots += w;
        done += w;
        put(weight, i, 0);
        join(i, me);
        continue;
      }
      if (d < at(degree, i)) put(degree, i, d);
      put(list, into, at(list, variables));
      put(list, variables, at(list, first));
      put(list, first, me);
      put(length, i, into - first + 1);
      const h = <i32>(hash % n);
      put(next, i, at(hashHead, h));
      put(hashHead, h, i);
      put(previous, i, h);
    }
    put(degree, me, size);
    if (size > longest) longest = size;
    stamp = renewed(n, stamp + longest);

    // Merges indistinguishable variables.
    for (let k = from; k < to; k++) {
      if (at(weight, at(list, k)) >= 0) continue;
      const hash = at(previous, at(list, k));
      let i = at(hashHead, hash);
      if (i == -1) continue;
      put(hashHead, hash, -1);
      for (; i != -1 && at(next, i) != -1; i = at(next, i), stamp++) {
        const count = at(length, i);
        const own = at(start, i);
        for (let p = own + 1; p < own + count; p++) put(mark, at(list, p), stamp);
        let before = i;
        for (let j = at(next, i); j != -1; ) {
          let same = at(length, j) == count && at(elements, j) == at(elements, i) && (i < inner) == (j < inner);
          const other = at(start, j);
          for (let p = other + 1; same && p < other + count; p++) same = at(mark, at(list, p)) == stamp;
          if (same) {
            put(weight, i, at(weight, i) + at(weight, j));
            put(weight, j, 0);
            put(start, j, -1);
            join(j, i);
            j = at(next, j);
            put(next, before, j);
          } else {
            before = j;
            j = at(next, j);
          }
        }
      }
    }

    // Reinserts the variables into the degree lists.
    let into = from;
    for (let k = from; k < to; k++) {
      const i = at(list, k);
      const w = -at(weight, i);
      if (w <= 0) continue;
      put(weight, i, w);
      const d = min(at(degree, i) + size - w, n - done - w);
      put(degree, i, d);
      if (i < inner) {
        link(i, d);
        if (d < least) least = d;
      }
      put(list, into++, i);
    }
    put(weight, me, 0);
    put(length, me, into - from);
    if (into == from) {
      put(start, me, -1);
      put(mark, me, 0);
    }
    if (absorbed > 0) free = into;
    for (let i = me; i != -1; i = at(chainNext, i)) put(order, emitted++, i);
  }
}

/** Appends the columns that i stands for to those of another. */
function join(i: i32, to: i32): void {
  put(chainNext, at(chainTail, to), i);
  put(chainTail, to, at(chainTail, i));
}

function link(i: i32, d: i32): void {
  const before = at(head, d);
  if (before != -1) put(previous, before, i);
  put(next, i, before);
  put(previous, i, -1);
  put(head, d, i);
}

function unlink(i: i32): void {
  const p = at(previous, i), q = at(next, i);
  if (q != -1) put(previous, q, p);
  if (p != -1) put(next, p, q);
  else put(head, at(degree, i), q);
}

/** The stamp, or 2 with all marks below it if it has become too large. */
function renewed(n: i32, stamp: i32): i32 {
  if (stamp < 0x7fffffff - 2 * n - 2) return stamp;
  for (let i = 0; i < n; i++) if (at(mark, i) != 0) put(mark, i, 1);
  return 2;
}

/**
 * Compacts the lists; returns their end. While compacting, the first entry of each list is saved in `start`, and its slot identifies the owner.
 */
function compress(n: i32, list: usize, free: i32): i32 {
  for (let j = 0; j < n; j++) {
    const p = at(start, j);
    if (p < 0) continue;
    put(start, j, at(list, p));
    put(list, p, -j - 1);
  }
  let to = 0;
  for (let p = 0; p < free; ) {
    const owner = -at(list, p++) - 1;
    if (owner < 0) continue;
    put(list, to, at(start, owner));
    put(start, owner, to++);
    for (let k = 1; k < at(length, owner); k++) put(list, to++, at(list, p++));
  }
  return to;
}

/**
 * The graph of AᵀA from A by columns and by rows, without rows of more than `dense` entries: pointers, and neighbours if they are at most
 * `room`. Returns their number. `seen` is scratch of a place a column.
 */
export function columnGraph(
  cols: i32, columnPointers: usize, rows: usize, rowPointers: usize, columns: usize, dense: f64, seen: usize, pointers: usize,
  neighbours: usize, room: i32,
): i32 {
  for (let j = 0; j < cols; j++) put(seen, j, -1);
  let count = 0;
  put(pointers, 0, 0);
  for (let j = 0; j < cols; j++) {
    put(seen, j, j);
    const end = at(columnPointers, j + 1);
    for (let k = at(columnPointers, j); k < end; k++) {
      const i = at(rows, k);
      const from = at(rowPointers, i), to = at(rowPointers, i + 1);
      if (<f64>(to - from) > dense) continue;
      for (let q = from; q < to; q++) {
        const other = at(columns, q);
        if (at(seen, other) == j) continue;
        put(seen, other, j);
        if (count < room) put(neighbours, count, other);
        count++;
      }
    }
    put(pointers, j + 1, count);
  }
  return count;
}
