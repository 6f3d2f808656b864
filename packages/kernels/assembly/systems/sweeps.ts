// What iterative solvers do in every step: rows of a sparse matrix (i32 pointers and columns, f64 values) against vectors, in
// whatever order; steps of conjugate gradients with their inner products, so that each vector is read once.

/** Σ values[k]·x[columns[k]]. */
// @ts-ignore: decorator
@inline
function rowDot(from: i32, to: i32, columns: usize, values: usize, x: usize): f64 {
  let column = columns + (<usize>from << 2), value = values + (<usize>from << 3);
  let s: f64 = 0;
  // Rows of stencils have few entries: what is left after fours goes by a pair and one, without a loop.
  for (; from + 4 <= to; from += 4, column += 16, value += 32) {
    s += load<f64>(value) * load<f64>(x + (<usize>load<i32>(column) << 3))
      + load<f64>(value, 8) * load<f64>(x + (<usize>load<i32>(column, 4) << 3))
      + (load<f64>(value, 16) * load<f64>(x + (<usize>load<i32>(column, 8) << 3))
        + load<f64>(value, 24) * load<f64>(x + (<usize>load<i32>(column, 12) << 3)));
  }
  if (from + 2 <= to) {
    s += load<f64>(value) * load<f64>(x + (<usize>load<i32>(column) << 3))
      + load<f64>(value, 8) * load<f64>(x + (<usize>load<i32>(column, 4) << 3));
    from += 2;
    column += 8;
    value += 16;
  }
  if (from < to) s += load<f64>(value) * load<f64>(x + (<usize>load<i32>(column) << 3));
  return s;
}

/** y ← Ax of a square A by its rows; returns xᵀAx. O(nnz). */
export function rowsProductDot(n: i32, pointers: usize, columns: usize, values: usize, x: usize, y: usize): f64 {
  let from = load<i32>(pointers);
  let sum: f64 = 0;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    pointers += 4;
    const to = load<i32>(pointers);
    const s = rowDot(from, to, columns, values, x);
    store<f64>(y + i, s);
    sum += s * load<f64>(x + i);
    from = to;
  }
  return sum;
}

/** r ← b − Ax by the rows of A; returns ‖r‖². O(nnz). */
export function rowsResidual(
  n: i32, pointers: usize, columns: usize, values: usize, x: usize, b: usize, r: usize,
): f64 {
  let from = load<i32>(pointers);
  let sum: f64 = 0;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    pointers += 4;
    const to = load<i32>(pointers);
    const s = load<f64>(b + i) - rowDot(from, to, columns, values, x);
    store<f64>(r + i, s);
    sum += s * s;
    from = to;
  }
  return sum;
}

/**
 * y ← Ax of a symmetric A of which only one triangle is kept, by columns with their rows ascending, diagonal
 * included where there is one. y is not x. O(nnz).
 */
export function halfProduct(n: i32, pointers: usize, rows: usize, values: usize, x: usize, y: usize): void {
  memory.fill(y, 0, <usize>n << 3);
  let from = load<i32>(pointers);
  for (let j = 0; j < n; j++) {
    pointers += 4;
    const to = load<i32>(pointers);
    const xj = load<f64>(x + (<usize>j << 3));
    let s: f64 = 0;
    for (let k = from; k < to; k++) {
      const i = load<i32>(rows + (<usize>k << 2));
      const v = load<f64>(values + (<usize>k << 3));
      const at = <usize>i << 3;
      s += v * load<f64>(x + at);
      if (i != j) store<f64>(y + at, load<f64>(y + at) + v * xj);
    }
    const at = y + (<usize>j << 3);
    store<f64>(at, load<f64>(at) + s);
    from = to;
  }
}

/**
 * z[i] ← r[i]·d[i] − Σ values·z over the rows of a strictly triangular matrix, row t being that of the unknown i = order[t]; r[i]
 * alone where d is 0, the natural order where `order` is 0. Every unknown comes after those that its row reads. r may be z.
 * Returns rᵀz where r is not z. O(nnz).
 */
export function unitSweep(
  n: i32, order: usize, pointers: usize, columns: usize, values: usize, d: usize, r: usize, z: usize,
): f64 {
  let from = load<i32>(pointers);
  let sum: f64 = 0;
  for (let t = 0; t < n; t++) {
    pointers += 4;
    const to = load<i32>(pointers);
    const i = <usize>(order ? load<i32>(order + (<usize>t << 2)) : t) << 3;
    const ri = load<f64>(r + i);
    let s = d ? ri * load<f64>(d + i) : ri;
    for (let k = from; k < to; k++) {
      s -= load<f64>(values + (<usize>k << 3)) * load<f64>(z + (<usize>load<i32>(columns + (<usize>k << 2)) << 3));
    }
    store<f64>(z + i, s);
    sum += ri * s;
    from = to;
  }
  return sum;
}

/**
 * One sweep of relaxation: x[i] ← x[i] + ω(b[i] − A[i,:]x)/d[i] for i ascending from 0, or descending with `backward`, with
 * inverse = 1/d. O(nnz).
 */
export function relaxSweep(
  n: i32, pointers: usize, columns: usize, values: usize, inverse: usize, omega: f64, b: usize, x: usize,
  backward: bool,
): void {
  for (let t = 0; t < n; t++) {
    const i = backward ? n - 1 - t : t;
    const at = pointers + (<usize>i << 2);
    const e = <usize>i << 3;
    const s = load<f64>(b + e) - rowDot(load<i32>(at), load<i32>(at, 4), columns, values, x);
    store<f64>(x + e, load<f64>(x + e) + omega * s * load<f64>(inverse + e));
  }
}

/**
 * A step of SOR from the residual: e solves (D/ω + L)e = r, x ← x + e, r ← r − Ae, which is (1/ω − 1)De − Ue; returns ‖r‖².
 * diagonal[i] is the place of A[i,i] among the entries of row i. As cheap as one product. O(nnz).
 */
export function sorStep(
  n: i32, pointers: usize, diagonal: usize, columns: usize, values: usize, omega: f64, x: usize, r: usize, e: usize,
): f64 {
  let at = pointers, place = diagonal;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    const to = load<i32>(place);
    const s = load<f64>(r + i) - rowDot(load<i32>(at), to, columns, values, e);
    const step = (omega * s) / load<f64>(values + (<usize>to << 3));
    store<f64>(e + i, step);
    store<f64>(x + i, load<f64>(x + i) + step);
    at += 4;
    place += 4;
  }
  const rest = 1 / omega - 1;
  let sum: f64 = 0;
  at = pointers;
  place = diagonal;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    const from = load<i32>(place);
    const s = rest * load<f64>(values + (<usize>from << 3)) * load<f64>(e + i)
      - rowDot(from + 1, load<i32>(at, 4), columns, values, e);
    store<f64>(r + i, s);
    sum += s * s;
    at += 4;
    place += 4;
  }
  return sum;
}

/** y ← x + b·y. O(n). */
export function xpby(n: i32, x: usize, b: f64, y: usize): void {
  const vb = f64x2.splat(b);
  const end = x + (<usize>(n & ~3) << 3);
  while (x != end) {
    v128.store(y, f64x2.add(v128.load(x), f64x2.mul(vb, v128.load(y))));
    v128.store(y, f64x2.add(v128.load(x, 16), f64x2.mul(vb, v128.load(y, 16))), 16);
    x += 32;
    y += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    store<f64>(y, load<f64>(x) + b * load<f64>(y));
    x += 8;
    y += 8;
  }
}

/** z ← x·y, each with each. O(n). */
export function scaleBy(n: i32, x: usize, y: usize, z: usize): void {
  for (let i: usize = 0; i < <usize>n << 3; i += 8) store<f64>(z + i, load<f64>(x + i) * load<f64>(y + i));
}

/** z ← x·y, each with each; returns xᵀz. O(n). */
export function scaleByDot(n: i32, x: usize, y: usize, z: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  const end = x + (<usize>(n & ~3) << 3);
  while (x != end) {
    const u0 = v128.load(x), u1 = v128.load(x, 16);
    const z0 = f64x2.mul(u0, v128.load(y)), z1 = f64x2.mul(u1, v128.load(y, 16));
    v128.store(z, z0);
    v128.store(z, z1, 16);
    s0 = f64x2.add(s0, f64x2.mul(u0, z0));
    s1 = f64x2.add(s1, f64x2.mul(u1, z1));
    x += 32;
    y += 32;
    z += 32;
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n & ~3; i < n; i++) {
    const u = load<f64>(x), v = u * load<f64>(y);
    store<f64>(z, v);
    sum += u * v;
    x += 8;
    y += 8;
    z += 8;
  }
  return sum;
}

/**
 * x ← x + a·p, then p ← z + b·p: what conjugate gradients do to their direction, so that it is read once. O(n).
 */
export function directionStep(n: i32, a: f64, b: f64, z: usize, p: usize, x: usize): void {
  const va = f64x2.splat(a), vb = f64x2.splat(b);
  const end = p + (<usize>(n & ~3) << 3);
  while (p != end) {
    const p0 = v128.load(p), p1 = v128.load(p, 16);
    v128.store(x, f64x2.add(v128.load(x), f64x2.mul(va, p0)));
    v128.store(x, f64x2.add(v128.load(x, 16), f64x2.mul(va, p1)), 16);
    v128.store(p, f64x2.add(v128.load(z), f64x2.mul(vb, p0)));
    v128.store(p, f64x2.add(v128.load(z, 16), f64x2.mul(vb, p1)), 16);
    p += 32;
    x += 32;
    z += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    const u = load<f64>(p);
    store<f64>(x, load<f64>(x) + a * u);
    store<f64>(p, load<f64>(z) + b * u);
    p += 8;
    x += 8;
    z += 8;
  }
}

/** y ← y − a·x; returns ‖y‖². O(n). */
export function subtractDot(n: i32, a: f64, x: usize, y: usize): f64 {
  const va = f64x2.splat(a);
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  const end = x + (<usize>(n & ~3) << 3);
  while (x != end) {
    const y0 = f64x2.sub(v128.load(y), f64x2.mul(va, v128.load(x)));
    const y1 = f64x2.sub(v128.load(y, 16), f64x2.mul(va, v128.load(x, 16)));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    s0 = f64x2.add(s0, f64x2.mul(y0, y0));
    s1 = f64x2.add(s1, f64x2.mul(y1, y1));
    x += 32;
    y += 32;
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n & ~3; i < n; i++) {
    const v = load<f64>(y) - a * load<f64>(x);
    store<f64>(y, v);
    sum += v * v;
    x += 8;
    y += 8;
  }
  return sum;
}

/**
 * As {@link unitSweep} for rows that all have `width` entries, in the order of the sweep, those that a row lacks being zeros at
 * the place of any unknown that comes first: no branch is then mispredicted. r is not read for a product. O(n · width).
 */
export function paddedSweep(
  n: i32, width: i32, order: usize, columns: usize, values: usize, d: usize, r: usize, z: usize,
): void {
  if (n == 0) return;
  // What the first row's zeros read must be a number.
  const first = <usize>load<i32>(order) << 3;
  store<f64>(z + first, load<f64>(r + first));
  for (let t = 0; t < n; t++) {
    const i = <usize>load<i32>(order) << 3;
    order += 4;
    let s = load<f64>(r + i);
    if (d) s *= load<f64>(d + i);
    if (width == 2) {
      s -= load<f64>(values) * load<f64>(z + (<usize>load<i32>(columns) << 3));
      s -= load<f64>(values, 8) * load<f64>(z + (<usize>load<i32>(columns, 4) << 3));
      values += 16;
      columns += 8;
    } else if (width == 3) {
      s -= load<f64>(values) * load<f64>(z + (<usize>load<i32>(columns) << 3));
      s -= load<f64>(values, 8) * load<f64>(z + (<usize>load<i32>(columns, 4) << 3));
      s -= load<f64>(values, 16) * load<f64>(z + (<usize>load<i32>(columns, 8) << 3));
      values += 24;
      columns += 12;
    } else {
      for (let k = 0; k < width; k++, columns += 4, values += 8) {
        s -= load<f64>(values) * load<f64>(z + (<usize>load<i32>(columns) << 3));
      }
    }
    store<f64>(z + i, s);
  }
}

/**
 * 1 where a square matrix by compressed columns has an equal entry across from each, to within `relative` of the largest; 0
 * otherwise, also where one of two entries is left out as it is 0. `next` has room for n i32. O(nnz).
 */
export function mirrored(
  n: i32, pointers: usize, rows: usize, values: usize, relative: f64, next: usize,
): i32 {
  let largest: f64 = 0;
  const nnz = load<i32>(pointers + (<usize>n << 2));
  for (let k = 0; k < nnz; k++) largest = max(largest, abs(load<f64>(values + (<usize>k << 3))));
  const allowed = relative * largest;
  memory.copy(next, pointers, <usize>n << 2);
  // Columns in their order meet what stands across in the order in which it is kept.
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 2;
    const end = load<i32>(pointers + at, 4);
    for (let k = load<i32>(next + at); k < end; k++) {
      const i = load<i32>(rows + (<usize>k << 2));
      // Above the diagonal, and not met before.
      if (i < j) return 0;
      if (i == j) continue;
      const other = load<i32>(next + (<usize>i << 2));
      if (other == load<i32>(pointers + (<usize>i << 2), 4) || load<i32>(rows + (<usize>other << 2)) != j) return 0;
      const v = load<f64>(values + (<usize>k << 3)), w = load<f64>(values + (<usize>other << 3));
      if (!(abs(v - w) <= allowed)) return 0;
      store<i32>(next + (<usize>i << 2), other + 1);
    }
  }
  return 1;
}
