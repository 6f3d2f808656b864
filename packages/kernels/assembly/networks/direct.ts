// Convolutions without unfolding, channels last: from few channels, where windows would be most of the work, and of each
// channel by itself (depthwise). `meta` holds as i32 the geometry: n, h, w, c, kh, kw, sh, sw, dh, dw, top, left, oh, ow
// as in windows.ts, and k, the channels of the result. Sums go through a window in the order of its rows, columns and
// channels, those of filters through the pixels of an image and then through the images.

// @ts-ignore: decorator
@inline
function at(meta: usize, i: i32): i32 { return load<i32>(meta + (<usize>i << 2)); }

/**
 * Result pixels whose windows begin at x and a `stepX` further each: one, or `four`, of one number or of vectors, the second
 * `next` bytes behind the first, which may overlap. The taps of a window are those from f on, `rows` × `cols`.
 */
// @ts-ignore: decorator
@inline
function pixels<T>(
  four: bool, vectors: i32, rows: i32, cols: i32, c: i32, x: usize, rowX: usize, tapX: usize, stepX: usize, f: usize,
  rowF: usize, tapF: usize, y: usize, stepY: usize, next: usize,
): void {
  const size = <usize>sizeof<T>();
  let s00 = v128.splat<T>(0), s10 = s00, s20 = s00, s30 = s00, s01 = s00, s11 = s00, s21 = s00, s31 = s00;
  let s: T = 0;
  for (let i = rows; i > 0; i--) {
    let tapFrom = x, weights = f;
    for (let j = cols; j > 0; j--) {
      let from = tapFrom, tap = weights;
      for (let ch = c; ch > 0; ch--) {
        if (vectors == 0) {
          s = <T>(s + <T>(load<T>(from) * load<T>(tap)));
        } else {
          const f0 = v128.load(tap), f1 = vectors == 2 ? v128.load(tap + next) : f0;
          let v = v128.load_splat<T>(from);
          s00 = v128.add<T>(s00, v128.mul<T>(v, f0));
          if (vectors == 2) s01 = v128.add<T>(s01, v128.mul<T>(v, f1));
          if (four) {
            v = v128.load_splat<T>(from + stepX);
            s10 = v128.add<T>(s10, v128.mul<T>(v, f0));
            if (vectors == 2) s11 = v128.add<T>(s11, v128.mul<T>(v, f1));
            v = v128.load_splat<T>(from + 2 * stepX);
            s20 = v128.add<T>(s20, v128.mul<T>(v, f0));
            if (vectors == 2) s21 = v128.add<T>(s21, v128.mul<T>(v, f1));
            v = v128.load_splat<T>(from + 3 * stepX);
            s30 = v128.add<T>(s30, v128.mul<T>(v, f0));
            if (vectors == 2) s31 = v128.add<T>(s31, v128.mul<T>(v, f1));
          }
        }
        from += size;
        tap += tapF;
      }
      tapFrom += tapX;
      weights += <usize>c * tapF;
    }
    x += rowX;
    f += rowF;
  }
  if (vectors == 0) {
    store<T>(y, s);
    return;
  }
  v128.store(y, s00);
  if (vectors == 2) v128.store(y + next, s01);
  if (four) {
    y += stepY;
    v128.store(y, s10);
    if (vectors == 2) v128.store(y + next, s11);
    y += stepY;
    v128.store(y, s20);
    if (vectors == 2) v128.store(y + next, s21);
    y += stepY;
    v128.store(y, s30);
    if (vectors == 2) v128.store(y + next, s31);
  }
}

/** All channels of one result pixel, or of four: two vectors at a time, the last ones over those before. */
// @ts-ignore: decorator
@inline
function channels<T>(
  four: bool, k: i32, rows: i32, cols: i32, c: i32, x: usize, rowX: usize, tapX: usize, stepX: usize, f: usize,
  rowF: usize, y: usize,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  const step = <usize>k * size;
  if (k < lanes) {
    const count = four ? 4 : 1;
    for (let p = 0; p < count; p++) {
      for (let o = 0; o < k; o++) {
        const skip = <usize>o * size;
        pixels<T>(
          false, 0, rows, cols, c, x + <usize>p * stepX, rowX, tapX, stepX, f + skip, rowF, step,
          y + <usize>p * step + skip, step, 0,
        );
      }
    }
    return;
  }
  let o = 0;
  for (; o + lanes < k; o += 2 * lanes) {
    const skip = <usize>o * size, next = <usize>(min(o + lanes, k - lanes) - o) * size;
    pixels<T>(four, 2, rows, cols, c, x, rowX, tapX, stepX, f + skip, rowF, step, y + skip, step, next);
  }
  if (o < k) {
    const skip = <usize>(k - lanes) * size;
    pixels<T>(four, 1, rows, cols, c, x, rowX, tapX, stepX, f + skip, rowF, step, y + skip, step, 0);
  }
}

function fourPixels<T>(
  k: i32, rows: i32, cols: i32, c: i32, x: usize, rowX: usize, tapX: usize, stepX: usize, f: usize, rowF: usize, y: usize,
): void {
  channels<T>(true, k, rows, cols, c, x, rowX, tapX, stepX, f, rowF, y);
}

function onePixel<T>(
  k: i32, rows: i32, cols: i32, c: i32, x: usize, rowX: usize, tapX: usize, stepX: usize, f: usize, rowF: usize, y: usize,
): void {
  channels<T>(false, k, rows, cols, c, x, rowX, tapX, stepX, f, rowF, y);
}

// @ts-ignore: decorator
@inline
function forward<T>(meta: usize, first: i32, last: i32, x: usize, f: usize, y: usize): void {
  const size = <usize>sizeof<T>();
  const h = at(meta, 1), w = at(meta, 2), c = at(meta, 3), kh = at(meta, 4), kw = at(meta, 5);
  const sh = at(meta, 6), sw = at(meta, 7), dh = at(meta, 8), dw = at(meta, 9), top = at(meta, 10), left = at(meta, 11);
  const oh = at(meta, 12), ow = at(meta, 13), k = at(meta, 14);
  const pixel = <usize>c * size, line = <usize>w * pixel, step = <usize>k * size;
  const rowF = <usize>(kw * c) * step, rowX = <usize>dh * line, tapX = <usize>dw * pixel, stepX = <usize>sw * pixel;
  // Windows wholly within the image from left to right.
  const inner = firstInside(-left, sw), innerEnd = min(ow, endInside((kw - 1) * dw - left, sw, w, ow));
  y += <usize>(first * oh * ow) * step;
  for (let i = first; i < last; i++) {
    const image = x + <usize>(i * h) * line;
    for (let oy = 0; oy < oh; oy++) {
      const y0 = oy * sh - top;
      const ky = firstInside(y0, dh), rows = max(0, endInside(y0, dh, h, kh) - ky);
      const from = image + <usize>((y0 + ky * dh) * w) * pixel, taps = f + <usize>ky * rowF;
      for (let ox = 0; ox < ow;) {
        const x0 = ox * sw - left;
        if (ox >= inner && ox + 4 <= innerEnd) {
          fourPixels<T>(k, rows, kw, c, from + <usize>(x0 * c) * size, rowX, tapX, stepX, taps, rowF, y);
          ox += 4;
          y += 4 * step;
          continue;
        }
        const kx = firstInside(x0, dw), cols = max(0, endInside(x0, dw, w, kw) - kx);
        const own = from + <usize>((x0 + kx * dw) * c) * size;
        onePixel<T>(k, rows, cols, c, own, rowX, tapX, stepX, taps + <usize>(kx * c) * step, rowF, y);
        ox++;
        y += step;
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

/** The last `count` lanes of a vector, added to where they belong. */
// @ts-ignore: decorator
@inline
function addLast<T>(count: i32, v: v128, to: usize): void {
  const size = <usize>sizeof<T>();
  if (sizeof<T>() == 8) {
    if (count == 2) store<T>(to, load<T>(to) + <T>f64x2.extract_lane(v, 0));
    store<T>(to + size, load<T>(to + size) + <T>f64x2.extract_lane(v, 1));
  } else {
    if (count == 4) store<T>(to, <T>(load<T>(to) + <T>f32x4.extract_lane(v, 0)));
    if (count >= 3) store<T>(to + size, <T>(load<T>(to + size) + <T>f32x4.extract_lane(v, 1)));
    if (count >= 2) store<T>(to + 2 * size, <T>(load<T>(to + 2 * size) + <T>f32x4.extract_lane(v, 2)));
    store<T>(to + 3 * size, <T>(load<T>(to + 3 * size) + <T>f32x4.extract_lane(v, 3)));
  }
}

/**
 * f ← f + Σ x·y of one image over the windows for one tap, of one number, four vectors or one or two, the second `next`
 * bytes behind the first, of which `fresh` lanes are new; `each` takes channel by channel, else all are multiplied by one of x.
 */
// @ts-ignore: decorator
@inline
function tapOf<T>(
  vectors: i32, each: bool, x: usize, f: usize, y: usize, rows: i32, cols: i32, rowX: usize, stepX: usize, rowY: usize,
  stepY: usize, next: usize, fresh: i32,
): void {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  let s: T = 0;
  for (let i = rows; i > 0; i--) {
    let a = x, b = y;
    for (let j = cols; j > 0; j--) {
      if (vectors == 0) {
        s = <T>(s + <T>(load<T>(a) * load<T>(b)));
      } else {
        const v = each ? v128.load(a) : v128.load_splat<T>(a);
        s0 = v128.add<T>(s0, v128.mul<T>(v, v128.load(b)));
        if (vectors == 4) {
          s1 = v128.add<T>(s1, v128.mul<T>(each ? v128.load(a, 16) : v, v128.load(b, 16)));
          s2 = v128.add<T>(s2, v128.mul<T>(each ? v128.load(a, 32) : v, v128.load(b, 32)));
          s3 = v128.add<T>(s3, v128.mul<T>(each ? v128.load(a, 48) : v, v128.load(b, 48)));
        }
        if (vectors == 2) s1 = v128.add<T>(s1, v128.mul<T>(each ? v128.load(a + next) : v, v128.load(b + next)));
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
  if (vectors == 1) {
    addLast<T>(fresh, s0, f);
    return;
  }
  v128.store(f, v128.add<T>(v128.load(f), s0));
  if (vectors == 4) {
    v128.store(f, v128.add<T>(v128.load(f, 16), s1), 16);
    v128.store(f, v128.add<T>(v128.load(f, 32), s2), 32);
    v128.store(f, v128.add<T>(v128.load(f, 48), s3), 48);
    return;
  }
  addLast<T>(fresh, s1, f + next);
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
      const rows = oyEnd - oy, cols = oxEnd - ox;
      const from = image + <usize>(((oy * sh + y0) * w + ox * sw + x0) * c) * size;
      const to = result + <usize>((oy * ow + ox) * k) * size;
      for (let ch = 0; ch < depth; ch++) {
        const own = from + <usize>ch * size, sums = f + <usize>((tap * depth + ch) * k) * size;
        let o = 0;
        if (k < lanes) {
          for (; o < k; o++) {
            const skip = <usize>o * size;
            tapOf<T>(0, each, each ? own + skip : own, sums + skip, to + skip, rows, cols, rowX, stepX, rowY, stepY, 0, 0);
          }
        }
        for (; o + 4 * lanes <= k; o += 4 * lanes) {
          const skip = <usize>o * size;
          tapOf<T>(4, each, each ? own + skip : own, sums + skip, to + skip, rows, cols, rowX, stepX, rowY, stepY, 0, 0);
        }
        for (; o + lanes < k; o += 2 * lanes) {
          const second = min(o + lanes, k - lanes), skip = <usize>o * size;
          tapOf<T>(
            2, each, each ? own + skip : own, sums + skip, to + skip, rows, cols, rowX, stepX, rowY, stepY,
            <usize>(second - o) * size, second - o,
          );
        }
        if (o < k) {
          const skip = <usize>(k - lanes) * size;
          tapOf<T>(1, each, each ? own + skip : own, sums + skip, to + skip, rows, cols, rowX, stepX, rowY, stepY, 0, k - o);
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
