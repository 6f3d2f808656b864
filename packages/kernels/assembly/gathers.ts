// Elements and rows by their indices (i32), and their transposes, which add up; a step of Adam.

// @ts-ignore: decorator
@inline
function rowsMoved<T>(back: bool, outer: i32, count: i32, length: i32, inner: i32, at: usize, x: usize, y: usize): i32 {
  const row = <usize>inner * sizeof<T>(), lanes = 16 / sizeof<T>();
  if (back) memory.fill(x, 0, <usize>(outer * length) * row);
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
        memory.copy(q, p, row);
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
 * where they were taken. Returns the first place of an index outside of the length, or −1.
 */
export function takeRows(back: bool, outer: i32, count: i32, length: i32, inner: i32, at: usize, x: usize, y: usize): i32 {
  return back ? rowsMoved<f64>(true, outer, count, length, inner, at, x, y) : rowsMoved<f64>(false, outer, count, length, inner, at, x, y);
}

/** As {@link takeRows}, of f32. */
export function stakeRows(back: bool, outer: i32, count: i32, length: i32, inner: i32, at: usize, x: usize, y: usize): i32 {
  return back ? rowsMoved<f32>(true, outer, count, length, inner, at, x, y) : rowsMoved<f32>(false, outer, count, length, inner, at, x, y);
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

// @ts-ignore: decorator
@inline
function adamOf<T>(
  n: i32, beta1: f64, beta2: f64, step: f64, root: f64, epsilon: f64, keep: f64, g: usize, m: usize, v: usize, p: usize,
): void {
  const b1 = v128.splat<T>(<T>beta1), c1 = v128.splat<T>(<T>(1 - beta1));
  const b2 = v128.splat<T>(<T>beta2), c2 = v128.splat<T>(<T>(1 - beta2));
  const s = v128.splat<T>(<T>step), r = v128.splat<T>(<T>root), e = v128.splat<T>(<T>epsilon), k = v128.splat<T>(<T>keep);
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    const x = v128.load(g);
    const mean = v128.add<T>(v128.mul<T>(b1, v128.load(m)), v128.mul<T>(c1, x));
    const square = v128.add<T>(v128.mul<T>(b2, v128.load(v)), v128.mul<T>(c2, v128.mul<T>(x, x)));
    v128.store(m, mean);
    v128.store(v, square);
    const move = v128.div<T>(v128.mul<T>(s, mean), v128.add<T>(v128.mul<T>(r, v128.sqrt<T>(square)), e));
    v128.store(p, v128.sub<T>(v128.mul<T>(k, v128.load(p)), move));
    g += 16;
    m += 16;
    v += 16;
    p += 16;
  }
  for (let i = n % lanes; i > 0; i--) {
    const x = load<T>(g);
    const mean = <T>(<T>(<T>beta1 * load<T>(m)) + <T>(<T>(1 - beta1) * x));
    const square = <T>(<T>(<T>beta2 * load<T>(v)) + <T>(<T>(1 - beta2) * <T>(x * x)));
    store<T>(m, mean);
    store<T>(v, square);
    const move = <T>(<T>(<T>step * mean) / <T>(<T>(<T>root * <T>sqrt<T>(square)) + <T>epsilon));
    store<T>(p, <T>(<T>(<T>keep * load<T>(p)) - move));
    g += sizeof<T>();
    m += sizeof<T>();
    v += sizeof<T>();
    p += sizeof<T>();
  }
}

/**
 * Adam with decoupled decay: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← keep·p − step·m/(root·√v + ε). The caller
 * has the corrections of the first steps in step and root, and the decay in keep.
 */
export function adamStep(
  n: i32, beta1: f64, beta2: f64, step: f64, root: f64, epsilon: f64, keep: f64, g: usize, m: usize, v: usize, p: usize,
): void {
  adamOf<f64>(n, beta1, beta2, step, root, epsilon, keep, g, m, v, p);
}

/** As {@link adamStep}, of f32. */
export function sadamStep(
  n: i32, beta1: f64, beta2: f64, step: f64, root: f64, epsilon: f64, keep: f64, g: usize, m: usize, v: usize, p: usize,
): void {
  adamOf<f32>(n, beta1, beta2, step, root, epsilon, keep, g, m, v, p);
}
