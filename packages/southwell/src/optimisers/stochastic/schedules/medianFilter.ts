/**
 * The running median over `half` values on each side. At the beginning the values are padded with the first one, at the
 * end by reflection without repeating the last. `half` must be below the number of values. O(T log T), whatever the
 * width.
 */
export function medianFilter(values: Float64Array, half: number): Float64Array {
  const T = values.length;
  if (half === 0 || T === 0) return values.slice();
  const last = T - 1;
  const placeOf = (t: number) => (t < 0 ? 0 : t > last ? 2 * last - t : t);
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const rank = new Uint32Array(T);
  for (let k = 0; k < T; k++) rank[order[k]] = k;

  // Counts of the ranks in the window, as a binary indexed tree (Fenwick 1994).
  const sums = new Int32Array(T + 1);
  const add = (t: number, count: number) => {
    for (let k = rank[placeOf(t)] + 1; k <= T; k += k & -k) sums[k] += count;
  };
  const top = 2 ** Math.floor(Math.log2(T));
  const middle = () => {
    let [at, left] = [0, half + 1];
    for (let step = top; step >= 1; step /= 2) {
      if (at + step <= T && sums[at + step] < left) {
        at += step;
        left -= sums[at];
      }
    }
    return values[order[at]];
  };

  const filtered = new Float64Array(T);
  for (let t = -half; t < half; t++) add(t, 1);
  for (let t = 0; t < T; t++) {
    add(t + half, 1);
    filtered[t] = middle();
    add(t - half, -1);
  }
  return filtered;
}
