// Builds everything that `npm start` and `npm test` need: the WebAssembly kernels, then TypeScript. Incremental.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
const started = Date.now();
run([join(root, 'scripts/build-wasm.mjs')]);
run([join(root, 'node_modules/typescript/bin/tsc'), '-b', 'tsconfig.json']);
const seconds = (Date.now() - started) / 1000;
if (seconds > 2) console.log(`build: up to date after ${seconds.toFixed(1)} s`);
