// What a step of a gradient method does to each entry of a matrix.

const SIGN: i64 = i64.MIN_VALUE;

/** y ← a·x². */
export function squares(n: i32, a: f64, x: usize, y: usize): void {
  const va = f64x2.splat(a);
  const end4 = x + (<usize>(n & ~3) << 3);
  while (x != end4) {
    const p = v128.load(x), q = v128.load(x, 16);
    v128.store(y, f64x2.mul(va, f64x2.mul(p, p)));
    v128.store(y, f64x2.mul(va, f64x2.mul(q, q)), 16);
    x += 32;
    y += 32;
  }
  for (let i = n & ~3; i < n; i++) {
    store<f64>(y, a * (load<f64>(x) * load<f64>(x)));
    x += 8;
    y += 8;
  }
}

// @ts-ignore: decorator
@inline
function addOne(weight: f64, a: f64, w: usize, m: usize, g: usize): void {
  const x = load<f64>(w);
  const sign = x > 0 ? weight : x < 0 ? -weight : 0;
  store<f64>(g, load<f64>(g) + (sign + a * x * load<f64>(m)));
}

// @ts-ignore: decorator
@inline
function addTwo(weight: v128, a: v128, w: usize, m: v128, g: usize): void {
  const x = v128.load(w);
  // The sign of x on the weight, nothing at 0.
  const sign = v128.and(f64x2.ne(x, f64x2.splat(0)), v128.xor(weight, v128.and(x, i64x2.splat(SIGN))));
  v128.store(g, f64x2.add(v128.load(g), f64x2.add(sign, f64x2.mul(f64x2.mul(a, x), m))));
}

/** G ← G + weight·sgn(W) + a·W∘Mᵀ, all n×n without gaps; by squares of two, which are turned in registers. O(n²). */
export function addSignsAndTransposed(n: i32, weight: f64, a: f64, W: usize, M: usize, G: usize): void {
  const column = <usize>n << 3;
  const vw = f64x2.splat(weight), va = f64x2.splat(a);
  const even = n & ~1;
  for (let j = 0; j < even; j += 2) {
    let w = W + <usize>j * column, g = G + <usize>j * column, m = M + (<usize>j << 3);
    for (let i = 0; i < even; i += 2) {
      const p = v128.load(m), q = v128.load(m + column);
      addTwo(vw, va, w, v128.shuffle<f64>(p, q, 0, 2), g);
      addTwo(vw, va, w + column, v128.shuffle<f64>(p, q, 1, 3), g + column);
      w += 16;
      g += 16;
      m += 2 * column;
    }
    if (even < n) {
      addOne(weight, a, w, m, g);
      addOne(weight, a, w + column, m + 8, g + column);
    }
  }
  if (even < n) {
    const at = <usize>even * column;
    for (let i = 0; i < n; i++) {
      const down = <usize>i << 3;
      addOne(weight, a, W + at + down, M + <usize>i * column + (<usize>even << 3), G + at + down);
    }
  }
}

/**
 * Adam: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², direction ← c1·m/(√(c2·v) + ε), c1 and c2 being the corrections of
 * the bias.
 */
export function adam(
  n: i32, beta1: f64, beta2: f64, c1: f64, c2: f64, epsilon: f64, g: usize, m: usize, v: usize, direction: usize,
): void {
  const b1 = f64x2.splat(beta1), b2 = f64x2.splat(beta2), r1 = f64x2.splat(1 - beta1), r2 = f64x2.splat(1 - beta2);
  const k1 = f64x2.splat(c1), k2 = f64x2.splat(c2), e = f64x2.splat(epsilon);
  const end2 = g + (<usize>(n & ~1) << 3);
  while (g != end2) {
    const x = v128.load(g);
    const p = f64x2.add(f64x2.mul(b1, v128.load(m)), f64x2.mul(r1, x));
    const q = f64x2.add(f64x2.mul(b2, v128.load(v)), f64x2.mul(f64x2.mul(r2, x), x));
    v128.store(m, p);
    v128.store(v, q);
    v128.store(direction, f64x2.div(f64x2.mul(k1, p), f64x2.add(f64x2.sqrt(f64x2.mul(k2, q)), e)));
    g += 16;
    m += 16;
    v += 16;
    direction += 16;
  }
  if (n & 1) {
    const x = load<f64>(g);
    const p = beta1 * load<f64>(m) + (1 - beta1) * x, q = beta2 * load<f64>(v) + (1 - beta2) * x * x;
    store<f64>(m, p);
    store<f64>(v, q);
    store<f64>(direction, (c1 * p) / (Math.sqrt(c2 * q) + epsilon));
  }
}
