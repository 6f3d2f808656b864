import { fail } from '@southwell/numerics/core';

/** An undirected graph without loops; link k joins nodes `from[k]` and `to[k]`, which are counted from 0. */
export interface Graph {
  /** The number of nodes. */
  readonly n: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * A graph of `n` nodes with the given links, pairs of nodes in 0, …, n − 1. O(links).
 *
 * @throws SouthwellError for a number of nodes that is not a positive integer, a node that does not exist, a loop, or a link given twice
 * (in either direction).
 */
export function graph(n: number, links: Iterable<readonly [number, number]>): Graph {
  if (!(Number.isInteger(n) && n >= 1)) {
    fail('INVALID_PARAMETER', `A graph needs a positive number of nodes, and got n = ${n}.`);
  }
  const from: number[] = [];
  const to: number[] = [];
  const seen = new Set<number>();
  for (const [i, j] of links) {
    const link = `Link ${from.length} joins nodes ${i} and ${j}`;
    for (const node of [i, j]) {
      if (!(Number.isInteger(node) && node >= 0 && node < n)) {
        fail('INVALID_PARAMETER', `${link}, but nodes are integers from 0 to ${n - 1}.`);
      }
    }
    if (i === j) fail('INVALID_PARAMETER', `${link}: remove it, as a node does not exchange anything with itself.`);
    const key = Math.min(i, j) * n + Math.max(i, j);
    if (seen.has(key)) fail('INVALID_PARAMETER', `${link}, as an earlier link does: give each pair of nodes once.`);
    seen.add(key);
    from.push(i);
    to.push(j);
  }
  return { n, from: Int32Array.from(from), to: Int32Array.from(to) };
}

/**
 * The connected component of every node, numbered by their first nodes; links with a rate of zero (`rates`, one a link) do not connect.
 * O(n + links · log n).
 */
export function components(links: Graph, rates?: ArrayLike<number>): Int32Array {
  const { n, from, to } = links;
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const root = (start: number): number => {
    let i = start;
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  };
  for (let k = 0; k < from.length; k++) {
    if (rates !== undefined && rates[k] === 0) continue;
    const [a, b] = [root(from[k]), root(to[k])];
    // The smallest node of a component is its root.
    if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
  }
  const numbers = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) numbers[i] = root(i) === i ? count++ : numbers[root(i)];
  return numbers;
}
