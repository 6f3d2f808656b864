/** An exchange on its way, as a choice among several sees it. */
export interface Ending {
  readonly over: boolean;
  /** Once it is over: its place among the exchanges of its rank, in the order in which they were. */
  readonly place: number;
}

/** Where among several exchanges the one is that was over first; undefined where none is over. O(n). */
export function firstOver(begun: readonly Ending[]): number | undefined {
  let first: number | undefined;
  for (let k = 0; k < begun.length; k++) {
    if (begun[k].over && (first === undefined || begun[k].place < begun[first].place)) first = k;
  }
  return first;
}
