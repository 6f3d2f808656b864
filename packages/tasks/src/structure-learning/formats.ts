import type { Column, ReadOptions, Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import type { LearnedGraph } from './result.ts';

type Graph = Pick<LearnedGraph, 'nodes' | 'edges'>;

// Quotes names with blanks at the ends, which readers would drop.
const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row for each edge: from, to, weight, and confidence if there is one. */
export function csv({ edges }: Graph): string {
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
    .replace(/[\t\r\n]/g, (c) => `&#${c.charCodeAt(0)};`)
    // XML may not contain other control characters, the last two code points of the plane, or unpaired surrogates.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    .replace(/[\u0000-\u001f\ufffe\uffff]|\p{Surrogate}/gu, ' ');

export function graphml({ nodes, edges }: Graph): string {
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

export function dot({ nodes, edges }: Graph): string {
  // Backslashes are doubled because labels default to the names, and there \\ is displayed as one.
  const quoted = (name: string) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  // Numbers in DOT have no exponents.
  const numeral = (value: number) => (String(value).includes('e') ? `"${value}"` : value);
  const confidence = (value: number | undefined) => (value === undefined ? '' : `, confidence=${numeral(value)}`);
  return `digraph {
${nodes.map((name) => `  ${quoted(name)};`).join('\n')}
${edges
  .map(
    (e) =>
      `  ${quoted(e.from)} -> ${quoted(e.to)} [label="${e.weight.toPrecision(2)}", coefficient=${numeral(e.weight)}${confidence(e.confidence)}];`,
  )
  .join('\n')}
}
`;
}

/** A list of edges and the name of its file. */
export interface EdgeList {
  readonly name: string;
  readonly edges: ReadonlyArray<readonly [from: string, to: string]>;
}

/**
 * Names may look like missing values; with the header read as a row, names that look like numbers stay as they are
 * written.
 */
const edgeListOptions: ReadOptions = {
  header: false,
  format: 'csv',
  missing: [''],
  types: 'text',
};

/**
 * Edges from the first two columns, from and to, of a CSV file with a header. Names are taken as they are written: 01
 * is not 1. Throws if the header, a column or a name is missing.
 */
export async function readEdges(read: (options: ReadOptions) => Promise<Table>): Promise<EdgeList> {
  const { name, columns, rows } = await read(edgeListOptions);
  if (columns.length < 2) {
    throw new RequestError(`${name} is not a list of edges: it needs a header and two columns, from and to.`);
  }
  const text = (column: Column, row: number): string =>
    column.type === 'number' ? String(column.values[row]) : (column.levels[column.codes[row]] ?? '');
  const [header, ...edges] = Array.from({ length: rows }, (_, row) => {
    const edge = [text(columns[0], row), text(columns[1], row)] as const;
    if (row > 0 && edge.includes('')) {
      throw new RequestError(`${name} lacks a name in row ${row}; each row needs from and to.`);
    }
    return edge;
  });
  const names = new Set(edges.flat());
  if (header.every((cell) => names.has(cell))) {
    throw new RequestError(
      `${name} needs a header, but its first line has ${header.join(' and ')}, which are names in later rows: add from,to as the first line.`,
    );
  }
  return { name, edges };
}
