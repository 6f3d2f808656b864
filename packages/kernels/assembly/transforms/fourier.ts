// Fourier transforms of complex numbers, real and imaginary part side by side: one of them a vector.

/** a·w. */
// @ts-ignore: decorator
@inline
function times(a: v128, w: usize): v128 {
  const wi = v128.load64_splat(w, 8);
  // (re, im)·wr + (im, re)·(−wi, wi).
  const turned = f64x2.mul(v128.shuffle<f64>(a, a, 1, 0), v128.xor(wi, i64x2(i64.MIN_VALUE, 0)));
  return f64x2.add(f64x2.mul(a, v128.load64_splat(w)), turned);
}

/** A pass of radix 4, whose roots need no multiplications. */
function four(m: i32, s: i32, roots: usize, x: usize, y: usize): void {
  const step = (<usize>s * <usize>m) << 4, far = <usize>s << 4;
  const minus = i64x2(0, i64.MIN_VALUE);
  for (let q = 0; q < m; q++) {
    const w = (<usize>q * <usize>s) << 4;
    const w1 = roots + w, w2 = roots + 2 * w, w3 = roots + 3 * w;
    for (let k = 0; k < s; k++) {
      const a = v128.load(x), b = v128.load(x + step), c = v128.load(x + 2 * step), d = v128.load(x + 3 * step);
      const even = f64x2.add(a, c), odd = f64x2.sub(a, c), sum = f64x2.add(b, d), difference = f64x2.sub(b, d);
      // −i·difference: (im, −re).
      const turned = v128.xor(v128.shuffle<f64>(difference, difference, 1, 0), minus);
      v128.store(y, f64x2.add(even, sum));
      v128.store(y + far, times(f64x2.add(odd, turned), w1));
      v128.store(y + 2 * far, times(f64x2.sub(even, sum), w2));
      v128.store(y + 3 * far, times(f64x2.sub(odd, turned), w3));
      x += 16;
      y += 16;
    }
    y += 3 * far;
  }
}

/** A pass of radix p: y[k + s(p·q + u)] = w^(q·u) Σ_t x[k + s(q + m·t)] ω_p^(t·u), w a root of order p·m. */
function pass(n: i32, p: i32, m: i32, s: i32, roots: usize, x: usize, y: usize): void {
  const step = (<usize>s * <usize>m) << 4, far = <usize>s << 4, apart = <usize>(n / p) << 4;
  for (let q = 0; q < m; q++) {
    for (let u = 0; u < p; u++) {
      const w = roots + ((<usize>q * <usize>u * <usize>s) << 4);
      for (let k = 0; k < s; k++) {
        let from = x + (<usize>k << 4);
        let sum = v128.load(from);
        let turn = 0;
        for (let t = 1; t < p; t++) {
          from += step;
          turn += u;
          if (turn >= p) turn -= p;
          sum = f64x2.add(sum, times(v128.load(from), roots + <usize>turn * apart));
        }
        v128.store(y, times(sum, w));
        y += 16;
      }
    }
    x += far;
  }
}

/**
 * The Fourier transform of n complex numbers by Stockham's passes of `count` radices (i32), whose product is n: from x through y,
 * with `roots` e^(−2πi·k/n). Returns 0 where the result lies in x, 1 where in y. O(n·Σ radices).
 */
export function fourierPasses(n: i32, radices: usize, count: i32, roots: usize, x: usize, y: usize): i32 {
  let rest = n, stride = 1;
  for (let i = 0; i < count; i++) {
    const p = load<i32>(radices + (<usize>i << 2));
    rest /= p;
    if (p == 4) four(rest, stride, roots, x, y);
    else pass(n, p, rest, stride, roots, x, y);
    stride *= p;
    const other = x;
    x = y;
    y = other;
  }
  return count & 1;
}
