import type { Column, ReadOptions, Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import type { LearnedGraph } from './job.ts';

type Graph = Pick<LearnedGraph, 'nodes' | 'edges'>;

const writers: Readonly<Record<string, (graph: Graph) => string>> = { '.csv': csv, '.graphml': graphml, '.dot': dot };

/** What writes a file of this name. Throws a sentence for other extensions. */
export function graphWriter(path: string): (graph: Graph) => string {
  const writer = writers[/\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? ''];
  if (!writer)
    throw new RequestError(`--out writes ${Object.keys(writers).join(', ')} files; '${path}' has another name.`);
  return writer;
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row an edge: from, to, weight, and confidence where there is one. */
function csv({ edges }: Graph): string {
  const confident = edges.some((e) => e.confidence !== undefined);
  const rows = edges.map((e) =>
    [cell(e.from), cell(e.to), e.weight, ...(confident ? [e.confidence ?? ''] : [])].join(','),
  );
  return `${['from,to,weight' + (confident ? ',confidence' : ''), ...rows].join('\n')}\n`;
}

export const xml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML may not hold them
    .replace(/[\u0000-\u001f]/g, ' ');

function graphml({ nodes, edges }: Graph): string {
  const id = new Map(nodes.map((name, k) => [name, `n${k}`]));
  const data = (key: string, value: string | number | undefined) =>
    value === undefined ? '' : `<data key="${key}">${value}</data>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="label" for="node" attr.name="label" attr.type="string"/>
  <key id="weight" for="edge" attr.name="weight" attr.type="double"/>
  <key id="confidence" for="edge" attr.name="confidence" attr.type="double"/>
  <graph edgedefault="directed">
${nodes.map((name) => `    <node id="${id.get(name)}">${data('label', xml(name))}</node>`).join('\n')}
${edges
  .map(
    (e) =>
      `    <edge source="${id.get(e.from)}" target="${id.get(e.to)}">${data('weight', e.weight)}${data('confidence', e.confidence)}</edge>`,
  )
  .join('\n')}
  </graph>
</graphml>
`;
}

function dot({ nodes, edges }: Graph): string {
  const quoted = (name: string) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const confidence = (value: number | undefined) => (value === undefined ? '' : `, confidence=${value}`);
  return `digraph {
${nodes.map((name) => `  ${quoted(name)};`).join('\n')}
${edges
  .map(
    (e) =>
      `  ${quoted(e.from)} -> ${quoted(e.to)} [label="${e.weight.toPrecision(2)}", coefficient=${e.weight}${confidence(e.confidence)}];`,
  )
  .join('\n')}
}
`;
}

/** How a list of edges is read: names may look like numbers, or like what is missing elsewhere. */
export const edgeListOptions: ReadOptions = { header: true, format: 'csv', missing: [''] };

/** From and to, the first two columns of a list of edges. Throws a sentence where a name is missing. */
export function listedEdges({ name, columns, rows }: Table): Array<readonly [from: string, to: string]> {
  if (columns.length < 2) {
    throw new RequestError(`${name} is no list of edges: it needs a header and two columns, from and to.`);
  }
  const text = (column: Column, row: number): string =>
    column.type === 'number' ? String(column.values[row]) : (column.levels[column.codes[row]] ?? '');
  return Array.from({ length: rows }, (_, row) => {
    const edge = [text(columns[0], row), text(columns[1], row)] as const;
    if (edge.some((end) => end === '' || end === 'NaN')) {
      throw new RequestError(`${name} lacks a name in row ${row + 1}; each row needs from and to.`);
    }
    return edge;
  });
}
