import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accelerator } from '@southwell/numerics/arrays';

const home = fileURLToPath(new URL('../../', import.meta.url));

/** The machine of a run. */
export const machine = () => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryGB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
});

export function versions(): { readonly southwell: string; readonly node: string; readonly accelerator?: string } {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const { name } = accelerator() ?? {};
  return { southwell: version, node: process.versions.node, ...(name && { accelerator: name }) };
}

let known: { readonly commit?: string } | undefined;

/**
 * The commit of the checkout that contains this package, with `-dirty` if files were modified; undefined outside of a
 * checkout. Determined once per process.
 */
export function commit(): string | undefined {
  known ??= { commit: askGit() };
  return known.commit;
}

function askGit(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', home, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // If this package is installed inside another repository, that repository's commits are irrelevant.
    const root = git('rev-parse', '--show-toplevel');
    if (realpathSync(join(root, 'packages/papers')) !== realpathSync(home)) return undefined;
    return git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*');
  } catch {
    return undefined;
  }
}
