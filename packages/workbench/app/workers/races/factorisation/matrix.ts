import { loadBundled } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { numbersOf } from '@southwell/tasks';
import type { Values } from '../../../lib/controls.ts';
import { ownTable } from '../ownTable.ts';

/** The matrix of a race: made, of the digits (without their names), or of one's own file. */
export async function matrixOf(v: Values, make: () => DenseMatrix): Promise<{ X: DenseMatrix; about: string }> {
  if (v.data === 'generated') {
    const X = make();
    return { X, about: `${X.rows} × ${X.cols}` };
  }
  if (v.data === 'digits') return numbersOf(await loadBundled('digits'), ['digit']);
  return numbersOf(await ownTable(v.file));
}

/** ‖X − LRᵀ‖ and ‖X‖ by their shares: the relative error of factors of k columns each. O(k · values). */
export function relativeError(X: DenseMatrix, left: DenseMatrix, right: DenseMatrix): number {
  let [off, size] = [0, 0];
  const product = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    product.fill(0);
    for (let a = 0; a < left.cols; a++) {
      const [l, r] = [left.column(a), right.get(j, a)];
      if (r !== 0) for (let i = 0; i < product.length; i++) product[i] += l[i] * r;
    }
    const column = X.column(j);
    for (let i = 0; i < product.length; i++) {
      off += (column[i] - product[i]) ** 2;
      size += column[i] ** 2;
    }
  }
  return size > 0 ? Math.sqrt(off / size) : 0;
}

/** A sum of `rank` products of a vector for the rows and one for the columns, and normal noise of this size. */
export function sumOfProducts(
  { rows, cols }: Values,
  rank: number,
  draw: (a: number) => number,
  noise: () => number,
): DenseMatrix {
  const X = DenseMatrix.create(Number(rows), Number(cols));
  for (let a = 0; a < rank; a++) {
    const left = Float64Array.from({ length: X.rows }, () => draw(a));
    for (let j = 0; j < X.cols; j++) {
      const [right, column] = [draw(a), X.column(j)];
      if (right !== 0) for (let i = 0; i < column.length; i++) column[i] += left[i] * right;
    }
  }
  for (let at = 0; at < X.data.length; at++) X.data[at] += noise();
  return X;
}
