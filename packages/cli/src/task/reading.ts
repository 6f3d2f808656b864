import { check, flags, type Reading, readingOptions, table } from '@southwell/tasks';
import type { Command } from 'commander';
import { optionOf } from './addTask.ts';

/** Adds the reading options to a command that is not a task. */
export function addReading(command: Command): Command {
  for (const name of Object.keys(readingOptions)) {
    command.addOption(
      optionOf({ options: readingOptions, inputs: { data: table('a file') } }, name).helpGroup('Options:'),
    );
  }
  return command;
}

/** The reading options of such a command. Throws a sentence for invalid values. */
export function readingChecked(options: Reading & object): Reading {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(readingOptions, name));
  return check({ options: readingOptions }, Object.fromEntries(own) as Reading, flags({ options: readingOptions }));
}
