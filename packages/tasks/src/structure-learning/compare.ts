import { DenseMatrix } from 'southwell';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { EdgeList } from './formats.ts';

/** Two graphs on the same nodes, those that either list names. */
export interface GraphPair {
  readonly nodes: readonly string[];
  /** Entry [i, j] is 1 for i → j. */
  readonly truth: DenseMatrix;
  readonly estimate: DenseMatrix;
  /** Names that one list alone has: nodes without edges in the other graph. */
  readonly only: { readonly truth: readonly string[]; readonly estimate: readonly string[] };
  /** Nodes with an edge to themselves, which is in neither matrix. */
  readonly selfLoops: { readonly truth: readonly string[]; readonly estimate: readonly string[] };
  /** A sentence each on what the lists hold that the matrices do not. */
  readonly notes: readonly string[];
}

/** Matrices of two lists of edges. Throws a sentence where both have edges but no name in common. */
export function graphPair(truth: EdgeList, estimate: EdgeList): GraphPair {
  const names = (list: EdgeList) => new Set(list.edges.flat());
  const [real, found] = [names(truth), names(estimate)];
  const only = {
    truth: [...real].filter((name) => !found.has(name)).sort(),
    estimate: [...found].filter((name) => !real.has(name)).sort(),
  };
  if (real.size > 0 && found.size > 0 && only.truth.length === real.size) {
    throw new RequestError(
      `${truth.name} and ${estimate.name} have no name in common: ${some(only.truth)} here, ${some(only.estimate)} there.`,
    );
  }
  const nodes = [...new Set([...real, ...found])].sort();
  const at = new Map(nodes.map((name, k) => [name, k]));
  const notes: string[] = [];
  const alone = (list: EdgeList, other: EdgeList, these: readonly string[]) => {
    if (these.length === 0 || other.edges.length === 0) return;
    notes.push(`${some(these)}: in ${list.name} alone; in ${other.name} counted as ${without(these.length)}.`);
  };
  alone(truth, estimate, only.truth);
  alone(estimate, truth, only.estimate);
  for (const { name, edges } of [truth, estimate]) if (edges.length === 0) notes.push(`${name} has no edges.`);
  const matrix = ({ name, edges }: EdgeList) => {
    const W = DenseMatrix.create(nodes.length, nodes.length);
    const loops = new Set<string>();
    let repeated = 0;
    for (const [from, to] of edges) {
      const [i, j] = [at.get(from)!, at.get(to)!];
      if (from === to) loops.add(from);
      else if (W.get(i, j) !== 0) repeated++;
      else W.set(i, j, 1);
    }
    if (loops.size > 0) {
      notes.push(`${name} has ${count(loops.size, 'self-loop')}, of ${some([...loops])}: not counted as edges.`);
    }
    if (repeated > 0) notes.push(`${name} repeats ${count(repeated, 'edge')}: each counts once.`);
    return { W, loops: [...loops].sort() };
  };
  const [a, b] = [matrix(truth), matrix(estimate)];
  return { nodes, truth: a.W, estimate: b.W, only, selfLoops: { truth: a.loops, estimate: b.loops }, notes };
}

const without = (size: number) => (size === 1 ? 'a node without edges' : 'nodes without edges');

/** Up to five names. */
const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
