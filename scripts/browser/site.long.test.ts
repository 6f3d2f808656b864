import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { app, canServe, PATH, serve, servedSite } from './site.ts';

describe.skipIf(!canServe)('the site on a plain server of files', () => {
  const { folder, url, newContext, emptyPage, stop, paper, ownData, race } = servedSite();

  test('feed, a paper, own data, a race; then all of it without a network', async () => {
    const context = await newContext();
    const { page, noise } = await emptyPage(context);

    await page.goto(url('/'));
    await page.waitForSelector('.feed .title');
    // No isolation: one thread, and a sentence that says so.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.textContent('.threads')).toMatch(/One thread/);
    await page.click('a[href$="/papers/01-bcd-faster"] >> nth=0');
    await page.waitForURL(url('/papers/01-bcd-faster'));
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
    expect(kept.map((key) => key.replace(`${PATH}/ `, '').replace(/here-\S+/, '…')).sort()).toEqual([
      ...['data', 'data-cut', 'judged', 'pages', 'race', 'run-1', 'runs', 'runs/…', 'seen'],
    ]);
    expect(kept.filter((key) => !key.startsWith(`${PATH}/ `))).toEqual([]);
    // The page of a run is there after a reload, too.
    await page.click('nav >> text=Results');
    await page.click('td a[href*="/runs?id=here-"]');
    await page.waitForSelector('.claims [data-claim]');
    await page.reload();
    await page.waitForSelector('.claims [data-claim]');
    await page.click('nav >> text=Race');
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    expect(noise).toEqual([]);

    // Nothing answers any more. Of what is missed, pictures of the feed that were never in sight may be.
    const missed: string[] = [];
    page.on('requestfailed', (r) => r.failure()?.errorText === 'net::ERR_FAILED' && missed.push(r.url()));
    await context.setOffline(true);
    stop();
    await page.reload();
    await race(page);
    await page.goto(url('/data/'));
    await ownData(page);
    await page.goto(url('/papers/01-bcd-faster/'));
    await paper(page, 'Run again');
    // The worker that keeps the page isolates it as well.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator('.threads').count()).toBe(0);
    await page.click('a.brand');
    await page.waitForSelector('.feed .title');
    expect(page.url()).toBe(url('/'));
    expect(noise.filter((line) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(line))).toEqual([]);
    expect(missed.filter((path) => !path.includes('/thumbnails/'))).toEqual([]);
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
    const context = await newContext();
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
