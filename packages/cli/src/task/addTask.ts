import { aboutText, declared, defaultText, flagOf, flagWords, type Task } from '@southwell/tasks';
import { type Command, CommanderError, Option } from 'commander';
import { CHECKPOINT, example, names, RESUME } from '../options.ts';
import { jsonSchema } from './jsonSchema.ts';
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

/** Adds a task to the program: flags and help from its declaration. */
export function addTask(program: Command, task: Task, end: (code: number) => void): void {
  const command = wordsOf(program, task.verb).description(task.about);
  for (const [name, about] of Object.entries(task.inputs)) command.argument(`<${name}>`, about);
  for (const name of Object.keys(task.options)) command.addOption(optionOf(task, name));
  command.optionsGroup('The run:').addOption(CHECKPOINT).addOption(RESUME);
  command.option('--config <file>', 'options from a JSON file, by their names in code; flags win over it');
  command.optionsGroup('What to write:');
  for (const [name, { about }] of Object.entries(task.outputs)) command.option(`${flagOf(name)} <file>`, about);
  command
    .option('--json', 'print one JSON document')
    .option('--json-schema', 'print the JSON schema of that document, and end')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', example(...task.examples.map((line) => `southwell ${line}`)))
    // Before the arguments are looked at: it needs none.
    .on('option:json-schema', () => {
      process.stdout.write(`${JSON.stringify(jsonSchema(task), null, 2)}\n`);
      throw new CommanderError(0, 'southwell.jsonSchema', '');
    })
    .action(async (...given: unknown[]) => {
      const inputs = Object.keys(task.inputs).map((name, k) => [name, given[k]] as const);
      end(await runTaskCommand(task, Object.fromEntries(inputs), command.opts()));
    });
}

/** The command of those words; groups on the way to it are made where they are missing. */
function wordsOf(program: Command, [word, ...rest]: readonly string[]): Command {
  const known = program.commands.find((c) => c.name() === word);
  if (rest.length === 0) return program.command(word);
  return wordsOf(known ?? program.command(word), rest);
}

function optionOf({ options }: Task, name: string): Option {
  const { kind, group, choices } = declared(options[name]);
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
  if (kind === 'columns') option.argParser(names);
  if (kind === 'whole' || kind === 'number') option.argParser(numeric);
  return option;
}

/** What is no number stays as it was written, for the sentence that says so. */
function numeric(text: string): number | string {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? text : value;
}
