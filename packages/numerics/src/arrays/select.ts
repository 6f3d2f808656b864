/** The r-th smallest (from 0) of v[0 … n), which is rearranged (Hoare's FIND). O(n) on average. */
export function select(v: Float64Array, n: number, r: number): number {
  let [low, high] = [0, n - 1];
  while (low < high) {
    const pivot = v[(low + high) >>> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (v[i] < pivot) i++;
      while (v[j] > pivot) j--;
      if (i <= j) {
        const t = v[i];
        v[i++] = v[j];
        v[j--] = t;
      }
    }
    if (r <= j) high = j;
    else if (r >= i) low = i;
    else break;
  }
  return v[r];
}
