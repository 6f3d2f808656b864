// The command as a few files: what `southwell` loads by hundreds of modules otherwise, twice, in its own thread and in that
// of the job. Everything else, and whoever uses the packages as libraries, loads the modules themselves.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(root, 'packages');
const out = join(packages, 'cli/dist/bundle');

/** Entries by name: the command, and the modules that it starts in threads of their own. */
const input = {
  index: join(packages, 'cli/dist/index.js'),
  'task-worker': join(packages, 'cli/dist/task-worker.js'),
  foldWorker: join(packages, 'southwell/dist/linear-models/foldWorker.js'),
};
/** Modules whose `import.meta.url` leads to one of these entries, and where they seem to lie from the bundle. */
const openers = new Map([
  [join(packages, 'cli/dist/task/run.js'), './task/run.js'],
  [join(packages, 'southwell/dist/linear-models/foldThreads.js'), './foldThreads.js'],
]);

/** Files beside a module stay where they are: its URL in the bundle is the one that it had. */
const urls = {
  name: 'urls-of-modules',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const url = openers.get(id) ?? relative(out, id).replaceAll('\\', '/');
    return { code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(url)}, import.meta.url).href`) };
  },
};

/** Without comments and white space, which would be read twice at every start; names stay, for traces. */
const LEAN = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.js') && !join(entry.parentPath, entry.name).startsWith(out),
    )
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

const dists = ['kernels', 'numerics', 'distributed', 'southwell', 'data', 'papers', 'tasks', 'workbench', 'cli']
  .map((name) => join(packages, name, 'dist'))
  .filter(existsSync);
const made = statSync(join(out, 'index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (Math.max(...dists.map(newest), statSync(fileURLToPath(import.meta.url)).mtimeMs) > made) {
  rmSync(out, { recursive: true, force: true });
  const bundle = await rolldown({ input, platform: 'node', plugins: [urls], logLevel: 'warn', external: ['mnist'] });
  await bundle.write({
    dir: out,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: LEAN,
  });
  await bundle.close();
}
