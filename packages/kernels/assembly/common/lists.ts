// Lists of integers and numbers, and columns of dense blocks that are subtracted.

// @ts-ignore: decorator
@inline
export function int(list: usize, k: i32): i32 { return load<i32>(list + (<usize>k << 2)); }
// @ts-ignore: decorator
@inline
export function setInt(list: usize, k: i32, v: i32): void { store<i32>(list + (<usize>k << 2), v); }
// @ts-ignore: decorator
@inline
export function real(list: usize, k: i32): f64 { return load<f64>(list + (<usize>k << 3)); }
// @ts-ignore: decorator
@inline
export function setReal(list: usize, k: i32, v: f64): void { store<f64>(list + (<usize>k << 3), v); }

/** y_0 … y_{count − 1} −= the columns of V from `from` to `width` times u, columns `ld` apart. */
export function subtractColumns(count: i32, V: usize, ld: usize, from: i32, width: i32, u: usize, y: usize): void {
  let c = from;
  const even = <usize>(count & ~1) << 3;
  for (; c + 4 <= width; c += 4) {
    let a = V + <usize>c * ld, b = a + ld, d = b + ld, e = d + ld;
    const up = u + (<usize>c << 3);
    const ua = v128.load64_splat(up), ub = v128.load64_splat(up, 8), ud = v128.load64_splat(up, 16), ue = v128.load64_splat(up, 24);
    let to = y;
    const end = y + even;
    while (to != end) {
      let v = f64x2.sub(v128.load(to), f64x2.mul(v128.load(a), ua));
      v = f64x2.sub(v, f64x2.mul(v128.load(b), ub));
      v = f64x2.sub(v, f64x2.mul(v128.load(d), ud));
      v = f64x2.sub(v, f64x2.mul(v128.load(e), ue));
      v128.store(to, v);
      a += 16;
      b += 16;
      d += 16;
      e += 16;
      to += 16;
    }
    if (count & 1) {
      const s = load<f64>(a) * load<f64>(up) + load<f64>(b) * load<f64>(up, 8) + load<f64>(d) * load<f64>(up, 16) + load<f64>(e) * load<f64>(up, 24);
      store<f64>(to, load<f64>(to) - s);
    }
  }
  for (; c < width; c++) {
    let a = V + <usize>c * ld, to = y;
    const v = real(u, c);
    if (v == 0) continue;
    const uc = f64x2.splat(v);
    const end = y + even;
    while (to != end) {
      v128.store(to, f64x2.sub(v128.load(to), f64x2.mul(v128.load(a), uc)));
      a += 16;
      to += 16;
    }
    if (count & 1) store<f64>(to, load<f64>(to) - load<f64>(a) * v);
  }
}
