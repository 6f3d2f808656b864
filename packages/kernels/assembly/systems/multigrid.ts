// Sparse matrices in compressed rows for multigrid: products of two, transposes, and sweeps over what lies beneath the diagonal of a
// symmetric matrix A = D + L + Lᵀ, of which only L and D are kept: every sweep then reads half as much.

/**
 * How many entries each row of C = AB has, as row pointers of C; gives their sum, or −1 where it is past 2³¹ − 1. `marks` is scratch of
 * as many places as B has columns. O(products).
 */
export function rowsProductSize(
  rows: i32, cols: i32, aPointers: usize, aIndices: usize, bPointers: usize, bIndices: usize, cPointers: usize, marks: usize,
): i32 {
  for (let j = 0; j < cols; j++) store<i32>(marks + (<usize>j << 2), -1);
  let total: i64 = 0;
  let at = aIndices;
  store<i32>(cPointers, 0);
  for (let i = 0; i < rows; i++) {
    const end = aIndices + (<usize>load<i32>(aPointers + (<usize>i << 2), 4) << 2);
    let count = 0;
    for (; at < end; at += 4) {
      const row = bPointers + (<usize>load<i32>(at) << 2);
      const stop = bIndices + (<usize>load<i32>(row, 4) << 2);
      for (let b = bIndices + (<usize>load<i32>(row) << 2); b < stop; b += 4) {
        const mark = marks + (<usize>load<i32>(b) << 2);
        if (load<i32>(mark) != i) {
          store<i32>(mark, i);
          count++;
        }
      }
    }
    total += count;
    if (total > 0x7fffffff) return -1;
    store<i32>(cPointers + (<usize>i << 2), <i32>total, 4);
  }
  return <i32>total;
}

/**
 * C = AB by rows (Gustavson 1978), into the row pointers of {@link rowsProductSize}; columns of a row come in the order in which they
 * are met. `marks` as there. O(products).
 */
export function rowsProduct(
  rows: i32, cols: i32, aPointers: usize, aIndices: usize, aValues: usize, bPointers: usize, bIndices: usize, bValues: usize,
  cPointers: usize, cIndices: usize, cValues: usize, marks: usize,
): void {
  for (let j = 0; j < cols; j++) store<i32>(marks + (<usize>j << 2), -1);
  let at = aIndices;
  let value = aValues;
  for (let i = 0; i < rows; i++) {
    const end = aIndices + (<usize>load<i32>(aPointers + (<usize>i << 2), 4) << 2);
    const first = load<i32>(cPointers + (<usize>i << 2));
    let next = first;
    for (; at < end; at += 4, value += 8) {
      const a = load<f64>(value);
      const row = bPointers + (<usize>load<i32>(at) << 2);
      const stop = load<i32>(row, 4);
      for (let b = load<i32>(row); b < stop; b++) {
        const j = load<i32>(bIndices + (<usize>b << 2));
        const mark = marks + (<usize>j << 2);
        const x = a * load<f64>(bValues + (<usize>b << 3));
        const seen = load<i32>(mark);
        if (seen < first) {
          store<i32>(mark, next);
          store<i32>(cIndices + (<usize>next << 2), j);
          store<f64>(cValues + (<usize>next << 3), x);
          next++;
        } else {
          const to = cValues + (<usize>seen << 3);
          store<f64>(to, load<f64>(to) + x);
        }
      }
    }
  }
}

/** The transpose, `cols` rows with ascending columns; its pointers have room for cols + 2. O(entries + cols). */
export function rowsTranspose(
  rows: i32, cols: i32, pointers: usize, indices: usize, values: usize, tPointers: usize, tIndices: usize, tValues: usize,
): void {
  memory.fill(tPointers, 0, (<usize>cols + 2) << 2);
  const count = load<i32>(pointers + (<usize>rows << 2));
  const end = indices + (<usize>count << 2);
  for (let at = indices; at < end; at += 4) {
    const to = tPointers + (<usize>load<i32>(at) << 2);
    store<i32>(to, load<i32>(to, 8) + 1, 8);
  }
  for (let j = 1; j <= cols; j++) {
    const to = tPointers + (<usize>j << 2);
    store<i32>(to, load<i32>(to) + load<i32>(to, 4), 4);
  }
  // Place j + 1 is where row j goes on, until it is where row j + 1 begins.
  let at = indices;
  let value = values;
  for (let i = 0; i < rows; i++) {
    const stop = indices + (<usize>load<i32>(pointers + (<usize>i << 2), 4) << 2);
    for (; at < stop; at += 4, value += 8) {
      const to = tPointers + (<usize>load<i32>(at) << 2);
      const place = load<i32>(to, 4);
      store<i32>(to, place + 1, 4);
      store<i32>(tIndices + (<usize>place << 2), i);
      store<f64>(tValues + (<usize>place << 3), load<f64>(value));
    }
  }
}

/** x_i ← x_i + Σ_j p_ij·e_j. O(entries). */
export function rowsAdd(rows: i32, pointers: usize, indices: usize, values: usize, e: usize, x: usize): void {
  let at = indices;
  let value = values;
  for (let i = 0; i < rows; i++) {
    const end = indices + (<usize>load<i32>(pointers, 4) << 2);
    let sum: f64 = 0;
    for (; at < end; at += 4, value += 8) sum += load<f64>(value) * load<f64>(e + (<usize>load<i32>(at) << 3));
    store<f64>(x, load<f64>(x) + sum);
    pointers += 4;
    x += 8;
  }
}

/**
 * A sweep of Gauss–Seidel from x = 0, first row first, and what it leaves: x ← (D + L)⁻¹b, r ← b − Ax = −Lᵀx. r may be b. O(entries of
 * L), each read once.
 */
export function halfForward(
  n: i32, pointers: usize, indices: usize, values: usize, inverse: usize, b: usize, x: usize, r: usize,
): void {
  let from: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const end = <usize>load<i32>(pointers + (i << 2), 4);
    let sum = load<f64>(b + (i << 3));
    for (let k = from; k < end; k++) {
      sum -= load<f64>(values + (k << 3)) * load<f64>(x + (<usize>load<i32>(indices + (k << 2)) << 3));
    }
    const xi = sum * load<f64>(inverse + (i << 3));
    store<f64>(x + (i << 3), xi);
    store<f64>(r + (i << 3), 0);
    for (let k = from; k < end; k++) {
      const to = r + (<usize>load<i32>(indices + (k << 2)) << 3);
      store<f64>(to, load<f64>(to) - load<f64>(values + (k << 3)) * xi);
    }
    from = end;
  }
}

/**
 * A sweep of Gauss–Seidel, last row first: x ← (D + Lᵀ)⁻¹(b − Lx). `s` is scratch of n places. O(entries of L), each read once.
 */
export function halfBackward(
  n: i32, pointers: usize, indices: usize, values: usize, inverse: usize, b: usize, x: usize, s: usize,
): void {
  memory.fill(s, 0, <usize>n << 3);
  let end = <usize>load<i32>(pointers + (<usize>n << 2));
  for (let i = <usize>n; i > 0; ) {
    i--;
    const from = <usize>load<i32>(pointers + (i << 2));
    let sum = load<f64>(b + (i << 3)) - load<f64>(s + (i << 3));
    for (let k = from; k < end; k++) {
      sum -= load<f64>(values + (k << 3)) * load<f64>(x + (<usize>load<i32>(indices + (k << 2)) << 3));
    }
    const xi = sum * load<f64>(inverse + (i << 3));
    store<f64>(x + (i << 3), xi);
    for (let k = from; k < end; k++) {
      const to = s + (<usize>load<i32>(indices + (k << 2)) << 3);
      store<f64>(to, load<f64>(to) + load<f64>(values + (k << 3)) * xi);
    }
    end = from;
  }
}

/** r ← b − (D + L + Lᵀ)x; `diagonal` is D. r may not be b. O(entries of L), each read once. */
export function halfResidual(
  n: i32, pointers: usize, indices: usize, values: usize, diagonal: usize, b: usize, x: usize, r: usize,
): void {
  let from: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const end = <usize>load<i32>(pointers + (i << 2), 4);
    const xi = load<f64>(x + (i << 3));
    let sum = load<f64>(b + (i << 3)) - load<f64>(diagonal + (i << 3)) * xi;
    for (let k = from; k < end; k++) {
      const j = <usize>load<i32>(indices + (k << 2)) << 3;
      const v = load<f64>(values + (k << 3));
      sum -= v * load<f64>(x + j);
      store<f64>(r + j, load<f64>(r + j) - v * xi);
    }
    store<f64>(r + (i << 3), sum);
    from = end;
  }
}

/**
 * A sweep of Gauss–Seidel over a matrix in rows, first row first, or last with `backward`: x_i ← x_i + (b − Ax)_i/a_ii, with 1/a_ii in
 * `inverse`; rows where that is 0 keep theirs. O(entries).
 */
export function rowsSweep(
  n: i32, pointers: usize, indices: usize, values: usize, inverse: usize, b: usize, x: usize, backward: bool,
): void {
  for (let t = 0; t < n; t++) {
    const i = <usize>(backward ? n - 1 - t : t);
    const end = <usize>load<i32>(pointers + (i << 2), 4);
    let sum = load<f64>(b + (i << 3));
    for (let k = <usize>load<i32>(pointers + (i << 2)); k < end; k++) {
      sum -= load<f64>(values + (k << 3)) * load<f64>(x + (<usize>load<i32>(indices + (k << 2)) << 3));
    }
    store<f64>(x + (i << 3), load<f64>(x + (i << 3)) + sum * load<f64>(inverse + (i << 3)));
  }
}

/** A step of Chebyshev's or Jacobi's iteration: p ← βp + γ·D⁻¹r, x ← x + p; p and x are taken as 0 before where `first`. O(n). */
export function chebyshevStep(
  n: i32, beta: f64, gamma: f64, inverse: usize, r: usize, p: usize, x: usize, first: bool,
): void {
  const end = r + (<usize>n << 3);
  for (; r < end; r += 8, inverse += 8, p += 8, x += 8) {
    const step = gamma * load<f64>(inverse) * load<f64>(r);
    if (first) {
      store<f64>(p, step);
      store<f64>(x, step);
    } else {
      const v = beta * load<f64>(p) + step;
      store<f64>(p, v);
      store<f64>(x, load<f64>(x) + v);
    }
  }
}
