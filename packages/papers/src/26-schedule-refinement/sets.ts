import { loadBundled, type Table } from '@southwell/data';
import type { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { type Images, loadDigits, loadMnist } from '../material/images.ts';

/** Examples as rows, each with a last column of ones, and their classes from 0. */
export interface Labelled {
  readonly X: Float64Array;
  readonly labels: Int32Array;
  readonly width: number;
  readonly classes: number;
}

export const suites = ['gm', 'ill', 'noisy', 'skew'] as const;
export type Suite = (typeof suites)[number];

export interface Extent {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
}

/** The index of the maximum. */
const argmax = (values: readonly number[]) => values.indexOf(values.reduce((a, b) => Math.max(a, b)));

/**
 * Gaussian mixtures (gm); or the largest of linear scores plus Gumbel noise, with columns whose scales decrease from 1
 * to e⁻⁴ (ill), with normal columns and much noise (noisy), or with log-normal columns (skew).
 */
export function synthetic(suite: Suite, { rows, columns, classes }: Extent, random: Random): Labelled {
  const width = columns + 1;
  const X = new Float64Array(rows * width).fill(1);
  const labels = new Int32Array(rows);
  const normals = (count: number, scale: number) => Float64Array.from({ length: count }, () => scale * random.normal());
  const W = normals(columns * classes, { gm: 0.5, ill: 3, noisy: 1, skew: 1 }[suite]);
  const noise = { gm: 0, ill: 0.3, noisy: 2, skew: 1 }[suite];
  for (let j = 0; j < columns; j++) {
    const scale = suite === 'ill' ? elementary.exp((-4 * j) / (columns - 1)) : 1;
    const values = normals(rows, scale);
    if (suite === 'skew') standardise(values, elementary.exp);
    for (let i = 0; i < rows; i++) X[i * width + j] = values[i];
  }
  for (let i = 0; i < rows; i++) {
    const row = X.subarray(i * width, i * width + columns);
    if (suite === 'gm') {
      labels[i] = random.integer(classes);
      for (let j = 0; j < columns; j++) row[j] += W[j * classes + labels[i]];
    } else {
      const scores = Array.from({ length: classes }, (_, c) => row.reduce((s, v, j) => s + v * W[j * classes + c], 0));
      labels[i] = argmax(scores.map((s) => s - noise * elementary.log(-elementary.log(1 - random.uniform()))));
    }
  }
  return { X, labels, width, classes };
}

/** Standardises to mean 0 and variance 1 after a transformation, in place; constant columns become zeros. */
function standardise(values: Float64Array, map: (v: number) => number = (v) => v): void {
  for (let i = 0; i < values.length; i++) values[i] = map(values[i]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length);
  for (let i = 0; i < values.length; i++) values[i] = deviation > 0 ? (values[i] - mean) / deviation : 0;
}

/**
 * The bundled data sets, each with at most `most` rows in random order, with standardised columns. Images are averaged
 * to `side` × `side` pixels: at a higher resolution than four the digits are linearly separable, so that every schedule
 * with a large enough rate ends at a loss of zero.
 */
export async function realSets(
  most: number,
  side: number,
  random: Random,
): Promise<Array<Labelled & { readonly name: string }>> {
  const digits = Array.from({ length: 10 }, (_, c) => c);
  const [diabetes, spambase] = [numbersOf(await loadBundled('diabetes')), numbersOf(await loadBundled('spambase'))];
  const middle = diabetes.target.toSorted()[diabetes.target.length >> 1];
  const sets = [
    { name: 'diabetes', ...diabetes, labels: Int32Array.from(diabetes.target, (v) => Number(v > middle)) },
    { name: 'spambase', ...spambase, labels: Int32Array.from(spambase.target) },
    { name: 'digits', ...coarse(await loadDigits(), side) },
    { name: 'mnist', ...coarse(await loadMnist(digits, Math.ceil(most / 10)), side) },
  ];
  return sets.map(({ name, columns, labels }, k) => ({ name, ...some(columns, labels, most, random.split(k)) }));
}

/** The columns of a table, with the last one separate; categories by their codes. */
function numbersOf({ columns }: Table) {
  const all = columns.map((column) => (column.type === 'number' ? column.values : Float64Array.from(column.codes)));
  return { columns: all.slice(0, -1), target: all[all.length - 1] };
}

function coarse({ X, labels }: Images, to: number) {
  const side = Math.sqrt(X.cols);
  const columns = Array.from({ length: to * to }, () => new Float64Array(X.rows));
  for (let j = 0; j < X.cols; j++) {
    const square = to * Math.floor((to * Math.floor(j / side)) / side) + Math.floor((to * (j % side)) / side);
    const [from, sum] = [X.column(j), columns[square]];
    for (let i = 0; i < X.rows; i++) sum[i] += from[i];
  }
  return { columns, labels };
}

function some(columns: readonly Float64Array[], all: Int32Array, most: number, random: Random): Labelled {
  const rows = random.permutation(all.length).slice(0, most);
  const kept = columns.map((column) => Float64Array.from(rows, (i) => column[i]));
  for (const column of kept) standardise(column);
  const used = kept.filter((column) => column.some((v) => v !== 0));
  const width = used.length + 1;
  const X = new Float64Array(rows.length * width).fill(1);
  for (const [j, column] of used.entries()) for (let i = 0; i < rows.length; i++) X[i * width + j] = column[i];
  const labels = Int32Array.from(rows, (i) => all[i]);
  return { X, labels, width, classes: 1 + labels.reduce((a, b) => Math.max(a, b)) };
}
