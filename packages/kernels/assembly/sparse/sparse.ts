// Products with compressed columns (CSC): values gathered one by one, four partial sums a column.

/** Σ values[k]·r[rowIndices[k]] for from ≤ k < to. */
// @ts-ignore: decorator
@inline
function gatherDot(from: i32, to: i32, rowIndices: usize, values: usize, r: usize): f64 {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  let index = rowIndices + (<usize>from << 2);
  let value = values + (<usize>from << 3);
  let k = from;
  for (; k + 4 <= to; k += 4) {
    s0 += load<f64>(value) * load<f64>(r + (<usize>load<i32>(index) << 3));
    s1 += load<f64>(value, 8) * load<f64>(r + (<usize>load<i32>(index, 4) << 3));
    s2 += load<f64>(value, 16) * load<f64>(r + (<usize>load<i32>(index, 8) << 3));
    s3 += load<f64>(value, 24) * load<f64>(r + (<usize>load<i32>(index, 12) << 3));
    index += 16;
    value += 32;
  }
  s0 = s0 + s1 + (s2 + s3);
  for (; k < to; k++) {
    s0 += load<f64>(value) * load<f64>(r + (<usize>load<i32>(index) << 3));
    index += 4;
    value += 8;
  }
  return s0;
}

/** y ← Xᵀr for X in compressed columns (i32 pointers and rows, f64 values). O(nnz). */
export function cscGemvT(cols: i32, colPointers: usize, rowIndices: usize, values: usize, r: usize, y: usize): void {
  let from = load<i32>(colPointers);
  for (let j = 0; j < cols; j++) {
    colPointers += 4;
    const to = load<i32>(colPointers);
    store<f64>(y, gatherDot(from, to, rowIndices, values, r));
    from = to;
    y += 8;
  }
}

/** y[t] ← X[:, columns[t]]ᵀr for t < k, equal to cscGemvT's bit for bit. O(nnz of these columns). */
export function cscGemvTSubset(
  k: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, r: usize, y: usize,
): void {
  for (let t = 0; t < k; t++) {
    const at = colPointers + (<usize>load<i32>(columns) << 2);
    store<f64>(y, gatherDot(load<i32>(at), load<i32>(at, 4), rowIndices, values, r));
    columns += 4;
    y += 8;
  }
}

/** y ← Xx, y of `rows` values. Columns with x[j] = 0 are not read. O(rows + nnz read). */
export function cscGemv(
  rows: i32, cols: i32, colPointers: usize, rowIndices: usize, values: usize, x: usize, y: usize,
): void {
  memory.fill(y, 0, <usize>rows << 3);
  for (let j = 0; j < cols; j++) {
    const a = load<f64>(x);
    if (a != 0) {
      const to = load<i32>(colPointers, 4);
      for (let k = load<i32>(colPointers); k < to; k++) {
        const at = y + (<usize>load<i32>(rowIndices + (<usize>k << 2)) << 3);
        store<f64>(at, load<f64>(at) + a * load<f64>(values + (<usize>k << 3)));
      }
    }
    x += 8;
    colPointers += 4;
  }
}

/** dots[j] ← X[:,j]ᵀr, equal to cscGemvT's bit for bit, and squares[j] ← ‖X[:,j]‖². O(nnz). */
export function cscColumnStats(
  cols: i32, colPointers: usize, rowIndices: usize, values: usize, r: usize, dots: usize, squares: usize,
): void {
  let from = load<i32>(colPointers);
  for (let j = 0; j < cols; j++) {
    colPointers += 4;
    const to = load<i32>(colPointers);
    store<f64>(dots, gatherDot(from, to, rowIndices, values, r));
    let square: f64 = 0;
    for (let k = from; k < to; k++) {
      const v = load<f64>(values + (<usize>k << 3));
      square += v * v;
    }
    store<f64>(squares, square);
    from = to;
    dots += 8;
    squares += 8;
  }
}

/** y ← y + Σ_t a[t]·X[:, columns[t]] over k listed sparse columns; columns with a[t] = 0 are not read. */
export function cscAddColumns(
  k: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, a: usize, y: usize,
): void {
  for (let t = 0; t < k; t++) {
    const x = load<f64>(a + (<usize>t << 3));
    if (x == 0) continue;
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const to = load<i32>(colPointers + (j << 2), 4);
    for (let q = load<i32>(colPointers + (j << 2)); q < to; q++) {
      const at = y + (<usize>load<i32>(rowIndices + (<usize>q << 2)) << 3);
      store<f64>(at, load<f64>(at) + x * load<f64>(values + (<usize>q << 3)));
    }
  }
}

/**
 * Sums over rows that are cut into pieces, in the order of a binary tree of pieces, so that they have the bits of whoever sums
 * piece by piece: out[node·stride + t·k + a] ← Σ X[i, columns[t]]·B[i, a] over the rows of every node, with B of k numbers a row,
 * one row's after another's; X[i, columns[t]]² where `b` is 0. `pieceOf[i]` is the piece of row i; `places` are those of pieces among
 * all that the tree has, `nodeOf` their nodes: both ascend. `out` is 0 before; `work` has room for 32·k numbers and 32 places.
 * Columns are read in their order, so that nothing is laid out anew. O(k · nnz of these columns · log₂ pieces).
 */
export function cscTreeSums(
  m: i32, k: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, b: usize,
  pieceOf: usize, places: usize, nodeOf: usize, out: usize, stride: i32, work: usize,
): void {
  const row = <usize>k << 3;
  const marks = work + 32 * row;
  for (let t = 0; t < m; t++) {
    const at = colPointers + (<usize>load<i32>(columns + (<usize>t << 2)) << 2);
    const end = load<i32>(at, 4);
    let q = load<i32>(at);
    if (q == end) continue;
    let piece = pieceAt(pieceOf, rowIndices, q);
    while (q < end) {
      const node = load<i32>(nodeOf + (<usize>piece << 2));
      let top = 0;
      do {
        const place = load<i32>(places + (<usize>piece << 2));
        // What ends before this place is whole.
        while (top >= 2) {
          const mark = marks + (<usize>top << 2);
          const last = load<i32>(mark - 4);
          if (clz(load<i32>(mark - 8) ^ last) <= clz(last ^ place)) break;
          addRows(work + <usize>(top - 2) * row, row);
          top--;
        }
        const leaf = work + <usize>top * row;
        store<i32>(marks + (<usize>top << 2), place);
        top++;
        let next = piece;
        if (b == 0) {
          let sum: f64 = 0;
          do {
            const x = load<f64>(values + (<usize>q << 3));
            sum += x * x;
            q++;
            if (q == end) break;
            next = pieceAt(pieceOf, rowIndices, q);
          } while (next == piece);
          store<f64>(leaf, sum);
        } else if (k == 1) {
          let sum: f64 = 0;
          do {
            sum += load<f64>(values + (<usize>q << 3)) * load<f64>(b + (<usize>load<i32>(rowIndices + (<usize>q << 2)) << 3));
            q++;
            if (q == end) break;
            next = pieceAt(pieceOf, rowIndices, q);
          } while (next == piece);
          store<f64>(leaf, sum);
        } else {
          memory.fill(leaf, 0, row);
          do {
            const x = load<f64>(values + (<usize>q << 3));
            const from = b + <usize>load<i32>(rowIndices + (<usize>q << 2)) * row;
            for (let a: usize = 0; a < row; a += 8) store<f64>(leaf + a, load<f64>(leaf + a) + x * load<f64>(from + a));
            q++;
            if (q == end) break;
            next = pieceAt(pieceOf, rowIndices, q);
          } while (next == piece);
        }
        piece = next;
      } while (q < end && load<i32>(nodeOf + (<usize>piece << 2)) == node);
      for (; top >= 2; top--) addRows(work + <usize>(top - 2) * row, row);
      const to = out + ((<usize>node * <usize>stride + <usize>t * <usize>k) << 3);
      // A zero less than nothing is one: pieces without entries would have made it so.
      for (let a: usize = 0; a < row; a += 8) store<f64>(to + a, load<f64>(work + a) + 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function pieceAt(pieceOf: usize, rowIndices: usize, q: i32): i32 {
  return load<i32>(pieceOf + (<usize>load<i32>(rowIndices + (<usize>q << 2)) << 2));
}

/** The numbers at `to` ← those and the ones behind them. */
// @ts-ignore: decorator
@inline
function addRows(to: usize, row: usize): void {
  for (let a: usize = 0; a < row; a += 8) store<f64>(to + a, load<f64>(to + a) + load<f64>(to + row + a));
}

/** sums[t] ← Σ d_i x_i and squares[t] ← Σ d_i x_i² of the k listed columns. O(nnz of these columns). */
export function cscWeightedStats(
  k: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, d: usize, sums: usize, squares: usize,
): void {
  for (let t: usize = 0; t < <usize>k; t++) {
    const at = colPointers + (<usize>load<i32>(columns + (t << 2)) << 2);
    const from = <usize>load<i32>(at), end = rowIndices + (<usize>load<i32>(at, 4) << 2);
    let index = rowIndices + (from << 2), value = values + (from << 3);
    let s0: f64 = 0, s1: f64 = 0, q0: f64 = 0, q1: f64 = 0;
    for (; index + 4 < end; index += 8, value += 16) {
      const x = load<f64>(value), y = load<f64>(value, 8);
      const a = load<f64>(d + (<usize>load<i32>(index) << 3)) * x;
      const b = load<f64>(d + (<usize>load<i32>(index, 4) << 3)) * y;
      s0 += a;
      s1 += b;
      q0 += a * x;
      q1 += b * y;
    }
    if (index < end) {
      const x = load<f64>(value);
      const a = load<f64>(d + (<usize>load<i32>(index) << 3)) * x;
      s0 += a;
      q0 += a * x;
    }
    store<f64>(sums + (t << 3), s0 + s1);
    store<f64>(squares + (t << 3), q0 + q1);
  }
}
