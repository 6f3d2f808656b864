// One step of gated recurrent nets, forward and backward, for rows of numbers side by side. A stride is the distance of rows in elements.

import { sigmoid, tanh } from '../common/functions';
import { lane0 } from '../common/sums';

// @ts-ignore: decorator
@inline
function one<T>(): v128 { return v128.splat<T>(1); }
/** s·(1 − s). */
// @ts-ignore: decorator
@inline
function slope<T>(s: v128): v128 { return v128.mul<T>(s, v128.sub<T>(one<T>(), s)); }
/** 1 − t². */
// @ts-ignore: decorator
@inline
function tanhSlope<T>(t: v128): v128 { return v128.sub<T>(one<T>(), v128.mul<T>(t, t)); }

/** A vector, or one number where less than a vector is left. */
// @ts-ignore: decorator
@inline
function get<T>(whole: bool, p: usize): v128 { return whole ? v128.load(p) : v128.splat<T>(load<T>(p)); }
// @ts-ignore: decorator
@inline
function put<T>(whole: bool, p: usize, x: v128): void {
  if (whole) v128.store(p, x);
  else store<T>(p, lane0<T>(x));
}

// @ts-ignore: decorator
@inline
function lstmAt<T>(whole: bool, w: usize, g: usize, before: usize, c: usize, y: usize): void {
  const i = sigmoid<T>(get<T>(whole, g)), f = sigmoid<T>(get<T>(whole, g + w));
  const s = tanh<T>(get<T>(whole, g + 2 * w)), o = sigmoid<T>(get<T>(whole, g + 3 * w));
  const cell = v128.add<T>(v128.mul<T>(f, get<T>(whole, before)), v128.mul<T>(i, s));
  put<T>(whole, g, i);
  put<T>(whole, g + w, f);
  put<T>(whole, g + 2 * w, s);
  put<T>(whole, g + 3 * w, o);
  put<T>(whole, c, cell);
  put<T>(whole, y, v128.mul<T>(o, tanh<T>(cell)));
}

// @ts-ignore: decorator
@inline
function lstmOf<T>(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, y: usize, ys: i32,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>(), w = <usize>h * size;
  for (let row = 0; row < rows; row++) {
    let g = gates, b = before, c = cells, to = y;
    for (let k = h / lanes; k > 0; k--) {
      lstmAt<T>(true, w, g, b, c, to);
      g += 16;
      b += 16;
      c += 16;
      to += 16;
    }
    for (let k = h % lanes; k > 0; k--) {
      lstmAt<T>(false, w, g, b, c, to);
      g += size;
      b += size;
      c += size;
      to += size;
    }
    gates += <usize>gs * size;
    before += <usize>bs * size;
    cells += <usize>cs * size;
    y += <usize>ys * size;
  }
}

/**
 * A step of an LSTM for rows of h: gates [4h], in, forget, cell and out, become what they let through; cells ← f·before + i·s, y ← o·tanh
 * of them.
 */
export function lstmStep(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, y: usize, ys: i32,
): void {
  lstmOf<f64>(rows, h, gates, gs, before, bs, cells, cs, y, ys);
}

/** As {@link lstmStep}, of f32. */
export function slstmStep(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, y: usize, ys: i32,
): void {
  lstmOf<f32>(rows, h, gates, gs, before, bs, cells, cs, y, ys);
}

// @ts-ignore: decorator
@inline
function lstmBackAt<T>(
  whole: bool, w: usize, g: usize, before: usize, c: usize, gy: usize, gc: usize, dh: usize, dc: usize, d: usize,
): void {
  const i = get<T>(whole, g), f = get<T>(whole, g + w), s = get<T>(whole, g + 2 * w), o = get<T>(whole, g + 3 * w);
  const up = v128.add<T>(get<T>(whole, gy), get<T>(whole, dh));
  const t = tanh<T>(get<T>(whole, c));
  const cell = v128.add<T>(
    v128.add<T>(get<T>(whole, dc), get<T>(whole, gc)),
    v128.mul<T>(v128.mul<T>(up, o), tanhSlope<T>(t)),
  );
  put<T>(whole, d, v128.mul<T>(v128.mul<T>(cell, s), slope<T>(i)));
  put<T>(whole, d + w, v128.mul<T>(v128.mul<T>(cell, get<T>(whole, before)), slope<T>(f)));
  put<T>(whole, d + 2 * w, v128.mul<T>(v128.mul<T>(cell, i), tanhSlope<T>(s)));
  put<T>(whole, d + 3 * w, v128.mul<T>(v128.mul<T>(up, t), slope<T>(o)));
  put<T>(whole, dc, v128.mul<T>(cell, f));
}

// @ts-ignore: decorator
@inline
function lstmBackOf<T>(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, gy: usize, gc: usize,
  dh: usize, dc: usize, d: usize, ds: i32,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>(), w = <usize>h * size;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let k = h / lanes; k > 0; k--) {
      lstmBackAt<T>(true, w, gates + at, before + at, cells + at, gy + at, gc + at, dh + at, dc + at, d + at);
      at += 16;
    }
    for (let k = h % lanes; k > 0; k--) {
      lstmBackAt<T>(false, w, gates + at, before + at, cells + at, gy + at, gc + at, dh + at, dc + at, d + at);
      at += size;
    }
    gates += <usize>gs * size;
    before += <usize>bs * size;
    cells += <usize>cs * size;
    gy += <usize>cs * size;
    gc += <usize>cs * size;
    dh += w;
    dc += w;
    d += <usize>ds * size;
  }
}

/**
 * The derivative of a step of an LSTM: gates as the step left them, gy and gc with the stride of cells; dh and dc [rows, h] from the step
 * after. d becomes the derivative with respect to the gates before, dc that of the cells before.
 */
export function lstmStepBack(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, gy: usize, gc: usize,
  dh: usize, dc: usize, d: usize, ds: i32,
): void {
  lstmBackOf<f64>(rows, h, gates, gs, before, bs, cells, cs, gy, gc, dh, dc, d, ds);
}

/** As {@link lstmStepBack}, of f32. */
export function slstmStepBack(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, cells: usize, cs: i32, gy: usize, gc: usize,
  dh: usize, dc: usize, d: usize, ds: i32,
): void {
  lstmBackOf<f32>(rows, h, gates, gs, before, bs, cells, cs, gy, gc, dh, dc, d, ds);
}

// @ts-ignore: decorator
@inline
function gruAt<T>(whole: bool, w: usize, x: usize, l: usize, before: usize, g: usize, y: usize): void {
  const r = sigmoid<T>(v128.add<T>(get<T>(whole, x), get<T>(whole, l)));
  const z = sigmoid<T>(v128.add<T>(get<T>(whole, x + w), get<T>(whole, l + w)));
  const s = get<T>(whole, l + 2 * w);
  const n = tanh<T>(v128.add<T>(get<T>(whole, x + 2 * w), v128.mul<T>(r, s)));
  put<T>(whole, g, r);
  put<T>(whole, g + w, z);
  put<T>(whole, g + 2 * w, n);
  put<T>(whole, g + 3 * w, s);
  put<T>(whole, y, v128.add<T>(n, v128.mul<T>(z, v128.sub<T>(get<T>(whole, before), n))));
}

// @ts-ignore: decorator
@inline
function gruOf<T>(
  rows: i32, h: i32, x: usize, xs: i32, l: usize, before: usize, bs: i32, gates: usize, gs: i32, y: usize, ys: i32,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>(), w = <usize>h * size;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let k = h / lanes; k > 0; k--) {
      gruAt<T>(true, w, x + at, l + at, before + at, gates + at, y + at);
      at += 16;
    }
    for (let k = h % lanes; k > 0; k--) {
      gruAt<T>(false, w, x + at, l + at, before + at, gates + at, y + at);
      at += size;
    }
    x += <usize>xs * size;
    l += 3 * w;
    before += <usize>bs * size;
    gates += <usize>gs * size;
    y += <usize>ys * size;
  }
}

/**
 * A step of a GRU for rows of h: x [3h] what comes in, l [rows, 3h] what comes from before, for reset, update and new; gates [4h] become these
 * three as they let through and the last third of l; y ← n + z·(before − n).
 */
export function gruStep(
  rows: i32, h: i32, x: usize, xs: i32, l: usize, before: usize, bs: i32, gates: usize, gs: i32, y: usize, ys: i32,
): void {
  gruOf<f64>(rows, h, x, xs, l, before, bs, gates, gs, y, ys);
}

/** As {@link gruStep}, of f32. */
export function sgruStep(
  rows: i32, h: i32, x: usize, xs: i32, l: usize, before: usize, bs: i32, gates: usize, gs: i32, y: usize, ys: i32,
): void {
  gruOf<f32>(rows, h, x, xs, l, before, bs, gates, gs, y, ys);
}

// @ts-ignore: decorator
@inline
function gruBackAt<T>(
  whole: bool, w: usize, g: usize, before: usize, gy: usize, dh: usize, dx: usize, dl: usize,
): void {
  const r = get<T>(whole, g), z = get<T>(whole, g + w), n = get<T>(whole, g + 2 * w), s = get<T>(whole, g + 3 * w);
  const up = v128.add<T>(get<T>(whole, gy), get<T>(whole, dh));
  const dn = v128.mul<T>(v128.mul<T>(up, v128.sub<T>(one<T>(), z)), tanhSlope<T>(n));
  const dz = v128.mul<T>(v128.mul<T>(up, v128.sub<T>(get<T>(whole, before), n)), slope<T>(z));
  const dr = v128.mul<T>(v128.mul<T>(dn, s), slope<T>(r));
  put<T>(whole, dx, dr);
  put<T>(whole, dx + w, dz);
  put<T>(whole, dx + 2 * w, dn);
  put<T>(whole, dl, dr);
  put<T>(whole, dl + w, dz);
  put<T>(whole, dl + 2 * w, v128.mul<T>(dn, r));
  put<T>(whole, dh, v128.mul<T>(up, z));
}

// @ts-ignore: decorator
@inline
function gruBackOf<T>(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, gy: usize, ys: i32, dh: usize, dx: usize, dl: usize,
  ds: i32,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>(), w = <usize>h * size;
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let k = h / lanes; k > 0; k--) {
      gruBackAt<T>(true, w, gates + at, before + at, gy + at, dh + at, dx + at, dl + at);
      at += 16;
    }
    for (let k = h % lanes; k > 0; k--) {
      gruBackAt<T>(false, w, gates + at, before + at, gy + at, dh + at, dx + at, dl + at);
      at += size;
    }
    gates += <usize>gs * size;
    before += <usize>bs * size;
    gy += <usize>ys * size;
    dh += w;
    dx += <usize>ds * size;
    dl += <usize>ds * size;
  }
}

/**
 * The derivative of a step of a GRU: gates as the step left them; dh [rows, h] from the step after, of which what goes straight to the one
 * before is left. dx and dl become the derivatives with respect to x and l.
 */
export function gruStepBack(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, gy: usize, ys: i32, dh: usize, dx: usize, dl: usize,
  ds: i32,
): void {
  gruBackOf<f64>(rows, h, gates, gs, before, bs, gy, ys, dh, dx, dl, ds);
}

/** As {@link gruStepBack}, of f32. */
export function sgruStepBack(
  rows: i32, h: i32, gates: usize, gs: i32, before: usize, bs: i32, gy: usize, ys: i32, dh: usize, dx: usize, dl: usize,
  ds: i32,
): void {
  gruBackOf<f32>(rows, h, gates, gs, before, bs, gy, ys, dh, dx, dl, ds);
}
