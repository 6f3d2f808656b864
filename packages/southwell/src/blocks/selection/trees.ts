import type { CscMatrix } from '@southwell/numerics/arrays';
import { checkOptions, choiceOption, type OptionsOf } from '@southwell/numerics/core';
import type { BlockContext } from '../context.ts';
import { largestScores } from '../heap.ts';
import { UnionFind } from '../unionFind.ts';
import type { VariableSelection } from './rule.ts';

const graphOf = (context: BlockContext): CscMatrix => context.problem.graph!;

const treeRecords = {
  /** Default 'none'. */
  weight: choiceOption({ none: 'none', lipschitz: '√L_i', rowSums: '√Σ_j |A_ij|' }),
};

export interface TreeOptions extends OptionsOf<typeof treeRecords> {}

/** Divisor of |∇_i f| in the ranking of nodes: none, √L_i or √Σ_j|A_ij|. */
export type TreeWeight = NonNullable<TreeOptions['weight']>;

/**
 * A maximal forest of the graph of A, grown by decreasing |∇_i f|: node i is added unless it would close a cycle. The
 * exact update of a forest costs O(|b|) (message passing). O(p log p + non-zeros) a step.
 * @throws INVALID_PARAMETER.
 */
export function greedyTree(options: TreeOptions = {}): VariableSelection {
  checkOptions('greedyTree', treeRecords, options);
  const { weight = 'none' } = options;
  return {
    name: 'greedyTree',
    usesGradient: true,
    smoothOnly: true,
    needsGraph: true,
    why: 'its forests change from step to step; for fixed forests use the partition "trees"',
    variable(context) {
      const p = context.problem.dim;
      const divisor = weight === 'lipschitz' ? context.problem.coordinateLipschitz : context.problem.boundRowSums?.();
      const scores = new Float64Array(p);
      const order = new Int32Array(p);
      const grow = forestGrower(graphOf(context));
      return () => {
        const g = context.gradient();
        for (let i = 0; i < p; i++) {
          scores[i] = weight === 'none' ? Math.abs(g[i]) : (g[i] * g[i]) / divisor![i];
          order[i] = i;
        }
        order.sort((i, j) => scores[j] - scores[i] || i - j);
        return grow(order);
      };
    },
  };
}

/** Like {@link greedyTree}, but in random order. */
export function randomTree(): VariableSelection {
  return {
    name: 'randomTree',
    usesGradient: false,
    sampled: true,
    smoothOnly: true,
    needsGraph: true,
    why: 'its forests change from step to step; for fixed forests use the partition "trees"',
    variable(context) {
      const grow = forestGrower(graphOf(context));
      return () => grow(context.random.permutation(context.problem.dim));
    },
  };
}

/** The ⌊p^⅓⌋ largest |∇_i f|, regardless of structure: an exact solve costs as much as for a forest of p nodes. */
export function generalBlock(): VariableSelection {
  return {
    name: 'general',
    usesGradient: true,
    smoothOnly: true,
    needsGraph: true,
    why: 'its blocks change from step to step; for fixed blocks use GS',
    variable(context) {
      const p = context.problem.dim;
      const size = Math.max(1, Math.floor(Math.cbrt(p) + 1e-9));
      const scores = new Float64Array(p);
      return () => {
        const g = context.gradient();
        for (let i = 0; i < p; i++) scores[i] = Math.abs(g[i]);
        return largestScores(scores, size);
      };
    },
  };
}

/** Visits nodes in the given order and adds those that close no cycle with the ones added before; sorted. */
export function forestGrower(A: CscMatrix): (order: Int32Array) => Int32Array {
  const p = A.rows;
  const sets = new UnionFind(p);
  const inside = new Uint8Array(p);
  return (order) => {
    sets.reset();
    inside.fill(0);
    const block = new Int32Array(order.length);
    let count = 0;
    for (let t = 0; t < order.length; t++) {
      if (joinForest(A, order[t], inside, sets)) block[count++] = order[t];
    }
    return block.slice(0, count).sort();
  };
}

/** Adds node i to the forest `inside` if all its neighbours there belong to different trees. */
export function joinForest(A: CscMatrix, i: number, inside: Uint8Array, sets: UnionFind): boolean {
  const { colPointers, rowIndices, values } = A;
  const roots: number[] = [];
  for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
    const j = rowIndices[k];
    if (j === i || inside[j] === 0 || values[k] === 0) continue;
    const root = sets.find(j);
    if (roots.includes(root)) return false;
    roots.push(root);
  }
  for (const root of roots) sets.union(root, i);
  inside[i] = 1;
  return true;
}
