import type { Graph, Pattern } from './pattern.ts';

/**
 * The elimination tree of a graph whose nodes are eliminated in the order `order` (given with its inverse): parent[k]
 * is the parent of the k-th node, as a position in that order, −1 for roots (Liu 1990). About O(edges).
 */
export function eliminationTree(
  { n, pointers, neighbours }: Graph,
  order: Int32Array,
  inverse: Int32Array,
): Int32Array {
  const parent = new Int32Array(n).fill(-1);
  const ancestor = new Int32Array(n).fill(-1);
  for (let j = 0; j < n; j++) {
    const node = order[j];
    for (let k = pointers[node]; k < pointers[node + 1]; k++) {
      let i = inverse[neighbours[k]];
      while (i < j && i !== -1) {
        const up = ancestor[i];
        ancestor[i] = j;
        if (up === -1) {
          parent[i] = j;
          break;
        }
        i = up;
      }
    }
  }
  return parent;
}

/** The elimination tree of AᵀA with columns in the order `order`, without forming it. About O(entries). */
export function columnEliminationTree(A: Pattern, order: Int32Array): Int32Array {
  const { rows, cols, colPointers, rowIndices } = A;
  const parent = new Int32Array(cols).fill(-1);
  const ancestor = new Int32Array(cols).fill(-1);
  /** The last column so far with an entry in each row. */
  const last = new Int32Array(rows).fill(-1);
  for (let j = 0; j < cols; j++) {
    const column = order[j];
    for (let k = colPointers[column]; k < colPointers[column + 1]; k++) {
      const row = rowIndices[k];
      let i = last[row];
      while (i !== -1 && i < j) {
        const up = ancestor[i];
        ancestor[i] = j;
        if (up === -1) {
          parent[i] = j;
          break;
        }
        i = up;
      }
      last[row] = j;
    }
  }
  return parent;
}

/** A postorder of a forest: children before parents and each subtree contiguous; post[k] is the k-th node. O(n). */
export function postorder(parent: Int32Array): Int32Array {
  const n = parent.length;
  const firstChild = new Int32Array(n).fill(-1);
  const sibling = new Int32Array(n);
  for (let j = n - 1; j >= 0; j--) {
    if (parent[j] === -1) continue;
    sibling[j] = firstChild[parent[j]];
    firstChild[parent[j]] = j;
  }
  const post = new Int32Array(n);
  const stack = new Int32Array(n);
  let at = 0;
  for (let root = 0; root < n; root++) {
    if (parent[root] !== -1) continue;
    let depth = 0;
    stack[0] = root;
    while (depth >= 0) {
      const node = stack[depth];
      const child = firstChild[node];
      if (child === -1) {
        post[at++] = node;
        depth--;
      } else {
        firstChild[node] = sibling[child];
        stack[++depth] = child;
      }
    }
  }
  return post;
}

/**
 * Number of entries in each column of the Cholesky factor, including the diagonal, for an ordering that is a postorder
 * of its elimination tree `parent`; without forming the factor (Gilbert, Ng and Peyton, SIAM J. Matrix Anal. Appl.
 * 15(4), 1994). About O(edges).
 */
export function columnCounts(
  { n, pointers, neighbours }: Graph,
  order: Int32Array,
  inverse: Int32Array,
  parent: Int32Array,
): Int32Array {
  const counts = new Int32Array(n).fill(1);
  /** The first descendant of each node. */
  const first = Int32Array.from({ length: n }, (_, j) => j);
  for (let j = 0; j < n; j++) {
    const up = parent[j];
    if (up === -1) continue;
    if (first[j] < first[up]) first[up] = first[j];
    // A node with children is not a leaf of its own row subtree.
    counts[up] = 0;
  }
  const lastFirst = new Int32Array(n).fill(-1);
  const lastLeaf = new Int32Array(n).fill(-1);
  const ancestor = Int32Array.from({ length: n }, (_, j) => j);
  for (let j = 0; j < n; j++) {
    if (parent[j] !== -1) counts[parent[j]]--;
    const node = order[j];
    for (let k = pointers[node]; k < pointers[node + 1]; k++) {
      const i = inverse[neighbours[k]];
      if (i <= j || first[j] <= lastFirst[i]) continue;
      // j is a leaf of the row subtree of i.
      lastFirst[i] = first[j];
      counts[j]++;
      const before = lastLeaf[i];
      lastLeaf[i] = j;
      if (before === -1) continue;
      let root = before;
      while (root !== ancestor[root]) root = ancestor[root];
      for (let t = before; t !== root; ) {
        const up = ancestor[t];
        ancestor[t] = root;
        t = up;
      }
      counts[root]--;
    }
    if (parent[j] !== -1) ancestor[j] = parent[j];
  }
  for (let j = 0; j < n; j++) if (parent[j] !== -1) counts[parent[j]] += counts[j];
  return counts;
}
