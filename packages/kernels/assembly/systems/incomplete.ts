// Incomplete factors of sparse matrices by rows (i32 pointers and ascending columns, f64 values), and triangles laid out for sweeps.

/**
 * Where the diagonal is in each row, which is d_i: left_i is the first entry that is not before it, right_i the first behind it. d_i is 0
 * where there is none. O(nnz).
 */
export function rowDiagonals(
  n: i32, pointers: usize, columns: usize, values: usize, left: usize, right: usize, d: usize,
): void {
  let k = load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 2;
    const end = load<i32>(pointers + at, 4);
    while (k < end && load<i32>(columns + (<usize>k << 2)) < i) k++;
    store<i32>(left + at, k);
    let v: f64 = 0;
    if (k < end && load<i32>(columns + (<usize>k << 2)) == i) {
      v = load<f64>(values + (<usize>k << 3));
      k++;
    }
    store<i32>(right + at, k);
    store<f64>(d + (at << 1), v);
    k = end;
  }
}

/** ‖v‖ of `count` values, whatever their scale. */
function safeNorm(values: usize, count: i32): f64 {
  let most: f64 = 0;
  for (let k: usize = 0; k < <usize>count << 3; k += 8) most = max(most, abs(load<f64>(values + k)));
  if (most == 0) return 0;
  let sum: f64 = 0;
  for (let k: usize = 0; k < <usize>count << 3; k += 8) {
    const v = load<f64>(values + k) / most;
    sum += v * v;
  }
  return most * sqrt(sum);
}

/**
 * ILU(0) in the places of A: (I + L)D(I + U), with L and U in the places of A's triangles and the pivots D as `pivots`; `left`, `right` are
 * those of {@link rowDiagonals}. Each pivot is raised by `shift` times its row's scale and has to be above `smallest` times that: the
 * scale is ‖row‖, and a pivot's size counts; with `definite` it is the diagonal, and pivots have to be positive. −1, or the row of the first
 * pivot that is not. `place` is scratch of n places. O(nnz · entries of a row).
 */
export function incompleteRows(
  n: i32, pointers: usize, columns: usize, values: usize, definite: bool, shift: f64, smallest: f64, left: usize, right: usize,
  pivots: usize, place: usize,
): i32 {
  for (let j = 0; j < n; j++) store<i32>(place + (<usize>j << 2), -1);
  for (let i = 0; i < n; i++) {
    const own = <usize>i << 2;
    const from = load<i32>(pointers + own), to = load<i32>(pointers + own, 4);
    const low = load<i32>(left + own), high = load<i32>(right + own);
    for (let e = from; e < to; e++) store<i32>(place + (<usize>load<i32>(columns + (<usize>e << 2)) << 2), e);
    const diagonal = low < high ? load<f64>(values + (<usize>low << 3)) : 0;
    const scale = definite ? diagonal : safeNorm(values + (<usize>from << 3), to - from);
    let pivot = diagonal + shift * scale;
    for (let e = from; e < low; e++) {
      const k = <usize>load<i32>(columns + (<usize>e << 2));
      // Rows above are kept as I + U: this is l·d already.
      const v = load<f64>(values + (<usize>e << 3));
      const end = load<i32>(pointers + (k << 2), 4);
      for (let q = load<i32>(right + (k << 2)); q < end; q++) {
        const j = load<i32>(columns + (<usize>q << 2));
        const by = v * load<f64>(values + (<usize>q << 3));
        if (j == i) {
          pivot -= by;
          continue;
        }
        const at = load<i32>(place + (<usize>j << 2));
        if (at < 0) continue;
        const to = values + (<usize>at << 3);
        store<f64>(to, load<f64>(to) - by);
      }
      store<f64>(values + (<usize>e << 3), v / load<f64>(pivots + (k << 3)));
    }
    for (let e = from; e < to; e++) store<i32>(place + (<usize>load<i32>(columns + (<usize>e << 2)) << 2), -1);
    store<f64>(pivots + (<usize>i << 3), pivot);
    if (!((definite ? pivot : abs(pivot)) > smallest * scale)) return i;
    for (let e = high; e < to; e++) {
      const at = values + (<usize>e << 3);
      store<f64>(at, load<f64>(at) / pivot);
    }
  }
  return -1;
}

/**
 * L ← LD⁻¹s and U ← D⁻¹Us of a matrix L + D + U by rows, in place, with s a number; `left` and `right` are those of {@link rowDiagonals}.
 * O(nnz).
 */
export function scaleTriangles(
  n: i32, pointers: usize, columns: usize, values: usize, left: usize, right: usize, d: usize, s: f64,
): void {
  for (let i = 0; i < n; i++) {
    const own = <usize>i << 2;
    const to = load<i32>(pointers + own, 4);
    for (let e = load<i32>(pointers + own); e < load<i32>(left + own); e++) {
      const at = values + (<usize>e << 3);
      store<f64>(at, load<f64>(at) * (s / load<f64>(d + (<usize>load<i32>(columns + (<usize>e << 2)) << 3))));
    }
    const by = s / load<f64>(d + (own << 1));
    for (let e = load<i32>(right + own); e < to; e++) {
      const at = values + (<usize>e << 3);
      store<f64>(at, load<f64>(at) * by);
    }
  }
}

/**
 * level_i ← one more than the most of those that row i reads among low … high − 1, from the last where `backward`; how many levels there are.
 * Row i has the entries from_i … to_i − 1. O(entries of these rows).
 */
export function rowLevels(from: usize, to: usize, columns: usize, backward: bool, low: i32, high: i32, level: usize): i32 {
  let most = 0;
  for (let t = low; t < high; t++) {
    const i = backward ? low + high - 1 - t : t;
    const own = <usize>i << 2;
    const end = load<i32>(to + own);
    let l = 0;
    for (let k = load<i32>(from + own); k < end; k++) {
      const j = load<i32>(columns + (<usize>k << 2));
      if (j < low || j >= high) continue;
      l = max(l, load<i32>(level + (<usize>j << 2)) + 1);
    }
    store<i32>(level + own, l);
    most = max(most, l + 1);
  }
  return most;
}

/**
 * An order in which every row comes after those that it reads: in windows of `size` neighbouring rows by {@link rowLevels}. `level` is scratch of n
 * places, `starts` of size + 1. O(entries).
 */
export function windowOrder(
  n: i32, size: i32, from: usize, to: usize, columns: usize, backward: bool, order: usize, level: usize, starts: usize,
): void {
  for (let at = 0; at < n; at += size) {
    const end = min(n, at + size);
    const low = backward ? n - end : at, high = backward ? n - at : end;
    const most = rowLevels(from, to, columns, backward, low, high, level);
    memory.fill(starts, 0, (<usize>most + 1) << 2);
    for (let i = low; i < high; i++) {
      const to = starts + (<usize>load<i32>(level + (<usize>i << 2)) << 2);
      store<i32>(to, load<i32>(to, 4) + 1, 4);
    }
    for (let l = 0; l < most; l++) {
      const to = starts + (<usize>l << 2);
      store<i32>(to, load<i32>(to) + load<i32>(to, 4), 4);
    }
    for (let t = low; t < high; t++) {
      const i = backward ? low + high - 1 - t : t;
      const start = starts + (<usize>load<i32>(level + (<usize>i << 2)) << 2);
      const next = load<i32>(start);
      store<i32>(start, next + 1);
      store<i32>(order + (<usize>(at + next) << 2), i);
    }
  }
}

/**
 * The rows from_i … to_i − 1 in the order `order`, one behind the other, for a sweep: with row pointers, or with `pointers` 0 all `width` entries
 * long, by zeros that read what has just been read, or the first unknown. O(entries).
 */
export function layRows(
  n: i32, order: usize, from: usize, to: usize, columns: usize, values: usize, width: i32, pointers: usize, outColumns: usize,
  outValues: usize,
): void {
  let at = 0;
  if (pointers) store<i32>(pointers, 0);
  let last = n > 0 ? load<i32>(order) : 0;
  for (let t = 0; t < n; t++) {
    const own = <usize>load<i32>(order + (<usize>t << 2)) << 2;
    const end = load<i32>(to + own);
    for (let k = load<i32>(from + own); k < end; k++) {
      last = load<i32>(columns + (<usize>k << 2));
      store<i32>(outColumns + (<usize>at << 2), last);
      store<f64>(outValues + (<usize>at << 3), load<f64>(values + (<usize>k << 3)));
      at++;
    }
    if (pointers) store<i32>(pointers + (<usize>t << 2), at, 4);
    else for (; at < (t + 1) * width; at++) {
      store<i32>(outColumns + (<usize>at << 2), last);
      store<f64>(outValues + (<usize>at << 3), 0);
    }
  }
}
