import type { Column, Table } from '@southwell/data';
import { components, type Graph, graph } from 'southwell/distributed-methods';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import type { GossipRequest } from './options.ts';

/** A connected graph from a table of links. */
export interface NamedGraph {
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

const named = (columns: readonly Column[], pattern: RegExp) => columns.find(({ name }) => pattern.test(name.trim()));

const nameAt = (column: Column, row: number): string | undefined =>
  column.type === 'number'
    ? Number.isNaN(column.values[row])
      ? undefined
      : `${column.values[row]}`
    : column.levels[column.codes[row]];

/** The columns of nodes, rates and costs, and those that are not read. */
function columnsOf(table: Table, request: GossipRequest, { spell }: TaskTools) {
  if (table.sparse) throw new RequestError(`${table.name} is a sparse matrix, but links are read from columns.`);
  const all = [...(table.index ? [table.index] : []), ...table.columns];
  const asked = (option: 'from' | 'to' | 'rate' | 'cost') => {
    const name = request[option];
    if (name === undefined) return undefined;
    const found = all.find((one) => one.name === name);
    if (found) return found;
    const has = listed(all.map((one) => one.name));
    throw new RequestError(`${table.name} has no column '${name}' for ${spell(option)}; it has ${has}.`);
  };
  const given = { from: asked('from'), to: asked('to'), rate: asked('rate'), cost: asked('cost') };
  const rate = given.rate ?? named(all, /^(rates?|weights?)$/i);
  const cost = given.cost ?? named(all, /^costs?$/i);
  const left = all.filter((one) => one !== rate && one !== cost);
  const from = given.from ?? left.find((one) => one !== given.to);
  const to = given.to ?? left.find((one) => one !== from);
  if (!from || !to) {
    throw new RequestError(`${table.name} needs two columns with the names of the nodes that each link joins.`);
  }
  const stray = left.filter((one) => one !== from && one !== to).map((one) => `'${one.name}'`);
  return { from, to, rate, cost, stray };
}

/** The number in a row of a column of rates or costs. */
function numberAt(table: Table, column: Column, row: number, least: 'positive' | 'not negative'): number {
  const where = `${table.name}: column '${column.name}'`;
  if (column.type !== 'number') throw new RequestError(`${where} holds words, but rates and costs are numbers.`);
  const value = column.values[row];
  if (value >= 0 && (least === 'not negative' || value > 0) && value < Number.POSITIVE_INFINITY) return value;
  const what = Number.isNaN(value) ? 'has no value' : `has ${value}`;
  throw new RequestError(`${where} ${what} in row ${row + 1}: it has to be finite and ${least}.`);
}

function checkConnected({ name }: Table, links: Graph, nodes: readonly string[]): void {
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

/**
 * The graph of a table. Loops are left out; of a repeated link rates add up, and the least cost counts. Throws a sentence where a name,
 * rate or cost is missing or invalid, and if the graph is not connected.
 */
export function graphOf(table: Table, request: GossipRequest, tools: TaskTools): NamedGraph {
  const { from, to, rate, cost, stray } = columnsOf(table, request, tools);
  const numbers = new Map<string, number>();
  const nodeAt = (column: Column, row: number): number => {
    const name = nameAt(column, row);
    if (name === undefined) {
      throw new RequestError(`${table.name}: column '${column.name}' has no name of a node in row ${row + 1}.`);
    }
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  const links: Array<[number, number]> = [];
  const [rates, costs]: [number[], number[]] = [[], []];
  const seen = new Map<string, number>();
  let [loops, repeated] = [0, 0];
  for (let row = 0; row < table.rows; row++) {
    const [i, j] = [nodeAt(from, row), nodeAt(to, row)];
    const [r, c] = [
      rate ? numberAt(table, rate, row, 'not negative') : 1,
      cost ? numberAt(table, cost, row, 'positive') : 1,
    ];
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
  const nodes = [...numbers.keys()];
  if (links.length === 0) throw new RequestError(`${table.name} has no link between two different nodes.`);
  const found = graph(nodes.length, links);
  checkConnected(table, found, nodes);
  const heads = [from.name, to.name];
  const notes = [
    ...(stray.length > 0 ? [`Not read: ${stray.length === 1 ? 'column' : 'columns'} ${listed(stray)}.`] : []),
    ...(loops > 0 ? [`${count(loops, 'loop')} from a node to itself left out.`] : []),
    ...(repeated > 0
      ? [`${count(repeated, 'link')} given again${rate ? ': rates of the same two nodes are added' : ''}.`]
      : []),
    ...(heads.every((head) => numbers.has(head))
      ? [
          `The first line, ${heads.join(', ')}, was read as names of columns; if it is a link, add ${tools.spell('header', 'no')}.`,
        ]
      : []),
  ];
  return {
    ...{ graph: found, nodes },
    // What readers say of texts and codes does not matter for names.
    notes: [...table.notes.filter((note) => !heads.some((head) => note.startsWith(`Column '${head}'`))), ...notes],
    ...(rate && { rates: Float64Array.from(rates) }),
    ...(cost && { costs: Float64Array.from(costs) }),
  };
}
