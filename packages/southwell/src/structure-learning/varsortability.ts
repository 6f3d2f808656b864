import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import { checkKnowledge, type Knowledge, type KnowledgeOption, knowledgeRecords } from './knowledge.ts';
import type { Moments } from './moments.ts';
import { type Samples, sharesOf } from './samples.ts';

/** How far the directions of a graph are those of increasing variance. */
export interface VarianceOrder {
  /**
   * Fraction of the directed paths, each counted once for its ends and its length, that lead from a smaller variance to
   * a larger one; equal variances count half. Near ½ where variances say nothing about the order, 1 where sorting by
   * variance gives it. Absent for graphs without paths, and if prior knowledge determines the direction of all.
   */
  readonly varsortability?: number;
  /** The nodes with the smallest and the largest standard deviation of the noise, by regressions on their parents. */
  readonly noise: readonly [NodeNoise, NodeNoise];
  /**
   * Whether the directions may come from the units of the columns: they follow the variances, and the noise variances
   * are too different for the model that would justify this, in which all are equal.
   */
  readonly byUnits: boolean;
}

export interface NodeNoise {
  readonly node: number;
  readonly deviation: number;
}

/** Varsortability from which an order follows the variances: nearer to 1 than to ½. */
const FOLLOWS = 0.75;
/** Ratio of noise variances up to which they count as equal, apart from chance. */
const EQUAL = 2;
/** Number of standard errors of a log ratio of variances that are left to chance. */
const CHANCE = 3;

/**
 * Whether a graph could have been read from the variances of the columns, and so from their units: varsortability
 * (Reisach, Seiler & Weichwald, NeurIPS 2021), and the noise variances of regressions on the parents. Equal noise
 * variances identify the graph (Peters & Bühlmann, Biometrika 2014), and then variances do increase along it; if they
 * differ, a score of linear effects with Gaussian noise does not determine the directions, and other units of the
 * columns may turn edges round. Paths whose direction prior knowledge determines are not counted. O(nd²) with rows,
 * O(d²·edges).
 * @param dag W[i, j] ≠ 0 for i → j; a cycle would count as long paths.
 * @param data The data of the fit.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function variancesAlong(
  dag: DenseMatrix,
  data: Moments | Samples,
  options: KnowledgeOption = {},
): VarianceOrder {
  checkOptions('variancesAlong', knowledgeRecords, options);
  const { d, n } = data;
  if (dag.rows !== d || dag.cols !== d) {
    fail('INVALID_SHAPE', `The graph has ${dag.rows} × ${dag.cols} weights, but the data have ${d} columns.`);
  }
  checkKnowledge(options.knowledge, d);
  const C = 'C' in data ? data.C : covariance(data);
  const sortability = sortedShare(dag, (j) => C.get(j, j), options.knowledge);
  const variances = noiseVariances(dag, C);
  if (!('C' in data)) C.free();
  let [small, large] = [0, 0];
  variances.forEach((variance, j) => {
    if (variance < variances[small]) small = j;
    if (variance > variances[large]) large = j;
  });
  const chance = n > 0 ? CHANCE * Math.sqrt(4 / n) : 0;
  const unequal = Math.log(variances[large] / variances[small]) > Math.log(EQUAL) + chance;
  const noiseOf = (node: number): NodeNoise => ({ node, deviation: Math.sqrt(variances[node]) });
  return {
    ...(sortability !== undefined && { varsortability: sortability }),
    noise: [noiseOf(small), noiseOf(large)],
    byUnits: sortability !== undefined && sortability >= FOLLOWS && unequal,
  };
}

/** Covariance of weighted rows. O(nd²). */
function covariance(data: Samples): DenseMatrix {
  const { X, d } = data;
  const shares = sharesOf(data);
  const centred = Array.from({ length: d }, (_, j) => {
    const column = X.column(j);
    let mean = 0;
    for (let i = 0; i < column.length; i++) mean += shares[i] * column[i];
    return Float64Array.from(column, (value) => value - mean);
  });
  const C = DenseMatrix.create(d, d);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++) {
      let sum = 0;
      for (let i = 0; i < shares.length; i++) sum += shares[i] * centred[j][i] * centred[k][i];
      C.set(j, k, sum);
      C.set(k, j, sum);
    }
  }
  return C;
}

/** Relative difference up to which variances count as equal. */
const TIE = 1e-9;

/** The varsortability, if there is a path that counts. */
function sortedShare(
  dag: DenseMatrix,
  variance: (j: number) => number,
  knowledge: Knowledge | undefined,
): number | undefined {
  const d = dag.rows;
  const children = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => j).filter((j) => j !== i && dag.get(i, j) !== 0),
  );
  let [paths, sorted] = [0, 0];
  for (let from = 0; from < d; from++) {
    // The ends of the paths of each length, until there are none.
    let ends = new Set(children[from]);
    for (let length = 1; length < d && ends.size > 0; length++) {
      for (const to of ends) {
        if (knowledge?.before[to * d + from]) continue;
        const [v, w] = [variance(from), variance(to)];
        paths++;
        if (Math.abs(w - v) <= TIE * Math.max(v, w)) sorted += 0.5;
        else if (w > v) sorted++;
      }
      ends = new Set([...ends].flatMap((node) => children[node]));
    }
  }
  return paths > 0 ? sorted / paths : undefined;
}

/** Residual variances of the regressions of each node on its parents. */
function noiseVariances(dag: DenseMatrix, C: DenseMatrix): Float64Array {
  const d = dag.rows;
  return Float64Array.from({ length: d }, (_, j) => {
    const parents = Array.from({ length: d }, (_, i) => i).filter((i) => i !== j && dag.get(i, j) !== 0);
    const p = parents.length;
    // Correlations, so that the scales of the columns do not decide what is singular.
    const scale = parents.map((i) => Math.sqrt(C.get(i, i)));
    const R = Float64Array.from({ length: p * p }, (_, at) => {
      const [a, b] = [Math.floor(at / p), at % p];
      return C.get(parents[a], parents[b]) / scale[a] / scale[b];
    });
    const r = Float64Array.from(parents, (i, a) => C.get(i, j) / scale[a]);
    const x = r.slice();
    // Collinear parents share a weight, by a ridge of the size of rounding errors.
    if (choleskyInPlace(R, p, 1e-9)) choleskySolveInPlace(R, p, x);
    else x.fill(0);
    const explained = r.reduce((sum, value, a) => sum + value * x[a], 0);
    // What parents determine exactly has a noise of rounding errors.
    return Math.max(C.get(j, j) - explained, 1e-12 * C.get(j, j));
  });
}
