import type { Column } from '@southwell/data';
import { readTable } from '@southwell/data/node';
import { number } from '@southwell/modelling';
import { DenseMatrix } from 'southwell';
import { graphMetrics } from 'southwell/structure-learning';
import { EXIT, UsageError } from '../../errors.ts';
import { table } from '../../text.ts';

/** The graph compare command: two edge lists; gives the exit code. */
export async function compareCommand(truth: string, estimate: string, options: { json?: boolean }): Promise<number> {
  const [real, found] = [await readEdges(truth), await readEdges(estimate)];
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

/** The first two columns of a table with a header are from and to. */
async function readEdges(path: string): Promise<Array<readonly [string, string]>> {
  const { columns, rows } = await readTable(path, { header: true, format: 'csv', missing: [''] });
  if (columns.length < 2) {
    throw new UsageError(`${path} is no list of edges: it needs a header and two columns, from and to.`);
  }
  const text = (column: Column, row: number): string =>
    column.type === 'number' ? String(column.values[row]) : (column.levels[column.codes[row]] ?? '');
  return Array.from({ length: rows }, (_, row) => {
    const edge = [text(columns[0], row), text(columns[1], row)] as const;
    if (edge.some((name) => name === '' || name === 'NaN')) {
      throw new UsageError(`${path} lacks a name in row ${row + 1}; each row needs from and to.`);
    }
    return edge;
  });
}
