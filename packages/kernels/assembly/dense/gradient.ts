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
