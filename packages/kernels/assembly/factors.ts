// What factorisations spend their time on: factors are stored by rows, k values a row, so that inner loops are as long as
// the rank and rows are independent.

/** y ← y − a·x over so many bytes. */
// @ts-ignore: decorator
@inline
function subtract(bytes: usize, a: f64, x: usize, y: usize): void {
  const v = f64x2.splat(a);
  let t: usize = 0;
  for (; t + 64 <= bytes; t += 64) {
    v128.store(y + t, f64x2.sub(v128.load(y + t), f64x2.mul(v, v128.load(x + t))));
    v128.store(y + t, f64x2.sub(v128.load(y + t, 16), f64x2.mul(v, v128.load(x + t, 16))), 16);
    v128.store(y + t, f64x2.sub(v128.load(y + t, 32), f64x2.mul(v, v128.load(x + t, 32))), 32);
    v128.store(y + t, f64x2.sub(v128.load(y + t, 48), f64x2.mul(v, v128.load(x + t, 48))), 48);
  }
  for (; t + 16 <= bytes; t += 16) {
    v128.store(y + t, f64x2.sub(v128.load(y + t), f64x2.mul(v, v128.load(x + t))));
  }
  if (t < bytes) store<f64>(y + t, load<f64>(y + t) - a * load<f64>(x + t));
}

/**
 * Up to `epochs` cyclic passes of coordinate descent over each of `count` vectors w ≥ 0 of ½wᵀGw − cᵀw, with q = c − Gw
 * kept up to date; column i of W and Q (k values each) is vector i. A vector is left once a pass lowers its value by at
 * most `ratio` of what the first one did. Coordinates with G_tt ≤ 0, whose
 * column of a semi-definite G is zero, go to 0 where that lowers the value. Returns how many passes there were.
 */
export function nonnegativeDescent(
  count: i32, k: i32, G: usize, ldg: i32, Q: usize, W: usize, epochs: i32, ratio: f64,
): f64 {
  const step = <usize>k << 3;
  const ld = <usize>ldg << 3;
  let passes: f64 = 0;
  for (let i = 0; i < count; i++) {
    let least: f64 = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      let fall: f64 = 0;
      let column = G;
      for (let t: usize = 0; t < step; t += 8) {
        const curvature = load<f64>(column + t);
        if (curvature > 0) {
          const old = load<f64>(W + t);
          const gradient = load<f64>(Q + t);
          // Most coordinates of a sparse factor are 0 and stay there.
          if (old != 0 || gradient > 0) {
            const next = max(old + gradient / curvature, 0);
            const delta = next - old;
            if (delta != 0) {
              store<f64>(W + t, next);
              fall += delta * (gradient - 0.5 * curvature * delta);
              subtract(step, delta, column, Q);
            }
          }
        } else if (load<f64>(Q + t) < 0) {
          store<f64>(W + t, 0);
        }
        column += ld;
      }
      passes++;
      if (epoch == 0) least = ratio * fall;
      if (!(fall > least)) break;
    }
    W += step;
    Q += step;
  }
  return passes;
}

/** Y ← BX for B k × rows and X in compressed columns: column j of Y is Σ value·B[:, row]. Eight rows at a time. */
export function cscLeftProduct(
  k: i32, cols: i32, colPointers: usize, rowIndices: usize, values: usize, B: usize, Y: usize,
): void {
  const step = <usize>k << 3;
  for (let j = 0; j < cols; j++) {
    const from = load<i32>(colPointers + (<usize>j << 2));
    const to = load<i32>(colPointers + (<usize>j << 2), 4);
    let t: usize = 0;
    for (; t + 64 <= step; t += 64) {
      let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
      for (let e = from; e < to; e++) {
        const b = B + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        const v = v128.load64_splat(values + (<usize>e << 3));
        s0 = f64x2.add(s0, f64x2.mul(v, v128.load(b)));
        s1 = f64x2.add(s1, f64x2.mul(v, v128.load(b, 16)));
        s2 = f64x2.add(s2, f64x2.mul(v, v128.load(b, 32)));
        s3 = f64x2.add(s3, f64x2.mul(v, v128.load(b, 48)));
      }
      v128.store(Y + t, s0);
      v128.store(Y + t, s1, 16);
      v128.store(Y + t, s2, 32);
      v128.store(Y + t, s3, 48);
    }
    for (; t + 16 <= step; t += 16) {
      let s = f64x2.splat(0);
      for (let e = from; e < to; e++) {
        const b = B + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        s = f64x2.add(s, f64x2.mul(v128.load64_splat(values + (<usize>e << 3)), v128.load(b)));
      }
      v128.store(Y + t, s);
    }
    if (t < step) {
      let s: f64 = 0;
      for (let e = from; e < to; e++) {
        s += load<f64>(values + (<usize>e << 3)) * load<f64>(B + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t);
      }
      store<f64>(Y + t, s);
    }
    Y += step;
  }
}

/** Y ← BXᵀ for B k × cols and X rows × cols in compressed columns: column row of Y gains value·B[:, j]. */
export function cscLeftProductT(
  k: i32, rows: i32, cols: i32, colPointers: usize, rowIndices: usize, values: usize, B: usize, Y: usize,
): void {
  const step = <usize>k << 3;
  memory.fill(Y, 0, <usize>rows * step);
  for (let j = 0; j < cols; j++) {
    const from = load<i32>(colPointers + (<usize>j << 2));
    const to = load<i32>(colPointers + (<usize>j << 2), 4);
    let t: usize = 0;
    for (; t + 64 <= step; t += 64) {
      const b0 = v128.load(B + t), b1 = v128.load(B + t, 16), b2 = v128.load(B + t, 32), b3 = v128.load(B + t, 48);
      for (let e = from; e < to; e++) {
        const y = Y + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        const v = v128.load64_splat(values + (<usize>e << 3));
        v128.store(y, f64x2.add(v128.load(y), f64x2.mul(v, b0)));
        v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(v, b1)), 16);
        v128.store(y, f64x2.add(v128.load(y, 32), f64x2.mul(v, b2)), 32);
        v128.store(y, f64x2.add(v128.load(y, 48), f64x2.mul(v, b3)), 48);
      }
    }
    for (; t + 16 <= step; t += 16) {
      const b = v128.load(B + t);
      for (let e = from; e < to; e++) {
        const y = Y + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        v128.store(y, f64x2.add(v128.load(y), f64x2.mul(v128.load64_splat(values + (<usize>e << 3)), b)));
      }
    }
    if (t < step) {
      const b = load<f64>(B + t);
      for (let e = from; e < to; e++) {
        const y = Y + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        store<f64>(y, load<f64>(y) + load<f64>(values + (<usize>e << 3)) * b);
      }
    }
    B += step;
  }
}
