import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { example } from '../options.ts';

/** A script of the workspace that may contain this package. */
function script(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../../scripts/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

function forward(path: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 130 : (code ?? 1)));
  });
}

export async function benchCommand(name: string | undefined, args: readonly string[]): Promise<number> {
  const path = script('bench.mjs');
  if (!path) {
    throw new UsageError('The benchmarks are in the southwell repository: clone it, npm ci, then npm run bench.');
  }
  return forward(path, name === undefined ? args : [name, ...args]);
}

/** `southwell bench`. */
export function addBench(program: Command, end: (code: number) => void): void {
  program
    .command('bench')
    .description("Run one of the workspace's benchmarks.")
    .argument('[name]', 'name of the benchmark; without it, they are listed')
    .argument('[args...]', 'passed on')
    .allowUnknownOption()
    .helpOption(false)
    .addHelpText('after', example('southwell bench kernels'))
    .action(async (name: string | undefined, args: string[]) => end(await benchCommand(name, args)));
}
