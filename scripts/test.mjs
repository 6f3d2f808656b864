// npm test: build, lint, types, and the tests that finish within minutes. npm run test:long: the other tests
// (*.long.test.ts). The last line has the numbers of passed and failed tests; the exit code is 0 only if all passed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const words = process.argv.slice(2);
const long = words[0] === '--long';
if (long) words.shift();
/** Number of slowest files to list. */
const SLOWEST = 15;

const bin = (name) => join(root, 'node_modules', name);
const run = (what, args, cwd = root) => {
  console.log(`\n${what}`);
  return spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status === 0;
};

/** Prints what a program says when it has ended, so that two may run at a time. */
const runAside = (what, args, cwd = root) =>
  new Promise((resolve) => {
    const said = [`\n${what}\n`];
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(text));
    child.on('close', (code) => {
      for (const text of said) process.stdout.write(text);
      resolve(code === 0);
    });
  });

const problems = [];
const built = run('Building …', [join(root, 'scripts/build.mjs')]);
if (!built) problems.push('build');
if (!long) {
  const check = ['--tsconfig', 'tsconfig.json', '--fail-on-warnings'];
  const app = join(root, 'packages/workbench/app');
  const [lint, svelte] = await Promise.all([
    runAside('Linting …', [bin('@biomejs/biome/bin/biome'), 'check', '.']),
    !built || runAside('Checking Svelte files …', [bin('svelte-check/bin/svelte-check'), ...check], app),
  ]);
  if (!lint) problems.push('lint');
  if (!svelte) problems.push('svelte-check');
}

/** The slowest files, one per line. */
function slowest(testResults) {
  const files = testResults.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }));
  files.sort((a, b) => b.seconds - a.seconds);
  const lines = files.slice(0, SLOWEST).map(({ name, seconds }) => {
    return `${seconds.toFixed(1).padStart(7)} s  ${relative(root, name)}`;
  });
  return `Slowest files:\n${lines.join('\n')}`;
}

let counts = { passed: 0, failed: 0, skipped: 0 };
if (built) {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-test-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const suite = long ? ['.long.test.ts'] : ['--exclude', '**/*.long.test.ts'];
  const ok = run('Testing …', [bin('vitest/vitest.mjs'), 'run', ...reporters, ...suite, ...words]);
  try {
    const r = JSON.parse(readFileSync(file, 'utf8'));
    // A file that cannot be loaded has no tests to fail.
    const broken = r.testResults.filter((t) => t.status === 'failed' && t.assertionResults.length === 0).length;
    counts = {
      passed: r.numPassedTests,
      failed: r.numFailedTests + broken,
      skipped: r.numPendingTests + r.numTodoTests,
    };
    const skipped = r.testResults.flatMap((t) => t.assertionResults).filter((a) => a.status === 'skipped');
    for (const [name, file] of Object.entries({ Chromium: '/usr/bin/chromium', 'Open MPI': '/usr/bin/mpirun' })) {
      const unseen = skipped.filter((a) => a.fullName.includes(name)).length;
      // Skipped if only some tests were requested.
      if (unseen > 0 && words.length === 0 && existsSync(file)) {
        problems.push(`${unseen} tests for ${name} skipped although it is there`);
      }
    }
    console.log(`\n${slowest(r.testResults)}`);
  } catch {
    problems.push('test run (no results)');
  }
  if (!ok && counts.failed === 0) problems.push('test run');
  rmSync(folder, { recursive: true, force: true });
}
const failed = counts.failed + problems.length;
if (problems.length > 0) console.log(`\nFailed: ${problems.join(', ')}.`);
console.log(`\n${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(failed > 0 || counts.passed === 0 ? 1 : 0);
