import type { Column, ReadOptions, Table } from '@southwell/data';
import { type Knowledge, type KnowledgeStatements, knowledgeOf } from 'southwell/structure-learning';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import type { LearnRequest } from './options.ts';

/** The prior knowledge in a request about columns with these names; undefined if there is none. */
export async function knownOf(
  { require: required = [], forbid = [], tiers }: LearnRequest,
  names: readonly string[],
  tools: TaskTools,
): Promise<Knowledge | undefined> {
  if (required.length === 0 && forbid.length === 0 && tiers === undefined) return undefined;
  const pairs = (option: 'require' | 'forbid', edges: readonly string[]) =>
    edges.map((text) => pairOf(text, names, tools.spell(option)));
  const statements: KnowledgeStatements = {
    required: pairs('require', required),
    forbidden: pairs('forbid', forbid),
    tiers: tiers === undefined ? [] : await readTiers((options) => tools.read('tiers', options)),
  };
  return knowledgeOf(statements, names);
}

/** Parses `A:B`, where names may contain colons. */
function pairOf(text: string, names: readonly string[], option: string): readonly [from: string, to: string] {
  const parts = text.split(':');
  const cuts = parts.slice(1).map((_, k) => [parts.slice(0, k + 1).join(':'), parts.slice(k + 1).join(':')] as const);
  if (cuts.length === 0 || text.startsWith(':') || text.endsWith(':')) {
    throw new RequestError(`${option} takes edges such as ${names[0]}:${names.at(-1)}, not '${text}'.`);
  }
  // If no split gives two known names, the first one leads to an error that names the unknown column.
  return cuts.find((pair) => pair.every((name) => names.includes(name))) ?? cuts[0];
}

/** Names are read as they are written (01 is not 1), and the header is read as a row. */
const asText: ReadOptions = { header: false, format: 'csv', missing: [''], types: 'text' };

/**
 * Lists of variables, lowest tier first, from the first two columns of a CSV file with a header. Throws if a column, a
 * name or a number is missing.
 */
export async function readTiers(read: (options: ReadOptions) => Promise<Table>): Promise<string[][]> {
  const { name, columns, rows } = await read(asText);
  if (columns.length < 2) {
    throw new RequestError(`${name} is not a list of tiers: it needs a header and two columns, variable and tier.`);
  }
  const text = (column: Column, row: number): string =>
    column.type === 'number' ? String(column.values[row]) : (column.levels[column.codes[row]] ?? '');
  const tiers = new Map<number, string[]>();
  for (let row = 0; row < rows; row++) {
    const [variable, written] = [text(columns[0], row), text(columns[1], row)];
    const tier = written.trim() === '' ? Number.NaN : Number(written);
    if (row === 0) {
      if (Number.isFinite(tier)) {
        throw new RequestError(
          `${name} needs a header, but its first line is ${variable},${written}: add variable,tier as the first line.`,
        );
      }
      continue;
    }
    if (variable === '' || !Number.isFinite(tier)) {
      throw new RequestError(
        `${name} has ${variable === '' ? 'no variable' : `'${written}' in place of a number`} in row ${row}; each row needs a variable and the number of its tier.`,
      );
    }
    tiers.set(tier, [...(tiers.get(tier) ?? []), variable]);
  }
  return [...tiers.keys()].sort((a, b) => a - b).map((tier) => tiers.get(tier)!);
}
