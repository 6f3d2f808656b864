import { loadBundled, loadBundledMnist } from '@southwell/data';
import { DenseMatrix } from 'southwell';

/** Images, one per row, and the digit that each shows. */
export interface Images {
  readonly X: DenseMatrix;
  readonly labels: Int32Array;
}

/** 1797 digits of 8 × 8 pixels (UCI), grey values 0 … 16. */
export async function loadDigits(): Promise<Images> {
  const table = await loadBundled('digits');
  const X = DenseMatrix.create(table.rows, 64);
  const labels = new Int32Array(table.rows);
  let j = 0;
  for (const column of table.columns) {
    if (column.type !== 'number') throw new Error(`The digits' column ${column.name} is not numbers.`);
    if (column.name === 'digit') labels.set(column.values);
    else X.column(j++).set(column.values);
  }
  return { X, labels };
}

/**
 * The first `each` digits of the given classes of MNIST, 28 × 28 (all if there are fewer), class by class; grey values
 * 0 … 1 to three decimals.
 */
export async function loadMnist(classes: readonly number[], each = Number.POSITIVE_INFINITY): Promise<Images> {
  const { pixels, labels: all, rows, columns } = await loadBundledMnist();
  const wanted = classes.flatMap((c) => {
    const first = all.indexOf(c);
    const length = Math.min(each, all.lastIndexOf(c) + 1 - first);
    return Array.from({ length }, (_, i) => first + i);
  });
  const size = rows * columns;
  const X = DenseMatrix.create(wanted.length, size);
  for (let j = 0; j < size; j++) {
    const column = X.column(j);
    for (let i = 0; i < wanted.length; i++) column[i] = Math.round(pixels[wanted[i] * size + j] / 0.255) / 1000;
  }
  return { X, labels: Int32Array.from(wanted, (i) => all[i]) };
}
