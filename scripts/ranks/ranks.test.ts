/** The scripts that start ranks under Slurm and on two hosts: `npm run ranks`, as root; each says what it lacks. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const command = path('../../packages/cli/bin/southwell.mjs');
const asked = process.env.SOUTHWELL_RANKS === '1';

function script(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('sh', [path(name), ...args], { encoding: 'utf8', timeout: 100_000 });
  return { status, stdout, stderr };
}

/** Skipped where the script says what it lacks: code 77. */
function run(skip: (note: string) => void, name: string, ...args: string[]) {
  const end = script(name, ...args);
  if (end.status === 77) skip(end.stderr.trim());
  return end;
}

const slow = [
  '--method',
  'random-search',
  '--dim',
  '2',
  '--integer',
  '--lower',
  '-9',
  '--upper',
  '9',
  '--timeout',
  '2',
];
const program = ['minimize', '--command', 'sleep 0.05; echo $(( {x1} * {x1} + {x2} * {x2} ))', ...slow];
/** Without what names the run or measures it. */
const found = (json: string) => {
  const { command: _, seconds: __, ...rest } = JSON.parse(json);
  return rest;
};
/** One rank, as a thread. */
const alone = (...args: string[]) =>
  found(spawnSync(process.execPath, [command, ...args, '--ranks', '1', '--json'], { encoding: 'utf8' }).stdout);

afterEach(() => {
  // Whatever they made is gone.
  expect(readdirSync(tmpdir()).filter((name) => /^southwell-(slurm|hosts)\./.test(name))).toEqual([]);
  if (existsSync('/run/netns')) {
    expect(readdirSync('/run/netns').filter((name) => name.startsWith('southwell-'))).toEqual([]);
  }
});

describe.skipIf(!asked)('ranks elsewhere (npm run ranks)', () => {
  const srun = ['srun', '--mpi=pmix', '--overcommit', '-n', '2', process.execPath, command];

  test('Slurm starts two ranks, which find what one does', ({ skip }) => {
    const { status, stdout } = run(skip, 'slurm.sh', ...srun, ...program, '--budget', '30', '--json');
    expect([status, found(stdout)]).toEqual([0, alone(...program, '--budget', '30')]);
  });

  test('under Slurm a mistake is told once, with its code', ({ skip }) => {
    const args = [...srun.slice(0, 1), '--kill-on-bad-exit', ...srun.slice(1), 'minimize', 'nothing'];
    const { status, stderr } = run(skip, 'slurm.sh', ...args);
    expect(status).toBe(2);
    expect(stderr.match(/southwell:/g)).toHaveLength(1);
  });

  test('two hosts find what one rank does', ({ skip }) => {
    const args = [process.execPath, command, ...program, '--budget', '30', '--json'];
    const { status, stdout } = run(skip, 'hosts.sh', ...args);
    expect([status, found(stdout)]).toEqual([0, alone(...program, '--budget', '30')]);
  });

  test('when the cable is out the survivors name who is silent', ({ skip }) => {
    const args = ['--down', '3', process.execPath, command, ...program, '--budget', '100000'];
    const { status, stderr } = run(skip, 'hosts.sh', ...args);
    expect(stderr).toMatch(/southwell: Rank 0 has waited 2 s for a message: rank 1 has not responded\./);
    expect(status).toBe(4);
  });
});
