import { declared, flagOf, given, type Options, says } from './option.ts';
import { fileOf, type Output, offered } from './output.ts';

/** A name in a list of names; one that holds a comma, or begins or ends with what would be lost, in quotes. */
const listed = (name: string): string => (/,|^[\s"]|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/** A file by its name, as the command was given it or the page has it. */
export const nameOf = (value: unknown): string =>
  value instanceof Blob ? ((value as Partial<File>).name ?? 'file') : String(value);

/** One option, once for each list of a list of lists; a value that begins with a dash is tied to its name, or it would be taken for one. */
export function optionWords(flag: string, value: unknown): string[] {
  if (Array.isArray(value) && Array.isArray(value[0])) return value.flatMap((list) => optionWords(flag, list));
  const text = Array.isArray(value) ? value.map((item) => listed(String(item))).join(',') : nameOf(value);
  return value === true ? [flag] : text.startsWith('-') ? [`${flag}=${text}`] : [flag, text];
}

/** A word as a shell takes it, quoted where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** For a shell. */
export const shellLine = (words: readonly string[]): string => ['npx southwell', ...words.map(shellWord)].join(' ');

/** A file as an argument, which must not look like an option; `-` is standard input. */
export const fileWord = (file: string): string => (file.startsWith('-') && file !== '-' ? `./${file}` : file);

/** What a request names for an input: a file of a list by its place, `more.1`. */
export function givenFor(request: object, input: string): unknown {
  const [name, place] = input.split('.');
  const value = (request as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(value) && place !== undefined ? value[Number(place) - 1] : value;
}

/** The words after `southwell` of the command that does what a request asks for: defaults are left out. */
export function commandWords(
  task: {
    readonly verb: readonly string[];
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly options: Options;
    readonly outputs: Readonly<Record<string, Output<never>>>;
  },
  request: Readonly<Record<string, unknown>>,
): string[] {
  const inputs = Object.keys(task.inputs).filter((name) => given(request[name]));
  return [
    ...task.verb,
    ...inputs.flatMap((name) => [request[name]].flat().map((file) => fileWord(nameOf(file)))),
    ...Object.entries(task.options).flatMap(([name, option]) => {
      const about = declared(option);
      const value = request[name];
      if (!says(value, about) || value === about.default) return [];
      // The flag of what is turned off says so itself.
      return optionWords(flagOf(name, about), value === false ? true : value);
    }),
    ...Object.entries(task.outputs).flatMap(([name, output]) =>
      offered(output, task.options, request) ? [flagOf(name), fileOf(output)] : [],
    ),
  ];
}
