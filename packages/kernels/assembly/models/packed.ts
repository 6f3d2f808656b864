// Coordinate descent on sparse columns that are laid out for it: entries times the roots of their rows' weights, and addresses in place
// of rows, so that an epoch reads no weights and computes no addresses.
import { moveCoordinate } from './step';

/** Weights below this count as this. */
const LEAST: f64 = 1e-300;
/** Above its root, and what that rounds to. */
const LEAST_ROOT: f64 = 1.000001e-150;

/**
 * root ← √d and z ← v/root, so that root·z is v and root² the weights. A weight below 10⁻³⁰⁰ counts as that, which keeps the v of rows
 * without weight and moves them by nothing that shows. O(n).
 */
export function rootsOfWeights(n: i32, d: usize, v: usize, root: usize, z: usize): void {
  const least = f64x2.splat(LEAST);
  const end = d + (<usize>(n & ~1) << 3);
  while (d != end) {
    const r = f64x2.sqrt(f64x2.max(v128.load(d), least));
    v128.store(root, r);
    v128.store(z, f64x2.div(v128.load(v), r));
    d += 16;
    v += 16;
    root += 16;
    z += 16;
  }
  if (n & 1) {
    const r = Math.sqrt(max(load<f64>(d), LEAST));
    store<f64>(root, r);
    store<f64>(z, load<f64>(v) / r);
  }
}

/**
 * Lays the k listed columns of a CSC matrix out one after the other: entries[e] ← scale·x_i·root_i, places[e] ← the address z + 8i,
 * starts[t] (k + 1 of them) where column t begins. sums[t] ← Σ d_i x_i and curvatures[t] ← Σ d_i x_i²,
 * scaled, 0 where no row has weight. O(nnz of these).
 */
export function packSparseColumns(
  k: i32, columns: usize, colPointers: usize, rowIndices: usize, values: usize, scale: usize, root: usize, z: usize,
  starts: usize, places: usize, entries: usize, sums: usize, curvatures: usize,
): void {
  let count = 0;
  for (let t = 0; t < k; t++) {
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const s = load<f64>(scale + (j << 3));
    const from = load<i32>(colPointers + (j << 2)), to = load<i32>(colPointers + (j << 2), 4);
    store<i32>(starts + (<usize>t << 2), count);
    count += to - from;
    let index = rowIndices + (<usize>from << 2), value = values + (<usize>from << 3);
    const end = rowIndices + (<usize>to << 2);
    let sum: f64 = 0, square: f64 = 0;
    let weighted = false;
    for (; index != end; index += 4, value += 8, places += 4, entries += 8) {
      const o = <usize>load<i32>(index) << 3;
      const r = load<f64>(root + o);
      const x = s * load<f64>(value) * r;
      store<i32>(places, <i32>(z + o));
      store<f64>(entries, x);
      sum += x * r;
      square += x * x;
      weighted = weighted || r > LEAST_ROOT;
    }
    store<f64>(sums + (<usize>t << 3), sum);
    store<f64>(curvatures + (<usize>t << 3), weighted ? square : 0);
  }
  store<i32>(starts + (<usize>k << 2), count);
}

/**
 * Up to `epochs` cyclic epochs over m columns as {@link packSparseColumns} lays them out, which finds z = v/root at the places and keeps it up to
 * date. Intercept, penalty, `tol` and what is returned are as in denseDescent.
 */
export function packedDescent(
  m: i32, starts: usize, places: usize, entries: usize, curvatures: usize, sums: usize, sumD: f64, centre: i32, state: usize, b: usize,
  kind: i32, penalty: usize, stride: i32, epochs: i32, tol: f64,
): f64 {
  const size = <usize>stride << 3;
  let shift = load<f64>(state);
  let largest: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    largest = 0;
    for (let k = 0; k < m; k++) {
      const o = <usize>k << 3;
      const curvature = load<f64>(curvatures + o);
      if (!(curvature > 0)) continue;
      const from = <usize>load<i32>(starts + (<usize>k << 2)), to = <usize>load<i32>(starts + (<usize>k << 2), 4);
      const first = places + (from << 2), end = places + (to << 2);
      const whole = first + (((to - from) & ~3) << 2);
      let p = first, x = entries + (from << 3);
      let g: f64 = 0, g1: f64 = 0, g2: f64 = 0, g3: f64 = 0;
      for (; p != whole; p += 16, x += 32) {
        g += load<f64>(x) * load<f64>(<usize>load<u32>(p));
        g1 += load<f64>(x, 8) * load<f64>(<usize>load<u32>(p, 4));
        g2 += load<f64>(x, 16) * load<f64>(<usize>load<u32>(p, 8));
        g3 += load<f64>(x, 24) * load<f64>(<usize>load<u32>(p, 12));
      }
      for (; p != end; p += 4, x += 8) g += load<f64>(x) * load<f64>(<usize>load<u32>(p));
      g = g + g1 + (g2 + g3);
      const sum = load<f64>(sums + o);
      if (centre) g += shift * sum;
      const t = 1 / curvature;
      const delta = moveCoordinate(b + o, g * t, t, kind, penalty + o, size);
      if (delta == 0) continue;
      p = first;
      x = entries + (from << 3);
      for (; p != whole; p += 16, x += 32) {
        let z = <usize>load<u32>(p);
        store<f64>(z, load<f64>(z) - delta * load<f64>(x));
        z = <usize>load<u32>(p, 4);
        store<f64>(z, load<f64>(z) - delta * load<f64>(x, 8));
        z = <usize>load<u32>(p, 8);
        store<f64>(z, load<f64>(z) - delta * load<f64>(x, 16));
        z = <usize>load<u32>(p, 12);
        store<f64>(z, load<f64>(z) - delta * load<f64>(x, 24));
      }
      for (; p != end; p += 4, x += 8) {
        const z = <usize>load<u32>(p);
        store<f64>(z, load<f64>(z) - delta * load<f64>(x));
      }
      if (centre) shift += (delta * sum) / sumD;
      const decrease = 0.5 * curvature * delta * delta;
      if (decrease > largest) largest = decrease;
    }
    if (largest <= tol) break;
  }
  store<f64>(state, shift);
  return largest;
}
