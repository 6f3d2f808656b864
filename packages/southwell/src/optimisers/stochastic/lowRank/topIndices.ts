/** The indices of the r largest scores, ascending; ties go to the lower index. O(n log n). */
export function topIndices(scores: Float64Array, r: number): Int32Array {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  return order.subarray(0, r).sort();
}
