// Sums and extremes over one axis of a tensor without gaps, seen as outer × length × inner; cumulative sums.

import { largestOf, leastOf, sumOf } from '../common/sums';

const SUM: i32 = 0;
const MAX: i32 = 1;

/** Rows of a block of a column's sum. */
const ROWS: i32 = 128;

// @ts-ignore: decorator
@inline
function joined<T>(op: i32, a: v128, b: v128): v128 {
  if (op == SUM) return v128.add<T>(a, b);
  if (op == MAX) return v128.max<T>(a, b);
  return v128.min<T>(a, b);
}

/** `width` vectors side by side, 1 or 4, down `length` rows: sums in blocks of rows. */
// @ts-ignore: decorator
@inline
function column<T>(op: i32, width: i32, length: i32, step: usize, x: usize, y: usize): void {
  let t0 = op == SUM ? v128.splat<T>(0) : v128.load(x), t1 = t0, t2 = t0, t3 = t0;
  if (op != SUM && width == 4) {
    t1 = v128.load(x, 16);
    t2 = v128.load(x, 32);
    t3 = v128.load(x, 48);
  }
  for (let at = 0; at < length; at += ROWS) {
    const count = min(ROWS, length - at);
    let s0 = op == SUM ? v128.splat<T>(0) : t0, s1 = op == SUM ? s0 : t1, s2 = op == SUM ? s0 : t2, s3 = op == SUM ? s0 : t3;
    for (let i = 0; i < count; i++) {
      s0 = joined<T>(op, s0, v128.load(x));
      if (width == 4) {
        s1 = joined<T>(op, s1, v128.load(x, 16));
        s2 = joined<T>(op, s2, v128.load(x, 32));
        s3 = joined<T>(op, s3, v128.load(x, 48));
      }
      x += step;
    }
    t0 = op == SUM ? v128.add<T>(t0, s0) : s0;
    if (width == 4) {
      t1 = op == SUM ? v128.add<T>(t1, s1) : s1;
      t2 = op == SUM ? v128.add<T>(t2, s2) : s2;
      t3 = op == SUM ? v128.add<T>(t3, s3) : s3;
    }
  }
  v128.store(y, t0);
  if (width == 4) {
    v128.store(y, t1, 16);
    v128.store(y, t2, 32);
    v128.store(y, t3, 48);
  }
}

// @ts-ignore: decorator
@inline
function scalarColumn<T>(op: i32, length: i32, step: usize, x: usize, y: usize): void {
  let t = op == SUM ? <T>0 : load<T>(x);
  for (let at = 0; at < length; at += ROWS) {
    const count = min(ROWS, length - at);
    let s = op == SUM ? <T>0 : t;
    for (let i = 0; i < count; i++) {
      const v = load<T>(x);
      if (op == SUM) s = <T>(s + v);
      else if (op == MAX) s = <T>max(s, v);
      else s = <T>min(s, v);
      x += step;
    }
    t = op == SUM ? <T>(t + s) : s;
  }
  store<T>(y, t);
}

// @ts-ignore: decorator
@inline
function along<T>(op: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  const size = <usize>sizeof<T>();
  const lanes = 16 / sizeof<T>();
  const step = <usize>inner * size, block = <usize>length * step;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      if (op == SUM) store<T>(y, <T>sumOf<T>(length, x));
      else if (op == MAX) store<T>(y, largestOf<T>(length, x));
      else store<T>(y, leastOf<T>(length, x));
    } else {
      let j = 0;
      for (; j + 4 * lanes <= inner; j += 4 * lanes) column<T>(op, 4, length, step, x + <usize>j * size, y + <usize>j * size);
      for (; j + lanes <= inner; j += lanes) column<T>(op, 1, length, step, x + <usize>j * size, y + <usize>j * size);
      for (; j < inner; j++) scalarColumn<T>(op, length, step, x + <usize>j * size, y + <usize>j * size);
    }
    x += block;
    y += step;
  }
}

// @ts-ignore: decorator
@inline
function reduced<T>(op: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  if (op == SUM) along<T>(SUM, outer, length, inner, x, y);
  else if (op == MAX) along<T>(MAX, outer, length, inner, x, y);
  else along<T>(2, outer, length, inner, x, y);
}

/** y (outer × inner) ← Σ, max or min (op 0, 1, 2) of x over its axis of `length`, which is at least 1 for the extremes. */
export function reduceAxis(op: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  reduced<f64>(op, outer, length, inner, x, y);
}

/** As {@link reduceAxis}, of f32. */
export function sreduceAxis(op: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  reduced<f32>(op, outer, length, inner, x, y);
}

// @ts-ignore: decorator
@inline
function cumulated<T>(reverse: bool, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  const size = <isize>sizeof<T>();
  const step = <isize>inner * size * (reverse ? -1 : 1);
  for (let o = 0; o < outer; o++) {
    const first = <isize>(o * length + (reverse ? length - 1 : 0)) * inner * size;
    for (let j = 0; j < inner; j++) {
      let sum: T = 0;
      let at = first + <isize>j * size;
      for (let i = 0; i < length; i++) {
        sum = <T>(sum + load<T>(x + at));
        store<T>(y + at, sum);
        at += step;
      }
    }
  }
}

/** y ← cumulative sums of x along its axis, from its end with `reverse`; y may be x. */
export function cumulativeSum(reverse: bool, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  cumulated<f64>(reverse, outer, length, inner, x, y);
}

/** As {@link cumulativeSum}, of f32. */
export function scumulativeSum(reverse: bool, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  cumulated<f32>(reverse, outer, length, inner, x, y);
}

/** One step of a row: its value in double precision, rounded where it is stored. */
// @ts-ignore: decorator
@inline
function next<T>(value: f64, at: usize, a: usize, b: usize, y: usize): f64 {
  value = <f64>load<T>(a + at) * value + <f64>load<T>(b + at);
  store<T>(y + at, <T>value);
  return value;
}

// @ts-ignore: decorator
@inline
function recurrenceOf<T>(reverse: bool, rows: i32, n: i32, a: usize, b: usize, y: usize): void {
  const row = <usize>n * sizeof<T>();
  const step = reverse ? -<isize>sizeof<T>() : <isize>sizeof<T>();
  const start = reverse ? row - sizeof<T>() : 0;
  let r = 0;
  // Four rows at a time, as each step of a row waits for the one before.
  for (; r + 4 <= rows; r += 4) {
    let at = <usize>r * row + start;
    let first: f64 = 0, second: f64 = 0, third: f64 = 0, fourth: f64 = 0;
    for (let k = n; k > 0; k--) {
      first = next<T>(first, at, a, b, y);
      second = next<T>(second, at + row, a, b, y);
      third = next<T>(third, at + 2 * row, a, b, y);
      fourth = next<T>(fourth, at + 3 * row, a, b, y);
      at += step;
    }
  }
  for (; r < rows; r++) {
    let at = <usize>r * row + start;
    let value: f64 = 0;
    for (let k = n; k > 0; k--) {
      value = next<T>(value, at, a, b, y);
      at += step;
    }
  }
}

/** y_k ← a_k·y_{k−1} + b_k along each row of n, from 0 on; in reverse y_k ← a_k·y_{k+1} + b_k. y may be a or b. */
export function recurrenceRows(reverse: bool, rows: i32, n: i32, a: usize, b: usize, y: usize): void {
  recurrenceOf<f64>(reverse, rows, n, a, b, y);
}

/** As {@link recurrenceRows}, of f32. */
export function srecurrenceRows(reverse: bool, rows: i32, n: i32, a: usize, b: usize, y: usize): void {
  recurrenceOf<f32>(reverse, rows, n, a, b, y);
}
