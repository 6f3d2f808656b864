// Convolutions without unfolding, channels last: from few channels, where windows would be most of the work, and of each
// channel by itself (depthwise). `meta` holds as i32 the geometry: n, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow
// as in windows.ts, and k, the channels of the result. Sums go through a window in the order of its rows, columns and
// channels, those of filters through the pixels of an image and then through the images.

// @ts-ignore: decorator
@inline
function at(meta: usize, i: i32): i32 { return load<i32>(meta + (<usize>i << 2)); }

/** Sums of `vectors` vectors and then of one number of a result pixel, over its window. */
// @ts-ignore: decorator
@inline
function pixelOf<T>(
  vectors: i32, meta: usize, x: usize, f: usize, y: usize, y0: i32, x0: i32,
): void {
  const size = <usize>sizeof<T>();
  const h = at(meta, 1), w = at(meta, 2), c = at(meta, 3), kh = at(meta, 4), kw = at(meta, 5);
  const dh = at(meta, 8), dw = at(meta, 9), step = <usize>at(meta, 14) * size;
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  let s: T = 0;
  for (let ky = 0; ky < kh; ky++) {
    const iy = y0 + ky * dh;
    if (<u32>iy >= <u32>h) continue;
    for (let kx = 0; kx < kw; kx++) {
      const ix = x0 + kx * dw;
      if (<u32>ix >= <u32>w) continue;
      let from = x + <usize>((iy * w + ix) * c) * size, tap = f + <usize>((ky * kw + kx) * c) * step;
      for (let ch = 0; ch < c; ch++) {
        if (vectors == 0) {
          s = <T>(s + <T>(load<T>(from) * load<T>(tap)));
        } else {
          const v = v128.load_splat<T>(from);
          s0 = v128.add<T>(s0, v128.mul<T>(v, v128.load(tap)));
          if (vectors == 4) {
            s1 = v128.add<T>(s1, v128.mul<T>(v, v128.load(tap, 16)));
            s2 = v128.add<T>(s2, v128.mul<T>(v, v128.load(tap, 32)));
            s3 = v128.add<T>(s3, v128.mul<T>(v, v128.load(tap, 48)));
          }
        }
        from += size;
        tap += step;
      }
    }
  }
  if (vectors == 0) {
    store<T>(y, s);
    return;
  }
  v128.store(y, s0);
  if (vectors == 4) {
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
  }
}

// @ts-ignore: decorator
@inline
function forward<T>(meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  const image = <usize>(at(meta, 1) * at(meta, 2) * at(meta, 3)) * size;
  const sh = at(meta, 6), sw = at(meta, 7), top = at(meta, 10), left = at(meta, 11);
  const oh = at(meta, 12), ow = at(meta, 13), k = at(meta, 14);
  y += <usize>first * <usize>(oh * ow * k) * size;
  for (let i = first; i < last; i++) {
    const from = x + <usize>i * image;
    for (let oy = 0; oy < oh; oy++) {
      const y0 = oy * sh - top;
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * sw - left;
        let o = 0;
        for (; o + 4 * lanes <= k; o += 4 * lanes) pixelOf<T>(4, meta, from, f + <usize>o * size, y + <usize>o * size, y0, x0);
        for (; o + lanes <= k; o += lanes) pixelOf<T>(1, meta, from, f + <usize>o * size, y + <usize>o * size, y0, x0);
        for (; o < k; o++) pixelOf<T>(0, meta, from, f + <usize>o * size, y + <usize>o * size, y0, x0);
        y += <usize>k * size;
      }
    }
  }
}

/** First of `count` windows at strides `step` whose pixel at `offset` is not before the image. */
// @ts-ignore: decorator
@inline
function firstInside(offset: i32, step: i32): i32 { return offset >= 0 ? 0 : (step - 1 - offset) / step; }
/** One past the last of them whose pixel is not behind an image of `length`. */
// @ts-ignore: decorator
@inline
function endInside(offset: i32, step: i32, length: i32, count: i32): i32 {
  return offset >= length ? 0 : min(count, (length - 1 - offset) / step + 1);
}

/** f ← f + Σ x·y of one image over the windows for one tap; `each` takes channel by channel, else y has one for each sum. */
// @ts-ignore: decorator
@inline
function tapOf<T>(
  vectors: i32, each: bool, meta: usize, x: usize, f: usize, y: usize, oy: i32, oyEnd: i32, ox: i32, oxEnd: i32,
  rowX: usize, stepX: usize, rowY: usize, stepY: usize,
): void {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  let s: T = 0;
  for (let i = oy; i < oyEnd; i++) {
    let a = x, b = y;
    for (let j = ox; j < oxEnd; j++) {
      if (vectors == 0) {
        s = <T>(s + <T>(load<T>(a) * load<T>(b)));
      } else {
        const v = each ? v128.load(a) : v128.load_splat<T>(a);
        s0 = v128.add<T>(s0, v128.mul<T>(v, v128.load(b)));
        if (vectors == 4) {
          s1 = v128.add<T>(s1, v128.mul<T>(v, v128.load(b, 16)));
          s2 = v128.add<T>(s2, v128.mul<T>(v, v128.load(b, 32)));
          s3 = v128.add<T>(s3, v128.mul<T>(v, v128.load(b, 48)));
        }
      }
      a += stepX;
      b += stepY;
    }
    x += rowX;
    y += rowY;
  }
  if (vectors == 0) {
    store<T>(f, <T>(load<T>(f) + s));
    return;
  }
  v128.store(f, v128.add<T>(v128.load(f), s0));
  if (vectors == 4) {
    v128.store(f, v128.add<T>(v128.load(f, 16), s1), 16);
    v128.store(f, v128.add<T>(v128.load(f, 32), s2), 32);
    v128.store(f, v128.add<T>(v128.load(f, 48), s3), 48);
  }
}

/** Taps from `first` on, each for all images; with `each` a channel of the result for each of the image. */
// @ts-ignore: decorator
@inline
function filter<T>(each: bool, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  const n = at(meta, 0), h = at(meta, 1), w = at(meta, 2), c = at(meta, 3), kw = at(meta, 5);
  const sh = at(meta, 6), sw = at(meta, 7), dh = at(meta, 8), dw = at(meta, 9), top = at(meta, 10), left = at(meta, 11);
  const oh = at(meta, 12), ow = at(meta, 13), k = at(meta, 14);
  const depth = each ? 1 : c;
  memory.fill(f + <usize>(first * depth * k) * size, 0, <usize>((last - first) * depth * k) * size);
  const stepX = <usize>(sw * c) * size, rowX = <usize>(sh * w * c) * size;
  const stepY = <usize>k * size, rowY = <usize>(ow * k) * size;
  for (let i = 0; i < n; i++) {
    const image = x + <usize>(i * h * w * c) * size, result = y + <usize>(i * oh * ow * k) * size;
    for (let tap = first; tap < last; tap++) {
      const y0 = tap / kw * dh - top, x0 = tap % kw * dw - left;
      const oy = firstInside(y0, sh), oyEnd = endInside(y0, sh, h, oh);
      const ox = firstInside(x0, sw), oxEnd = endInside(x0, sw, w, ow);
      if (oy >= oyEnd || ox >= oxEnd) continue;
      const from = image + <usize>(((oy * sh + y0) * w + ox * sw + x0) * c) * size;
      const to = result + <usize>((oy * ow + ox) * k) * size;
      for (let ch = 0; ch < depth; ch++) {
        const own = from + <usize>ch * size, sums = f + <usize>((tap * depth + ch) * k) * size;
        let o = 0;
        if (!each) {
          for (; o + 4 * lanes <= k; o += 4 * lanes) {
            const skip = <usize>o * size;
            tapOf<T>(4, false, meta, own, sums + skip, to + skip, oy, oyEnd, ox, oxEnd, rowX, stepX, rowY, stepY);
          }
        }
        for (; o + lanes <= k; o += lanes) {
          const skip = <usize>o * size;
          tapOf<T>(1, each, meta, each ? own + skip : own, sums + skip, to + skip, oy, oyEnd, ox, oxEnd, rowX, stepX, rowY, stepY);
        }
        for (; o < k; o++) {
          const skip = <usize>o * size;
          tapOf<T>(0, each, meta, each ? own + skip : own, sums + skip, to + skip, oy, oyEnd, ox, oxEnd, rowX, stepX, rowY, stepY);
        }
      }
    }
  }
}

/**
 * y ← x convolved with f (kh × kw × c × k), for images `first` to `last`; or with `back` the taps `first` to `last` of f ←
 * the derivative in the filter, of all images, from y's.
 */
export function convolveDirect(back: bool, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  if (back) filter<f64>(false, meta, first, last, x, f, y);
  else forward<f64>(meta, first, last, x, f, y);
}

/** As {@link convolveDirect}, of f32. */
export function sconvolveDirect(back: bool, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  if (back) filter<f32>(false, meta, first, last, x, f, y);
  else forward<f32>(meta, first, last, x, f, y);
}

/** to ← to + a·b, channel by channel. */
// @ts-ignore: decorator
@inline
function addProducts<T>(n: i32, a: usize, b: usize, to: usize): void {
  for (let i = n / (16 / sizeof<T>()); i > 0; i--) {
    v128.store(to, v128.add<T>(v128.load(to), v128.mul<T>(v128.load(a), v128.load(b))));
    a += 16;
    b += 16;
    to += 16;
  }
  for (let i = n % (16 / sizeof<T>()); i > 0; i--) {
    store<T>(to, <T>(load<T>(to) + <T>(load<T>(a) * load<T>(b))));
    a += sizeof<T>();
    b += sizeof<T>();
    to += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function depthwise<T>(turned: bool, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  const h = at(meta, 1), w = at(meta, 2), c = at(meta, 3), kh = at(meta, 4), kw = at(meta, 5);
  const sh = at(meta, 6), sw = at(meta, 7), dh = at(meta, 8), dw = at(meta, 9), top = at(meta, 10), left = at(meta, 11);
  const oh = at(meta, 12), ow = at(meta, 13);
  const pixel = <usize>c * sizeof<T>();
  x += <usize>(first * h * w) * pixel;
  y += <usize>(first * oh * ow) * pixel;
  if (turned) memory.fill(x, 0, <usize>((last - first) * h * w) * pixel);
  else memory.fill(y, 0, <usize>((last - first) * oh * ow) * pixel);
  for (let i = first; i < last; i++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let ky = 0; ky < kh; ky++) {
          const iy = oy * sh + ky * dh - top;
          if (<u32>iy >= <u32>h) continue;
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * sw + kx * dw - left;
            if (<u32>ix >= <u32>w) continue;
            const place = x + <usize>(iy * w + ix) * pixel, tap = f + <usize>(ky * kw + kx) * pixel;
            if (turned) addProducts<T>(c, y, tap, place);
            else addProducts<T>(c, place, tap, y);
          }
        }
        y += pixel;
      }
    }
    x += <usize>(h * w) * pixel;
  }
}

/**
 * Of each channel by itself, k = c and f kh × kw × c: y ← x convolved with f (kind 0), x ← its transpose of y (1), both for
 * images `first` to `last`, or the taps `first` to `last` of f ← the derivative in the filter, of all images (2).
 */
export function convolveDepthwise(kind: i32, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  if (kind == 0) depthwise<f64>(false, meta, first, last, x, f, y);
  else if (kind == 1) depthwise<f64>(true, meta, first, last, x, f, y);
  else filter<f64>(true, meta, first, last, x, f, y);
}

/** As {@link convolveDepthwise}, of f32. */
export function sconvolveDepthwise(kind: i32, meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  if (kind == 0) depthwise<f32>(false, meta, first, last, x, f, y);
  else if (kind == 1) depthwise<f32>(true, meta, first, last, x, f, y);
  else filter<f32>(true, meta, first, last, x, f, y);
}
