import { loadBundled } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { option, real, whole } from '../../declaration/option.ts';
import { chosen, type ReadFile } from '../../declaration/race.ts';
import { numbersOf } from '../../declaration/race-data.ts';

const generated = { data: ['generated'] };

/** Options for the size of a generated matrix. */
export const shape = (rows: number, cols: number, most: number) => ({
  rows: option(whole(2, most), { title: 'Rows', about: 'number of generated rows', default: rows, only: generated }),
  cols: option(whole(2, most), {
    title: 'Columns',
    about: 'number of generated columns',
    default: cols,
    only: generated,
  }),
});
export const noiseOption = (usual: number) =>
  option(real(0, 10), { title: 'Noise', about: 'standard deviation of added noise', default: usual, only: generated });

/** The matrix of a race: generated, of the digits (without their labels), or from a file of the user. */
export async function matrixOf(
  v: { readonly data: 'generated' | 'digits' | 'file'; readonly file?: Blob },
  read: ReadFile,
  make: () => DenseMatrix,
): Promise<{ X: DenseMatrix; about: string }> {
  if (v.data === 'generated') {
    const X = make();
    return { X, about: `${X.rows} × ${X.cols}` };
  }
  return v.data === 'digits'
    ? numbersOf(await loadBundled('digits'), ['digit'])
    : numbersOf(await read(chosen(v.file)));
}

/** ‖X − LRᵀ‖/‖X‖ for factors of k columns each. O(k · values). */
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

/** A sum of `rank` outer products of random vectors, plus normal noise of this standard deviation. */
export function sumOfProducts(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  rank: number,
  draw: (a: number) => number,
  noise: () => number,
): DenseMatrix {
  const X = DenseMatrix.create(rows, cols);
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
