import type { Command } from 'commander';
import { example } from '../../options.ts';
import { addDictionary } from './dictionary.ts';

/** What all verbs of the group need to know. */
export interface FactorCommands {
  /** What data may be, for help. */
  readonly what: string;
  readonly formats: readonly string[];
  readonly argv: readonly string[];
  readonly end: (code: number) => void;
}

/** `southwell factor` with its verbs. */
export function addFactor(program: Command, commands: FactorCommands): void {
  const factor = program
    .command('factor')
    .description('Matrices as products of smaller ones: learn a dictionary of atoms and the codes of samples.')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText(
      'after',
      example('southwell factor dictionary bundled:digits --drop digit -k 16 --out-dictionary atoms.csv'),
    );
  addDictionary(factor, commands);
}
