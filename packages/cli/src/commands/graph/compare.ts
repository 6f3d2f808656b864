import { readTable } from '@southwell/data/node';
import { edgeListOptions, listedEdges, number } from '@southwell/modelling';
import { DenseMatrix } from 'southwell';
import { graphMetrics } from 'southwell/structure-learning';
import { EXIT } from '../../errors.ts';
import { table } from '../../text.ts';

/** The graph compare command: two edge lists; gives the exit code. */
export async function compareCommand(truth: string, estimate: string, options: { json?: boolean }): Promise<number> {
  const read = async (path: string) => listedEdges(await readTable(path, edgeListOptions));
  const [real, found] = [await read(truth), await read(estimate)];
  const nodes = [...new Set([...real, ...found].flat())].sort();
  const matrix = (edges: ReadonlyArray<readonly [string, string]>): DenseMatrix => {
    const W = DenseMatrix.create(nodes.length, nodes.length);
    for (const [from, to] of edges) W.set(nodes.indexOf(from), nodes.indexOf(to), 1);
    return W;
  };
  const m = graphMetrics(matrix(real), matrix(found));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ southwell: 1, truth, estimate, nodes: nodes.length, ...m }, null, 2)}\n`);
    return EXIT.converged;
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
  console.log(table([{ title: `${nodes.length} nodes` }, { title: '', align: 'right' }], rows));
  return EXIT.converged;
}
