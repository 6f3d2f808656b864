/**
 * A problem in the form that the methods take: row-major costs of which at least as many columns as rows are given,
 * finite or +Infinity for pairs that are not allowed, and the duals and partners that they improve.
 */
export interface Work {
  readonly costs: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Dual variables of the columns, at most 0 if there are more columns than rows, and 0 where none is matched. */
  readonly v: Float64Array;
  /** The column of each row and the row of each column; −1 while there is none. */
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
}

/**
 * Starts a square problem: duals of columns are the least costs, and rows take columns of which they have the least.
 * Jonker & Volgenant (1987), column reduction and reduction transfer. O(rows · columns).
 */
export function reduceColumns({ costs, rows, columns, v, columnOf, rowOf }: Work): void {
  const least = new Int32Array(columns).fill(-1);
  v.fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < columns; j++) {
      const c = costs[row + j];
      if (c < v[j]) {
        v[j] = c;
        least[j] = i;
      }
    }
  }
  const taken = new Uint8Array(rows);
  for (let j = columns - 1; j >= 0; j--) {
    const i = least[j];
    if (i < 0) v[j] = 0;
    else if (taken[i] === 0) {
      taken[i] = 1;
      columnOf[i] = j;
      rowOf[j] = i;
    } else taken[i] = 2;
  }
  for (let i = 0; i < rows; i++) {
    if (taken[i] !== 1) continue;
    const [row, own] = [i * columns, columnOf[i]];
    let next = Number.POSITIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      const c = costs[row + j] - v[j];
      if (c < next && j !== own) next = c;
    }
    if (next < Number.POSITIVE_INFINITY) v[own] -= next;
  }
}

/**
 * Free rows bid for the column of least reduced cost, up to the second least, and take it from its row (Jonker & Volgenant's
 * augmenting row reduction, an auction with increments of no more than the difference). Stops after `most` bids, since prices
 * can rise in steps that are small beside their differences.
 */
export function reduceRows({ costs, rows, columns, v, columnOf, rowOf }: Work, most: number): void {
  let free: number[] = [];
  for (let i = 0; i < rows; i++) if (columnOf[i] < 0) free.push(i);
  let bids = 0;
  for (let pass = 0; pass < 2; pass++) {
    const left: number[] = [];
    for (let k = 0; k < free.length; ) {
      const i = free[k++];
      if (bids++ >= most) {
        left.push(i);
        continue;
      }
      const row = i * columns;
      let [first, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      let [at, other] = [-1, -1];
      for (let j = 0; j < columns; j++) {
        const c = costs[row + j] - v[j];
        if (c === first) {
          // Of several, a free one.
          second = c;
          if (rowOf[at] >= 0 && rowOf[j] < 0) at = j;
          else other = j;
        } else if (c < second) {
          if (c < first) {
            second = first;
            other = at;
            first = c;
            at = j;
          } else {
            second = c;
            other = j;
          }
        }
      }
      // A row with a single column is left to the shortest paths.
      if (second === Number.POSITIVE_INFINITY) {
        left.push(i);
        continue;
      }
      const price = v[at] - (second - first);
      const lower = price < v[at];
      if (lower) v[at] = price;
      else if (rowOf[at] >= 0) at = other;
      const before = rowOf[at];
      columnOf[i] = at;
      rowOf[at] = i;
      if (before < 0) continue;
      columnOf[before] = -1;
      if (lower) free[--k] = before;
      else left.push(before);
    }
    free = left;
  }
}
