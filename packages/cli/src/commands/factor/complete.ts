import type { Command } from 'commander';
import type { FactorCommands } from './index.ts';

/** `southwell factor complete`. */
export function addComplete(factor: Command, _commands: FactorCommands): void {
  factor.command('complete').description('Fill in a matrix from some of its entries.');
}
