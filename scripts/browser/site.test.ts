import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSite } from '../../packages/cli/src/site/write.ts';
import { siteFiles } from '../../packages/workbench/src/site.ts';
import { hasChromium, launch } from './chromium.ts';

const app = fileURLToPath(new URL('../../packages/workbench/dist/app', import.meta.url));
const PATH = '/some/sub/path';
// What browsers ask of modules; nothing else is said.
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A plain server of files: folders have an index.html, nothing is rewritten, no header but the type. */
function serve(folder: string, under: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const file = join(folder, normalize(decodeURIComponent(pathname.slice(under.length))));
    const found = pathname.startsWith(`${under}/`) ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (found?.isDirectory() && !pathname.endsWith('/')) {
      response.writeHead(301, { Location: `${pathname}/` }).end();
      return;
    }
    const path = found?.isDirectory() ? join(file, 'index.html') : file;
    if (!found || !existsSync(path)) {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('Not found.');
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(readFileSync(path));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe.skipIf(!hasChromium || !existsSync(join(app, 'index.html')))('the site on a plain server of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-site-'));
  let server: Server;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    writeSite(folder, await siteFiles({ app }));
    server = await serve(folder, PATH);
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function paper(page: Page, button: string): Promise<void> {
    await page.selectOption('select >> nth=1', 'figure-4');
    await page.click(`button:has-text("${button}")`);
    await page.waitForSelector('.status:has-text("done")', { timeout: 30_000 });
    expect(await page.locator('section .badge').count()).toBeGreaterThan(0);
  }

  /** Drops a file of fifty rows and fits it. */
  async function ownData(page: Page): Promise<void> {
    const rows = Array.from({ length: 50 }, (_, i) => `${i % 7},${i % 5},${3 * (i % 7) - (i % 5)}`);
    const transfer = await page.evaluateHandle(
      (text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }));
        return data;
      },
      `a,b,y\n${rows.join('\n')}\n`,
    );
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
    await page.waitForSelector('h2:has-text("dropped.csv")');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[data-status=converged]', { timeout: 20_000 });
  }

  async function race(page: Page): Promise<void> {
    for (const [label, value] of [
      ['Rows', '40'],
      ['Columns', '20'],
      ['Seconds', '0.1'],
    ]) {
      const input = page
        .locator('label')
        .filter({ hasText: new RegExp(`^\\s*${label}`) })
        .first()
        .locator('input');
      await input.fill(value);
      await input.blur();
    }
    await page.click('button:has-text("Start"), button:has-text("Race"):not([aria-current])');
    await page.waitForSelector('[data-status=done]', { timeout: 30_000 });
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(3);
  }

  test('feed, a paper, own data, a race; then all of it without a network', async () => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    const page = await context.newPage();
    const noise: string[] = [];
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') noise.push(m.text());
    });
    page.on('pageerror', (e) => noise.push(e.message));
    page.on('response', (r) => r.status() >= 400 && noise.push(`${r.status()} ${r.url()}`));
    page.on('request', (r) => {
      if (!r.url().startsWith(`${url}/`) && !/^(data|blob):/.test(r.url())) noise.push(r.url());
    });

    await page.goto(`${url}/`);
    await page.waitForSelector('.feed .title');
    // No isolation: one thread, and a sentence that says so.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.textContent('.threads')).toMatch(/One thread/);
    await page.click('a[href$="/papers/01-bcd-faster"] >> nth=0');
    await page.waitForURL(`${url}/papers/01-bcd-faster`);
    await paper(page, 'Run');
    await page.click('nav >> text=Your data');
    await ownData(page);
    await page.click('nav >> text=Race');
    // Whoever listens hears where they are, also where the page's script had to come first.
    await page.waitForFunction(() => document.activeElement?.matches('main h1'));
    await race(page);
    // Sites under other paths of this host have their own.
    const kept = await page.evaluate(async () => {
      const asked = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve) => request.addEventListener('success', () => resolve(request.result)));
      const store = (await asked(indexedDB.open('keyval-store'))).transaction('keyval').objectStore('keyval');
      return [...Object.keys(localStorage), ...(await asked(store.getAllKeys()))].map(String);
    });
    expect(kept.map((key) => key.replace(`${PATH}/ `, '')).sort()).toEqual([
      ...['data', 'data-cut', 'judged', 'race', 'run-1', 'seen'],
    ]);
    expect(kept.filter((key) => !key.startsWith(`${PATH}/ `))).toEqual([]);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    expect(noise).toEqual([]);

    // Nothing answers any more.
    await context.setOffline(true);
    server.closeAllConnections();
    server.close();
    await page.reload();
    await race(page);
    await page.goto(`${url}/data/`);
    await ownData(page);
    await page.goto(`${url}/papers/01-bcd-faster/`);
    await paper(page, 'Run again');
    // The worker that keeps the page isolates it as well.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator('.threads').count()).toBe(0);
    await page.click('a.brand');
    await page.waitForSelector('.feed .title');
    expect(page.url()).toBe(`${url}/`);
    expect(noise.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
    await context.close();
  });

  test('a new site takes the place of the old one in the browser; a neighbour keeps its own', async () => {
    const root = join(folder, '..', `${basename(folder)}-neighbours`);
    const worker = readFileSync(join(app, 'sw.js'), 'utf8').replace(/^self\.FILES = .*\n/, '');
    const put = (site: string, version: string) => {
      mkdirSync(join(root, site, 'assets'), { recursive: true });
      writeFileSync(
        join(root, site, 'index.html'),
        `<title>${version}</title><script src="./assets/${version}.js"></script>`,
      );
      writeFileSync(join(root, site, 'assets', `${version}.js`), `globalThis.version = '${version}'`);
      const known = { version, files: [`assets/${version}.js`] };
      writeFileSync(join(root, site, 'sw.js'), `self.FILES = ${JSON.stringify(known)};\n${worker}`);
    };
    put('a', 'one');
    put('b', 'one');
    const host = await serve(root, '');
    const at = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    const context = await browser.newContext();
    const page = await context.newPage();
    /** Visits a site until its worker has taken over; gives the names of the caches then. */
    const visit = async (site: string) => {
      await page.goto(`${at}/${site}/`);
      return page.evaluate(async () => {
        const known = await navigator.serviceWorker.register('./sw.js');
        await known.update();
        while (known.installing || known.waiting || known.active?.state !== 'activated') {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return (await caches.keys()).map((name) => new URL(name.split(' ')[1]).pathname + name.split(' ')[2]).sort();
      });
    };
    expect(await visit('a')).toEqual(['/a/one']);
    expect(await visit('b')).toEqual(['/a/one', '/b/one']);
    put('a', 'two');
    expect(await visit('a')).toEqual(['/a/two', '/b/one']);
    await context.setOffline(true);
    host.closeAllConnections();
    host.close();
    await page.goto(`${at}/a/papers/any/`);
    expect(await page.evaluate(() => (globalThis as { version?: string }).version)).toBe('two');
    await page.goto(`${at}/b/`);
    expect(await page.evaluate(() => (globalThis as { version?: string }).version)).toBe('one');
    await context.close();
    rmSync(root, { recursive: true, force: true });
  });
});
