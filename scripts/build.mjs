// Builds the named parts incrementally: `start` (what the job of `npm start` needs), `modules` (kernels, the registry
// of papers, every package as JavaScript modules: enough to run the command), `types` (checks everything and writes
// declarations), `page` (that of the workbench), `docs` (the documentation that
// it serves) and `bundles` (loaded by Node instead of modules). Without names, all
// of them.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args[0]} ended with ${code}`))));
  });
const script = (name, ...args) => node(join(root, 'scripts', name), ...args);

/** The modules, with these kernels compiled, or all. */
async function modules(...kernels) {
  await Promise.all([script('build-wasm.mjs', ...kernels), script('papers-registry.mjs'), script('embedded.mjs')]);
  const { transpile } = await import('./transpile.mjs');
  // Outdated bundles would be preferred to the new modules.
  for (const outdated of await transpile()) rmSync(outdated, { recursive: true, force: true });
}

const parts = {
  start: () => modules('dense', 'models', 'sparse', 'tables'),
  modules: () => modules(),
  types: () => node(join(root, 'node_modules/typescript-native/bin/tsc'), '-b', 'tsconfig.json'),
  page: () => script('page.mjs'),
  docs: () => script('docs/build.mjs'),
  bundles: () => script('bundles.mjs'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')} to build. Parts: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const wanted = asked.length > 0 ? asked : ['modules', 'types', 'page', 'docs', 'bundles'];
const started = Date.now();
try {
  const before = ['start', 'modules'].filter((name) => wanted.includes(name));
  for (const name of before) await parts[name]();
  const after = wanted.filter((name) => !before.includes(name));
  // Types on one core, page and bundles on the other.
  const outcomes = await Promise.allSettled([
    after.includes('types') && parts.types(),
    (async () => {
      for (const name of after.filter((name) => name !== 'types')) await parts[name]();
    })(),
  ]);
  for (const { reason } of outcomes.filter(({ status }) => status === 'rejected')) throw reason;
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const seconds = (Date.now() - started) / 1000;
if (seconds > 2) console.log(`build: up to date after ${seconds.toFixed(1)} s`);
