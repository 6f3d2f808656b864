import { hockSchittkowski, modelOfText, type ProgramText } from '@southwell/data';
import type { Random } from '@southwell/numerics/core';
import { functionsOf, type SparseFunctions } from '@southwell/numerics/expressions';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import type { NonlinearProgram } from 'southwell/constrained';
import { functionsFrom } from 'southwell/constrained';

/** Minimise f(x) subject to c(x) = 0, from x and the multipliers λ of L = f + λᵀc. */
export interface Problem {
  readonly name: string;
  readonly functions: SparseFunctions;
  readonly start: Float64Array;
  readonly lambda: Float64Array;
  /** Steps of GMRES between termination tests of the rivals, as in their code. */
  readonly cycle: number;
  /** The best known objective. */
  readonly best?: number;
}

/** The problem for the library, whose multipliers have the opposite sign. */
export const programOf = ({ functions, start, lambda }: Problem): NonlinearProgram => ({
  ...{ functions, start },
  startMultipliers: { rows: lambda.map((v) => 0 - v), bounds: new Float64Array(start.length) },
});

/**
 * ½‖w − w̄‖² + ½·0.1‖z‖² subject to Δw + z = 0 on a grid of N × N points in a square of side 2: variables w, then z.
 */
export function heatControl(N: number): Problem {
  const points = N * N;
  const weight = ((N + 1) / 2) ** 2;
  const wave = 0.1 / Math.sqrt(15);
  const goal = Float64Array.from({ length: points }, (_, k) => {
    const [i, j] = [Math.floor(k / N) + 1, (k % N) + 1];
    const middle = (N + 1) / 2;
    return Math.sin(4 + wave * (i - middle)) + Math.cos(3 + wave * (j - middle));
  });
  const rows: number[] = [];
  const values: number[] = [];
  const colPointers = new Int32Array(2 * points + 1);
  for (let k = 0; k < points; k++) {
    const [i, j] = [Math.floor(k / N), k % N];
    const neighbours = [i > 0 && k - N, j > 0 && k - 1, k, j < N - 1 && k + 1, i < N - 1 && k + N];
    for (const row of neighbours) {
      if (row === false) continue;
      rows.push(row);
      values.push(row === k ? -4 * weight : weight);
    }
    colPointers[k + 1] = rows.length;
  }
  for (let k = 0; k < points; k++) {
    rows.push(k);
    values.push(1);
    colPointers[points + k + 1] = rows.length;
  }
  const n = 2 * points;
  const jacobian = { rows: points, cols: n, colPointers, rowIndices: Int32Array.from(rows) };
  const entries = Float64Array.from(values);
  const diagonal = Int32Array.from({ length: n + 1 }, (_, k) => k);
  const price = (k: number) => (k < points ? 1 : 0.1);
  return {
    name: `heat, N = ${N}`,
    functions: {
      ...{ variables: n, constraints: points, jacobian },
      objective: (x) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += 0.5 * price(k) * (x[k] - (k < points ? goal[k] : 0)) ** 2;
        return sum;
      },
      gradient: (x, out) => {
        for (let k = 0; k < n; k++) out[k] = price(k) * (x[k] - (k < points ? goal[k] : 0));
      },
      constraintValues: (x, out) => {
        out.fill(0);
        for (let j = 0; j < n; j++) {
          for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rows[k]] += entries[k] * x[j];
        }
      },
      jacobianValues: (_, out) => out.set(entries),
      hessian: { rows: n, cols: n, colPointers: diagonal, rowIndices: diagonal.subarray(0, n) },
      hessianValues: (_x, sigma, _multipliers, out) => {
        for (let k = 0; k < n; k++) out[k] = sigma * price(k);
      },
    },
    start: new Float64Array(n).fill(1),
    lambda: new Float64Array(points).fill(1),
    cycle: 7,
  };
}

/** Features by row, and labels −1 and 1. */
export interface Labelled {
  readonly name: string;
  readonly features: ReadonlyArray<ArrayLike<number>>;
  readonly labels: ArrayLike<number>;
}

/** Normal features, and labels drawn by a logistic model whose weights are normal. */
export function madeRows(rows: number, columns: number, random: Random): Labelled {
  const weights = Float64Array.from({ length: columns }, () => random.normal());
  const features = Array.from({ length: rows }, () => Float64Array.from(weights, () => random.normal()));
  const labels = features.map((a) => (random.uniform() < 1 / (1 + Math.exp(-dot(a, weights))) ? 1 : -1));
  return { name: `${rows} × ${columns}`, features, labels };
}

/** Linear constraints besides that of the sphere. */
const LINEAR = 10;

/**
 * mean log(1 + exp(−y·aᵀx)) subject to Ax = b and ‖x‖² = 1, with normal A and b, drawn again if these have no point on
 * the sphere.
 */
export function logisticRegression({ name, features, labels }: Labelled, random: Random): Problem {
  const d = features[0].length;
  const { A, b } = linearRows(d, random);
  const share = 1 / features.length;
  /** The sum over rows of what the margin gives, times the row. */
  const slopes = (x: Float64Array, slope: (margin: number, i: number) => number): Float64Array =>
    Float64Array.from(features, (a, i) => slope(labels[i] * dot(a, x), i));
  return {
    name,
    functions: functionsFrom({
      variables: d,
      constraints: LINEAR + 1,
      objective: (x) => slopes(x, softplus).reduce((s, v) => s + v, 0) * share,
      gradient: (x) => {
        const out = new Float64Array(d);
        for (const [i, s] of slopes(x, (margin, k) => -labels[k] * sigmoid(-margin) * share).entries()) {
          for (let j = 0; j < d; j++) out[j] += s * features[i][j];
        }
        return out;
      },
      constraintValues: (x) => [...A.map((a, i) => dot(a, x) - b[i]), dot(x, x) - 1],
      jacobian: (x) => [...A, x.map((v) => 2 * v)],
      hessian: (x, sigma, multipliers) => {
        const out = Array.from({ length: d }, () => new Float64Array(d));
        for (const [i, s] of slopes(x, (margin) => sigma * share * sigmoid(margin) * sigmoid(-margin)).entries()) {
          const a = features[i];
          for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) out[j][k] += s * a[j] * a[k];
        }
        for (let j = 0; j < d; j++) {
          out[j][j] += 2 * multipliers[LINEAR];
          for (let k = 0; k < j; k++) out[k][j] = out[j][k];
        }
        return out;
      },
    }),
    start: new Float64Array(d).fill(1),
    lambda: new Float64Array(LINEAR + 1).fill(1),
    cycle: 10,
  };
}

function linearRows(d: number, random: Random): { readonly A: Float64Array[]; readonly b: Float64Array } {
  for (;;) {
    const A = Array.from({ length: LINEAR }, () => Float64Array.from({ length: d }, () => random.normal()));
    const b = Float64Array.from(A, () => random.normal());
    const gram = Float64Array.from({ length: LINEAR * LINEAR }, (_, k) =>
      dot(A[Math.floor(k / LINEAR)], A[k % LINEAR]),
    );
    if (!choleskyInPlace(gram, LINEAR)) continue;
    const y = b.slice();
    choleskySolveInPlace(gram, LINEAR, y);
    // The least squared norm of a solution.
    if (dot(b, y) < 1) return { A, b };
  }
}

const softplus = (margin: number): number => Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(-margin, 0);
const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));

const others: readonly ProgramText[] = [
  {
    name: 'BT11',
    objective: '(x1-1)^2+(x1-x2)^2+(x2-x3)^2+(x3-x4)^4+(x4-x5)^4',
    zero: ['x1+x2^2+x3^3+2-sqrt(18)', 'x2+x4-x3^2+2-sqrt(8)', 'x1-x5-2'],
    start: [2, 2, 2, 2, 2],
    best: 0.824891647,
  },
  {
    name: 'MARATOS',
    objective: '-x1+0.000001*(x1^2+x2^2-1)',
    zero: ['x1^2+x2^2-1'],
    start: [1.1, 0.1],
    best: -1,
  },
  {
    name: 'BYRDSPHR',
    objective: '-x1-x2-x3',
    zero: ['x1^2+x2^2+x3^2-9', '(x1-1)^2+x2^2+x3^2-9'],
    start: [5, 0.0001, -0.0001],
    best: -4.68330049,
  },
];

/** The ten problems of CUTEst that the claims name, and five more with equations alone. */
export const ten = ['HS6', 'HS7', 'HS28', 'HS40', 'HS42', 'HS51', 'HS52', 'HS77', 'HS78', 'BT11'] as const;
const five = ['HS26', 'HS39', 'HS79', 'MARATOS', 'BYRDSPHR'] as const;

/** MARATOS from a point of the circle, at an angle from the solution, with the multiplier of the solution. */
export const onCircle = (angle: number): Problem => ({
  ...classicProblem('MARATOS'),
  start: Float64Array.of(Math.cos(angle), Math.sin(angle)),
  lambda: Float64Array.of(0.5 - 1e-6),
});

export const classicProblems = (): Problem[] => [...ten, ...five].map(classicProblem);

export function classicProblem(name: string): Problem {
  const text = [...hockSchittkowski, ...others].find((one) => one.name === name)!;
  const functions = functionsOf(modelOfText(text));
  const [start, lambda] = [Float64Array.from(text.start), new Float64Array(functions.constraints)];
  return { name, functions, start, lambda, cycle: 2, best: text.best };
}

export function dot(u: ArrayLike<number>, v: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < u.length; k++) sum += u[k] * v[k];
  return sum;
}
