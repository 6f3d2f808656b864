// Activations that keep positive numbers and bend below 0, and their derivatives, in one pass over contiguous numbers.

import { choose, exp, lowExpm1, num } from '../common/functions';

// @ts-ignore: decorator
@inline
function exponentialOf<T>(x: v128, alpha: v128, scale: v128, gain: v128, divided: bool): v128 {
  const low = v128.mul<T>(lowExpm1<T>(divided ? v128.div<T>(x, scale) : x), alpha);
  return v128.mul<T>(choose(v128.gt<T>(x, num<T>(0)), x, low), gain);
}

// @ts-ignore: decorator
@inline
function exponentialSlope<T>(x: v128, g: v128, alpha: v128, scale: v128, gain: v128, divided: bool): v128 {
  const own = v128.mul<T>(g, gain), below = v128.min<T>(x, num<T>(0));
  const low = v128.mul<T>(v128.mul<T>(own, alpha), exp<T>(divided ? v128.div<T>(below, scale) : below));
  return choose(v128.gt<T>(x, num<T>(0)), own, divided ? v128.div<T>(low, scale) : low);
}

// @ts-ignore: decorator
@inline
function linearOf<T>(x: v128, slope: v128): v128 {
  return choose(v128.gt<T>(x, num<T>(0)), x, v128.mul<T>(x, slope));
}

// @ts-ignore: decorator
@inline
function linearSlope<T>(x: v128, g: v128, slope: v128): v128 {
  return choose(v128.gt<T>(x, num<T>(0)), g, v128.mul<T>(g, slope));
}

/** With `backward` the derivative; `kind` is 0 for a line, 1 for an exponential and 2 for one of x/scale. */
// @ts-ignore: decorator
@inline
function valueOf<T>(kind: i32, backward: bool, x: v128, g: v128, alpha: v128, scale: v128, gain: v128): v128 {
  if (kind == 0) return backward ? linearSlope<T>(x, g, alpha) : linearOf<T>(x, alpha);
  if (backward) return exponentialSlope<T>(x, g, alpha, scale, gain, kind == 2);
  return exponentialOf<T>(x, alpha, scale, gain, kind == 2);
}

// @ts-ignore: decorator
@inline
function loop<T>(
  kind: i32, backward: bool, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, g: usize, y: usize, work: usize,
): void {
  const lanes = 16 / sizeof<T>();
  const a = v128.splat<T>(<T>alpha), s = v128.splat<T>(<T>scale), c = v128.splat<T>(<T>gain);
  let left = n / lanes;
  // Of lines four vectors at a time, which loads and stores take most of.
  if (kind == 0) {
    for (; left >= 4; left -= 4) {
      v128.store(y, valueOf<T>(kind, backward, v128.load(x), v128.load(g), a, s, c));
      v128.store(y, valueOf<T>(kind, backward, v128.load(x, 16), v128.load(g, 16), a, s, c), 16);
      v128.store(y, valueOf<T>(kind, backward, v128.load(x, 32), v128.load(g, 32), a, s, c), 32);
      v128.store(y, valueOf<T>(kind, backward, v128.load(x, 48), v128.load(g, 48), a, s, c), 48);
      x += 64;
      g += 64;
      y += 64;
    }
  }
  for (; left > 0; left--) {
    v128.store(y, valueOf<T>(kind, backward, v128.load(x), v128.load(g), a, s, c));
    x += 16;
    g += 16;
    y += 16;
  }
  const rest = <usize>(n % lanes) * sizeof<T>();
  if (rest != 0) {
    memory.copy(work, x, rest);
    memory.copy(work + 16, g, rest);
    v128.store(work, valueOf<T>(kind, backward, v128.load(work), v128.load(work, 16), a, s, c));
    memory.copy(y, work, rest);
  }
}

function bent<T>(kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, y: usize, work: usize): void {
  switch (kind) {
    case 0: loop<T>(0, false, n, alpha, scale, gain, x, x, y, work); break;
    case 1: loop<T>(1, false, n, alpha, scale, gain, x, x, y, work); break;
    case 2: loop<T>(2, false, n, alpha, scale, gain, x, x, y, work); break;
  }
}

function bentBack<T>(
  kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, g: usize, dx: usize, work: usize,
): void {
  switch (kind) {
    case 0: loop<T>(0, true, n, alpha, scale, gain, x, g, dx, work); break;
    case 1: loop<T>(1, true, n, alpha, scale, gain, x, g, dx, work); break;
    case 2: loop<T>(2, true, n, alpha, scale, gain, x, g, dx, work); break;
  }
}

/**
 * y ← f(x) of n numbers: with `kind` 0 x where it is positive, else alpha·x; with 1 gain·x where it is positive, else
 * gain·alpha·(eˣ − 1); with 2 the same of e^(x/scale). y may be x; `work` has 32 bytes.
 */
export function bendElements(
  kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, y: usize, work: usize,
): void {
  bent<f64>(kind, n, alpha, scale, gain, x, y, work);
}

/** As {@link bendElements}, of f32. */
export function sbendElements(
  kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, y: usize, work: usize,
): void {
  bent<f32>(kind, n, alpha, scale, gain, x, y, work);
}

/** dx ← g·f′(x), the derivative of bendElements; dx may be x or g. */
export function bendBackward(
  kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, g: usize, dx: usize, work: usize,
): void {
  bentBack<f64>(kind, n, alpha, scale, gain, x, g, dx, work);
}

/** As {@link bendBackward}, of f32. */
export function sbendBackward(
  kind: i32, n: i32, alpha: f64, scale: f64, gain: f64, x: usize, g: usize, dx: usize, work: usize,
): void {
  bentBack<f32>(kind, n, alpha, scale, gain, x, g, dx, work);
}
