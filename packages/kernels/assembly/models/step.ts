// One step of coordinate descent, for columns of any form.
import { proximal } from './penalties';

/**
 * Moves b_j, at the address `b`, to the minimiser of (x − b_j − pull)²/(2t) + g_j(x), and returns by how much it moved. `kind` is the code of
 * the penalty; `penalty` points to its a1 for coordinate j, which its a2, gamma, lower and upper follow `size` bytes apart.
 */
// @ts-ignore: decorator
@inline
export function moveCoordinate(b: usize, pull: f64, t: f64, kind: i32, penalty: usize, size: usize): f64 {
  const old = load<f64>(b);
  const at = old + pull;
  const lower = load<f64>(penalty + 3 * size), upper = load<f64>(penalty + 4 * size);
  let next: f64;
  if (kind == 0) {
    // The elastic net, without the division that a lasso does not need.
    const threshold = t * load<f64>(penalty);
    next = at > threshold ? at - threshold : at < -threshold ? at + threshold : 0;
    const ridge = load<f64>(penalty + size);
    if (ridge != 0) next /= 1 + t * ridge;
    if (next < lower) next = lower;
    if (next > upper) next = upper;
  } else {
    next = proximal(kind, at, t, load<f64>(penalty), load<f64>(penalty + size), load<f64>(penalty + 2 * size), lower, upper);
  }
  const delta = next - old;
  if (delta != 0) store<f64>(b, next);
  return delta;
}
