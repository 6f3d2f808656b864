/** Follows docs/adding.md to the letter, in a copy of the repository: it builds, and what is added runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { added, examples, root } from './additions.ts';

/** A build and some hundred tests, on a machine that others use too. */
const LONG = 600_000;

/** A folder with all files of the repository and what is built of them; links in node_modules lead to its own packages. */
function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'southwell-adding-'));
  const git = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', git, { cwd: root, encoding: 'utf8' }).split('\n');
  for (const name of files.filter((path) => path !== '' && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    // With their times, by which builds know what is new.
    cpSync(join(root, name), join(copy, name), { preserveTimestamps: true });
  }
  for (const name of [...readdirSync(join(root, 'packages')).map((p) => `packages/${p}`), 'bench']) {
    for (const made of ['dist', 'src/generated']) {
      const from = join(root, name, made);
      if (existsSync(from)) cpSync(from, join(copy, name, made), { recursive: true, preserveTimestamps: true });
    }
  }
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@southwell'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === 'southwell') symlinkSync('../packages/southwell', join(modules, name));
    else if (name !== '@southwell' && !name.startsWith('.vite'))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(root, 'node_modules/@southwell'))) {
    symlinkSync(name === 'bench' ? '../../bench' : `../../packages/${name}`, join(modules, '@southwell', name));
  }
  // Some tests ask git what files there are.
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
  ])
    execFileSync('git', args, { cwd: copy });
  return copy;
}

describe('what the page adds', () => {
  let copy = '';
  let built = false;
  const at = (path: string): string => join(copy, path);
  const textOf = (path: string): string | undefined =>
    existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined;
  /** Runs a program in the copy; what it says if it fails. */
  function run(args: readonly string[], cwd = copy): string {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VITEST: undefined };
    const r = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env });
    if (r.status !== 0)
      throw new Error(`${args.join(' ')} ended with ${r.status}:\n${`${r.stdout}${r.stderr}`.slice(-80000)}`);
    return r.stdout;
  }
  const tool = (name: string): string => join(root, 'node_modules', name);

  beforeAll(() => {
    copy = copyOfRepository();
  });
  afterAll(() => {
    if (copy !== '') rmSync(copy, { recursive: true, force: true });
  });

  test('goes to places that are there, builds, and changes no other file', { timeout: LONG }, () => {
    const pages = () => readdirSync(at('docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []));
    const before = new Map(pages().map((path) => [path, textOf(path)]));
    for (const addition of examples.flatMap(({ additions }) => additions)) {
      const text = added(textOf(addition.path), addition);
      mkdirSync(dirname(at(addition.path)), { recursive: true });
      writeFileSync(at(addition.path), text);
    }
    run(['scripts/build.mjs', 'modules', 'types', 'bundles']);
    run(['scripts/options-tables.mjs']);
    built = true;
    const files = new Set(examples.flatMap((example) => example.files));
    expect(pages().filter((path) => textOf(path) !== before.get(path) && !files.has(path))).toEqual([]);
    // As `npm run format` would have it, and without what the linter finds.
    const code = [...files].filter((path) => path.endsWith('.ts') && !path.includes('/assembly/'));
    run([tool('@biomejs/biome/bin/biome'), 'check', '--write', ...code]);
  });

  test('passes its own tests, and those that go through lists', { timeout: LONG }, () => {
    expect(built, 'it was built').toBe(true);
    const own = examples.flatMap(({ files }) => files).filter((path) => path.endsWith('.test.ts'));
    /** The tests of that name in both suites. */
    const both = (path: string) => [`${path}.test.ts`, `${path}.long.test.ts`];
    const generic = [
      'packages/southwell/src/penalties/penalties',
      'packages/southwell/src/linear-models/solvers/solvers',
      ...['imports', 'sizes', 'options-tables', 'unknown-options'].map((name) => `scripts/${name}`),
    ];
    run([tool('vitest/vitest.mjs'), 'run', ...new Set([...own, ...generic.flatMap(both)])]);
    // Of long lists what is new.
    const lists = [
      'packages/papers/src/records',
      'packages/cli/src/task',
      'scripts/snippets',
      'scripts/task-forms/forms',
    ];
    const fresh = "(locate|56|cluster' of 'parts|every option)";
    run([tool('vitest/vitest.mjs'), 'run', ...lists.flatMap(both), '-t', fresh]);
  });

  test('is there at the shell', () => {
    expect(built, 'it was built').toBe(true);
    const southwell = (...args: string[]) => run([at('packages/cli/bin/southwell.mjs'), ...args, '--json']);
    const json = (...args: string[]) => JSON.parse(southwell(...args));
    const cluster = ['cluster', 'bundled:diabetes', '-k', '3', '--method'];
    expect(json(...cluster, 'mixture', '--regularization', '0.1').status).toBe('converged');
    expect(json(...cluster, 'bisecting').status).toBe('completed');
    const fit = ['fit', 'bundled:diabetes', '--alpha', '1', '--standardize'];
    const capped = json(...fit, '--model', 'capped-l1', '--gamma', '10', '--solver', 'gauss-southwell');
    expect([capped.status, capped.model.title]).toEqual(['converged', 'Capped L1 regression']);
    const ones = Array.from({ length: 10 }, () => 1).join();
    expect(json(...fit, '--model', 'slope', '--lambdas', ones).status).toBe('converged');
    expect(json(...fit, '--model', 'expectile', '--quantile', '0.9').model.title).toBe('Expectile regression');
    expect(json('locate', 'bundled:diabetes', '--drop', 'y').centre).toHaveLength(10);
    expect(json('papers', 'run', '56', '--no-save').verdicts[0].outcome).toBe('holds');
  });
});
