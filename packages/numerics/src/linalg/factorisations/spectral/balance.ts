/** A scaling step must reduce the norms of row and column to at most this fraction. */
const GAIN = 0.95;

/** Describes how a matrix was balanced in place: D⁻¹PᵀAPD. */
export interface Balance {
  /** Rows and columns before `low` and after `high` are already triangular. */
  readonly low: number;
  readonly high: number;
  /** Powers of two by which vectors are to be multiplied. */
  readonly scale: Float64Array;
  /** Exchanges in the order in which they were performed. */
  readonly exchanges: ReadonlyArray<readonly [number, number]>;
}

/**
 * Permutes rows and columns of the n × n matrix at `at` so that isolated eigenvalues are at the ends of the diagonal,
 * and scales the others by powers of two so that rows and columns have similar norms (Parlett and Reinsch 1969; with
 * 2-norms, after James, Langou and Lowery 2014; LAPACK's dgebal). O(n²) per pass.
 */
export function balance(heap: Float64Array, at: number, n: number): Balance {
  const scale = new Float64Array(n).fill(1);
  const exchanges: Array<readonly [number, number]> = [];
  let low = 0;
  let high = n - 1;
  const entry = (i: number, j: number) => heap[at + j * n + i];
  const exchange = (i: number, j: number): void => {
    exchanges.push([i, j]);
    if (i === j) return;
    for (let r = 0; r < n; r++) {
      const [a, b] = [at + i * n + r, at + j * n + r];
      [heap[a], heap[b]] = [heap[b], heap[a]];
    }
    for (let c = 0; c < n; c++) {
      const [a, b] = [at + c * n + i, at + c * n + j];
      [heap[a], heap[b]] = [heap[b], heap[a]];
    }
  };
  for (let found = true; found && high > 0; ) {
    found = false;
    for (let i = high; i >= 0 && !found; i--) {
      let alone = true;
      for (let j = 0; j <= high && alone; j++) alone = j === i || entry(i, j) === 0;
      if (!alone) continue;
      exchange(i, high);
      high--;
      found = true;
    }
  }
  for (let found = true; found && low < high; ) {
    found = false;
    for (let j = low; j <= high && !found; j++) {
      let alone = true;
      for (let i = low; i <= high && alone; i++) alone = i === j || entry(i, j) === 0;
      if (!alone) continue;
      exchange(j, low);
      low++;
      found = true;
    }
  }
  for (let again = true; again; ) {
    again = false;
    for (let i = low; i <= high; i++) {
      let [c, r] = [0, 0];
      for (let j = low; j <= high; j++) {
        c += entry(j, i) * entry(j, i);
        r += entry(i, j) * entry(i, j);
      }
      c = Math.sqrt(c);
      r = Math.sqrt(r);
      if (c === 0 || r === 0) continue;
      const before = c + r;
      let f = 1;
      for (; c < r / 2 && f < 2 ** 300; r /= 2, c *= 2) f *= 2;
      for (; c >= r * 2 && f > 2 ** -300; r *= 2, c /= 2) f /= 2;
      if (f === 1 || c + r >= GAIN * before) continue;
      const total = scale[i] * f;
      if (!(total > 2 ** -500 && total < 2 ** 500)) continue;
      scale[i] = total;
      for (let j = 0; j < n; j++) heap[at + j * n + i] /= f;
      for (let j = 0; j < n; j++) heap[at + i * n + j] *= f;
      again = true;
    }
  }
  return { low, high, scale, exchanges };
}

/**
 * Transforms vectors of the balanced matrix, `cols` columns of n values beginning at `at`, to those of the given
 * matrix.
 */
export function unbalance(
  { scale, exchanges }: Balance,
  heap: Float64Array,
  at: number,
  n: number,
  cols: number,
): void {
  for (let c = 0; c < cols; c++) {
    const a = at + c * n;
    for (let i = 0; i < n; i++) heap[a + i] *= scale[i];
    for (let k = exchanges.length - 1; k >= 0; k--) {
      const [i, j] = exchanges[k];
      [heap[a + i], heap[a + j]] = [heap[a + j], heap[a + i]];
    }
  }
}
