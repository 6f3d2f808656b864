/** Outputs that cannot be written: full disks, folders of other users, closed streams. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { cleanEnv, command, type Outcome, TRACE, type workshop } from '../testing.ts';

type Workshop = ReturnType<typeof workshop>;
/** An output of the command: the arguments that write it to a path. */
export type Output = (path: string) => readonly string[];

export const root = process.getuid?.() === 0;

/** The outputs of the command, by name; big.json is a model. */
export const outputsOf = ({ at }: Workshop): Array<[string, Output]> => [
  ['model', (path) => ['fit', 'bundled:spambase', '--alpha', '0.01', '-q', '--save', path]],
  ['report', (path) => ['fit', 'bundled:diabetes', '--alpha', '0.1', '-q', '--report', path]],
  ['predictions', (path) => ['predict', at('big.json'), 'bundled:spambase', '--proba', '-q', '--out', path]],
];

// A file system of two pages, less than any of the outputs needs, visible only to these processes and removed with
// them.
const alone = root ? ['-m'] : ['-rm'];
const tmpfs = (where: string) => `mount -t tmpfs -o size=8k,mode=777 tmpfs '${where}'`;
export const canMount = ({ folder }: Workshop): boolean =>
  spawnSync('unshare', [...alone, 'sh', '-c', tmpfs(folder)]).status === 0;

/** Runs the command on a full disk; returns its message and the files on the disk. */
export const onFullDisk = ({ at, folder }: Workshop, args: Output) => {
  const disk = at('disk');
  mkdirSync(disk, { recursive: true });
  const words = args(`${disk}/old.csv`).map((w) => `'${w}'`);
  const script = `${tmpfs(disk)} && printf old >'${disk}/old.csv' && { '${process.execPath}' '${command}' ${words.join(' ')}
    code=$?; ls -A '${disk}'; cat '${disk}/old.csv'; exit $code; }`;
  return spawnSync('unshare', [...alone, 'sh', '-c', script], { cwd: folder, encoding: 'utf8', env: cleanEnv() });
};

export function refusesFullDisk(shop: Workshop, args: Output): void {
  const r = onFullDisk(shop, args);
  expect(r.status).toBe(2);
  expect(r.stderr).toMatch(/^southwell: .*old\.csv cannot be written: the disk is full; free some space.*\n$/);
  expect(r.stdout).toBe('old.csv\nold');
}

// Root may write anywhere: then the command runs as nobody.
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
export const asUser = ({ folder }: Workshop, ...args: readonly string[]): Outcome => {
  const [program, ...rest] = [...(root ? nobody : []), process.execPath, command, ...args];
  const r = spawnSync(program, rest, { cwd: folder, encoding: 'utf8', env: cleanEnv() });
  return { code: r.status, out: r.stdout, err: r.stderr };
};
export const canBeUser = (shop: Workshop): boolean =>
  process.platform !== 'win32' && asUser(shop, '--version').code === 0;

/** Checks that a folder without write permission is left unchanged. */
export function refusesFolder(shop: Workshop, args: Output): void {
  const { at, folder } = shop;
  const locked = at('locked');
  mkdirSync(locked, { recursive: true });
  writeFileSync(`${locked}/old.csv`, 'old');
  chmodSync(`${locked}/old.csv`, 0o666);
  chmodSync(locked, 0o555);
  chmodSync(folder, 0o755);
  const r = asUser(shop, ...args(`${locked}/old.csv`));
  expect(r).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/locked\/old\.csv cannot be written: writing to/),
  });
  const fresh = asUser(shop, ...args(`${locked}/new.csv`));
  expect(fresh.err).toMatch(/new\.csv cannot be written: writing to .*locked is not permitted; choose another place/);
  expect(fresh.code).toBe(2);
  expect(readdirSync(locked)).toEqual(['old.csv']);
  expect(readFileSync(`${locked}/old.csv`, 'utf8')).toBe('old');
  chmodSync(locked, 0o755);
}

/** Checks the errors if standard output cannot be written. */
export function refusesStdout({ folder }: Workshop, args: readonly string[]): void {
  const stdout = openSync('/dev/full', 'w');
  const r = spawnSync(process.execPath, [command, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: cleanEnv(),
    stdio: ['ignore', stdout, 'pipe'],
  });
  expect(r.status).toBe(2);
  expect(r.stderr).toMatch(/Standard output cannot be written: /);
  expect(r.stderr).not.toMatch(TRACE);
}
