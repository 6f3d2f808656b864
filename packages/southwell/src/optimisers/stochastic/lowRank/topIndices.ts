/** The places of the r largest scores, ascending; of equal scores those of lower places. O(n log n). */
export function topIndices(scores: Float64Array, r: number): Int32Array {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  return order.subarray(0, r).sort();
}
