// Gram matrices of listed columns, centred, scaled and weighted while they are packed for the products: the data are read
// once, where they lie, and no copy of them is made.
import { evenly } from '../common/blocks';
import { addBlock, mirrorLower } from '../dense/gemm';
import { dot } from '../dense/level1';
import { transpose } from '../dense/level2';

// Rows that are packed at a time, and rows of G that are made together. Known to gramWorkBytes in src/work.ts.
const ROWS: i32 = 256;
const BLOCK: i32 = 256;

/** out[a] ← Σ d_i X[i, columns[a]] / sumD, the d-weighted means of k listed columns. */
export function columnMeans(n: i32, k: i32, columns: usize, X: usize, ldx: i32, d: usize, sumD: f64, out: usize): void {
  for (let a = 0; a < k; a++) {
    const j = <usize>load<i32>(columns + (<usize>a << 2));
    store<f64>(out + (<usize>a << 3), dot(n, X + ((j * <usize>ldx) << 3), d) / sumD);
  }
}

/** P[:, a] ← r ∘ (X[:, columns[a]] − means[a])·scale[columns[a]]; r is at `root` (0: all ones). */
export function packColumns(
  n: i32, k: i32, columns: usize, X: usize, ldx: i32, scale: usize, means: usize, root: usize, P: usize, ldp: i32,
): void {
  for (let a = 0; a < k; a++) {
    const j = <usize>load<i32>(columns + (<usize>a << 2));
    const x = X + ((j * <usize>ldx) << 3);
    const p = P + ((<usize>a * <usize>ldp) << 3);
    const s = load<f64>(scale + (j << 3)), mean = load<f64>(means + (<usize>a << 3));
    const vm = f64x2.splat(mean), vs = f64x2.splat(s);
    let o: usize = 0;
    const end = <usize>(n & ~1) << 3;
    if (root) {
      for (; o < end; o += 16) {
        v128.store(p + o, f64x2.mul(f64x2.mul(f64x2.sub(v128.load(x + o), vm), vs), v128.load(root + o)));
      }
      if (n & 1) store<f64>(p + o, (load<f64>(x + o) - mean) * s * load<f64>(root + o));
    } else {
      for (; o < end; o += 16) v128.store(p + o, f64x2.mul(f64x2.sub(v128.load(x + o), vm), vs));
      if (n & 1) store<f64>(p + o, (load<f64>(x + o) - mean) * s);
    }
  }
}

// @ts-ignore: decorator
@inline
function moved(x: usize, mean: v128, s: v128): v128 { return f64x2.mul(f64x2.sub(v128.load(x), mean), s); }

// @ts-ignore: decorator
@inline
function addSum(to: usize, v: v128, rest: f64): void {
  store<f64>(to, load<f64>(to) + (f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1) + rest));
}

/**
 * As {@link packColumns}, in panels of four columns, row by row, as products take them; zeros fill the last panel. Where there are
 * `sums`, they gain the products with the numbers at v, root left out: packing waits for memory, so they cost next to nothing.
 */
function packPanels(
  n: i32, k: i32, columns: usize, X: usize, ldx: i32, scale: usize, means: usize, root: usize, out: usize, v: usize,
  sums: usize,
): void {
  for (let a = 0; a < k; a += 4) {
    // Past the last column comes that column again, times nought.
    const b = min(a + 1, k - 1), c = min(a + 2, k - 1), e = min(a + 3, k - 1);
    const ja = <usize>load<i32>(columns + (<usize>a << 2)), jb = <usize>load<i32>(columns + (<usize>b << 2));
    const jc = <usize>load<i32>(columns + (<usize>c << 2)), je = <usize>load<i32>(columns + (<usize>e << 2));
    let x0 = X + ((ja * <usize>ldx) << 3), x1 = X + ((jb * <usize>ldx) << 3);
    let x2 = X + ((jc * <usize>ldx) << 3), x3 = X + ((je * <usize>ldx) << 3);
    const s0: f64 = load<f64>(scale + (ja << 3));
    const s1: f64 = a + 1 < k ? load<f64>(scale + (jb << 3)) : 0;
    const s2: f64 = a + 2 < k ? load<f64>(scale + (jc << 3)) : 0;
    const s3: f64 = a + 3 < k ? load<f64>(scale + (je << 3)) : 0;
    const m0 = load<f64>(means + (<usize>a << 3)), m1 = load<f64>(means + (<usize>b << 3));
    const m2 = load<f64>(means + (<usize>c << 3)), m3 = load<f64>(means + (<usize>e << 3));
    let r = root, z = v;
    let t0 = f64x2.splat(0), t1 = t0, t2 = t0, t3 = t0;
    const even = out + (<usize>(n & ~1) << 5);
    while (out != even) {
      let v0 = moved(x0, f64x2.splat(m0), f64x2.splat(s0)), v1 = moved(x1, f64x2.splat(m1), f64x2.splat(s1));
      let v2 = moved(x2, f64x2.splat(m2), f64x2.splat(s2)), v3 = moved(x3, f64x2.splat(m3), f64x2.splat(s3));
      if (sums) {
        const w = v128.load(z);
        t0 = f64x2.add(t0, f64x2.mul(v0, w));
        t1 = f64x2.add(t1, f64x2.mul(v1, w));
        t2 = f64x2.add(t2, f64x2.mul(v2, w));
        t3 = f64x2.add(t3, f64x2.mul(v3, w));
        z += 16;
      }
      if (root) {
        const w = v128.load(r);
        v0 = f64x2.mul(v0, w);
        v1 = f64x2.mul(v1, w);
        v2 = f64x2.mul(v2, w);
        v3 = f64x2.mul(v3, w);
        r += 16;
      }
      v128.store(out, v128.shuffle<f64>(v0, v1, 0, 2));
      v128.store(out, v128.shuffle<f64>(v2, v3, 0, 2), 16);
      v128.store(out, v128.shuffle<f64>(v0, v1, 1, 3), 32);
      v128.store(out, v128.shuffle<f64>(v2, v3, 1, 3), 48);
      x0 += 16;
      x1 += 16;
      x2 += 16;
      x3 += 16;
      out += 64;
    }
    let y0: f64 = 0, y1: f64 = 0, y2: f64 = 0, y3: f64 = 0;
    if (n & 1) {
      const w = root ? load<f64>(r) : 1;
      y0 = (load<f64>(x0) - m0) * s0;
      y1 = (load<f64>(x1) - m1) * s1;
      y2 = (load<f64>(x2) - m2) * s2;
      y3 = (load<f64>(x3) - m3) * s3;
      store<f64>(out, y0 * w);
      store<f64>(out, y1 * w, 8);
      store<f64>(out, y2 * w, 16);
      store<f64>(out, y3 * w, 24);
      out += 32;
    }
    if (sums) {
      const last = n & 1 ? load<f64>(z) : 0, at = sums + (<usize>a << 3);
      addSum(at, t0, y0 * last);
      if (a + 1 < k) addSum(at + 8, t1, y1 * last);
      if (a + 2 < k) addSum(at + 16, t2, y2 * last);
      if (a + 3 < k) addSum(at + 24, t3, y3 * last);
    }
  }
}

/**
 * Columns from … m−1 of G, both triangles, for G = share·P̃ᵀP̃, P̃ being what {@link packColumns} makes of m listed columns.
 * `work` has gramWorkBytes(m) bytes. At `target`, unless it is 0, lie n numbers v, and behind them room for m: the sums
 * Σ_i v_i(X[i, columns[a]] − means[a])·scale[columns[a]]. O(n·m·(m − from)).
 */
export function columnGram(
  n: i32, m: i32, from: i32, columns: usize, X: usize, ldx: i32, scale: usize, means: usize, root: usize, share: f64,
  G: usize, ldg: i32, work: usize, target: usize,
): void {
  const stride = <usize>ldg << 3;
  const all = work + 128 + (<usize>ROWS << 6);
  const own = all + (<usize>((m + 3) & ~3) * ROWS << 3);
  const sums = target ? target + (<usize>n << 3) : 0;
  if (from == m) return;
  if (sums) memory.fill(sums, 0, <usize>m << 3);
  const step = evenly(m - from, BLOCK, 4);
  for (let top = 0; top < n; top += ROWS) {
    const rows = min(ROWS, n - top), at = <usize>top << 3;
    packPanels(rows, m, columns, X + at, ldx, scale, means, root ? root + at : 0, all, target + at, sums);
    for (let ic = from; ic < m; ic += step) {
      const count = min(step, m - ic);
      let block = all + (<usize>(ic * rows) << 3);
      // Panels begin at every fourth column.
      if (ic & 3) {
        block = own;
        const skip = <usize>ic << 3;
        const list = columns + (<usize>ic << 2);
        packPanels(rows, count, list, X + at, ldx, scale, means + skip, root ? root + at : 0, own, 0, 0);
      }
      addBlock<f64>(true, true, count, ic + count, rows, ic, 0, share, block, all, 0, G, stride, top == 0, work);
    }
  }
  mirrorLower(m - from, G + <usize>from * (stride + 8), ldg);
  if (from) transpose(m - from, from, G + (<usize>from << 3), ldg, G + <usize>from * stride, ldg);
}
