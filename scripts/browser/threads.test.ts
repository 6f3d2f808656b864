import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { hasChromium, launch } from './chromium.ts';

const dist = fileURLToPath(new URL('../../packages/distributed/dist/', import.meta.url));
const built = existsSync(join(dist, 'testing.js'));

/** What a page must say for its threads to share memory. */
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

test.skipIf(!hasChromium || !built)(
  'ranks in workers of Chromium conform (needs /usr/bin/chromium and a build)',
  async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'southwell-threads-'));
    const server = createServer((request, response) => {
      const isPage = request.url === '/';
      if (!isPage && !existsSync(join(outdir, request.url!))) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { ...ISOLATED, 'Content-Type': isPage ? 'text/html' : 'text/javascript' });
      response.end(isPage ? '<!doctype html><title>Ranks</title>' : readFileSync(join(outdir, request.url!)));
    });
    const browser = await launch();
    try {
      await build({
        entryPoints: ['index', 'testing', 'threads/worker'].map((name) => join(dist, `${name}.js`)),
        entryNames: '[name]',
        outdir,
        bundle: true,
        splitting: true,
        format: 'esm',
        external: ['node:*'],
        conditions: ['modules'],
        logLevel: 'error',
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const page = await browser.newPage();
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(error.message));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const failed = await page.evaluate(`Promise.all([import('/index.js'), import('/testing.js')]).then(
        ([{ threads }, { conformance }]) =>
          threads(new URL('/testing.js', location.href), { ranks: 3, name: 'conform', input: Object.keys(conformance) }),
      )`);
      expect(wrong).toEqual([]);
      expect(failed).toEqual([[], [], []]);
    } finally {
      await browser.close();
      server.close();
      rmSync(outdir, { recursive: true, force: true });
    }
  },
);
