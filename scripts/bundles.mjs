// Bundles that Node loads instead of hundreds of modules: the libraries, under the condition `node` of their exports,
// and the command, which is loaded twice, in its main thread and in that of the job. Code that replaces modules
// (nulls) uses the condition `modules`; browsers and bundlers get the modules too.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licencesOf } from './licences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(root, 'packages');
const dist = (name) => join(packages, name, 'dist');

/**
 * Modules whose `import.meta.url` refers to a worker beside them, and the path of that worker relative to the bundle.
 */
const foldThreads = [join(dist('southwell'), 'linear-models/selection/foldThreads.js'), './foldThreads.js'];
const rankThreads = [join(dist('distributed'), 'threads/threads.js'), './threads.js'];
const simulatedThreads = [join(dist('distributed'), 'simulator/threads.js'), './simulatedThreads.js'];
const highsEngine = [join(dist('engines'), 'highs/engine.js'), './engine.js'];
const workerObjective = [join(dist('southwell'), 'black-box/workerObjective.js'), './workerObjective.js'];
const moduleProgram = [join(dist('southwell'), 'constrained/functions/moduleProgram.js'), './moduleProgram.js'];

const workers = {
  foldWorker: join(dist('southwell'), 'linear-models/selection/foldWorker.js'),
  objectiveWorker: join(dist('southwell'), 'black-box/objectiveWorker.js'),
  programWorker: join(dist('southwell'), 'constrained/functions/programWorker.js'),
};

/** The folder of a library's bundle in its dist. */
const OUT = 'node';

/** Entries of a library: its index, if there is one, and those of its subfolders, by name. */
const rooms = (name) =>
  Object.fromEntries(
    ['.', ...readdirSync(dist(name))]
      .filter((room) => room !== OUT)
      .map((room) => [room === '.' ? 'index' : room, join(dist(name), room, 'index.js')])
      .filter(([, file]) => existsSync(file)),
  );

const bundles = () => [
  { package: 'kernels', out: OUT, input: rooms('kernels') },
  { package: 'numerics', out: OUT, input: rooms('numerics') },
  {
    package: 'autodiff',
    out: OUT,
    input: Object.fromEntries(
      ['index', 'complex', 'nn', 'tokenisers'].map((room) => [
        room,
        join(dist('autodiff'), room === 'index' ? 'index.js' : `${room}/index.js`),
      ]),
    ),
  },
  {
    package: 'southwell',
    out: OUT,
    input: {
      ...rooms('southwell'),
      ...workers,
    },
    openers: new Map([foldThreads, workerObjective, moduleProgram]),
  },
  {
    package: 'cli',
    out: 'bundle',
    input: {
      start: join(dist('cli'), 'start.js'),
      load: join(dist('cli'), 'load.js'),
      index: join(dist('cli'), 'index.js'),
      'command-worker': join(dist('cli'), 'command-worker.js'),
      'job-worker': join(dist('cli'), 'job-worker.js'),
      'job-rank': join(dist('cli'), 'job-rank.js'),
      worker: join(dist('distributed'), 'threads/worker.js'),
      'remote-worker': join(dist('distributed'), 'simulator/remote-worker.js'),
      'paper-worker': join(dist('cli'), 'paper-worker.js'),
      'join-worker': join(dist('cli'), 'join-worker.js'),
      slots: join(dist('papers'), '28-sequential-gradient-coding/slots.js'),
      highsWorker: join(dist('engines'), 'highs/highsWorker.js'),
      ...workers,
    },
    openers: new Map([
      [join(dist('cli'), 'start.js'), './start.js'],
      [join(dist('cli'), 'load.js'), './load.js'],
      [join(dist('cli'), 'carriers/worker.js'), './carriers/worker.js'],
      [join(dist('cli'), 'carriers/threads.js'), './carriers/threads.js'],
      [join(dist('cli'), 'commands/papers/crew.js'), './commands/papers/crew.js'],
      [join(dist('cli'), 'ranks/joining.js'), './joining.js'],
      [join(dist('papers'), '28-sequential-gradient-coding/executor.js'), './executor.js'],
      foldThreads,
      workerObjective,
      moduleProgram,
      highsEngine,
      rankThreads,
      simulatedThreads,
    ]),
    whole: true,
  },
];

/** Files beside a module stay in place: its URL in the bundle is set to the original one. */
const urls = (out, openers) => ({
  name: 'urls-of-modules',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const url = openers.get(id) ?? relative(out, id).replaceAll('\\', '/');
    return { code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(url)}, import.meta.url).href`) };
  },
});

/** The modules loaded with an entry, except dynamic imports. */
async function closure(entries, options) {
  const entry = '\0entries';
  const plugin = {
    name: 'entries',
    resolveId: (id) => (id === entry ? id : undefined),
    load: (id) =>
      id === entry ? entries.map((file) => `export * from ${JSON.stringify(file)};`).join('\n') : undefined,
  };
  const bundle = await rolldown({ ...options, input: entry, plugins: [plugin], logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const modules = new Set();
  const seen = new Set();
  const visit = (chunk) => {
    if (!chunk || seen.has(chunk)) return;
    seen.add(chunk);
    for (const id of Object.keys(chunk.modules ?? {})) modules.add(id);
    for (const name of chunk.imports ?? []) visit(chunks.get(name));
  };
  visit(output.find((chunk) => chunk.isEntry));
  modules.delete(entry);
  return modules;
}

/**
 * Two files instead of some eighty small ones, each of which would have to be found, read and linked separately: the
 * code that the main thread of a task's command loads, and that which every such command also loads.
 */
async function commandChunks(options) {
  const cli = dist('cli');
  const start = await closure([join(cli, 'start.js')], options);
  const families = readdirSync(dist('tasks'))
    .map((family) => join(dist('tasks'), family, 'task.js'))
    .filter((file) => existsSync(file));
  const each = [];
  for (const family of families) {
    each.push(
      await closure(
        [join(cli, 'main.js'), join(cli, 'carriers/here.js'), join(cli, 'jobs/task-job.js'), family],
        options,
      ),
    );
  }
  const all = new Set(each.flatMap((modules) => [...modules]));
  const having = (id) => each.filter((modules) => modules.has(id)).length;
  // Common to all families except at most one.
  const common = new Set([...all].filter((id) => !start.has(id) && having(id) >= each.length - 1));
  return {
    includeDependenciesRecursively: false,
    groups: [
      { name: 'command', test: (id) => start.has(id), priority: 2 },
      { name: 'common', test: (id) => common.has(id), priority: 1 },
    ],
  };
}

/** Without comments and white space, which would be parsed at every start; names are kept for stack traces. */
const LEAN = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

/**
 * The same program in ASCII, which takes one byte per character in memory. Dynamic imports with computed names are
 * passed to the loader, since V8 loses the referrer for scripts from the code cache. Throws if they cannot be detected
 * in the text.
 */
function script(code) {
  const asked = code.replace(
    /\bimport\(\s*(?:\/\*.*?\*\/\s*)?(?=[\w$]+\s*\)|[`'"]node:)/g,
    `require('./load.js').imported(`,
  );
  if (/\bimport\(|String\.raw`[^`]*[^\0-\x7f]|\\[^\0-\x7f]/.test(asked)) throw new Error('An import or a raw string.');
  return asked.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A module in front of an entry: importing it, or starting it as a thread, loads the entry through the loader. */
function door({ fileName, exports }) {
  const all = `require('./load.js').load('${fileName}')`;
  if (exports.length === 0) return `${all};\n`;
  if (exports.includes('default')) return `module.exports = ${all}.default;\n`;
  // In the form in which Node detects the exports of scripts.
  const names = exports.map((name) => `exports.${name} = all.${name};\n`);
  return `const all = ${all};\n${names.join('')}`;
}

/** The time of the last change of a module; what was bundled, and what the workbench serves, contains none. */
const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(({ parentPath }) => !/dist\/(bundle|node|app|docs)\b/.test(parentPath))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

const makers = [
  fileURLToPath(import.meta.url),
  join(root, 'scripts/code-cache.mjs'),
  join(packages, 'cli/bin/flags.mjs'),
];
const own = Math.max(...makers.map((file) => statSync(file).mtimeMs));
for (const { package: name, out: folder, input, openers = new Map(), whole = false } of bundles()) {
  const out = join(dist(name), folder);
  const made = statSync(join(out, `${Object.keys(input)[0]}.js`), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = (whole ? readdirSync(packages) : [name]).map(dist).filter(existsSync);
  if (Math.max(...sources.map(newest), own) <= made) continue;
  rmSync(out, { recursive: true, force: true });
  const options = {
    platform: 'node',
    // A single instance of each library per process.
    external: whole ? [] : /^@southwell\//,
    resolve: { conditionNames: ['modules', 'node', 'import'] },
  };
  const bundle = await rolldown({
    ...options,
    input,
    plugins: [urls(out, openers)],
    logLevel: 'warn',
    // Chunks by groups may have more exports than their entries.
    ...(whole && { preserveEntrySignatures: 'allow-extension' }),
  });
  // V8 caches the code of scripts, not of modules.
  const ending = whole ? 'cjs' : 'js';
  const { output } = await bundle.write({
    dir: out,
    format: whole ? 'cjs' : 'esm',
    // The loader itself is loaded by Node.
    entryFileNames: ({ name }) => `${name}.${name === 'load' ? 'js' : ending}`,
    chunkFileNames: `[name]-[hash].${ending}`,
    minify: LEAN,
    ...(whole && { exports: 'named', banner: `'use strict';`, codeSplitting: await commandChunks(options) }),
  });
  await bundle.close();
  if (whole) {
    writeFileSync(join(out, 'licences.md'), licencesOf(output.flatMap((chunk) => chunk.moduleIds ?? [])));
    for (const { fileName } of output.filter((chunk) => chunk.name !== 'load')) {
      writeFileSync(join(out, fileName), script(readFileSync(join(out, fileName), 'utf8')));
    }
    writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n');
    execFileSync(process.execPath, [join(root, 'scripts/code-cache.mjs'), out], { stdio: 'inherit' });
    // Written last, since their presence indicates a complete bundle.
    for (const chunk of output.filter((chunk) => chunk.isEntry && chunk.name !== 'load'))
      writeFileSync(join(out, `${chunk.name}.js`), door(chunk));
  }
}
