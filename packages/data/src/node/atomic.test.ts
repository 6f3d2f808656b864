import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { expectFailure } from '../testing.ts';
import { writeFileAtomic } from './atomic.ts';
import { failFile } from './file-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'southwell-atomic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('atomic writes replace, and leave nothing behind when they fail', async () => {
  const path = join(folder, 'out.txt');
  writeFileAtomic(path, 'one');
  writeFileAtomic(path, new TextEncoder().encode('two'));
  expect(readFileSync(path, 'utf8')).toBe('two');
  mkdirSync(join(folder, 'taken'));
  const before = readdirSync(folder).sort();
  await expectFailure(
    async () => writeFileAtomic(join(folder, 'taken'), 'x'),
    /cannot be written: it is a folder/,
    'FILE',
  );
  await expectFailure(async () => writeFileAtomic(join(folder, 'no', 'a'), 'x'), /there is no folder .*no\./, 'FILE');
  expect(readdirSync(folder).sort()).toEqual(before);
});

test('what a killed process left goes with the next write of the path, and nothing else does', () => {
  const path = join(folder, 'swept.txt');
  const own = '.swept.txt.';
  const start = `${own}${hostname().slice(0, 16)}-`;
  const dead = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout.trim();
  const kept = [`${start}${process.ppid}-0.tmp`, `${own}elsewhere-${dead}-0.tmp`, `${start}${dead}-0.tmp.txt`].sort();
  for (const name of [...kept, `${start}${dead}-0.tmp`]) writeFileSync(join(folder, name), 'half');
  writeFileAtomic(path, 'whole');
  expect(readdirSync(folder).filter((name) => name.startsWith(own))).toEqual(kept);
  for (const name of kept) rmSync(join(folder, name));
});

/** A program that runs this very function, made from its source, since Node 20 cannot load TypeScript. */
function program(body: string): string {
  const source = readFileSync(new URL('./atomic.ts', import.meta.url), 'utf8').replace(
    /import \{ failFile \}.*\n/,
    'const failFile = (error: unknown): never => { throw error; };\n',
  );
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const path = join(folder, `child-${readdirSync(folder).length}.mjs`);
  writeFileSync(path, `${outputText}\n${body}\n`);
  return path;
}

test('killed in the middle of a write, the old file is whole', async () => {
  const path = join(folder, 'kept.bin');
  const length = 40e6;
  writeFileAtomic(path, new Uint8Array(1000).fill(9));
  const script = program(`
    const bytes = new Uint8Array(${length});
    process.stdout.write('ready');
    for (let k = 1; ; k++) writeFileAtomic(${JSON.stringify(path)}, bytes.fill(k % 100));`);
  let caughtInTheAct = 0;
  for (let attempt = 0; attempt < 20 && caughtInTheAct < 2; attempt++) {
    const child = spawn(process.execPath, [script]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, attempt * 7));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
    caughtInTheAct += left.length;
    for (const name of left) rmSync(join(folder, name));
    const found = readFileSync(path);
    expect([1000, length]).toContain(found.length);
    expect(found.equals(Buffer.alloc(found.length, found[0]))).toBe(true);
  }
  expect(caughtInTheAct).toBeGreaterThan(0);
});

test.skipIf(process.platform === 'win32')('a write that fails halfway removes its temporary', () => {
  const path = join(folder, 'limited.bin');
  writeFileAtomic(path, 'old');
  const script = program(`
    try { writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(8e6)); }
    catch (error) { process.stdout.write(error.code); }`);
  // ulimit counts blocks of 512 or 1024 bytes: the first MiB is written, the rest is not.
  const { stdout } = spawnSync('sh', ['-c', `ulimit -f 4000; exec "${process.execPath}" "${script}"`]);
  expect(String(stdout)).toBe('EFBIG');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is told (needs /dev/full)', async () => {
  await expectFailure(
    async () => {
      try {
        writeSync(openSync('/dev/full', 'w'), 'x');
      } catch (error) {
        failFile(error, 'model.json', 'written');
      }
    },
    /model\.json cannot be written: the disk is full/,
    'FILE',
  );
});
