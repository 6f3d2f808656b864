import { declared, flagOf, type Options, spelled } from './option.ts';
import type { Task } from './task.ts';

/** The words for where an option comes from when it is not given, if there are any. */
export function defaultText(options: Options, name: string): string | undefined {
  const about = declared(options[name]);
  const words =
    about.otherwise ?? (about.default === undefined || about.default === false ? undefined : String(about.default));
  return words && spelled(words, options, (other) => flagOf(other, declared(options[other])));
}

/** What help and docs say of an option: its choices, its sentence and what it goes with. */
export function aboutText(options: Options, name: string): string {
  const { about, choices, unit, only = {}, without = [] } = declared(options[name]);
  const flag = (other: string) => flagOf(other, declared(options[other]));
  const company = Object.entries(only).map(([other, wanted]) =>
    wanted === true ? `with ${flag(other)}` : wanted.join(', '),
  );
  return [
    ...(company.length > 0 ? [`${company.join('; ')}: `] : []),
    spelled(about, options, flag),
    ...(unit ? [`, ${unit}`] : []),
    ...(choices ? [`: ${choices.map(([value]) => value).join(', ')}`] : []),
    ...(without.length > 0 ? [`; not with ${without.map(flag).join(', ')}`] : []),
  ].join('');
}

/** `--lambda <weight>` */
export function flagWords(options: Options, name: string): string {
  const about = declared(options[name]);
  const argument =
    about.argument ??
    { whole: 'count', column: 'column', columns: 'columns', choice: 'name', file: 'file' }[about.kind as string];
  return about.kind === 'flag' ? flagOf(name, about) : `${flagOf(name, about)} <${argument ?? 'value'}>`;
}

/** The table of a task's options and files in Markdown. */
export function optionsTable({ options, outputs }: Task): string {
  const rows = [
    ...Object.keys(options).map((name) => [
      `\`${flagWords(options, name)}\``,
      defaultText(options, name) ?? '',
      aboutText(options, name),
    ]),
    ...Object.entries(outputs).map(([name, { about }]) => [`\`${flagOf(name)} <file>\``, '', about]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const head = ['option', 'default', 'meaning'];
  const widths = head.map((title, j) => Math.max(title.length, ...rows.map((row) => row[j].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, j) => cell.padEnd(widths[j])).join(' | ')} |`;
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
}

/**
 * A page of the docs with the tables of tasks anew: each stands between `<!-- options: VERB -->` and
 * `<!-- end of options -->`. Throws where a page names a verb that no task has.
 */
export function withTables(page: string, tasks: readonly Task[]): string {
  return page.replace(
    /(<!-- options: ([\w -]+?) -->\n)[\s\S]*?(<!-- end of options -->)/g,
    (_, begin: string, verb: string, end: string) => {
      const task = tasks.find((t) => t.verb.join(' ') === verb);
      if (!task) throw new Error(`A page asks for the options of '${verb}', which no task has.`);
      return `${begin}\n${optionsTable(task)}\n\n${end}`;
    },
  );
}
