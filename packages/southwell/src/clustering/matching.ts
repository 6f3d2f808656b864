/**
 * Minimum-cost assignment of rows to columns of a square cost matrix (row-major): the Hungarian method with potentials,
 * one shortest augmenting path for each row (Jonker & Volgenant 1987). Returns the column of every row. O(n³).
 */
export function assignment(cost: Float64Array, n: number): Int32Array {
  const rowPrice = new Float64Array(n + 1);
  const colPrice = new Float64Array(n + 1);
  // Rows and columns count from 1; column 0 is where a path starts.
  const rowOf = new Int32Array(n + 1);
  const from = new Int32Array(n + 1);
  const slack = new Float64Array(n + 1);
  const done = new Uint8Array(n + 1);
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row;
    slack.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    let at = 0;
    do {
      done[at] = 1;
      const i = rowOf[at];
      let least = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (done[j]) continue;
        const v = cost[(i - 1) * n + j - 1] - rowPrice[i] - colPrice[j];
        if (v < slack[j]) {
          slack[j] = v;
          from[j] = at;
        }
        if (slack[j] < least) {
          least = slack[j];
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (done[j]) {
          rowPrice[rowOf[j]] += least;
          colPrice[j] -= least;
        } else slack[j] -= least;
      }
      at = next;
    } while (rowOf[at] !== 0);
    while (at !== 0) {
      rowOf[at] = rowOf[from[at]];
      at = from[at];
    }
  }
  const out = new Int32Array(n);
  for (let j = 1; j <= n; j++) out[rowOf[j] - 1] = j - 1;
  return out;
}
