import type { Command } from 'commander';
import { example } from '../../options.ts';
import { addComplete } from './complete.ts';

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
    .description('Matrices as products of smaller ones: complete one from some of its entries.')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText(
      'after',
      example('southwell factor complete ratings.csv --row user --col item --value rating --rank 10 --out filled.csv'),
    );
  addComplete(factor, commands);
}
