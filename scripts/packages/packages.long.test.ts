import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build as esbuild } from 'esbuild';
import type { Browser } from 'playwright-core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch } from '../browser/chromium.ts';
import { type JobResult, job } from './job.ts';
import { downloads, lookedFor, type Package, strangersOf, WITHIN_BUDGETS } from './testing.ts';

const built = existsSync(fileURLToPath(new URL('../../packages/cli/dist/bundle', import.meta.url)));
/** What npm would publish, in a folder of its own, and a folder that has nothing but these packages installed. */
const folder = mkdtempSync(join(tmpdir(), 'southwell-packages-'));
const installed = join(folder, 'installed');
const run = (command: string, args: string[]) =>
  spawnSync(command, args, { cwd: installed, encoding: 'utf8', env: { ...process.env, SOUTHWELL_HOME: folder } });

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly tarball: string;
  readonly files: readonly string[];
}
let packages: Packed[];
const inInstalled = (): Package[] =>
  packages.map(({ name, files }) => ({ name, files, at: join(installed, 'node_modules', name) }));

beforeAll(() => {
  if (!built) return;
  const packer = fileURLToPath(new URL('./pack.mjs', import.meta.url));
  const script = `import { pack } from ${JSON.stringify(packer)}; console.log(JSON.stringify(pack(${JSON.stringify(folder)})))`;
  const packed = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(packed.stderr).toBe('');
  packages = JSON.parse(packed.stdout);
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "private": true, "type": "module" }');
  const tarballs = packages.map(({ tarball }) => tarball);
  const { status, stderr } = run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs]);
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!built)('the tarballs (need a build)', () => {
  test('have a licence, a readme and what runs: no tests, no maps; at most 5 MB, with the page 6', () => {
    expect(packages.length).toBeGreaterThan(8);
    for (const { name, size, files } of packages) {
      expect(files, name).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
      expect(
        files.filter((path) => /\.test\.|\.map$|testing\.|tsbuildinfo|\d\d-[^/]*\/nulls\.|^src/.test(path)),
      ).toEqual([]);
      // Each paper adds a picture, a preview and its results to the page.
      expect(size, name).toBeLessThan(name === '@southwell/workbench' ? 6e6 : 5e6);
    }
  });

  test('are found by every resolver as they say: publint and are-the-types-wrong', async () => {
    for (const { name, tarball } of packages) {
      const bytes = new Uint8Array(readFileSync(tarball));
      const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer } });
      expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
      const analysis = await checkPackage(createPackageFromTarballData(bytes));
      if (!analysis.types) continue;
      // ESM only: what requires it is told so by Node, and TypeScript's resolver of 2013 knows no paths of packages.
      const problems = analysis.problems.filter(
        (problem) =>
          problem.kind !== 'CJSResolvesToESM' && !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
      );
      expect(problems, name).toEqual([]);
    }
  });

  test('every module imports what its package depends on', () => {
    for (const one of inInstalled()) expect(strangersOf(one), one.name).toEqual([]);
  });

  test('what bundles look for beside them is there: workers, the page, the sets', () => {
    const looked = inInstalled().map(lookedFor);
    expect(looked.flatMap(({ missing }) => missing)).toEqual([]);
    expect(looked.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(8);
  });

  test('installed in an empty folder: the library, its types and the command', () => {
    const script = `import { lasso } from 'southwell'; import { kMeans } from 'southwell/clustering';
      const model = lasso({ alpha: 0.1 }).fit([[1, 2], [2, 1], [3, 5], [0, 1]], [1, 2, 3, 0]);
      console.log(model.report.status, typeof kMeans);`;
    expect(run(process.execPath, ['--input-type=module', '-e', script]).stdout).toBe('converged function\n');
    const help = run('npx', ['southwell', '--version']);
    expect([help.stdout.trim(), help.status]).toEqual(['0.1.0', 0]);
    const fit = run('npx', ['southwell', 'fit', 'bundled:diabetes', '--cv', '3', '--report', 'report.html', '--json']);
    expect(JSON.parse(fit.stdout).status).toBe('converged');
    expect(readFileSync(join(installed, 'report.html'), 'utf8')).toContain('data-chart');
    const papers = run('npx', ['southwell', 'papers', 'list', '--json']);
    expect(JSON.parse(papers.stdout).length).toBe(55);
    writeFileSync(
      join(installed, 'typed.ts'),
      `import { lasso } from 'southwell';
       import { kMeans } from 'southwell/clustering';
       import { readTable } from '@southwell/data/node';
       export const steps: number = lasso({ alpha: 0.1 }).fit([[1]], [1]).report.iterations;
       export const rows: Promise<number> = readTable('a.csv').then((table) => table.rows);
       export type Means = ReturnType<typeof kMeans>;`,
    );
    const typed = ts.createProgram([join(installed, 'typed.ts')], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      types: [],
    });
    expect(ts.getPreEmitDiagnostics(typed).map(({ messageText }) => messageText)).toEqual([]);
  });
});

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Serves a folder on the loopback; only a page that is isolated from other origins may share memory. */
async function serve(folder: string, isolated: boolean): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(new URL(request.url!, 'http://localhost').pathname));
    if (!existsSync(path) || !TYPES[extname(path)]) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(path)],
      ...(isolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      }),
    });
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.skipIf(!built)('what browsers download stays within its budget (needs a build)', async () => {
  const app = join(installed, 'node_modules/@southwell/workbench/dist/app');
  expect(await downloads(installed, app)).toEqual(WITHIN_BUDGETS);
});

describe.skipIf(!hasChromium || !built)('in Chromium (needs /usr/bin/chromium and a build)', () => {
  const site = join(folder, 'site');
  const servers: Server[] = [];
  let browser: Browser;
  let node: JobResult;
  let isolated: string;
  let open: string;

  beforeAll(async () => {
    const source = readFileSync(new URL('./job.ts', import.meta.url), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    const put = (name: string, text: string) => writeFileSync(join(installed, name), text);
    put('job.js', outputText);
    put(
      'worker.js',
      `import { job } from './job.js';
       job().then((result) => postMessage({ result }), (error) => postMessage({ error: String(error?.stack ?? error) }));`,
    );
    put(
      'main.js',
      `const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
       window.done = new Promise((resolve) => {
         worker.onmessage = (event) => resolve(event.data);
         worker.onerror = (event) => resolve({ error: event.message });
       });`,
    );
    const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';
    put('index.html', page);
    await build({
      root: installed,
      base: './',
      configFile: false,
      logLevel: 'error',
      build: { outDir: join(site, 'vite') },
    });
    await esbuild({
      absWorkingDir: installed,
      // As the readme says: workers lie beside the bundle.
      entryPoints: {
        main: './main.js',
        worker: './worker.js',
        foldWorker: 'southwell/foldWorker',
        objectiveWorker: 'southwell/objectiveWorker',
      },
      bundle: true,
      format: 'esm',
      outdir: join(site, 'esbuild'),
      logLevel: 'error',
    });
    writeFileSync(join(site, 'esbuild/index.html'), page);
    // The files as they are installed, for a browser that is given an import map and no bundler.
    const rooms = ['@southwell/kernels', '@southwell/numerics'].flatMap((house) =>
      readdirSync(join(installed, 'node_modules', house, 'dist'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'node')
        .map(({ name }) => [`${house}/${name}`, `./${house}/dist/${name}/index.js`]),
    );
    const imports = {
      southwell: './southwell/dist/index.js',
      '@southwell/kernels': './@southwell/kernels/dist/index.js',
      ...Object.fromEntries(rooms),
    };
    for (const name of ['southwell', '@southwell/numerics', '@southwell/kernels'])
      cpSync(join(installed, 'node_modules', name), join(site, name), { recursive: true });
    writeFileSync(
      join(site, 'plain.html'),
      `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ imports })}</script>
       <script type="module">
         import { lasso } from 'southwell';
         import { ThreadPool } from '@southwell/kernels';
         window.done = (async () => {
           const X = [[1, 2], [2, 1], [3, 5], [0, 1]];
           const model = lasso({ alpha: 0.1 }).fit(X, [1, 2, 3, 0]);
           return { coef: Array.from(model.coef), intercept: model.intercept };
         })();
       </script>`,
    );
    for (const withIsolation of [true, false]) {
      const { server, url } = await serve(site, withIsolation);
      servers.push(server);
      if (withIsolation) isolated = url;
      else open = url;
    }
    node = await job();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });

  async function visit(url: string): Promise<{ result: JobResult; requests: string[] }> {
    const page = await browser.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    const answer = (await page.evaluate('window.done')) as { result: JobResult; error?: string };
    expect(answer.error).toBeUndefined();
    expect(problems).toEqual([]);
    await page.close();
    return { result: answer.result, requests };
  }

  test.each(['vite', 'esbuild'])(
    'bundled by %s, in a worker: the bits of Node, with fold threads and a pool',
    async (bundler) => {
      const { result, requests } = await visit(`${isolated}/${bundler}/index.html`);
      expect(result).toMatchObject({ engine: 'wasm-shared', isolated: true, foldWorkers: 1, poolThreads: 2 });
      expect(result.coef).toEqual(node.coef);
      expect(result.intercept).toBe(node.intercept);
      expect(result.gap).toBe(node.gap);
      expect(result.logistic).toEqual(node.logistic);
      expect(result.one).toEqual(node.one);
      expect(result.two).toEqual(result.one);
      expect(result.pooled).toEqual(result.serial);
      for (const url of requests) expect(url).toMatch(/^(data:|blob:|http:\/\/127\.0\.0\.1:)/);
    },
  );

  test('where memory cannot be shared: one thread, the same model', async () => {
    const { result } = await visit(`${open}/vite/index.html`);
    expect(result).toMatchObject({ engine: 'wasm', isolated: false, foldWorkers: 0, poolThreads: 1 });
    result.coef.forEach((b, j) => {
      expect(b).toBeCloseTo(node.coef[j], 5);
    });
    result.two.forEach((score, k) => {
      expect(score / node.one[k]).toBeCloseTo(1, 5);
    });
    expect(result.two).toEqual(result.one);
    expect(result.pooled).toEqual(node.serial);
  });

  test('where memory cannot be shared: the bits of Node', async () => {
    const { result } = await visit(`${open}/vite/index.html`);
    expect(result.coef).toEqual(node.coef);
    expect(result.two).toEqual(node.one);
  });

  test('the files of dist in a page, with an import map and no bundler', async () => {
    const page = await browser.newPage();
    await page.goto(`${isolated}/plain.html`);
    const { lasso } = await import('southwell');
    const X = [
      [1, 2],
      [2, 1],
      [3, 5],
      [0, 1],
    ];
    const model = lasso({ alpha: 0.1 }).fit(X, [1, 2, 3, 0]);
    expect(await page.evaluate('window.done')).toEqual({ coef: Array.from(model.coef), intercept: model.intercept });
    await page.close();
  });

  test('a pool on the page itself, which may not wait', async () => {
    const page = await browser.newPage();
    await page.goto(`${isolated}/plain.html`);
    const pooled = await page.evaluate(`(async () => {
      const { Arena, ThreadPool } = await import('@southwell/kernels');
      const arena = new Arena();
      const pool = await ThreadPool.create({ arena, threads: 2 });
      const [m, n] = [1000, 200];
      const A = arena.f64Block(m * n), x = arena.f64Block(m), y = arena.f64Block(n);
      A.view.fill(2); x.view.fill(3);
      pool.gemvT(m, n, A.pointer, m, x.pointer, y.pointer);
      const result = [pool.threads, ...new Set(y.view)];
      await pool.close();
      return result;
    })()`);
    expect(pooled).toEqual([2, 6000]);
    await page.close();
  });
});
