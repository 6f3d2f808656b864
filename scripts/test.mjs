// npm test: build, lint, types of the Svelte files, tests. The last line counts what passed and failed; the exit code is 0 only if all is well.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', name);
const run = (what, args, cwd = root) => {
  console.log(`\n${what}`);
  return spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status === 0;
};

const problems = [];
const built = run('Building (WebAssembly kernels, then TypeScript) …', [join(root, 'scripts/build.mjs')]);
if (!built) problems.push('build');
if (!run('Linting …', [bin('@biomejs/biome/bin/biome'), 'check', '.'])) problems.push('lint');
const check = ['--tsconfig', 'tsconfig.json', '--fail-on-warnings'];
const app = join(root, 'packages/workbench/app');
if (built && !run('Checking Svelte files …', [bin('svelte-check/bin/svelte-check'), ...check], app))
  problems.push('svelte-check');

let counts = { passed: 0, failed: 0, skipped: 0 };
if (built) {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-test-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ok = run('Testing …', [bin('vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)]);
  try {
    const r = JSON.parse(readFileSync(file, 'utf8'));
    // A file that cannot even be loaded has no tests to fail.
    const broken = r.testResults.filter((t) => t.status === 'failed' && t.assertionResults.length === 0).length;
    counts = {
      passed: r.numPassedTests,
      failed: r.numFailedTests + broken,
      skipped: r.numPendingTests + r.numTodoTests,
    };
    const skipped = r.testResults.flatMap((t) => t.assertionResults).filter((a) => a.status === 'skipped');
    for (const [name, file] of Object.entries({ Chromium: '/usr/bin/chromium', 'Open MPI': '/usr/bin/mpirun' })) {
      const unseen = skipped.filter((a) => a.fullName.includes(name)).length;
      // Whoever asks for some tests skips the others.
      if (unseen > 0 && process.argv.length === 2 && existsSync(file)) {
        problems.push(`${unseen} tests for ${name} skipped although it is there`);
      }
    }
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
