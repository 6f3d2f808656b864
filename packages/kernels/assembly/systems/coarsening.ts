// What algebraic multigrid makes of a level's rows before it multiplies them: strong entries, aggregates, smoothed prolongators, lower parts.

/**
 * Whether a matrix of n rows can be smoothed: the first row whose diagonal is not positive or that holds a value that is not finite, else −1;
 * into `largest` its largest diagonal entry. O(entries).
 */
export function positiveDiagonal(n: i32, pointers: usize, indices: usize, values: usize, largest: usize): i32 {
  let most: f64 = 0;
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let own: f64 = 0, probe: f64 = 0;
    for (; k < end; k++) {
      const v = load<f64>(values + (k << 3));
      probe += v * 0;
      if (load<i32>(indices + (k << 2)) == i) own = v;
    }
    if (probe != 0 || !(own > 0)) return i;
    most = max(most, own);
  }
  store<f64>(largest, most);
  return -1;
}

/** The size of an entry as a tie: |v|, or −v where only negative ones tie. */
// @ts-ignore: decorator of AssemblyScript
@inline
function sizeOf(v: f64, negative: bool): f64 {
  return negative ? -v : abs(v);
}

/**
 * What strong entries of each row exceed, θ times the largest beside the diagonal, into `least`; infinite where the others sum up to no more
 * than `dominant` times the diagonal, by its `inverse`. Only negative entries count as large with `negative`. O(entries).
 */
export function strongLimits(
  n: i32, pointers: usize, indices: usize, values: usize, inverse: usize, negative: bool, theta: f64, dominant: f64, least: usize,
): void {
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let most: f64 = 0, sum: f64 = 0;
    for (; k < end; k++) {
      if (load<i32>(indices + (k << 2)) == i) continue;
      const v = load<f64>(values + (k << 3));
      most = max(most, sizeOf(v, negative));
      sum += abs(v);
    }
    const strong = most > 0 && sum * load<f64>(inverse + (<usize>i << 3)) > dominant;
    store<f64>(least + (<usize>i << 3), strong ? theta * most : Infinity);
  }
}

/** How many entries are strong in their row, the diagonal's with them, and how many in both rows, into the two places of `counts`. O(entries). */
export function strongCounts(
  n: i32, pointers: usize, indices: usize, values: usize, least: usize, negative: bool, counts: usize,
): void {
  let kept = 0, mutual = 0;
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    const own = load<f64>(least + (<usize>i << 3));
    for (; k < end; k++) {
      const j = load<i32>(indices + (k << 2));
      const size = sizeOf(load<f64>(values + (k << 3)), negative);
      if (j == i) {
        kept++;
        mutual++;
      } else if (size > own) {
        kept++;
        if (size > load<f64>(least + (<usize>j << 3))) mutual++;
      }
    }
  }
  store<i32>(counts, kept);
  store<i32>(counts, mutual, 4);
}

/**
 * The rows of what is strong in them, the rest added to the diagonal unless it would leave less than a tenth of it, and the graph of what is
 * strong in both rows; either is left out where its pointers are 0. Every row has its diagonal. O(entries).
 */
export function strongRows(
  n: i32, pointers: usize, indices: usize, values: usize, least: usize, negative: bool,
  keptPointers: usize, keptIndices: usize, keptValues: usize, graphPointers: usize, graphIndices: usize,
): void {
  let at = 0, edge = 0;
  if (keptPointers) store<i32>(keptPointers, 0);
  if (graphPointers) store<i32>(graphPointers, 0);
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    const own = load<f64>(least + (<usize>i << 3));
    let diagonal: usize = 0;
    let lumped: f64 = 0;
    for (; k < end; k++) {
      const j = load<i32>(indices + (k << 2));
      const v = load<f64>(values + (k << 3));
      const size = sizeOf(v, negative);
      if (j != i && !(size > own)) {
        lumped += v;
        continue;
      }
      if (graphPointers && (j == i || size > load<f64>(least + (<usize>j << 3)))) {
        store<i32>(graphIndices + (<usize>edge << 2), j);
        edge++;
      }
      if (!keptPointers) continue;
      if (j == i) diagonal = keptValues + (<usize>at << 3);
      store<i32>(keptIndices + (<usize>at << 2), j);
      store<f64>(keptValues + (<usize>at << 3), v);
      at++;
    }
    if (diagonal) {
      const d = load<f64>(diagonal);
      if (d + lumped > 0.1 * d) store<f64>(diagonal, d + lumped);
    }
    if (keptPointers) store<i32>(keptPointers + (<usize>i << 2), at, 4);
    if (graphPointers) store<i32>(graphPointers + (<usize>i << 2), edge, 4);
  }
}

/**
 * Aggregates of a node and all its neighbours where they are still free; others join a neighbour's, and what is left is gathered as it can be
 * (Vaněk, Mandel and Brezina 1996, Algorithm 5.1): into `parts` the aggregate of each node, −1 of those without a neighbour. How many. O(edges).
 */
export function greedyAggregates(n: i32, pointers: usize, indices: usize, parts: usize): i32 {
  memory.fill(parts, 255, <usize>n << 2);
  let count = 0;
  for (let i = 0; i < n; i++) {
    const own = parts + (<usize>i << 2);
    if (load<i32>(own) >= 0) continue;
    const from = <usize>load<i32>(pointers + (<usize>i << 2)), end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let others = 0;
    let k = from;
    for (; k < end; k++) {
      const j = load<i32>(indices + (k << 2));
      if (j == i) continue;
      if (load<i32>(parts + (<usize>j << 2)) >= 0) break;
      others++;
    }
    if (k < end || others == 0) continue;
    store<i32>(own, count);
    for (k = from; k < end; k++) store<i32>(parts + (<usize>load<i32>(indices + (k << 2)) << 2), count);
    count++;
  }
  // Joined nodes are written as −2 − aggregate first, so that nobody joins through them.
  for (let i = 0; i < n; i++) {
    const own = parts + (<usize>i << 2);
    if (load<i32>(own) != -1) continue;
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    for (let k = <usize>load<i32>(pointers + (<usize>i << 2)); k < end; k++) {
      const a = load<i32>(parts + (<usize>load<i32>(indices + (k << 2)) << 2));
      if (a < 0) continue;
      store<i32>(own, -2 - a);
      break;
    }
  }
  for (let i = 0; i < n; i++) {
    const own = parts + (<usize>i << 2);
    const a = load<i32>(own);
    if (a < -1) store<i32>(own, -2 - a);
  }
  for (let i = 0; i < n; i++) {
    const own = parts + (<usize>i << 2);
    if (load<i32>(own) != -1) continue;
    const from = <usize>load<i32>(pointers + (<usize>i << 2)), end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let others = 0;
    for (let k = from; k < end; k++) if (load<i32>(indices + (k << 2)) != i) others++;
    if (others == 0) continue;
    store<i32>(own, count);
    for (let k = from; k < end; k++) {
      const to = parts + (<usize>load<i32>(indices + (k << 2)) << 2);
      if (load<i32>(to) == -1) store<i32>(to, count);
    }
    count++;
  }
  return count;
}

/**
 * P = (I − ω·D⁻¹F)T from FT in P's place, with ω = 1 in rows of T without an entry, which then are means of those that they are tied to. D is the
 * diagonal of F, and a row of P has a place wherever T's has one; rows of F without a positive diagonal keep T's. O(entries of F, and of T times
 * those of a row of P).
 */
export function smoothedRows(
  n: i32, fPointers: usize, fIndices: usize, fValues: usize, tPointers: usize, tIndices: usize, tValues: usize, omega: f64,
  pPointers: usize, pIndices: usize, pValues: usize,
): void {
  for (let i = 0; i < n; i++) {
    const own = <usize>i << 2;
    const from = <usize>load<i32>(pPointers + own), end = <usize>load<i32>(pPointers + own, 4);
    if (from == end) continue;
    let diagonal: f64 = 0;
    const last = <usize>load<i32>(fPointers + own, 4);
    for (let k = <usize>load<i32>(fPointers + own); k < last; k++) {
      if (load<i32>(fIndices + (k << 2)) == i) diagonal = load<f64>(fValues + (k << 3));
    }
    const first = <usize>load<i32>(tPointers + own), stop = <usize>load<i32>(tPointers + own, 4);
    // What has no aggregate follows those that it is tied to all the way.
    const by = diagonal > 0 ? -(first < stop ? omega : 1) / diagonal : 0;
    for (let k = from; k < end; k++) {
      const at = pValues + (k << 3);
      store<f64>(at, load<f64>(at) * by);
    }
    for (let q = first; q < stop; q++) {
      const column = load<i32>(tIndices + (q << 2));
      for (let k = from; k < end; k++) {
        if (load<i32>(pIndices + (k << 2)) != column) continue;
        const at = pValues + (k << 3);
        store<f64>(at, load<f64>(at) + load<f64>(tValues + (q << 3)));
        break;
      }
    }
  }
}

/** 1/√a_ii of each row into `root`, 0 without a positive diagonal, and of the others the largest Σ|a_ij|/a_ii (Gershgorin). O(entries). */
export function scaledRowSums(n: i32, pointers: usize, indices: usize, values: usize, root: usize): f64 {
  let bound: f64 = 0;
  let k = <usize>load<i32>(pointers);
  for (let i = 0; i < n; i++) {
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    let sum: f64 = 0, own: f64 = 0;
    for (; k < end; k++) {
      const v = load<f64>(values + (k << 3));
      sum += abs(v);
      if (load<i32>(indices + (k << 2)) == i) own = v;
    }
    const positive = own > 0;
    store<f64>(root + (<usize>i << 3), positive ? 1 / sqrt(own) : 0);
    if (positive) bound = max(bound, sum / own);
  }
  return bound;
}

/** Σ_i p_ij²·a_i of each column j, into `out`, with 1/a_i in `inverse`; rows where that is 0 are left out. O(entries + cols). */
export function weightedSquares(
  n: i32, cols: i32, pointers: usize, indices: usize, values: usize, inverse: usize, out: usize,
): void {
  memory.fill(out, 0, <usize>cols << 3);
  for (let i = 0; i < n; i++) {
    const own = load<f64>(inverse + (<usize>i << 3));
    if (own == 0) continue;
    const a = 1 / own;
    const end = <usize>load<i32>(pointers + (<usize>i << 2), 4);
    for (let k = <usize>load<i32>(pointers + (<usize>i << 2)); k < end; k++) {
      const to = out + (<usize>load<i32>(indices + (k << 2)) << 3);
      const v = load<f64>(values + (k << 3));
      store<f64>(to, load<f64>(to) + v * v * a);
    }
  }
}

/**
 * What lies beneath the diagonal, row by row, and the diagonal, of rows whose columns ascend; with `lowIndices` 0 its row pointers alone. How
 * many entries lie there. O(entries).
 */
export function lowerRows(
  n: i32, pointers: usize, indices: usize, values: usize, lowPointers: usize, lowIndices: usize, lowValues: usize, diagonal: usize,
): i32 {
  let at = 0;
  store<i32>(lowPointers, 0);
  for (let i = 0; i < n; i++) {
    const own = <usize>i << 2;
    const end = <usize>load<i32>(pointers + own, 4);
    let k = <usize>load<i32>(pointers + own);
    for (; k < end && load<i32>(indices + (k << 2)) < i; k++) {
      if (lowIndices) {
        store<i32>(lowIndices + (<usize>at << 2), load<i32>(indices + (k << 2)));
        store<f64>(lowValues + (<usize>at << 3), load<f64>(values + (k << 3)));
      }
      at++;
    }
    if (lowIndices) {
      const there = k < end && load<i32>(indices + (k << 2)) == i;
      store<f64>(diagonal + (own << 1), there ? load<f64>(values + (k << 3)) : 0);
    }
    store<i32>(lowPointers + own, at, 4);
  }
  return at;
}
