import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { GraphPartition } from './rule.ts';

/** A lattice, node = column · rows + row; `nodes` is the node of each coordinate if some nodes are left out. */
export interface Lattice {
  readonly rows: number;
  readonly columns: number;
  readonly nodes?: ArrayLike<number>;
}

const latticeKeys: OptionKeys<Lattice> = {
  rows: true,
  columns: true,
  nodes: true,
};

/** The parity of row + column. */
export function latticeRedBlack(lattice: Lattice): GraphPartition {
  return bipartition('latticeRedBlack', lattice, (row, column) => (row + column) % 2 === 0);
}

/**
 * Two forests that cover the lattice like interlocking combs: the first has row 0 of every column and, in even columns,
 * all rows except the last.
 */
export function latticeTrees(lattice: Lattice): GraphPartition {
  return bipartition(
    'latticeTrees',
    lattice,
    (row, column) => row === 0 || (column % 2 === 0 && row < lattice.rows - 1),
  );
}

function bipartition(name: string, lattice: Lattice, first: (row: number, column: number) => boolean): GraphPartition {
  knownKeys(name, lattice, latticeKeys);
  return {
    name,
    needsGraph: true,
    blocks(problem) {
      const { rows, columns, nodes } = lattice;
      if ((nodes?.length ?? rows * columns) !== problem.dim) {
        fail(
          'INVALID_SHAPE',
          `A ${rows} × ${columns} lattice with ${nodes ? `${nodes.length} listed nodes` : 'all its nodes'} does not fit ` +
            `${problem.dim} coordinates; list in "nodes" the node of each coordinate.`,
        );
      }
      const blocks: [number[], number[]] = [[], []];
      for (let i = 0; i < problem.dim; i++) {
        const node = nodes ? nodes[i] : i;
        blocks[first(node % rows, Math.floor(node / rows)) ? 0 : 1].push(i);
      }
      return blocks.filter((b) => b.length > 0).map((b) => Int32Array.from(b));
    },
  };
}
