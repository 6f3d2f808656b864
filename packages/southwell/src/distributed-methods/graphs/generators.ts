import { fail } from '@southwell/numerics/core';
import { type Graph, graph } from './graph.ts';

type Link = [number, number];

const chain = (n: number): Link[] => Array.from({ length: Math.max(0, n - 1) }, (_, i) => [i, i + 1]);

function* pairs(from: number, to: number): Generator<Link> {
  for (let i = from; i < to; i++) for (let j = i + 1; j < to; j++) yield [i, j];
}

/**
 * Node 0 joined to all others. O(n).
 *
 * @throws SouthwellError for n that is not a positive integer.
 */
export function starGraph(n: number): Graph {
  return graph(
    n,
    chain(n).map(([, j]): Link => [0, j]),
  );
}

/**
 * Nodes 0, …, n − 1 in a line. O(n).
 *
 * @throws SouthwellError for n that is not a positive integer.
 */
export function pathGraph(n: number): Graph {
  return graph(n, chain(n));
}

/**
 * Nodes 0, …, n − 1 in a ring; a path for n ≤ 2. O(n).
 *
 * @throws SouthwellError for n that is not a positive integer.
 */
export function cycleGraph(n: number): Graph {
  return graph(n, n > 2 ? [...chain(n), [n - 1, 0]] : chain(n));
}

/**
 * All pairs of n nodes. O(n²).
 *
 * @throws SouthwellError for n that is not a positive integer.
 */
export function completeGraph(n: number): Graph {
  return graph(n, pairs(0, n));
}

/**
 * A lattice of `rows` × `columns` nodes, numbered row by row, each joined to the neighbours in its row and column. O(n).
 *
 * @throws SouthwellError for a number of rows or columns that is not a positive integer.
 */
export function gridGraph(rows: number, columns: number): Graph {
  for (const [name, size] of Object.entries({ rows, columns })) {
    if (!(Number.isInteger(size) && size >= 1))
      fail('INVALID_PARAMETER', `A grid needs at least one of ${name}, and got ${size}.`);
  }
  const links: Link[] = [];
  for (let i = 0; i < rows * columns; i++) {
    if ((i + 1) % columns !== 0) links.push([i, i + 1]);
    if (i + columns < rows * columns) links.push([i, i + columns]);
  }
  return graph(rows * columns, links);
}

/**
 * Two complete graphs of n / 2 nodes with one link between them. O(n²).
 *
 * @throws SouthwellError for n that is not an even positive integer.
 */
export function barbellGraph(n: number): Graph {
  if (!(n >= 2 && n % 2 === 0))
    fail('INVALID_PARAMETER', `A barbell has two equal halves, and got n = ${n}: give an even number.`);
  const half = n / 2;
  return graph(n, [...pairs(0, half), ...pairs(half, n), [half - 1, half]]);
}
