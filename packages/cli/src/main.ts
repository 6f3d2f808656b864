import { AcceleratorError, accelerator } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { loadFamilies, wordsRun } from '@southwell/tasks';
import { Command, CommanderError } from 'commander';
import { addCompletion } from './commands/completion.ts';
import { addBench } from './commands/forward.ts';
import { EXIT, Exit, Failure, UsageError } from './errors.ts';
import { example } from './options.ts';
import { inTurn, onOneRank, RANKS, startedBy } from './ranks/ranks.ts';
import { addFamily } from './task/addTask.ts';
import { complaint, mindStreams } from './terminal/output-errors.ts';
import { VERSION } from './version.ts';

/** Commands that need no family. */
const ALONE = ['inspect', 'papers', 'workbench', 'site', 'bench'];

/** @param argv The command line as typed; its first word may run another command. */
async function build(argv: readonly string[], end: (code: number) => void): Promise<Command> {
  const [word] = wordsRun(argv);
  // Loading all of them would take longer than many jobs.
  const families = ALONE.includes(word) ? [] : await loadFamilies(word);
  /** The first commands in help that save a model, and that take one. */
  const saving = families
    .flatMap(({ tasks }) => tasks.flatMap(({ examples }) => examples))
    .find((line) => line.includes('--save model.json'));
  const taking = families
    .flatMap(({ tasks }) => tasks)
    .find(({ inputs }) => Object.values(inputs)[0]?.kind === 'model');
  const program = new Command('southwell')
    .description(
      'Optimisation methods at the shell: models, clusters, graphs and factors from a table; papers that run.',
    )
    .version(VERSION, '-V, --version')
    // Options belong to the command that precedes them: digest and its subcommands have some in common.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ helpWidth: 80, subcommandTerm: (command) => command.name() })
    .addHelpText(
      'after',
      `${example('southwell inspect bundled:diabetes', `southwell ${saving}`, `southwell ${taking?.examples[0].split(' && southwell ').at(-1)}`)}
Exit codes: 0 done and converged, 1 a paper's claim does not hold, 2 wrong usage or input, 3 stopped early,
4 a rank has not responded.`,
    );

  const schema = argv.includes('--json-schema') ? (await import('./task/jsonSchema.ts')).jsonSchema : undefined;
  for (const family of families) addFamily(program, family, { argv, end, schema });
  // Only what the first word requires is loaded: loading everything would take longer than many jobs.
  const missing = (word: string | undefined) => !program.commands.some((command) => command.name() === word);
  if (missing(word)) {
    const { addInspect } = await import('./commands/inspect.ts');
    addInspect(program, end);
  }
  // Larger than the rest together.
  if (missing(word)) {
    const [{ addRaces }, { addWorkbench }, { addSite }, { addDigest }, { addPapers }] = await Promise.all([
      import('./commands/race.ts'),
      import('./commands/addWorkbench.ts'),
      import('./commands/addSite.ts'),
      import('./commands/digest/index.ts'),
      import('./commands/papers/index.ts'),
    ]);
    addRaces(program, families, argv, end);
    addWorkbench(program, end);
    addSite(program, end);
    addDigest(program, end);
    addBench(program, end);
    addPapers(program, argv, end);
    addCompletion(program);
  }
  return program;
}

/** Throws for excess arguments, and for verbs that several ranks would all execute in the same way. */
function checkCall(command: Command, argv: readonly string[]): void {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  const verb = names.join(' ');
  const { args, registeredArguments: taken, options } = command;
  const extra = taken.at(-1)?.variadic ? undefined : args[taken.length];
  if (extra !== undefined) {
    const below = command.commands.map((other) => other.name());
    if (below.length > 0)
      throw new UsageError(`unknown command '${extra}' of southwell ${verb}; there are ${below.join(', ')}.`);
    const before = argv[argv.lastIndexOf(extra) - 1];
    const flag = options.find(({ long, short, required, optional }) => {
      return !required && !optional && (before === long || before === short);
    });
    throw new UsageError(
      `'${extra}' is an unexpected argument of southwell ${verb}, which takes ${taken.length === 0 ? 'none' : taken.map((argument) => argument.name().toUpperCase()).join(' ')}${flag ? `: ${before} before it takes no value` : ''}.`,
    );
  }
  if ((startedBy()?.size ?? 1) > 1 && !options.some(({ long }) => long === RANKS.long)) {
    throw new UsageError(onOneRank(verb));
  }
}

/** A word that looks like an option but cannot be one, such as a formula: the message says how to write it. */
const hinted = (text: string): string =>
  /^unknown option '-[^']*[^\w'=-]/.test(text)
    ? `${text}; what begins with a dash and is no option goes after --.`
    : text;

/** Runs one command and returns its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  mindStreams();
  let code: number = EXIT.done;
  const program = await build(argv, (c) => {
    code = c;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    // Excess arguments are counted below, for a message that quotes them.
    command
      .allowExcessArguments()
      .exitOverride()
      .configureOutput({
        outputError: (text, write) => write(complaint(hinted(text.replace(/^error: /, '').trim()))),
      });
  }
  program.hook('preAction', (_, command) => checkCall(command, argv));
  try {
    // Reports a missing library before anything is read.
    accelerator();
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.usage;
    }
    await program.parseAsync([...wordsRun(argv)], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof Exit) return error.exitCode;
    const known = error instanceof SouthwellError || error instanceof UsageError || error instanceof AcceleratorError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(complaint(await inTurn(known ? message : `Internal error: ${message}`)));
    if (process.env.SOUTHWELL_DEBUG === '1') process.stderr.write(`${(error as Error)?.stack ?? ''}\n`);
    else if (!known) process.stderr.write('Run it again with SOUTHWELL_DEBUG=1 for the details.\n');
    return error instanceof Failure ? error.exitCode : EXIT.usage;
  }
}
