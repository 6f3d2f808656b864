import type { Command } from 'commander';
import { example } from '../../options.ts';
import { addCca } from './cca.ts';
import { addComplete } from './complete.ts';
import { addNmf, addSparsePca, addSvd } from './decompose.ts';
import { addDictionary } from './dictionary.ts';
import type { FactorCommands } from './shared.ts';

/** `southwell factor` with its verbs. */
export function addFactor(program: Command, commands: FactorCommands): void {
  const factor = program
    .command('factor')
    .description(
      'Matrices as products of smaller ones: singular vectors, parts, correlations, completion, dictionaries.',
    )
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText(
      'after',
      example(
        'southwell factor svd bundled:digits -k 10 --drop digit --center',
        'southwell factor complete ratings.csv --row user --col item --value rating --rank 10 --out filled.csv',
        'southwell factor dictionary bundled:digits --drop digit -k 16 --out-dictionary atoms.csv',
      ),
    );
  addSvd(factor, commands);
  addNmf(factor, commands);
  addSparsePca(factor, commands);
  addCca(factor, commands);
  addComplete(factor, commands);
  addDictionary(factor, commands);
}
