import { DenseMatrix } from 'southwell';
import { graphMetrics } from 'southwell/structure-learning';
import * as v from 'valibot';
import { table } from '../declaration/input.ts';
import { defineTask } from '../declaration/task.ts';
import type { View } from '../declaration/view.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { list, said, status } from '../result.ts';
import { type EdgeList, readEdges } from './formats.ts';

/** Two graphs on the same nodes: all that either list names. */
export interface GraphPair {
  readonly nodes: readonly string[];
  /** Entry [i, j] is 1 for i → j. */
  readonly truth: DenseMatrix;
  readonly estimate: DenseMatrix;
  /** Names that only one of the lists has: nodes without edges in the other graph. */
  readonly only: { readonly truth: readonly string[]; readonly estimate: readonly string[] };
  /** Nodes with self-loops, which are in neither matrix. */
  readonly selfLoops: { readonly truth: readonly string[]; readonly estimate: readonly string[] };
  /** Sentences about content of the lists that is not in the matrices. */
  readonly notes: readonly string[];
}

/** Matrices of two lists of edges. Throws if both have edges but no name in common. */
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

const both = <T>(of: v.GenericSchema<T>) => v.object({ truth: of, estimate: of });

const result = v.object({
  truth: said(v.string(), 'File of the true graph.'),
  estimate: said(v.string(), 'File of the estimate.'),
  nodes: v.number(),
  only: said(both(list(v.string())), 'Names that occur in only one of the files.'),
  selfLoops: said(both(list(v.string())), 'Nodes with self-loops, which are not counted.'),
  notes: list(v.string()),
  edges: both(v.number()),
  correct: v.number(),
  reversed: v.number(),
  extra: v.number(),
  missing: v.number(),
  shd: said(v.number(), 'Structural Hamming distance: extra, missing and reversed edges.'),
  fdr: said(v.number(), 'Fraction of the estimate’s edges that are reversed or extra.'),
  tpr: said(v.number(), 'Fraction of the true edges that were found.'),
  fpr: said(v.number(), 'Reversed and extra edges divided by the number of non-adjacent pairs in the truth.'),
  shdCpdag: v.optional(
    said(v.number(), 'Hamming distance of the equivalence classes; absent where a graph has a cycle.'),
  ),
  sid: v.optional(said(v.number(), 'Structural intervention distance; absent where a graph has a cycle.')),
  status,
  seconds: said(v.number(), 'Reading included.'),
});

export const compare = defineTask({
  title: 'Two graphs compared',
  verb: ['graph', 'compare'],
  about: 'Compare an estimated graph with the true one.',
  examples: [
    'graph learn bundled:diabetes --standardize --out edges.csv && southwell graph compare edges.csv edges.csv',
    'graph compare truth.csv edges.csv --json',
  ],
  inputs: {
    truth: table('CSV of edges with a header: columns from and to first'),
    estimate: table('CSV of edges, as learn --out writes it', { title: 'Estimate' }),
  },
  options: {},
  result,
  outputs: {},
  resumes: false,
  interrupted: { kept: 'nothing is', none: 'was a comparison' },
  async job({ truth, estimate }, tools) {
    const started = performance.now();
    const read = (input: string) => readEdges((options) => tools.read(input, options));
    const { nodes, notes, only, selfLoops, ...graphs } = graphPair(await read('truth'), await read('estimate'));
    return {
      ...{ truth, estimate, nodes: nodes.length, only, selfLoops, notes },
      ...graphMetrics(graphs.truth, graphs.estimate),
      status: 'completed',
      seconds: (performance.now() - started) / 1000,
    };
  },
  view: compareView,
});

function compareView(r: v.InferOutput<typeof result>): View {
  const cyclic = 'a graph has a cycle';
  return {
    status: r.status,
    about: `${r.truth} and ${r.estimate}`,
    seconds: r.seconds,
    notes: r.notes,
    pictures: [],
    tables: [
      {
        title: 'Differences',
        columns: [count(r.nodes, 'node'), ''],
        rows: [
          ['edges of the truth', r.edges.truth],
          ['edges of the estimate', r.edges.estimate],
          ['correct', r.correct],
          ['reversed', r.reversed],
          ['extra', r.extra],
          ['missing', r.missing],
          ['structural Hamming distance', r.shd],
          ['Hamming distance of equivalence classes', r.shdCpdag ?? cyclic],
          ['structural intervention distance', r.sid ?? cyclic],
          ['false discovery rate', r.fdr],
          ['true positive rate', r.tpr],
          ['false positive rate', r.fpr],
        ],
      },
    ],
  };
}
