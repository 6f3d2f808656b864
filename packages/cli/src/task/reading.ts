import { check, flags, type Reading, readingOptions, table } from '@southwell/tasks';
import type { Command } from 'commander';
import { optionOf } from './addTask.ts';

/** Adds the options of reading a file to a command that is no task. */
export function addReading(command: Command): Command {
  for (const name of Object.keys(readingOptions)) {
    command.addOption(
      optionOf({ options: readingOptions, inputs: { data: table('a file') } }, name).helpGroup('Options:'),
    );
  }
  return command;
}

/** What such a command was told of the file. Throws a sentence for values that say nothing. */
export function readingChecked(options: Reading & object): Reading {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(readingOptions, name));
  return check({ options: readingOptions }, Object.fromEntries(own) as Reading, flags({ options: readingOptions }));
}
