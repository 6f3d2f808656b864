import { choleskyInPlace, choleskySolveInPlace, symmetricEigenvalues } from '@southwell/numerics/linalg';
import type { Client } from 'southwell/distributed-methods';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';
import type { Instance } from './lab.ts';

export const adult: Part = {
  id: 'libsvm_adult',
  title: 'census incomes with 123 binary features in LIBSVM format',
  files: ['a9a'],
  from: 'https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary.html#a9a',
};

/** Features and an intercept. */
const WIDTH = 124;

interface Row {
  readonly columns: readonly number[];
  readonly sign: number;
}

/** The rows in the order of their features, of which the first five are groups of age. */
export async function adultRows(context: ExperimentContext): Promise<Row[]> {
  const bytes = (await filesOf(adult, context)).get(adult.files[0])!;
  const rows = new TextDecoder()
    .decode(bytes)
    .trim()
    .split('\n')
    .map((line): Row => {
      const [label, ...entries] = line.trim().split(/\s+/);
      return { columns: [...entries.map((entry) => Number.parseInt(entry, 10) - 1), WIDTH - 1], sign: Number(label) };
    });
  const key = ({ columns }: Row) => columns.map((column) => String.fromCharCode(32 + column)).join('');
  return rows
    .map((row) => [key(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}

/** Adds the curvature of rows to a symmetric matrix, with a weight of each. */
function addGram(rows: readonly Row[], weightOf: (row: Row) => number, into: Float64Array): void {
  for (const row of rows) {
    const weight = weightOf(row);
    for (const i of row.columns) for (const j of row.columns) into[i * WIDTH + j] += weight;
  }
}

const product = ({ columns }: Row, x: Float64Array): number => columns.reduce((sum, j) => sum + x[j], 0);

/** Writes the gradient of the mean logistic loss of rows and half the squared norm times `ridge`. */
function gradientOf(rows: readonly Row[], ridge: number, x: Float64Array, into: Float64Array): void {
  for (let j = 0; j < WIDTH; j++) into[j] = ridge * x[j];
  for (const row of rows) {
    const { columns, sign } = row;
    const pull = sign / (1 + Math.exp(sign * product(row, x))) / rows.length;
    for (const j of columns) into[j] -= pull;
  }
}

/**
 * Logistic regressions of n nodes with equally many of the rows each, in their order: μ is the ridge, L the largest curvature of a node, and the
 * minimum of the sum is found by Newton's method on all rows.
 */
export function logisticOf(all: readonly Row[], n: number, ridge: number): Instance {
  const each = Math.floor(all.length / n);
  const parts = Array.from({ length: n }, (_, i) => all.slice(i * each, (i + 1) * each));
  const L = Math.max(
    ...parts.map((rows) => {
      const curvature = new Float64Array(WIDTH * WIDTH);
      addGram(rows, () => 0.25 / each, curvature);
      return Math.max(...symmetricEigenvalues(curvature, WIDTH)) + ridge;
    }),
  );
  const used = parts.flat();
  const optimum = new Float64Array(WIDTH);
  const step = new Float64Array(WIDTH);
  for (let newton = 0; newton < 50; newton++) {
    gradientOf(used, ridge, optimum, step);
    if (Math.hypot(...step) < 1e-13) break;
    const hessian = new Float64Array(WIDTH * WIDTH);
    const curvature = (row: Row) => {
      const share = 1 / (1 + Math.exp(product(row, optimum)));
      return (share * (1 - share)) / used.length;
    };
    addGram(used, curvature, hessian);
    for (let j = 0; j < WIDTH; j++) hessian[j * WIDTH + j] += ridge;
    choleskyInPlace(hessian, WIDTH);
    choleskySolveInPlace(hessian, WIDTH, step);
    for (let j = 0; j < WIDTH; j++) optimum[j] -= step[j];
  }
  const local = parts.map(
    (rows): Client => ({
      gradient(x, into) {
        gradientOf(rows, ridge, x, into);
        return undefined;
      },
    }),
  );
  return { local, mu: ridge, L, start: new Float64Array(WIDTH), optimum };
}

/** Some of the rows, evenly from all. */
export const thinned = (rows: readonly Row[], count: number): Row[] =>
  Array.from(
    { length: Math.min(count, rows.length) },
    (_, k) => rows[Math.floor((k * rows.length) / Math.min(count, rows.length))],
  );
