import { CscMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { UnionFind } from '../unionFind.ts';
import { Quadratic, symmetricCsc } from './quadratic.ts';

/**
 * Label propagation (Zhu, Ghahramani & Lafferty 2003): minimise ½Σ_{i<j} W_ij (z_i − z_j)² over the values z of the
 * unlabelled nodes. With the Laplacian restricted to them, f = ½xᵀL_uu x − (W_ul y_l)ᵀx.
 *
 * @param W n × n symmetric weights ≥ 0, dense or sparse; the diagonal is ignored.
 * @param labels n values; NaN, null or undefined for unlabelled nodes.
 * @throws SouthwellError INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER (a negative weight), INVALID_TARGET (no labelled,
 * or no unlabelled nodes), SINGULAR (a component without a labelled node, whose values are not determined).
 */
export function graphLabelPropagation(
  W: MatrixLike,
  labels: ArrayLike<number | null | undefined>,
): LabelPropagationProblem {
  const weights = symmetricCsc(W, 'W');
  const n = weights.rows;
  if (labels.length !== n) {
    fail(
      'INVALID_SHAPE',
      `There are ${labels.length} labels for ${n} nodes; pass one for each node, NaN where it is unknown.`,
    );
  }
  const values = Float64Array.from({ length: n }, (_, i) => labels[i] ?? Number.NaN);
  const index = new Int32Array(n).fill(-1);
  const unlabelled: number[] = [];
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(values[i])) {
      index[i] = unlabelled.length;
      unlabelled.push(i);
    } else if (!Number.isFinite(values[i]))
      fail('NON_FINITE', `The label of node ${i} is ${values[i]}; it must be finite.`);
  }
  if (unlabelled.length === 0) fail('INVALID_TARGET', 'Every node has a label: there is nothing to propagate.');
  if (unlabelled.length === n)
    fail('INVALID_TARGET', 'No node has a label: label at least one node of each component.');

  const { colPointers, rowIndices, values: w } = weights;
  const components = new UnionFind(n);
  const rows: number[] = [];
  const cols: number[] = [];
  const entries: number[] = [];
  const b = new Float64Array(unlabelled.length);
  for (let j = 0; j < n; j++) {
    let degree = 0;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i === j || w[k] === 0) continue;
      if (w[k] < 0)
        fail('INVALID_PARAMETER', `The weight of edge (${i}, ${j}) is ${w[k]}; weights must be at least 0.`);
      components.union(i, j);
      degree += w[k];
      if (index[j] < 0) continue;
      if (index[i] >= 0) {
        rows.push(index[i]);
        cols.push(index[j]);
        entries.push(-w[k]);
      } else b[index[j]] += w[k] * values[i];
    }
    if (index[j] >= 0) {
      rows.push(index[j]);
      cols.push(index[j]);
      entries.push(degree);
    }
  }
  const known = new Uint8Array(n);
  for (let i = 0; i < n; i++) if (index[i] < 0) known[components.find(i)] = 1;
  const lost = unlabelled.find((i) => known[components.find(i)] === 0);
  if (lost !== undefined) {
    fail(
      'SINGULAR',
      `Node ${lost} and the component around it reach no labelled node, so nothing determines their values (the ` +
        'Laplacian is singular). Label one node of the component or leave it out.',
    );
  }
  const p = unlabelled.length;
  return new LabelPropagationProblem(
    CscMatrix.fromTriplets(p, p, rows, cols, entries),
    b,
    Int32Array.from(unlabelled),
    values,
  );
}

export class LabelPropagationProblem extends Quadratic {
  constructor(
    laplacian: CscMatrix,
    b: Float64Array,
    /** The node of each coordinate. */
    readonly unlabelled: Int32Array,
    private readonly labels: Float64Array,
  ) {
    super(laplacian, b, 'label propagation');
  }

  /** Values of all nodes: the given labels, and x at the others. */
  nodeValues(x: ArrayLike<number>): Float64Array {
    const out = this.labels.slice();
    for (let i = 0; i < this.unlabelled.length; i++) out[this.unlabelled[i]] = x[i];
    return out;
  }
}
