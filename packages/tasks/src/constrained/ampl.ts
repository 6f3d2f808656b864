/** What a call as AMPL's solvers are called comes to: a command line of `southwell`, or text to be printed. */
export type AmplCall = { readonly argv: readonly string[] } | { readonly text: string; readonly code: number };

const NAME = 'southwell-ampl';

const USAGE = `Usage: ${NAME} STUB [-AMPL] [-s] [name=value ...]

Solves STUB.nl, as solvers for AMPL, Pyomo and JuMP are called. Models of one's own
are better solved by: southwell solve STUB.nl

  -AMPL       write STUB.sol, as AMPL asks for
  -s          write STUB.sol
  -v          print the version
  -?, --help  print this

Options have the names of Ipopt's, such as max_iter=200. Besides: method, time_limit
(seconds), relax=1 and why=0, which are options of southwell solve, where why is
on by default; wantsol (1: write STUB.sol; 8: print nothing). They are also read from the variables
southwell_options and ${NAME}_options, and from the command line last.
`;

/** Variables of the environment with options; Pyomo names them by the executable. */
const VARIABLES = ['southwell_options', 'southwell_ampl_options', `${NAME}_options`];

/** Options of `southwell solve` under names as AMPL's solvers have them. */
const OWN: Readonly<Record<string, 'value' | 'flag'>> = {
  method: 'value',
  time_limit: 'value',
  relax: 'flag',
  why: 'flag',
};
const YES: Readonly<Record<string, boolean>> = { 1: true, yes: true, 0: false, no: false };

/** Bits of the option wantsol. */
const [WRITE, SILENT] = [1, 8];

/**
 * @param argv What follows the name of the solver.
 * @param version Of this package.
 */
export function amplCall(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): AmplCall {
  if (argv.includes('-v') || argv.includes('--version')) return { text: `${NAME} ${version}\n`, code: 0 };
  if (argv.length === 0) return { text: USAGE, code: 2 };
  if (argv.some((word) => word === '-?' || word === '-h' || word === '--help')) return { text: USAGE, code: 0 };
  const [stub, ...words] = argv;
  const flags = words.filter((word) => word.startsWith('-'));
  const unknown = [...(stub.startsWith('-') ? [stub] : []), ...flags].find((word) => !/^-(AMPL|s)$/.test(word));
  if (unknown !== undefined) return { text: `${NAME}: there is no option '${unknown}'.\n\n${USAGE}`, code: 2 };
  if (stub.startsWith('-')) return { text: `${NAME}: the name of the model comes first.\n\n${USAGE}`, code: 2 };
  const given = [
    ...VARIABLES.flatMap((name) => optionsIn(env[name] ?? '')),
    ...words.filter((word) => !word.startsWith('-')).map(optionOf),
  ];
  const base = stub.replace(/\.nl$/, '');
  const settings: string[] = [];
  // Callers see the solution file alone: an infeasible model is explained there.
  const own = new Map<string, readonly string[]>([['why', ['--why']]]);
  let wanted = 0;
  for (const [name, value] of given) {
    const kind = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
    const flag = `--${name.replaceAll('_', '-')}`;
    if (name === 'wantsol' && /^\d+$/.test(value)) wanted = Number(value);
    else if (kind === 'value') own.set(name, [flag, value]);
    else if (kind === 'flag') {
      if (!Object.hasOwn(YES, value)) return { text: `${NAME}: ${name} is 1 or 0, not '${value}'.\n`, code: 2 };
      own.set(name, YES[value] ? [flag] : []);
    } else settings.push(value === '' ? name : `${name}=${value}`);
  }
  const writes = flags.length > 0 || (wanted & WRITE) !== 0;
  return {
    argv: [
      ...['solve', `${base}.nl`, ...settings, ...[...own.values()].flat()],
      ...(writes ? ['--save', `${base}.sol`] : []),
      ...((wanted & SILENT) !== 0 ? ['--quiet'] : []),
    ],
  };
}

type Option = readonly [name: string, value: string];

/** Options in a text: name=value or name value, where values with spaces are in quotes. */
function optionsIn(text: string): readonly Option[] {
  const found = text.matchAll(/([^\s=]+)\s*(?:=\s*|\s)?("[^"]*"|'[^']*'|[^\s=]*)/g);
  return Array.from(found, ([, name, value]) => [name, unquoted(value)]);
}

/** The option that is a word of the command line. */
function optionOf(word: string): Option {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), unquoted(word.slice(at + 1))];
}

const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/, '$2');
