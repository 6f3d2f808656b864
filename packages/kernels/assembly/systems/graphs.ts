// Matrices in compressed rows as graphs: what is connected, how far it is across, and what the entries of each row say.

/**
 * Looks at the n rows of a matrix. Into `state` of each row 2 where |a_ii| exceeds the sum of the other sizes, 1 where it reaches it, each to
 * rounding, and 4 more where the row sums to 0, to rounding. Into `out`, seven doubles: entries that are not 0; the largest size; the largest
 * |i − j| of an entry; rows whose diagonal is positive, negative, 0 or absent; positive entries beside the diagonal. O(entries).
 */
export function rowFacts(n: i32, pointers: usize, indices: usize, values: usize, state: usize, out: usize): void {
  let entries: f64 = 0, largest: f64 = 0, positive: f64 = 0, negative: f64 = 0, zero: f64 = 0, above: f64 = 0;
  let bandwidth = 0;
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const from = k;
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let own: f64 = 0, others: f64 = 0, sum: f64 = 0, most: f64 = 0;
    for (; k < end; k++) {
      const j = load<i32>(indices + (k << 2));
      const v = load<f64>(values + (k << 3));
      const size = abs(v);
      sum += v;
      most = max(most, size);
      if (j == i) own = v;
      else {
        others += size;
        above += v > 0 ? 1 : 0;
      }
      if (v != 0) {
        entries++;
        bandwidth = max(bandwidth, j > i ? j - i : i - j);
      }
    }
    largest = max(largest, most);
    if (own > 0) positive++;
    else if (own < 0) negative++;
    else zero++;
    const count = <f64>(end - from);
    const excess = abs(own) - others;
    // What rounding the numbers and their sum may come to.
    const slack = count * 2.220446049250313e-16 * max(abs(own), others);
    const dominance = excess > slack ? 2 : excess >= -slack ? 1 : 0;
    const empty = abs(sum) <= count * 4.440892098500626e-16 * most ? 4 : 0;
    store<i32>(state + (<usize>i << 2), dominance | empty);
  }
  store<f64>(out, entries);
  store<f64>(out, largest, 8);
  store<f64>(out, bandwidth, 16);
  store<f64>(out, positive, 24);
  store<f64>(out, negative, 32);
  store<f64>(out, zero, 40);
  store<f64>(out, above, 48);
}

/**
 * The difference of two matrices of n rows, columns ascending: into `out` half of the largest |a − b| (halves, as the difference of the largest
 * numbers overflows). 1 where both have their entries that are not 0 at the same places. O(entries).
 */
export function rowsDifference(
  n: i32, pointers: usize, indices: usize, values: usize, otherPointers: usize, otherIndices: usize, otherValues: usize, out: usize,
): i32 {
  let most: f64 = 0;
  let same = 1;
  let p = <usize>load<i32>(pointers), q = <usize>load<i32>(otherPointers);
  for (let i = 0; i < n; i++) {
    const pEnd = <usize>load<i32>(pointers + (<usize>i << 2), 4), qEnd = <usize>load<i32>(otherPointers + (<usize>i << 2), 4);
    while (p < pEnd || q < qEnd) {
      const j = p < pEnd ? load<i32>(indices + (p << 2)) : i32.MAX_VALUE;
      const l = q < qEnd ? load<i32>(otherIndices + (q << 2)) : i32.MAX_VALUE;
      let a: f64 = 0, b: f64 = 0;
      if (j <= l) {
        a = load<f64>(values + (p << 3));
        p++;
      }
      if (l <= j) {
        b = load<f64>(otherValues + (q << 3));
        q++;
      }
      if ((a == 0) != (b == 0)) same = 0;
      most = max(most, abs(a / 2 - b / 2));
    }
  }
  store<f64>(out, most);
  return same;
}

/** Puts the neighbours of `node` that have no number yet behind the stack, numbered; where it ends then. */
// @ts-ignore: decorator of AssemblyScript
@inline
function reach(node: i32, pointers: usize, indices: usize, number: i32, numbers: usize, top: usize): usize {
  const own = pointers + (<usize>node << 2);
  const end = <usize>load<i32>(own, 4);
  for (let k = <usize>load<i32>(own); k < end; k++) {
    const i = load<i32>(indices + (k << 2));
    const to = numbers + (<usize>i << 2);
    if (load<i32>(to) >= 0) continue;
    store<i32>(to, number);
    store<i32>(top, i);
    top += 4;
  }
  return top;
}

/**
 * Numbers what is connected, by the entries of one matrix and, unless `otherPointers` is 0, of another, such as its transpose: into `parts` the
 * part of each node, in the order of their first nodes. `stack` is scratch of n places. How many parts there are. O(entries).
 */
export function connectedParts(
  n: i32, pointers: usize, indices: usize, otherPointers: usize, otherIndices: usize, parts: usize, stack: usize,
): i32 {
  memory.fill(parts, 255, <usize>n << 2);
  let count = 0;
  for (let root = 0; root < n; root++) {
    if (load<i32>(parts + (<usize>root << 2)) >= 0) continue;
    store<i32>(parts + (<usize>root << 2), count);
    store<i32>(stack, root);
    let top = stack + 4;
    while (top > stack) {
      top -= 4;
      const node = load<i32>(top);
      top = reach(node, pointers, indices, count, parts, top);
      if (otherPointers) top = reach(node, otherPointers, otherIndices, count, parts, top);
    }
    count++;
  }
  return count;
}

/** Breadth first from a node: into `depth` how many entries lead to each, −1 where none do, into `queue` their order. How many. O(entries). */
export function breadthFirst(n: i32, pointers: usize, indices: usize, from: i32, depth: usize, queue: usize): i32 {
  memory.fill(depth, 255, <usize>n << 2);
  store<i32>(depth + (<usize>from << 2), 0);
  store<i32>(queue, from);
  let end = queue + 4;
  for (let at = queue; at < end; at += 4) {
    const node = load<i32>(at);
    end = reach(node, pointers, indices, load<i32>(depth + (<usize>node << 2)) + 1, depth, end);
  }
  return <i32>((end - queue) >> 2);
}
