// Windows that move over images, channels last: unfolding for convolutions, pooling. Sizes are of one image:
// h × w × c, windows of kh × kw at strides sh, sw and dilations dh, dw, their first at (−top, −left), oh × ow of them.

/** Short runs by whole words: the last one ends where the run does, over what the one before it wrote. */
// @ts-ignore: decorator
@inline
function copyRun<T>(n: i32, from: usize, to: usize): void {
  const bytes = <usize>n * sizeof<T>();
  if (bytes > 256) {
    memory.copy(to, from, bytes);
  } else if (bytes >= 16) {
    const last = bytes - 16;
    for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at));
    v128.store(to + last, v128.load(from + last));
  } else if (bytes >= 8) {
    const last = bytes - 8;
    store<i64>(to, load<i64>(from));
    store<i64>(to + last, load<i64>(from + last));
  } else if (bytes >= 4) {
    store<i32>(to, load<i32>(from));
  }
}

// @ts-ignore: decorator
@inline
function clearRun<T>(n: i32, to: usize): void {
  for (let i = n; i > 0; i--) {
    store<T>(to, 0);
    to += sizeof<T>();
  }
}

/** to ← to + from. */
// @ts-ignore: decorator
@inline
function addRun<T>(n: i32, from: usize, to: usize): void {
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    v128.store(to, v128.add<T>(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    store<T>(to, <T>(load<T>(to) + load<T>(from)));
    from += sizeof<T>();
    to += sizeof<T>();
  }
}

/** Moves between an image and its windows: into `col` (oh·ow rows of kh·kw·c), or back, added up. */
// @ts-ignore: decorator
@inline
function folded<T>(
  back: bool, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, oh: i32,
  ow: i32, x: usize, col: usize,
): void {
  const size = <usize>sizeof<T>(), pixel = <usize>c * size;
  for (let oy = 0; oy < oh; oy++) {
    for (let ox = 0; ox < ow; ox++) {
      const x0 = ox * sw - left;
      for (let ky = 0; ky < kh; ky++) {
        const iy = oy * sh + ky * dh - top;
        if (iy < 0 || iy >= h) {
          if (!back) clearRun<T>(kw * c, col);
          col += <usize>kw * pixel;
          continue;
        }
        const row = x + <usize>(iy * w) * pixel;
        if (dw == 1 && x0 >= 0 && x0 + kw <= w) {
          if (back) addRun<T>(kw * c, col, row + <usize>x0 * pixel);
          else copyRun<T>(kw * c, row + <usize>x0 * pixel, col);
          col += <usize>kw * pixel;
          continue;
        }
        for (let kx = 0; kx < kw; kx++) {
          const ix = x0 + kx * dw;
          if (ix < 0 || ix >= w) {
            if (!back) clearRun<T>(c, col);
          } else if (back) {
            addRun<T>(c, col, row + <usize>ix * pixel);
          } else {
            copyRun<T>(c, row + <usize>ix * pixel, col);
          }
          col += pixel;
        }
      }
    }
  }
}

/** col (oh·ow × kh·kw·c) ← the windows of one image, 0 outside of it. */
export function unfoldWindows(
  h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, col: usize,
): void {
  folded<f64>(false, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, x, col);
}

/** As {@link unfoldWindows}, of f32. */
export function sunfoldWindows(
  h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, col: usize,
): void {
  folded<f32>(false, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, x, col);
}

/** x ← x + the windows, each where it was taken: the transpose of unfoldWindows. */
export function foldWindows(
  h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, col: usize,
): void {
  folded<f64>(true, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, x, col);
}

/** As {@link foldWindows}, of f32. */
export function sfoldWindows(
  h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, col: usize,
): void {
  folded<f32>(true, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow, x, col);
}

// @ts-ignore: decorator
@inline
function maxPooled<T>(
  first: i32, last: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32, ow: i32, x: usize,
  y: usize, at: usize,
): void {
  const size = <usize>sizeof<T>(), before = <usize>(first * oh * ow * c);
  y += before * size;
  at += before << 2;
  for (let i = first; i < last; i++) {
    for (let oy = 0; oy < oh; oy++) {
      const y0 = oy * sh - top, yEnd = min(h, y0 + kh);
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * sw - left, xEnd = min(w, x0 + kw);
        if (sizeof<T>() == 4 && c >= 4) {
          // The last vector over the one before it.
          for (let k = 0; k < c; k += 4) {
            const ch = min(k, c - 4);
            let best = f32x4.splat(-Infinity), where = i32x4.splat(-1);
            for (let iy = max(0, y0); iy < yEnd; iy++) {
              for (let ix = max(0, x0); ix < xEnd; ix++) {
                const place = ((i * h + iy) * w + ix) * c + ch;
                const v = v128.load(x + (<usize>place << 2));
                // Larger, not a number, or the first.
                const takes = v128.or(v128.or(f32x4.gt(v, best), f32x4.ne(v, v)), i32x4.eq(where, i32x4.splat(-1)));
                best = v128.bitselect(v, best, takes);
                where = v128.bitselect(i32x4.add(i32x4.splat(place), i32x4(0, 1, 2, 3)), where, takes);
              }
            }
            v128.store(y + (<usize>ch << 2), best);
            v128.store(at + (<usize>ch << 2), where);
          }
          y += <usize>c << 2;
          at += <usize>c << 2;
          continue;
        }
        for (let ch = 0; ch < c; ch++) {
          let best: T = <T>-Infinity, where = -1;
          for (let iy = max(0, y0); iy < yEnd; iy++) {
            for (let ix = max(0, x0); ix < xEnd; ix++) {
              const place = ((i * h + iy) * w + ix) * c + ch;
              const v = load<T>(x + <usize>place * size);
              if (v > best || v != v || where == -1) {
                best = v;
                where = place;
              }
            }
          }
          store<T>(y, best);
          store<i32>(at, where);
          y += size;
          at += 4;
        }
      }
    }
  }
}

/** y ← the largest of each window of images `first` to `last`, and `at` (i32) its place in x; padding has no part in it. */
export function maxPool(
  first: i32, last: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32,
  ow: i32, x: usize, y: usize, at: usize,
): void {
  maxPooled<f64>(first, last, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y, at);
}

/** As {@link maxPool}, of f32. */
export function smaxPool(
  first: i32, last: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32,
  ow: i32, x: usize, y: usize, at: usize,
): void {
  maxPooled<f32>(first, last, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y, at);
}

// @ts-ignore: decorator
@inline
function sumPooled<T>(
  back: bool, n: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, y: usize,
): void {
  const pixel = <usize>c * sizeof<T>();
  if (back) memory.fill(x, 0, <usize>(n * h * w) * pixel);
  else memory.fill(y, 0, <usize>(n * oh * ow) * pixel);
  for (let i = 0; i < n; i++) {
    for (let oy = 0; oy < oh; oy++) {
      const y0 = oy * sh - top, yEnd = min(h, y0 + kh);
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * sw - left, xEnd = min(w, x0 + kw);
        for (let iy = max(0, y0); iy < yEnd; iy++) {
          for (let ix = max(0, x0); ix < xEnd; ix++) {
            const place = x + <usize>((i * h + iy) * w + ix) * pixel;
            if (back) addRun<T>(c, y, place);
            else addRun<T>(c, place, y);
          }
        }
        y += pixel;
      }
    }
  }
}

/** y ← the sum of each window of n images; or with `back` x ← the sums of the windows' y over the pixels, its transpose. */
export function sumPool(
  back: bool, n: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, y: usize,
): void {
  sumPooled<f64>(back, n, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y);
}

/** As {@link sumPool}, of f32. */
export function ssumPool(
  back: bool, n: i32, h: i32, w: i32, c: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, oh: i32, ow: i32,
  x: usize, y: usize,
): void {
  sumPooled<f32>(back, n, h, w, c, kh, kw, sh, sw, top, left, oh, ow, x, y);
}
