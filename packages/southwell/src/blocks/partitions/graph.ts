import type { CscMatrix } from '@southwell/numerics/arrays';
import { checkOptions, choiceOption, type OptionsOf } from '@southwell/numerics/core';
import type { GraphProblem } from '../problem.ts';
import { joinForest } from '../selection/trees.ts';
import { UnionFind } from '../unionFind.ts';
import type { GraphPartition } from './rule.ts';

const visitRecords = {
  /** Default 'lipschitz'. */
  visit: choiceOption({ lipschitz: 'decreasing L_i', index: 'by index' }),
};

export interface VisitOptions extends OptionsOf<typeof visitRecords> {}

/** Order in which nodes are visited: by decreasing L_i, or by index. */
export type Visit = NonNullable<VisitOptions['visit']>;

/**
 * Red–black ordering and its generalisation: greedy colouring of the graph of A, where each node gets the admissible
 * colour with the fewest members. No block has an inner edge, so that A_bb is diagonal. O(non-zeros · colours).
 * @throws INVALID_PARAMETER.
 */
export function redBlack(options: VisitOptions = {}): GraphPartition {
  checkOptions('redBlack', visitRecords, options);
  return {
    name: 'redBlack',
    needsGraph: true,
    blocks(problem) {
      const A = problem.graph;
      const colour = new Int32Array(A.rows).fill(-1);
      const members: number[] = [];
      const banned: boolean[] = [];
      for (const i of visitOrder(problem, options.visit)) {
        banned.fill(false);
        forEachNeighbour(A, i, (j) => {
          if (colour[j] >= 0) banned[colour[j]] = true;
        });
        let choice = -1;
        for (let c = 0; c < members.length; c++) {
          if (!banned[c] && (choice < 0 || members[c] < members[choice])) choice = c;
        }
        if (choice < 0) {
          choice = members.length;
          members.push(0);
          banned.push(false);
        }
        colour[i] = choice;
        members[choice]++;
      }
      return groups(colour, members.length);
    },
  };
}

/**
 * Tree partitions: greedy first fit into forests, where each node joins the first forest in which it closes no cycle.
 * O(non-zeros · forests).
 * @throws INVALID_PARAMETER.
 */
export function trees(options: VisitOptions = {}): GraphPartition {
  checkOptions('trees', visitRecords, options);
  return {
    name: 'trees',
    needsGraph: true,
    blocks(problem) {
      const A = problem.graph;
      const forest = new Int32Array(A.rows).fill(-1);
      const forests: Array<{ inside: Uint8Array; sets: UnionFind }> = [];
      for (const i of visitOrder(problem, options.visit)) {
        let f = 0;
        while (f < forests.length && !joinForest(A, i, forests[f].inside, forests[f].sets)) f++;
        if (f === forests.length) {
          forests.push({ inside: new Uint8Array(A.rows), sets: new UnionFind(A.rows) });
          joinForest(A, i, forests[f].inside, forests[f].sets);
        }
        forest[i] = f;
      }
      return groups(forest, forests.length);
    },
  };
}

function visitOrder(problem: GraphProblem, visit: Visit = 'lipschitz'): Int32Array {
  const order = Int32Array.from({ length: problem.dim }, (_, i) => i);
  const L = problem.coordinateLipschitz;
  return visit === 'index' ? order : order.sort((i, j) => L[j] - L[i] || i - j);
}

function forEachNeighbour(A: CscMatrix, i: number, visit: (j: number) => void): void {
  const { colPointers, rowIndices, values } = A;
  for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
    if (rowIndices[k] !== i && values[k] !== 0) visit(rowIndices[k]);
  }
}

function groups(label: Int32Array, count: number): Int32Array[] {
  const members: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < label.length; i++) members[label[i]].push(i);
  return members.map((m) => Int32Array.from(m));
}
