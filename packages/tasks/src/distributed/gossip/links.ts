import type { Column, ColumnToRead } from '@southwell/data';
import { components, type Graph, graph } from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import type { GossipRequest } from './options.ts';

/** A connected graph from a table of links. */
export interface NamedGraph {
  /** Of the table. */
  readonly name: string;
  readonly graph: Graph;
  readonly nodes: readonly string[];
  readonly rates?: Float64Array;
  readonly costs?: Float64Array;
  readonly notes: readonly string[];
}

/** Names of a component or of columns told in a sentence. */
const TOLD = 6;
const listed = (names: readonly string[]): string =>
  `${names.slice(0, TOLD).join(', ')}${names.length > TOLD ? ` and ${names.length - TOLD} more` : ''}`;

const asText = (column: Column, row: number): string | undefined =>
  column.type === 'number'
    ? Number.isNaN(column.values[row])
      ? undefined
      : `${column.values[row]}`
    : column.levels[column.codes[row]];

/** Names of the columns of nodes, rates and costs, and of those that are not read. */
interface Chosen {
  readonly from: string;
  readonly to: string;
  readonly rate?: string;
  readonly cost?: string;
  readonly stray: readonly string[];
}

function choose(all: readonly string[], table: string, request: GossipRequest, { spell }: TaskTools): Chosen {
  const asked = (option: 'from' | 'to' | 'rate' | 'cost') => {
    const name = request[option];
    if (name === undefined || all.includes(name)) return name;
    throw new RequestError(`${table} has no column '${name}' for ${spell(option)}; it has ${listed(all)}.`);
  };
  const given = { from: asked('from'), to: asked('to'), rate: asked('rate'), cost: asked('cost') };
  const called = (pattern: RegExp) => all.find((name) => pattern.test(name.trim()));
  const rate = given.rate ?? called(/^(rates?|weights?)$/i);
  const cost = given.cost ?? called(/^costs?$/i);
  const left = all.filter((name) => name !== rate && name !== cost);
  const from = given.from ?? left.find((name) => name !== given.to);
  const to = given.to ?? left.find((name) => name !== from);
  if (from === undefined || to === undefined) {
    throw new RequestError(`${table} needs two columns with the names of the nodes that each link joins.`);
  }
  if (from === to) throw new RequestError(`${spell('from')} and ${spell('to')} are the same column, '${from}'.`);
  return { from, to, rate, cost, stray: left.filter((name) => name !== from && name !== to) };
}

interface Rows {
  readonly from: Array<string | undefined>;
  readonly to: Array<string | undefined>;
  readonly rate: Array<string | number | undefined>;
  readonly cost: Array<string | number | undefined>;
}

/** The rows of the file. Names of nodes are read as they are written: 007 and 1.0 are not numbers. */
async function rowsOf(request: GossipRequest, tools: TaskTools) {
  let chosen: Chosen | undefined;
  const pick = (names: readonly string[], file: string): Chosen => {
    chosen ??= choose(names, file, request, tools);
    return chosen;
  };
  const blocks = await tools.blocksOf!('data', {
    choose(names, file) {
      const { from, to, rate, cost } = pick(names, file);
      const numbers = [rate, cost].flatMap((name) => (name === undefined ? [] : [name]));
      return new Map<string, ColumnToRead>([
        ...[from, to].map((name) => [name, { type: 'category' }] as const),
        ...numbers.map((name) => [name, { type: 'number', required: 'is read as numbers' }] as const),
      ]);
    },
  });
  const rows: Rows = { from: [], to: [], rate: [], cost: [] };
  const rounds = blocks.rounds(async (table) => {
    if (table.sparse) throw new RequestError(`${table.name} is a sparse matrix, but links are read from columns.`);
    const all = [...(table.index ? [table.index] : []), ...table.columns];
    const names = all.map(({ name }) => name);
    const { from, to, rate, cost } = pick(names, table.name);
    const columns = { from, to, rate, cost };
    for (const [key, name] of Object.entries(columns) as Array<[keyof Rows, string | undefined]>) {
      const column = name === undefined ? undefined : all.find((one) => one.name === name);
      for (let row = 0; column && row < table.rows; row++) {
        const number = column.type === 'number' && (key === 'rate' || key === 'cost');
        rows[key].push((number ? column.values[row] : asText(column, row)) as string);
      }
    }
  });
  for await (const _ of rounds);
  if (!chosen) throw new RequestError(`${blocks.name} has no rows.`);
  return { name: blocks.name, chosen, rows, notes: await blocks.notes() };
}

/** The number in a row of a column of rates or costs. */
function numberAt(where: string, value: string | number | undefined, row: number, positive: boolean): number {
  if (typeof value === 'number' && (positive ? value > 0 : value >= 0) && value < Number.POSITIVE_INFINITY)
    return value;
  const what = value === undefined || Number.isNaN(value) ? 'has no number' : `has ${value}`;
  const needed = positive ? 'costs are positive and finite' : 'rates are finite and not negative';
  throw new RequestError(`${where} ${what} in row ${row + 1}: ${needed}.`);
}

function checkConnected(name: string, links: Graph, nodes: readonly string[]): void {
  const component = components(links);
  const sizes = new Map<number, number>();
  for (const c of component) sizes.set(c, (sizes.get(c) ?? 0) + 1);
  if (sizes.size === 1) return;
  // The smallest one is told: it is the one that is probably an oversight.
  const [[smallest]] = [...sizes].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  const members = nodes.filter((_, i) => component[i] === smallest);
  throw new RequestError(
    `${name}: the graph is not connected. It has ${sizes.size} components, and no link joins ${listed(members)} to the others: add links, or leave ${members.length === 1 ? 'it' : 'them'} out.`,
  );
}

/** Links of the rows. */
function linksOf(name: string, { from, to, rate, cost }: Chosen, rows: Rows, spell: TaskTools['spell']) {
  const numbers = new Map<string, number>();
  const nodeAt = (column: string, values: Rows['from'], row: number): number => {
    const node = values[row];
    if (node === undefined) {
      throw new RequestError(
        `${name}: column '${column}' has no name of a node in row ${row + 1}. If what stands there is a name, such as NA, say with ${spell('na')} what a missing value is.`,
      );
    }
    const known = numbers.get(node) ?? numbers.size;
    numbers.set(node, known);
    return known;
  };
  const links: Array<[number, number]> = [];
  const [rates, costs]: [number[], number[]] = [[], []];
  const seen = new Map<string, number>();
  let [loops, repeated] = [0, 0];
  for (let row = 0; row < rows.from.length; row++) {
    const [i, j] = [nodeAt(from, rows.from, row), nodeAt(to, rows.to, row)];
    const r = rate === undefined ? 1 : numberAt(`${name}: column '${rate}'`, rows.rate[row], row, false);
    const c = cost === undefined ? 1 : numberAt(`${name}: column '${cost}'`, rows.cost[row], row, true);
    if (i === j) {
      loops++;
      continue;
    }
    const key = `${Math.min(i, j)} ${Math.max(i, j)}`;
    const k = seen.get(key);
    if (k !== undefined) {
      repeated++;
      rates[k] += r;
      costs[k] = Math.min(costs[k], c);
      continue;
    }
    seen.set(key, links.length);
    links.push([i, j]);
    rates.push(r);
    costs.push(c);
  }
  return { nodes: [...numbers.keys()], links, rates, costs, loops, repeated };
}

/**
 * The graph of a table. Loops are left out; of a repeated link rates add up, and the least cost counts. Throws a sentence where a name,
 * rate or cost is missing or invalid, and if the graph is not connected.
 */
export async function readGraph(request: GossipRequest, tools: TaskTools): Promise<NamedGraph> {
  const { name, chosen, rows, notes: reading } = await rowsOf(request, tools);
  const { nodes, links, rates, costs, loops, repeated } = linksOf(name, chosen, rows, tools.spell);
  if (links.length === 0) throw new RequestError(`${name} has no link between two different nodes.`);
  const found = graph(nodes.length, links);
  checkConnected(name, found, nodes);
  const { from, to, rate, cost } = chosen;
  const stray = chosen.stray.map((column) => `'${column}'`);
  const heads = [from, to];
  const notes = [
    ...(stray.length > 0 ? [`Not read: ${stray.length === 1 ? 'column' : 'columns'} ${listed(stray)}.`] : []),
    ...(loops > 0 ? [`${count(loops, 'loop')} from a node to itself left out.`] : []),
    ...(repeated > 0
      ? [
          `${count(repeated, 'link')} given again${rate === undefined ? '' : ': rates of the same two nodes are added'}${cost === undefined ? '' : '; the lowest cost counts'}.`,
        ]
      : []),
    ...(heads.every((head) => nodes.includes(head))
      ? [
          `The first line, ${heads.join(', ')}, was read as names of columns; if it is a link, add ${tools.spell('header', 'no')}.`,
        ]
      : []),
  ];
  return {
    ...{ name, graph: found, nodes },
    // What readers say of texts and codes does not matter for names.
    notes: [...reading.filter((note) => !heads.some((head) => note.startsWith(`Column '${head}'`))), ...notes],
    ...(rate !== undefined && { rates: Float64Array.from(rates) }),
    ...(cost !== undefined && { costs: Float64Array.from(costs) }),
  };
}
