// Builds all that `npm start` and `npm test` need: the WebAssembly kernels, the registry of papers, TypeScript, the
// workbench's page. Incremental.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (args, cwd = root) => {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
const started = Date.now();
run([join(root, 'scripts/build-wasm.mjs')]);
run([join(root, 'scripts/papers-registry.mjs')]);
run([join(root, 'node_modules/typescript/bin/tsc'), '-b', 'tsconfig.json']);

/** When anything at or beneath the path last changed, in milliseconds; a folder changes when an entry comes or goes. */
function changed(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  // tsc touches its note even where nothing it wrote has changed.
  const entries = readdirSync(path).filter((name) => name !== '.tsbuildinfo');
  return Math.max(stat.mtimeMs, ...entries.map((name) => changed(join(path, name))));
}
const workbench = join(root, 'packages/workbench');
const sources = [
  ...['app', 'vite.config.ts', 'package.json'].map((name) => join(workbench, name)),
  ...['kernels', 'numerics', 'distributed', 'southwell', 'data', 'papers', 'tasks'].map((name) =>
    join(root, 'packages', name, 'dist'),
  ),
  join(root, 'packages/data/sets'),
];
if (Math.max(...sources.map(changed)) > changed(join(workbench, 'dist/app/index.html'))) {
  run([join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], workbench);
}
run([join(root, 'scripts/bundles.mjs')]);
const seconds = (Date.now() - started) / 1000;
if (seconds > 2) console.log(`build: up to date after ${seconds.toFixed(1)} s`);
