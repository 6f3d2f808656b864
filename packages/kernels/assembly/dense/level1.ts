// Level-1 kernels on f64 vectors: byte pointers, two doubles a lane, four accumulators to hide the latency of add.
// Loops end on `!=`: the end of a block at the very end of a 4 GiB memory wraps to 0.

/** Σ x[i]·y[i]. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  const end8 = x + (<usize>(n & ~7) << 3);
  while (x != end8) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x), v128.load(y)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
    x += 64;
    y += 64;
  }
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (let i = n & ~7; i < n; i++) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y ← y + a·x. */
export function axpy(n: i32, a: f64, x: usize, y: usize): void {
  const va = f64x2.splat(a);
  const end4 = x + (<usize>(n & ~3) << 3);
  while (x != end4) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(va, v128.load(x))));
    v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(va, v128.load(x, 16))), 16);
    x += 32;
    y += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    store<f64>(y, load<f64>(y) + a * load<f64>(x));
    x += 8;
    y += 8;
  }
}
