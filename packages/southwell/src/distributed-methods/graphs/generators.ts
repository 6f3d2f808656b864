import { checkOptions, fail, numberOption, type OptionsOf, Random, seedOption } from '@southwell/numerics/core';
import { components, type Graph, graph } from './graph.ts';

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

const geometricRecords = {
  /** Nodes at most this far apart are joined. Default √(2 ln n / n), which connects most graphs of n nodes. */
  radius: numberOption({ min: 0 }),
  /** Default 0. */
  seed: seedOption(),
};

export interface RandomGeometricOptions extends OptionsOf<typeof geometricRecords> {}

/** A graph whose nodes have places in the unit square. */
export interface PlacedGraph extends Graph {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Nodes at uniform random places in the unit square, joined where they are at most `radius` apart. As long as the graph is not connected,
 * the nearest two nodes of different components are joined. O(n² log n).
 *
 * @throws SouthwellError for n that is not a positive integer, and for invalid options.
 */
export function randomGeometricGraph(n: number, options: RandomGeometricOptions = {}): PlacedGraph {
  checkOptions('randomGeometricGraph', geometricRecords, options);
  const { radius = n > 1 ? Math.sqrt((2 * Math.log(n)) / n) : 0, seed = 0 } = options;
  const { n: nodes } = graph(n, []);
  const random = new Random(seed);
  const x = new Float64Array(nodes);
  const y = new Float64Array(nodes);
  for (let i = 0; i < nodes; i++) [x[i], y[i]] = [random.uniform(), random.uniform()];
  const square = ([i, j]: Link) => (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2;
  const links: Link[] = [];
  const far: Link[] = [];
  for (const pair of pairs(0, nodes)) (square(pair) <= radius * radius ? links : far).push(pair);
  let groups = components(graph(nodes, links));
  if (groups.some((group) => group !== 0)) {
    // From the nearest on, as Kruskal's minimum spanning tree: each pair whose components are still different is joined.
    far.sort((a, b) => square(a) - square(b));
    for (const [i, j] of far) {
      if (groups[i] === groups[j]) continue;
      links.push([i, j]);
      const [kept, gone] = [groups[i], groups[j]];
      groups = groups.map((group) => (group === gone ? kept : group));
    }
  }
  return { ...graph(nodes, links), x, y };
}
