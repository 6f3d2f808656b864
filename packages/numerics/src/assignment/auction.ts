import type { Work } from './reductions.ts';

/** By which the increment of bids is divided from phase to phase. */
const FACTOR = 5;
/** The last increment, in units of the range of the costs over the number of rows. */
const LAST = 0.1;
/** Bids of all phases, in units of the number of rows: where pairs do not suffice, prices would fall for ever. */
const MOST = 200;

/**
 * Starts a square problem by an auction: each free row takes the column of least reduced cost and lowers its dual to the second
 * least, and by an increment that decreases from phase to phase (Bertsekas 1988, ε-scaling). Pairs that are not of least
 * reduced cost in the end are released; shortest paths make the rest exact.
 */
export function auction(work: Work): void {
  const { costs, rows, columns, v, columnOf, rowOf } = work;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const c of costs) {
    if (c < low) low = c;
    if (c > high && c < Number.POSITIVE_INFINITY) high = c;
  }
  const last = ((high - low) / rows) * LAST;
  let left = MOST * rows;
  for (let increment = (high - low) / 4; increment > 0 && left > 0; increment /= FACTOR) {
    left = phase(work, increment, left);
    if (increment <= last) break;
  }
  for (let i = 0; i < rows; i++) {
    const own = columnOf[i];
    if (own < 0) continue;
    const [row, reduced] = [i * columns, costs[i * columns + own] - v[own]];
    for (let j = 0; j < columns; j++) {
      if (costs[row + j] - v[j] >= reduced) continue;
      columnOf[i] = -1;
      rowOf[own] = -1;
      break;
    }
  }
}

/** Bids of all rows until each has a column, or none of the `most` bids is left; returns how many are. */
function phase({ costs, rows, columns, v, columnOf, rowOf }: Work, increment: number, most: number): number {
  columnOf.fill(-1);
  rowOf.fill(-1);
  const free = Array.from({ length: rows }, (_, k) => rows - 1 - k);
  while (free.length > 0 && most > 0) {
    const i = free.pop()!;
    const row = i * columns;
    let [first, second, at] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1];
    for (let j = 0; j < columns; j++) {
      const c = costs[row + j] - v[j];
      if (c >= second) continue;
      if (c < first) {
        second = first;
        first = c;
        at = j;
      } else second = c;
    }
    most--;
    if (at < 0) continue;
    v[at] -= (second < Number.POSITIVE_INFINITY ? second - first : 0) + increment;
    const before = rowOf[at];
    rowOf[at] = i;
    columnOf[i] = at;
    if (before < 0) continue;
    columnOf[before] = -1;
    free.push(before);
  }
  return most;
}
