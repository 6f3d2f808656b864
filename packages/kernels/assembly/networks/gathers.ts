// Elements and rows by their indices (i32), and their transposes, which add up.

// @ts-ignore: decorator
@inline
function rowsMoved<T>(
  back: bool, outer: i32, count: i32, length: i32, inner: i32, whole: i32, at: usize, x: usize, y: usize,
): i32 {
  const row = <usize>whole * sizeof<T>(), lanes = 16 / sizeof<T>();
  const part = <usize>inner * sizeof<T>();
  if (back && inner == whole) memory.fill(x, 0, <usize>(outer * length) * row);
  else if (back) for (let i = 0; i < outer * length; i++) memory.fill(x + <usize>i * row, 0, part);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      const index = load<i32>(at + (<usize>j << 2));
      if (<u32>index >= <u32>length) return j;
      let p = x + <usize>index * row, q = y;
      if (back) {
        for (let i = inner / lanes; i > 0; i--) {
          v128.store(p, v128.add<T>(v128.load(p), v128.load(q)));
          p += 16;
          q += 16;
        }
        for (let i = inner % lanes; i > 0; i--) {
          store<T>(p, <T>(load<T>(p) + load<T>(q)));
          p += sizeof<T>();
          q += sizeof<T>();
        }
      } else if (inner >= 16) {
        memory.copy(q, p, part);
      } else {
        for (let i = inner; i > 0; i--) {
          store<T>(q, load<T>(p));
          p += sizeof<T>();
          q += sizeof<T>();
        }
      }
      y += row;
    }
    x += <usize>length * row;
  }
  return -1;
}

/**
 * y (outer × count × inner) ← x (outer × length × inner) at the indices `at`; or with `back` x ← 0 and then the y added to
 * where they were taken. Rows of both lie `whole` numbers apart, of which these are `inner`. Returns the first place of an index
 * outside of the length, or −1.
 */
export function takeRows(
  back: bool, outer: i32, count: i32, length: i32, inner: i32, whole: i32, at: usize, x: usize, y: usize,
): i32 {
  if (back) return rowsMoved<f64>(true, outer, count, length, inner, whole, at, x, y);
  return rowsMoved<f64>(false, outer, count, length, inner, whole, at, x, y);
}

/** As {@link takeRows}, of f32. */
export function stakeRows(
  back: bool, outer: i32, count: i32, length: i32, inner: i32, whole: i32, at: usize, x: usize, y: usize,
): i32 {
  if (back) return rowsMoved<f32>(true, outer, count, length, inner, whole, at, x, y);
  return rowsMoved<f32>(false, outer, count, length, inner, whole, at, x, y);
}

// @ts-ignore: decorator
@inline
function placesMoved<T>(back: bool, blocks: i32, count: i32, length: i32, at: usize, x: usize, y: usize): i32 {
  if (back) memory.fill(x, 0, <usize>(blocks * length) * sizeof<T>());
  for (let b = 0; b < blocks; b++) {
    for (let j = 0; j < count; j++) {
      const index = load<i32>(at);
      if (<u32>index >= <u32>length) return b * count + j;
      const place = x + <usize>index * sizeof<T>();
      if (back) store<T>(place, <T>(load<T>(place) + load<T>(y)));
      else store<T>(y, load<T>(place));
      at += 4;
      y += sizeof<T>();
    }
    x += <usize>length * sizeof<T>();
  }
  return -1;
}

/** As {@link takeRows} of single elements, each of `blocks` with indices of its own. */
export function takePlaces(back: bool, blocks: i32, count: i32, length: i32, at: usize, x: usize, y: usize): i32 {
  return placesMoved<f64>(back, blocks, count, length, at, x, y);
}

/** As {@link takePlaces}, of f32. */
export function stakePlaces(back: bool, blocks: i32, count: i32, length: i32, at: usize, x: usize, y: usize): i32 {
  return placesMoved<f32>(back, blocks, count, length, at, x, y);
}
