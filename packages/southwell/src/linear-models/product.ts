import type { AnyMatrix } from '@southwell/numerics/arrays';
import { multiply } from '@southwell/numerics/linalg';

/** out ← Xb, summed over ranks if columns are distributed. O(non-zeros of X in active columns). */
export function product(X: AnyMatrix, b: Float64Array, out: Float64Array): void {
  if (X.kind !== 'parts') multiply(X, b, out);
  else {
    multiply(X.own, b.subarray(X.first, X.first + X.own.cols), out);
    X.exchange.sum(out);
  }
}
