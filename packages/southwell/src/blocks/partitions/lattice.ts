import { checkOptions, fail, integerOption, numbersOption, type OptionsNeeding } from '@southwell/numerics/core';
import type { GraphPartition } from './rule.ts';

const latticeRecords = {
  rows: integerOption({ min: 1 }),
  columns: integerOption({ min: 1 }),
  /** The node of each coordinate, column · rows + row. Default: every node has a coordinate, in this order. */
  nodes: numbersOption({ min: 0 }),
};

/** A lattice, node = column · rows + row; `nodes` is the node of each coordinate if some nodes are left out. */
export interface Lattice extends OptionsNeeding<typeof latticeRecords, 'rows' | 'columns'> {}

/**
 * The parity of row + column.
 * @throws INVALID_PARAMETER.
 */
export function latticeRedBlack(lattice: Lattice): GraphPartition {
  return bipartition('latticeRedBlack', lattice, (row, column) => (row + column) % 2 === 0);
}

/**
 * Two forests that cover the lattice like interlocking combs: the first has row 0 of every column and, in even columns,
 * all rows except the last.
 * @throws INVALID_PARAMETER.
 */
export function latticeTrees(lattice: Lattice): GraphPartition {
  return bipartition(
    'latticeTrees',
    lattice,
    (row, column) => row === 0 || (column % 2 === 0 && row < lattice.rows - 1),
  );
}

function bipartition(name: string, lattice: Lattice, first: (row: number, column: number) => boolean): GraphPartition {
  checkOptions(name, latticeRecords, lattice, ['rows', 'columns']);
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
