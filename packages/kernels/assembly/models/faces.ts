// Newton steps on smooth faces of ½bᵀGb − cᵀb + Σ (a1|b_j| + a2 b_j²/2) within bounds, as whole calls: in JavaScript their loops
// over a handful of members take more to compile than to run in the first fit of a process. `penalty` points to five arrays of
// length ldg: a1, a2, gamma, lower, upper.
import { cholAppend, cholDelete, cholSolve } from '../dense/cholesky';
import { addColumns } from './descent';

/** A pivot so far below its diagonal belongs to a column that depends on the others. */
const DEPENDENT: f64 = 1e-10;
/** Rows that are appended one by one; more come as a block. */
const SINGLY: i32 = 4;
/** Changes after which a factor is made anew, before rounding of them piles up. */
const MOST_UPDATES: i32 = 500;

/** To the minimum of the face, part of the way, to the first kink or bound, or none that lowers the objective. */
const FULL: i32 = 0;
const PARTIAL: i32 = 1;
const BREAK: i32 = 2;
const FAILED: i32 = 3;

// @ts-ignore: decorator
@inline
function at(array: usize, i: i32): usize {
  return array + (<usize>i << 3);
}

// @ts-ignore: decorator
@inline
function entry(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

/** Lists the members on the smooth face of b, between kinks and bounds, in `index`; returns how many. O(m). */
export function faceRows(m: i32, G: usize, ldg: i32, b: usize, penalty: usize, index: usize): i32 {
  const column = <usize>ldg << 3;
  const lower = penalty + 3 * column, upper = lower + column;
  let k = 0;
  for (let j = 0; j < m; j++) {
    const x = load<f64>(at(b, j));
    if ((x == 0 && load<f64>(at(penalty, j)) > 0) || !(x > load<f64>(at(lower, j)) && x < load<f64>(at(upper, j)))) continue;
    if (!(load<f64>(at(G + <usize>j * column, j)) > 0)) continue;
    store<i32>(index + (<usize>k << 2), j);
    k++;
  }
  return k;
}

/** Where a trial clipped its step. */
let clipped: bool = false;

/** Lays the projected step t·d into `delta`, G·delta into `product`; `atKink` is to land on 0. Returns the change of the objective. */
function trial(
  m: i32, k: i32, index: usize, G: usize, ldg: i32, q: usize, b: usize, penalty: usize,
  d: usize, delta: usize, product: usize, t: f64, atKink: i32,
): f64 {
  const column = <usize>ldg << 3;
  const ridge = penalty + column, lower = penalty + 3 * column, upper = lower + column;
  clipped = false;
  let change: f64 = 0;
  for (let a = 0; a < k; a++) {
    const j = entry(index, a);
    const a1 = load<f64>(at(penalty, j)), old = load<f64>(at(b, j)), way = load<f64>(at(d, a));
    let next = old + t * way;
    if (a1 > 0 && (next * old < 0 || (a == atKink && old * way < 0))) {
      next = 0;
      clipped = true;
    }
    const least = load<f64>(at(lower, j)), most = load<f64>(at(upper, j));
    if (next < least) {
      next = least;
      clipped = true;
    } else if (next > most) {
      next = most;
      clipped = true;
    }
    const moved = next - old;
    store<f64>(at(delta, a), moved);
    change += a1 * (Math.abs(next) - Math.abs(old)) + 0.5 * load<f64>(at(ridge, j)) * (next * next - old * old);
    change -= load<f64>(at(q, j)) * moved;
  }
  memory.fill(product, 0, <usize>m << 3);
  addColumns(m, k, index, G, ldg, 1, delta, product);
  for (let a = 0; a < k; a++) change += 0.5 * load<f64>(at(delta, a)) * load<f64>(at(product, entry(index, a)));
  return change;
}

/** Moves by what the last trial laid down. */
function take(m: i32, k: i32, index: usize, q: usize, b: usize, delta: usize, product: usize): void {
  for (let a = 0; a < k; a++) {
    const to = at(b, entry(index, a));
    store<f64>(to, load<f64>(to) + load<f64>(at(delta, a)));
  }
  for (let j = 0; j < m; j++) store<f64>(at(q, j), load<f64>(at(q, j)) - load<f64>(at(product, j)));
}

/**
 * One Newton step on the face index[0 … k), L being the factor of G + diag(a2) there, with q = c − Gb kept up to date: projected at
 * sign changes and bounds, halved until the objective falls; at last up to the first of them, where the model is exact: on the long
 * steps of a face with more columns than its rank nothing else may help. `work` has 3·ldg doubles. Returns 0 for a full
 * step, 1 for a part of it, 2 for one to a kink or a bound, 3 where none lowers the objective. O(k² + mk) a trial.
 */
export function faceStep(
  m: i32, k: i32, index: usize, L: usize, ldl: i32, G: usize, ldg: i32, q: usize, b: usize, penalty: usize, work: usize,
): i32 {
  const column = <usize>ldg << 3;
  const ridge = penalty + column, lower = penalty + 3 * column, upper = lower + column;
  const d = work, delta = work + column, product = delta + column;
  for (let a = 0; a < k; a++) {
    const j = entry(index, a);
    const x = load<f64>(at(b, j));
    const sign: f64 = x > 0 ? 1 : x < 0 ? -1 : x;
    store<f64>(at(d, a), load<f64>(at(q, j)) - load<f64>(at(penalty, j)) * sign - load<f64>(at(ridge, j)) * x);
  }
  cholSolve(k, L, ldl, d);
  for (let a = 0; a < k; a++) if (!isFinite(load<f64>(at(d, a)))) return FAILED;
  let t: f64 = 1;
  for (let tries = 0; tries < 8; tries++) {
    const change = trial(m, k, index, G, ldg, q, b, penalty, d, delta, product, t, -1);
    const whole = t == 1 && !clipped;
    if (change < 0 || whole) {
      take(m, k, index, q, b, delta, product);
      return whole ? FULL : PARTIAL;
    }
    t /= 2;
  }
  let first = -1, length: f64 = Infinity;
  for (let a = 0; a < k; a++) {
    const j = entry(index, a);
    const x = load<f64>(at(b, j)), way = load<f64>(at(d, a));
    const kink = load<f64>(at(penalty, j)) > 0 && x * way < 0;
    const end: f64 = kink ? 0 : way < 0 ? load<f64>(at(lower, j)) : load<f64>(at(upper, j));
    const far = (end - x) / way;
    if (far < length) {
      first = a;
      length = far;
    }
  }
  if (first < 0 || length > t) return FAILED;
  if (!(trial(m, k, index, G, ldg, q, b, penalty, d, delta, product, length, first) < 0)) return FAILED;
  take(m, k, index, q, b, delta, product);
  return BREAK;
}

/**
 * Turns the factor L of G + diag(ridge) on some rows into that on index[0 … k), and index into its order. `lists` has how many
 * rows there are, a count of calls, one of updates, room for the number of rows to be appended, then the rows and at last room for
 * those, each ldl long; `ridges` has their ridges and room for a column, each ldl long; `marks`, zeros at first, a word for each
 * column of G. Returns 1; or 2 where the caller is to append the rows that are listed; or 0 where a new factor is better, L then
 * being of nothing. O(k²) a row.
 */
export function followFactor(
  k: i32, index: usize, G: usize, ldg: i32, ridge: usize, L: usize, ldl: i32, lists: usize, ridges: usize, marks: usize,
): i32 {
  let size = load<i32>(lists);
  if (size == 0) return 0;
  const call = load<i32>(lists, 4) + 1;
  const rows = lists + 16, wanted = rows + (<usize>ldl << 2), column = at(ridges, ldl);
  store<i32>(lists, 0);
  store<i32>(lists, call, 4);
  for (let t = 0; t < k; t++) store<i32>(marks + (<usize>entry(index, t) << 2), call);
  let kept = 0;
  for (let a = 0; a < size; a++) {
    const j = entry(rows, a);
    if (entry(marks, j) != call) continue;
    if (load<f64>(at(ridges, a)) != load<f64>(at(ridge, j))) return 0;
    store<i32>(marks + (<usize>j << 2), -call);
    kept++;
  }
  const removed = size - kept, fresh = k - kept;
  // To take a row out streams the factor; rows come in at the speed of gemm, as a factorisation runs.
  const few = <f64>k / 40 + 1;
  if (<f64>removed > few || <f64>fresh > max(few, <f64>k / 3) || k > ldl) return 0;
  const updates = load<i32>(lists, 8) + removed + 1;
  store<i32>(lists, updates, 8);
  if (updates > MOST_UPDATES) return 0;
  for (let a = size - 1; a >= 0 && size > kept; a--) {
    if (entry(marks, entry(rows, a)) == -call) continue;
    cholDelete(size, L, ldl, a);
    size--;
    memory.copy(rows + (<usize>a << 2), rows + (<usize>(a + 1) << 2), <usize>(size - a) << 2);
    memory.copy(at(ridges, a), at(ridges, a + 1), <usize>(size - a) << 3);
  }
  let count = 0;
  for (let t = 0; t < k && count < fresh; t++) {
    const j = entry(index, t);
    if (entry(marks, j) != call) continue;
    store<i32>(wanted + (<usize>count << 2), j);
    count++;
  }
  if (fresh > SINGLY) {
    store<i32>(lists, size);
    store<i32>(lists, fresh, 12);
    return 2;
  }
  for (let t = 0; t < fresh; t++) {
    const j = entry(wanted, t);
    const g = G + ((<usize>j * <usize>ldg) << 3), more = load<f64>(at(ridge, j));
    for (let a = 0; a < size; a++) store<f64>(at(column, a), load<f64>(at(g, entry(rows, a))));
    const diagonal = load<f64>(at(g, j)) + more;
    store<f64>(at(column, size), diagonal);
    if (!(cholAppend(size, L, ldl, column) > DEPENDENT * diagonal)) return 0;
    store<i32>(rows + (<usize>size << 2), j);
    store<f64>(at(ridges, size), more);
    size++;
  }
  store<i32>(lists, size);
  memory.copy(index, rows, <usize>size << 2);
  return 1;
}
