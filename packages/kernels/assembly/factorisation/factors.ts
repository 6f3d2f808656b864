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
 * Coordinate descent over each of `count` vectors w ≥ 0 of ½wᵀGw − cᵀw with q = c − Gw kept up to date; W and Q are k ×
 * count. At most `epochs` passes a vector, fewer once one lowers its value by at most `ratio` of the first one's fall.
 * Coordinates with G_tt ≤ 0, whose column of a semi-definite G is zero, go to 0 where that lowers the value. Returns
 * the passes of all vectors together.
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

/** Y (k × cols) ← BX for B k × rows and X in compressed columns, eight rows at a time. O(nnz·k). */
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
    if (t + 32 <= step) {
      let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
      for (let e = from; e < to; e++) {
        const b = B + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        const v = v128.load64_splat(values + (<usize>e << 3));
        s0 = f64x2.add(s0, f64x2.mul(v, v128.load(b)));
        s1 = f64x2.add(s1, f64x2.mul(v, v128.load(b, 16)));
      }
      v128.store(Y + t, s0);
      v128.store(Y + t, s1, 16);
      t += 32;
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

/** Y (k × rows) ← BXᵀ for B k × cols and X rows × cols in compressed columns. O(nnz·k + rows·k). */
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
    if (t + 32 <= step) {
      const b0 = v128.load(B + t), b1 = v128.load(B + t, 16);
      for (let e = from; e < to; e++) {
        const y = Y + <usize>load<i32>(rowIndices + (<usize>e << 2)) * step + t;
        const v = v128.load64_splat(values + (<usize>e << 3));
        v128.store(y, f64x2.add(v128.load(y), f64x2.mul(v, b0)));
        v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(v, b1)), 16);
      }
      t += 32;
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

// @ts-ignore: decorator
@inline
function total(s: v128): f64 { return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1); }

/** xᵀx over so many bytes. */
function squares(bytes: usize, x: usize): f64 {
  let s = f64x2.splat(0);
  let t: usize = 0;
  for (; t + 16 <= bytes; t += 16) s = f64x2.add(s, f64x2.mul(v128.load(x + t), v128.load(x + t)));
  const sum = total(s);
  return t < bytes ? sum + load<f64>(x + t) * load<f64>(x + t) : sum;
}

/** s ← −λx + Σ_e c_e f_e over the rows f_e of F that `indices` names. Eight coordinates at a time, then two. */
function gather(
  length: i32, step: usize, indices: usize, c: usize, F: usize, lambda: f64, x: usize, s: usize,
): void {
  const by = f64x2.splat(-lambda);
  let t: usize = 0;
  for (; t + 64 <= step; t += 64) {
    let s0 = f64x2.mul(by, v128.load(x + t)), s1 = f64x2.mul(by, v128.load(x + t, 16));
    let s2 = f64x2.mul(by, v128.load(x + t, 32)), s3 = f64x2.mul(by, v128.load(x + t, 48));
    for (let e = 0; e < length; e++) {
      const f = F + <usize>load<i32>(indices + (<usize>e << 2)) * step + t;
      const v = v128.load64_splat(c + (<usize>e << 3));
      s0 = f64x2.add(s0, f64x2.mul(v, v128.load(f)));
      s1 = f64x2.add(s1, f64x2.mul(v, v128.load(f, 16)));
      s2 = f64x2.add(s2, f64x2.mul(v, v128.load(f, 32)));
      s3 = f64x2.add(s3, f64x2.mul(v, v128.load(f, 48)));
    }
    v128.store(s + t, s0);
    v128.store(s + t, s1, 16);
    v128.store(s + t, s2, 32);
    v128.store(s + t, s3, 48);
  }
  for (; t + 16 <= step; t += 16) {
    let s0 = f64x2.mul(by, v128.load(x + t)), s1 = f64x2.splat(0);
    let e = 0;
    for (; e + 2 <= length; e += 2) {
      const f0 = F + <usize>load<i32>(indices + (<usize>e << 2)) * step + t;
      const f1 = F + <usize>load<i32>(indices + (<usize>e << 2), 4) * step + t;
      s0 = f64x2.add(s0, f64x2.mul(v128.load64_splat(c + (<usize>e << 3)), v128.load(f0)));
      s1 = f64x2.add(s1, f64x2.mul(v128.load64_splat(c + (<usize>e << 3), 8), v128.load(f1)));
    }
    if (e < length) {
      const f0 = F + <usize>load<i32>(indices + (<usize>e << 2)) * step + t;
      s0 = f64x2.add(s0, f64x2.mul(v128.load64_splat(c + (<usize>e << 3)), v128.load(f0)));
    }
    v128.store(s + t, f64x2.add(s0, s1));
  }
  if (t < step) {
    let sum = -lambda * load<f64>(x + t);
    for (let e = 0; e < length; e++) {
      sum += load<f64>(c + (<usize>e << 3)) * load<f64>(F + <usize>load<i32>(indices + (<usize>e << 2)) * step + t);
    }
    store<f64>(s + t, sum);
  }
}

/** y_e ← f_eᵀp for the rows f_e of F that `indices` names, four at a time. */
function project(length: i32, step: usize, indices: usize, F: usize, p: usize, y: usize): void {
  const even = step & ~15;
  let e = 0;
  for (; e + 4 <= length; e += 4) {
    const at = indices + (<usize>e << 2);
    const f0 = F + <usize>load<i32>(at) * step, f1 = F + <usize>load<i32>(at, 4) * step;
    const f2 = F + <usize>load<i32>(at, 8) * step, f3 = F + <usize>load<i32>(at, 12) * step;
    let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
    for (let t: usize = 0; t < even; t += 16) {
      const v = v128.load(p + t);
      s0 = f64x2.add(s0, f64x2.mul(v, v128.load(f0 + t)));
      s1 = f64x2.add(s1, f64x2.mul(v, v128.load(f1 + t)));
      s2 = f64x2.add(s2, f64x2.mul(v, v128.load(f2 + t)));
      s3 = f64x2.add(s3, f64x2.mul(v, v128.load(f3 + t)));
    }
    let a = f64x2.add(v128.shuffle<f64>(s0, s1, 0, 2), v128.shuffle<f64>(s0, s1, 1, 3));
    let b = f64x2.add(v128.shuffle<f64>(s2, s3, 0, 2), v128.shuffle<f64>(s2, s3, 1, 3));
    if (even < step) {
      const v = v128.load64_splat(p + even);
      a = f64x2.add(a, f64x2.mul(v, v128.load64_lane(f1 + even, v128.load64_zero(f0 + even), 1)));
      b = f64x2.add(b, f64x2.mul(v, v128.load64_lane(f3 + even, v128.load64_zero(f2 + even), 1)));
    }
    v128.store(y + (<usize>e << 3), a);
    v128.store(y + (<usize>e << 3), b, 16);
  }
  for (; e < length; e++) {
    const f = F + <usize>load<i32>(indices + (<usize>e << 2)) * step;
    let s = f64x2.splat(0);
    for (let t: usize = 0; t < even; t += 16) s = f64x2.add(s, f64x2.mul(v128.load(p + t), v128.load(f + t)));
    let sum = total(s);
    if (even < step) sum += load<f64>(p + even) * load<f64>(f + even);
    store<f64>(y + (<usize>e << 3), sum);
  }
}

/**
 * Up to `steps` steps of conjugate gradients on each of `count` regressions ½Σ w r² + ½λ‖x‖² from where x, column i of
 * X (k × count), stands; the residuals r of its entries, and columns `indices` of F, begin at pointers[i]; r goes with
 * x. `weights` may be 0. `work` holds 2k values and as many as the longest regression has entries. Returns the steps of
 * all together; work[0] gets how many entries they visited. O(steps·entries·k).
 */
export function conjugateSteps(
  count: i32, k: i32, pointers: usize, indices: usize, weights: usize, F: usize, X: usize, r: usize, lambda: f64,
  steps: i32, work: usize,
): f64 {
  const step = <usize>k << 3;
  const s = work, p = s + step, y = p + step;
  const most = min(steps, k);
  let made: f64 = 0, visited: f64 = 0;
  for (let i = 0; i < count; i++) {
    const from = load<i32>(pointers + (<usize>i << 2));
    const length = load<i32>(pointers + (<usize>i << 2), 4) - from;
    const at = indices + (<usize>from << 2);
    const ri = r + (<usize>from << 3);
    const w = weights + (<usize>from << 3);
    let gamma: f64 = 0, first: f64 = 0;
    for (let q = 0; q < most && length > 0; q++) {
      if (weights) for (let e: usize = 0; e < <usize>length << 3; e += 8) store<f64>(y + e, load<f64>(w + e) * load<f64>(ri + e));
      gather(length, step, at, weights ? y : ri, F, lambda, X, s);
      const next = squares(step, s);
      // What is left would be rounding.
      if (q == 0) first = next;
      if (!(next > 1e-24 * first)) break;
      if (q == 0) memory.copy(p, s, step);
      else {
        const beta = next / gamma;
        for (let t: usize = 0; t < step; t += 8) store<f64>(p + t, load<f64>(s + t) + beta * load<f64>(p + t));
      }
      gamma = next;
      project(length, step, at, F, p, y);
      let curvature = lambda * squares(step, p);
      if (weights) {
        for (let e: usize = 0; e < <usize>length << 3; e += 8) {
          curvature += load<f64>(w + e) * load<f64>(y + e) * load<f64>(y + e);
        }
      } else curvature += squares(<usize>length << 3, y);
      if (!(curvature > 0)) break;
      const alpha = gamma / curvature;
      subtract(step, -alpha, p, X);
      subtract(<usize>length << 3, alpha, y, ri);
      made++;
      visited += <f64>length;
    }
    X += step;
  }
  store<f64>(work, visited);
  return made;
}
