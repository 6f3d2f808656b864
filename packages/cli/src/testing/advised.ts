import { wordsRun } from '@southwell/tasks';

/** Options that messages name must exist: in the command that wrote the message, or in the one that it quotes. */

interface Outcome {
  readonly out: string;
  readonly err: string;
}

const FLAG = /(?<![\w-])--[a-z][a-z0-9-]*/g;
/** A command line within a sentence: a verb of one or two words, and what follows up to the end of the sentence. */
const QUOTED = /(?<![\w-])southwell ([a-z-]+)( [a-z-]+)?[^.;:]*/g;
/**
 * What commands print that is no advice, such as records of papers, and complaints about options that do not exist.
 * Benchmarks are other programs: their help is not printed here.
 */
const LISTS = ['help', 'papers', 'bench', '--help', '-h', '--json-schema', '--completion', 'completion', '--version'];
const UNKNOWN = /unknown option|There is no option/;

/** Flags by verb, as help lists them. */
export type Helping = (verb: readonly string[]) => Promise<string>;

/** The names of options in what a command wrote, each with the first words of the command that should have it. */
function namedOptions(args: readonly string[], { out, err }: Outcome): Array<{ verb: string[]; flag: string }> {
  if (args.some((word) => LISTS.includes(word)) || UNKNOWN.test(err)) return [];
  // Values that are refused are repeated as they were given, in quotes, and may look like options.
  const text = args.reduce(
    (all, word) => all.replaceAll(`'${word}'`, '').replaceAll(JSON.stringify(word), ''),
    `${out}\n${err}`.replaceAll(/\s+/g, ' '),
  );
  const named: Array<{ verb: string[]; flag: string }> = [];
  const flagsIn = (part: string, verb: string[]) => {
    for (const [flag] of part.matchAll(FLAG)) named.push({ verb, flag });
  };
  const rest = text.replaceAll(QUOTED, (line, first: string, second?: string) => {
    flagsIn(line, [first, ...(second ? [second.trim()] : [])]);
    return '';
  });
  // Only words of a verb: an argument would be used as one.
  const verb = wordsRun(args).slice(0, 2);
  flagsIn(rest, verb.slice(0, verb[1] !== undefined && /^[a-z][a-z-]*$/.test(verb[1]) ? 2 : 1));
  return named;
}

/** The options named in outcomes that the commands do not have, with the commands. */
export async function undeclared(
  outcomes: ReadonlyArray<readonly [args: readonly string[], outcome: Outcome]>,
  help: Helping,
): Promise<string[]> {
  const helps = new Map<string, Promise<string>>();
  const helpOf = (verb: readonly string[]) => {
    const name = verb.join(' ');
    if (!helps.has(name)) helps.set(name, help(verb));
    return helps.get(name)!;
  };
  const found = new Set<string>();
  for (const [args, outcome] of outcomes) {
    if (!/^[a-z][a-z-]*$/.test(args[0] ?? '')) continue;
    // What follows `--` are no options, and may be quoted.
    const operands = args.includes('--') ? args.slice(args.indexOf('--') + 1) : [];
    for (const { verb, flag } of namedOptions(args, outcome)) {
      if (operands.includes(flag)) continue;
      const texts = await Promise.all([helpOf(verb), helpOf(verb.slice(0, 1))]);
      const listed = new RegExp(`${flag}(?![\\w-])`);
      // As in `southwell fit and save it with --save`, whose second word is none of a verb.
      if (!texts.some((text) => listed.test(text)))
        found.add(`southwell ${verb.join(' ')}: ${flag} (${args.join(' ')})`);
    }
  }
  return [...found];
}
