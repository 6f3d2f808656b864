import { readTable } from '@southwell/data/node';
import { graphPair, number, readEdges } from '@southwell/tasks';
import { graphMetrics } from 'southwell/structure-learning';
import pc from '../../colours.ts';
import { EXIT } from '../../errors.ts';
import { printable, table, wrap } from '../../text.ts';

/** The graph compare command: two edge lists; gives the exit code. */
export async function compareCommand(truth: string, estimate: string, options: { json?: boolean }): Promise<number> {
  const read = (path: string) => readEdges((how) => readTable(path, how));
  const { nodes, notes, only, selfLoops, ...graphs } = graphPair(await read(truth), await read(estimate));
  const m = graphMetrics(graphs.truth, graphs.estimate);
  if (options.json) {
    const all = { southwell: 1, truth, estimate, nodes: nodes.length, only, selfLoops, notes, ...m };
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return EXIT.done;
  }
  const cyclic = 'a graph has a cycle';
  const rows: string[][] = [
    ['edges of the truth', String(m.edges.truth)],
    ['edges of the estimate', String(m.edges.estimate)],
    ['right', String(m.correct)],
    ['reversed', String(m.reversed)],
    ['extra', String(m.extra)],
    ['missing', String(m.missing)],
    ['structural Hamming distance', String(m.shd)],
    ['Hamming distance of equivalence classes', m.shdCpdag === undefined ? cyclic : String(m.shdCpdag)],
    ['structural intervention distance', m.sid === undefined ? cyclic : String(m.sid)],
    ['false discovery rate', number(m.fdr)],
    ['true positive rate', number(m.tpr)],
    ['false positive rate', number(m.fpr)],
  ];
  const counts = table([{ title: `${nodes.length} nodes` }, { title: '', align: 'right' }], rows);
  const lines = [counts, ...notes.map((note) => pc.dim(wrap(printable(note))))];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}
