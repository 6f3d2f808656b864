import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/**
 * Solves A_bb y = rhs, where b induces a forest of the graph of the symmetric A, by message passing, in O(|b| + entries
 * of the columns of b): from leaves to roots P_i = A_ii − Σ A_ic²/P_c, q_i = rhs_i − Σ A_ic q_c/P_c over the children
 * c, then from roots to leaves y_i = (q_i − A_{i,parent} y_parent)/P_i. This is Gaussian elimination without fill-in
 * (Parter 1961).
 */
export class ForestSolver {
  private readonly place: Int32Array;
  private readonly parent: Int32Array;
  private readonly link: Float64Array;
  private readonly order: Int32Array;
  private readonly P: Float64Array;

  constructor(private readonly A: CscMatrix) {
    this.place = new Int32Array(A.rows).fill(-1);
    this.parent = new Int32Array(A.rows);
    this.link = new Float64Array(A.rows);
    this.order = new Int32Array(A.rows);
    this.P = new Float64Array(A.rows);
  }

  /**
   * y ← A_bb⁻¹ y, in place.
   * @throws SouthwellError NOT_SUPPORTED if the block contains a cycle, SINGULAR if a pivot is not positive.
   */
  solve(block: Int32Array, y: Float64Array): void {
    const { A, place, parent, link, order, P } = this;
    const { colPointers, rowIndices, values } = A;
    const n = block.length;
    for (let a = 0; a < n; a++) {
      place[block[a]] = a;
      parent[a] = -2; // not visited
    }
    let cycle = -1;
    let head = 0;
    let tail = 0;
    for (let root = 0; root < n; root++) {
      if (parent[root] !== -2) continue;
      parent[root] = -1;
      order[tail++] = root;
      while (head < tail) {
        const a = order[head++];
        const i = block[a];
        for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
          const c = place[rowIndices[k]];
          if (c === a) P[a] = values[k];
          else if (c >= 0 && c !== parent[a] && values[k] !== 0) {
            if (parent[c] !== -2) cycle = i;
            else {
              parent[c] = a;
              link[c] = values[k];
              order[tail++] = c;
            }
          }
        }
      }
    }
    for (let a = 0; a < n; a++) place[block[a]] = -1;
    if (cycle >= 0) {
      fail(
        'NOT_SUPPORTED',
        `Message passing needs blocks without cycles, but the block contains one through node ${cycle}; use a tree rule, the partition "trees" or the update "exact".`,
      );
    }
    for (let t = n - 1; t >= 0; t--) {
      const c = order[t];
      if (!(P[c] > 0)) fail('SINGULAR', `A_bb is not positive definite: the pivot of node ${block[c]} is ${P[c]}.`);
      const a = parent[c];
      if (a < 0) continue;
      const ratio = link[c] / P[c];
      P[a] -= ratio * link[c];
      y[a] -= ratio * y[c];
    }
    for (let t = 0; t < n; t++) {
      const c = order[t];
      const a = parent[c];
      y[c] = (a < 0 ? y[c] : y[c] - link[c] * y[a]) / P[c];
    }
  }
}

/**
 * Whether the nodes of b induce a forest of the graph of A: the number of edges is that of nodes minus that of trees.
 * O(entries).
 */
export function isForest(A: CscMatrix, block: Int32Array): boolean {
  const { colPointers, rowIndices, values } = A;
  const inside = new Uint8Array(A.rows);
  for (const i of block) inside[i] = 1;
  const parent = new Int32Array(A.rows);
  for (const i of block) parent[i] = i;
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (const i of block) {
    for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
      const j = rowIndices[k];
      if (j <= i || inside[j] === 0 || values[k] === 0) continue;
      const a = find(i);
      const b = find(j);
      if (a === b) return false;
      parent[a] = b;
    }
  }
  return true;
}
