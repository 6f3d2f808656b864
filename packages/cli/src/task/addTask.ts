import {
  aboutText,
  briefText,
  comesFirst,
  declared,
  defaultText,
  type Family,
  flagOf,
  flags,
  flagWords,
  type Kind,
  outputText,
  shellWord,
  spelled,
  type Task,
} from '@southwell/tasks';
import { type Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import { CHECKPOINT, example, names, RESUME } from '../options.ts';
import { DRY_RUN, EVENTS, FORECAST, NETWORK, RANK_LOGS, RANK_TIMEOUT, RANKS, RANKS_OR_AUTO } from '../ranks/ranks.ts';
import { addHelp, asksAll } from './help.ts';
import type { jsonSchema } from './jsonSchema.ts';
import { runTaskCommand } from './run.ts';
import { TaskOption } from './taskOption.ts';

/** The command line as typed, and callbacks for its outcome. */
interface Typed {
  readonly argv: readonly string[];
  /** Receives the exit code. */
  readonly end: (code: number) => void;
  /** Loaded on demand. */
  readonly schema?: typeof jsonSchema;
}

/** Adds the tasks of a family to the program, with help for the first word that their commands share. */
export function addFamily(program: Command, family: Family, typed: Typed): void {
  const { about, tasks } = family;
  if (about !== undefined) {
    program
      .command(tasks[0].verb[0])
      .description(about)
      .helpCommand('help [verb]', 'show the help of a verb')
      .addHelpText('after', example(...tasks.map(({ examples }) => `southwell ${examples[0]}`)));
  }
  for (const task of tasks) addTask(program, task, typed);
}

/** Adds a task to the program: flags and help are derived from its declaration. */
function addTask(program: Command, task: Task, { argv, end, schema }: Typed): void {
  const say = (text: string) => spelled(text, task.options, flags(task).option);
  const command = wordsOf(program, task.verb, task.called !== undefined).description(say(task.about));
  for (const [name, input] of Object.entries(task.inputs)) {
    const { about, optional, several } = input;
    command.argument(optional ? `[${name}${several ? '...' : ''}]` : `<${name}>`, say(about));
  }
  const first = Object.keys(task.options).filter((name) => comesFirst(task.options[name]));
  addHelp(command, {
    examples: task.examples,
    first: new Set([
      ...first.map((name) => flagOf(name, declared(task.options[name]))),
      ...Object.keys(task.outputs).map((name) => flagOf(name)),
      '--json',
    ]),
    all: asksAll(argv),
    called: task.called,
  });
  for (const name of Object.keys(task.options)) command.addOption(optionOf(task, name));
  command.optionsGroup('The run:');
  if (task.resumes !== false) command.addOption(CHECKPOINT).addOption(RESUME);
  if (task.ranks)
    command
      .addOption(task.choosesRanks ? RANKS_OR_AUTO : RANKS)
      .addOption(RANK_TIMEOUT)
      .addOption(RANK_LOGS)
      .addOption(NETWORK)
      .addOption(EVENTS);
  if (task.plan) command.addOption(DRY_RUN);
  if (task.forecast) command.addOption(FORECAST);
  command.option('--config <file>', 'read options from a JSON file, by their names in code; flags take precedence');
  command.optionsGroup('What to write:');
  for (const [name, output] of Object.entries(task.outputs))
    command.option(`${flagOf(name)} <file>`, outputText(output));
  command
    .option('--json', 'print one JSON document')
    .option('--json-schema', 'print the JSON schema of that document and exit')
    .option('-q, --quiet', 'print errors only')
    // Handled before arguments are checked, as it needs none.
    .on('option:json-schema', () => {
      process.stdout.write(`${JSON.stringify(schema!(task), null, 2)}\n`);
      throw new CommanderError(0, 'southwell.jsonSchema', '');
    })
    .action(async (...given: unknown[]) => {
      // commander makes an empty list if nothing is given.
      const listed = (value: unknown) => (Array.isArray(value) && value.length === 0 ? undefined : value);
      const inputs = Object.keys(task.inputs).map((name, k) => [name, listed(given[k])] as const);
      const line = `southwell ${argv.map(shellWord).join(' ')}`;
      end(await runTaskCommand(task, Object.fromEntries(inputs), typedOf(task, command), line));
    });
}

/** The command with those words, hidden if it is called by others; parents that already exist are reused. */
function wordsOf(program: Command, [word, ...rest]: readonly string[], hidden: boolean): Command {
  if (rest.length === 0) return program.command(word, { hidden });
  return wordsOf(program.commands.find((c) => c.name() === word)!, rest, hidden);
}

/**
 * The options as typed, without commander's defaults for flags like --no-intercept, and with presets for flags without
 * value.
 */
function typedOf({ options }: Task, command: Command): Record<string, unknown> {
  const typed = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
  return Object.fromEntries(
    typed.map(([name, value]) => {
      const preset = value === true && Object.hasOwn(options, name) ? declared(options[name]).preset : undefined;
      return [name, preset ?? value];
    }),
  );
}

/** An option from its declaration. */
export function optionOf({ options, inputs }: Pick<Task, 'options' | 'inputs'>, name: string): Option {
  const { kind, group, choices, preset, expected, word } = declared(options[name]);
  const usual = defaultText(options, name);
  const withUsual = (about: string) => `${about}${usual === undefined ? '' : ` (default: ${usual})`}`;
  const option = new TaskOption(
    flagWords(options, name),
    withUsual(aboutText(options, name)),
    name,
    choices?.map(([value]) => value),
    withUsual(briefText(options, name)),
  );
  if (group) option.helpGroup(group);
  // Only parses values: whether they are allowed is left to the central check.
  if (kind === 'columns' || kind === 'texts') option.argParser(names);
  if (kind === 'groups') option.argParser((text: string, lists: string[][] = []) => [...lists, names(text)]);
  const parsers: Partial<Record<Kind, (text: string) => unknown>> = {
    whole: numeric,
    number: numeric,
    numbers: numerics,
  };
  const parse = parsers[kind];
  if (parse) option.argParser(parse);
  if (choices && preset !== undefined) {
    const input = Object.keys(inputs)[0];
    option.argParser((text: string) => {
      // Not a choice but a file name, which was meant as an argument.
      if (choices.some(([value]) => value === text) || !/[./:]/.test(text)) return text;
      throw new InvalidArgumentError(`It must be ${expected}; write ${input.toUpperCase()} before ${option.long}.`);
    });
  }
  if (parse && preset !== undefined) {
    const input = Object.keys(inputs)[0];
    // The word after the flag could be meant as an argument.
    option.argParser((text: string) => {
      const value = parse(text);
      if (typeof value !== 'string' || value === word) return value;
      throw new InvalidArgumentError(`It must be ${expected}; write ${input.toUpperCase()} before ${option.long}.`);
    });
  }
  return option;
}

/** Text that is not a number is kept, for the error message; `inf` is accepted, as programs print it. */
function numeric(text: string): number | string {
  const infinite = /^\s*([+-]?)inf\s*$/i.exec(text);
  const value = infinite ? Number(`${infinite[1]}Infinity`) : text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? text : value;
}

/** Numbers separated by commas; text that contains anything else is kept. */
function numerics(text: string): number[] | string {
  const values = text.split(',').map(numeric);
  return values.every((value) => typeof value === 'number') ? values : text;
}
