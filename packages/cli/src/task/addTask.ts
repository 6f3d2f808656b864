import {
  aboutText,
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
import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CHECKPOINT, example, names, RESUME } from '../options.ts';
import { DRY_RUN, NETWORK, RANK_LOGS, RANK_TIMEOUT, RANKS } from '../ranks/ranks.ts';
import type { jsonSchema } from './jsonSchema.ts';
import { runTaskCommand } from './run.ts';

/** An option that came of a declaration, with what completion offers for it. */
export class TaskOption extends Option {
  constructor(
    flags: string,
    description: string,
    /** Its name in requests. */
    readonly key: string,
    readonly values: readonly string[] = [],
  ) {
    super(flags, description);
  }

  override attributeName(): string {
    return this.key;
  }
}

/** What was typed, and what comes of it. */
interface Typed {
  readonly argv: readonly string[];
  /** Takes the exit code. */
  readonly end: (code: number) => void;
  /** Loaded where it is asked for. */
  readonly schema?: typeof jsonSchema;
}

/** Adds the tasks of a family to the program, with help on the word that their commands share. */
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

/** Adds a task to the program: flags and help from its declaration. */
function addTask(program: Command, task: Task, { argv, end, schema }: Typed): void {
  const say = (text: string) => spelled(text, task.options, flags(task).option);
  const command = wordsOf(program, task.verb).description(say(task.about));
  for (const [name, input] of Object.entries(task.inputs)) {
    const { about, optional, several } = input;
    command.argument(optional ? `[${name}${several ? '...' : ''}]` : `<${name}>`, say(about));
  }
  for (const name of Object.keys(task.options)) command.addOption(optionOf(task, name));
  command.optionsGroup('The run:');
  if (task.resumes !== false) command.addOption(CHECKPOINT).addOption(RESUME);
  if (task.ranks) command.addOption(RANKS).addOption(RANK_TIMEOUT).addOption(RANK_LOGS).addOption(NETWORK);
  if (task.plan) command.addOption(DRY_RUN);
  command.option('--config <file>', 'read options from a JSON file, by their names in code; flags take precedence');
  command.optionsGroup('What to write:');
  for (const [name, output] of Object.entries(task.outputs))
    command.option(`${flagOf(name)} <file>`, outputText(output));
  command
    .option('--json', 'print one JSON document')
    .option('--json-schema', 'print the JSON schema of that document and exit')
    .option('-q, --quiet', 'print errors only')
    .addHelpText('after', example(...task.examples.map((line) => `southwell ${line}`)))
    // Before the arguments are looked at: it needs none.
    .on('option:json-schema', () => {
      process.stdout.write(`${JSON.stringify(schema!(task), null, 2)}\n`);
      throw new CommanderError(0, 'southwell.jsonSchema', '');
    })
    .action(async (...given: unknown[]) => {
      // Of a list that nothing is in commander makes an empty one.
      const listed = (value: unknown) => (Array.isArray(value) && value.length === 0 ? undefined : value);
      const inputs = Object.keys(task.inputs).map((name, k) => [name, listed(given[k])] as const);
      const line = `southwell ${argv.map(shellWord).join(' ')}`;
      end(await runTaskCommand(task, Object.fromEntries(inputs), typedOf(task, command), line));
    });
}

/** The command of those words; those before the last are there already. */
function wordsOf(program: Command, [word, ...rest]: readonly string[]): Command {
  return rest.length === 0 ? program.command(word) : wordsOf(program.commands.find((c) => c.name() === word)!, rest);
}

/** What was typed: not what commander takes a flag like --no-intercept to be by default; presets for what had no value. */
function typedOf({ options }: Task, command: Command): Record<string, unknown> {
  const typed = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
  return Object.fromEntries(
    typed.map(([name, value]) => {
      const preset = value === true && Object.hasOwn(options, name) ? declared(options[name]).preset : undefined;
      return [name, preset ?? value];
    }),
  );
}

/** An option of a declaration. */
export function optionOf({ options, inputs }: Pick<Task, 'options' | 'inputs'>, name: string): Option {
  const { kind, group, choices, preset, expected, word } = declared(options[name]);
  const usual = defaultText(options, name);
  const about = `${aboutText(options, name)}${usual === undefined ? '' : ` (default: ${usual})`}`;
  const option = new TaskOption(
    flagWords(options, name),
    about,
    name,
    choices?.map(([value]) => value),
  );
  if (group) option.helpGroup(group);
  // Values only: whether they are allowed is for the one check to say.
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
      // No choice, but the name of a file, which was meant for something else.
      if (choices.some(([value]) => value === text) || !/[./:]/.test(text)) return text;
      throw new InvalidArgumentError(`It must be ${expected}; write ${input.toUpperCase()} before ${option.long}.`);
    });
  }
  if (parse && preset !== undefined) {
    const input = Object.keys(inputs)[0];
    // What follows the flag could be meant for something else.
    option.argParser((text: string) => {
      const value = parse(text);
      if (typeof value !== 'string' || value === word) return value;
      throw new InvalidArgumentError(`It must be ${expected}; write ${input.toUpperCase()} before ${option.long}.`);
    });
  }
  return option;
}

/** What is no number stays as it was written, for the sentence that says so; `inf` is one, as programs print it. */
function numeric(text: string): number | string {
  const infinite = /^\s*([+-]?)inf\s*$/i.exec(text);
  const value = infinite ? Number(`${infinite[1]}Infinity`) : text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? text : value;
}

/** Numbers parted by commas; a text that holds anything else stays as it was written. */
function numerics(text: string): number[] | string {
  const values = text.split(',').map(numeric);
  return values.every((value) => typeof value === 'number') ? values : text;
}
