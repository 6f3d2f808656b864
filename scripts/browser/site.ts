/** Tests of the site in Chromium, with a static file server: shared code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { writeSite } from '../../packages/cli/src/site/write.ts';
import { siteFiles } from '../../packages/workbench/src/site.ts';
import { hasChromium, launch } from './chromium.ts';

export const app = fileURLToPath(new URL('../../packages/workbench/dist/app', import.meta.url));
export const PATH = '/some/sub/path';
// Media types that browsers require for modules; no others are sent.
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A plain static file server: folders are served by index.html, no rewriting, and no header except the type. */
export function serve(folder: string, under: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://localhost');
    const file = join(folder, normalize(decodeURIComponent(pathname.slice(under.length))));
    const found = pathname.startsWith(`${under}/`) ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (found?.isDirectory() && !pathname.endsWith('/')) {
      response.writeHead(301, { Location: `${pathname}/${search}` }).end();
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

export const canServe = hasChromium && existsSync(join(app, 'index.html'));

/** The site and a browser during the tests of a file, and helpers for pages. */
export function servedSite() {
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

  const newContext = (): Promise<BrowserContext> => browser.newContext({ viewport: { width: 1200, height: 900 } });

  /** A new, empty page; errors of pages and requests to other origins are collected in `noise`. */
  async function emptyPage(context: BrowserContext): Promise<{ page: Page; noise: string[] }> {
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
    return { page, noise };
  }

  /** Stops the server and its connections. */
  function stop(): void {
    server.closeAllConnections();
    server.close();
  }

  async function paper(page: Page, button: string): Promise<void> {
    await page.selectOption('main select >> nth=0', 'figure-4');
    await page.click(`button:has-text("${button}")`);
    await page.waitForSelector('.status .badge:text-is("done")', { timeout: 30_000 });
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

  return { folder, url: (path: string) => url + path, newContext, emptyPage, stop, paper, ownData, race };
}
