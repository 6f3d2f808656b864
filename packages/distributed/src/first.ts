/** A pending exchange as a candidate of `waitAny`. */
export interface Ending {
  readonly over: boolean;
  /** Once it is complete: its position in the order in which the exchanges of its rank completed. */
  readonly place: number;
}

/** The index of the exchange that completed first; undefined if none is complete. O(n). */
export function firstOver(begun: readonly Ending[]): number | undefined {
  let first: number | undefined;
  for (let k = 0; k < begun.length; k++) {
    if (begun[k].over && (first === undefined || begun[k].place < begun[first].place)) first = k;
  }
  return first;
}
