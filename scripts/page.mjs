// Builds the workbench's page if any of its sources is newer.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const workbench = join(root, 'packages/workbench');

/**
 * The time of the last change at or below the path, in milliseconds; that of a folder changes when an entry is added or
 * removed.
 */
function changed(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))));
}
const sources = [
  ...['app', 'vite.config.ts', 'package.json'].map((name) => join(workbench, name)),
  ...['kernels', 'numerics', 'distributed', 'autodiff', 'southwell', 'data', 'charts', 'papers', 'tasks'].map((name) =>
    join(root, 'packages', name, 'src'),
  ),
  join(root, 'packages/data/sets'),
];
if (Math.max(...sources.map(changed)) > changed(join(workbench, 'dist/app/index.html'))) {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, ['--conditions=modules', vite, 'build', '--logLevel', 'warn'], {
    cwd: workbench,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
