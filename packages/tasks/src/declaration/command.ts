import { declared, flagOf, given, nameOf, type Options, says } from './option.ts';
import { fileOf, type Output, offered } from './output.ts';

/**
 * A name within a list of names; quoted if it contains a comma, or begins or ends with a character that would be lost.
 */
const listed = (name: string): string => (/,|^[\s"]|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/**
 * The words of one option, repeated for each list of a list of lists; a value that begins with a dash is joined to the
 * flag by `=`, or it would be parsed as a flag.
 */
export function optionWords(flag: string, value: unknown): string[] {
  if (Array.isArray(value) && Array.isArray(value[0])) return value.flatMap((list) => optionWords(flag, list));
  const text = Array.isArray(value) ? value.map((item) => listed(String(item))).join(',') : nameOf(value);
  return value === true ? [flag] : text.startsWith('-') ? [`${flag}=${text}`] : [flag, text];
}

/** A word for a shell, quoted if necessary. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The command as a line for a shell. */
export const shellLine = (words: readonly string[]): string => ['npx southwell', ...words.map(shellWord)].join(' ');

/** A file as an argument, which must not look like an option; `-` is standard input. */
export const fileWord = (file: string): string => (file.startsWith('-') && file !== '-' ? `./${file}` : file);

/** The value of an input in a request; `more.1` is the first file of the list `more`. */
export function givenFor(request: object, input: string): unknown {
  const [name, place] = input.split('.');
  const value = (request as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(value) && place !== undefined ? value[Number(place) - 1] : value;
}

/** The words after `southwell` of the command that is equivalent to a request; defaults are omitted. */
export function commandWords(
  task: {
    readonly verb: readonly string[];
    readonly called?: readonly string[];
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly options: Options;
    readonly outputs: Readonly<Record<string, Output<never>>>;
  },
  request: Readonly<Record<string, unknown>>,
): string[] {
  const inputs = Object.keys(task.inputs).filter((name) => given(request[name]));
  return [
    ...(task.called ?? task.verb),
    ...inputs.flatMap((name) => [request[name]].flat().map((file) => fileWord(nameOf(file)))),
    ...Object.entries(task.options).flatMap(([name, option]) => {
      const about = declared(option);
      const value = request[name];
      if (!says(value, about) || value === about.default) return [];
      // The flag of an option that is turned off (`--no-…`) takes no value.
      return optionWords(flagOf(name, about), value === false ? true : value);
    }),
    ...Object.entries(task.outputs).flatMap(([name, output]) =>
      offered(output, task.options, request) ? [flagOf(name), fileOf(output)] : [],
    ),
  ];
}
