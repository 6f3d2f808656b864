import { named } from './check.ts';
import { declared, flagOf, type Options, spelled } from './option.ts';
import { outputText } from './output.ts';
import type { Task } from './task.ts';

/** The default of an option in words, if there is one. */
export function defaultText(options: Options, name: string): string | undefined {
  const about = declared(options[name]);
  const words = about.otherwise ?? usualText(about.default);
  return words && spelled(words, options, (other) => flagOf(other, declared(options[other])));
}

/** A default in words; that of a flag is implied. */
function usualText(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined;
  return typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

/** Number of values of another option up to which short help names those that an option goes with. */
const NAMED = 3;

/** The description of an option in help and docs: its choices, its sentence and its conditions. */
export function aboutText(options: Options, name: string): string {
  const { only = {}, without = {} } = declared(options[name]);
  const flag = (other: string) => flagOf(other, declared(options[other]));
  const company = Object.entries(only).map(([other, wanted]) =>
    wanted === true ? `with ${flag(other)}` : named(wanted).join(', '),
  );
  const excluded = Object.entries(without).flatMap(([other, unwanted]) =>
    unwanted === true
      ? flag(other)
      : 'file' in unwanted
        ? `${flag(other)} of ${unwanted.are}`
        : unwanted.map((value) => `${flag(other)} ${value}`),
  );
  return [
    ...(company.length > 0 ? [`${company.join('; ')}: `] : []),
    sentenceOf(options, name),
    ...(excluded.length > 0 ? [`; not with ${excluded.join(', ')}`] : []),
  ].join('');
}

/** The description in short help: without the values that exclude it, and without long lists of those that it needs. */
export function briefText(options: Options, name: string): string {
  const company = Object.values(declared(options[name]).only ?? {}).filter(
    (wanted) => wanted !== true && wanted.length <= NAMED,
  );
  return [
    ...company.map((wanted) => `${named(wanted as readonly string[]).join(', ')}: `),
    sentenceOf(options, name),
  ].join('');
}

/** The sentence of an option and its choices. */
function sentenceOf(options: Options, name: string): string {
  const { about, choices, unit } = declared(options[name]);
  return [
    spelled(about, options, (other) => flagOf(other, declared(options[other]))),
    ...(unit ? [`, ${unit}`] : []),
    ...(choices ? [`: ${choices.map(([value]) => value).join(', ')}`] : []),
  ].join('');
}

/** `--lambda <weight>` */
export function flagWords(options: Options, name: string): string {
  const about = declared(options[name]);
  const argument =
    about.argument ??
    {
      whole: 'count',
      numbers: 'numbers',
      column: 'column',
      columns: 'columns',
      groups: 'columns',
      choice: 'name',
      file: 'file',
    }[about.kind as string] ??
    'value';
  if (about.kind === 'flag') return flagOf(name, about);
  const long = about.letter && name !== about.letter ? `, ${flagOf(name)}` : '';
  return `${flagOf(name, about)}${long} ${about.preset === undefined ? `<${argument}>` : `[${argument}]`}`;
}

/** The table of a task's options and files in Markdown. */
export function optionsTable({ options, outputs }: Task): string {
  const rows = [
    ...Object.keys(options).map((name) => [
      `\`${flagWords(options, name)}\``,
      defaultText(options, name) ?? '',
      aboutText(options, name),
    ]),
    ...Object.entries(outputs).map(([name, output]) => [`\`${flagOf(name)} <file>\``, '', outputText(output)]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const head = ['option', 'default', 'meaning'];
  const widths = head.map((title, j) => Math.max(title.length, ...rows.map((row) => row[j].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, j) => cell.padEnd(widths[j])).join(' | ')} |`;
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
}

/**
 * Updates the tables of tasks in a page of the docs: each is between the lines `<!-- options: VERB -->` and `<!-- end
 * of options -->`. Throws if a page names an unknown verb.
 */
export function withTables(page: string, tasks: readonly Task[]): string {
  return page.replace(
    /^(<!-- options: ([\w -]+?) -->\n)[\s\S]*?^(<!-- end of options -->)/gm,
    (_, begin: string, verb: string, end: string) => {
      const task = tasks.find((t) => t.verb.join(' ') === verb);
      if (!task) throw new Error(`A page asks for the options of '${verb}', which no task has.`);
      return `${begin}\n${optionsTable(task)}\n\n${end}`;
    },
  );
}
