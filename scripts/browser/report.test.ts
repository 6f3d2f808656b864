import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch } from './chromium.ts';

const command = fileURLToPath(new URL('../../packages/cli/bin/southwell.mjs', import.meta.url));
const built = existsSync(fileURLToPath(new URL('../../packages/cli/dist/index.js', import.meta.url)));

describe.skipIf(!hasChromium || !built)('the report in Chromium (needs /usr/bin/chromium and a build)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-report-'));
  const reports: Record<string, string[]> = {
    cv: ['bundled:spambase', '--standardize', '--cv', '3', '--n-alphas', '30', '--rule', '1se'],
    path: ['bundled:diabetes', '--path'],
    one: ['bundled:diabetes', '--alpha', '1'],
    constant: ['bundled:diabetes', '--alpha', '1e9'],
  };
  const site = ['01-bcd-faster', 'index'];
  let browser: Browser;
  beforeAll(async () => {
    const env = { ...process.env, SOUTHWELL_HOME: folder };
    // Errors down to 1e-26, at which the chart library's own search for ticks would never end.
    for (const args of [
      ['run', '01', '--experiment', 'superlinear,active-set,figure-13'],
      ['report', '--out', '.'],
    ]) {
      const r = spawnSync(process.execPath, [command, 'papers', ...args], { cwd: folder, env });
      expect(r.status, String(r.stderr)).toBe(0);
    }
    for (const [name, args] of Object.entries(reports)) {
      const r = spawnSync(process.execPath, [command, 'fit', ...args, '-q', '--report', `${name}.html`], {
        cwd: folder,
      });
      expect(r.status, String(r.stderr)).toBe(0);
    }
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a report; what the page says or asks for is gathered in `noise`. */
  async function show(name: string, scheme: 'light' | 'dark', width: number): Promise<{ page: Page; noise: string[] }> {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
    const noise: string[] = [];
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) noise.push(request.url());
    });
    await page.goto(url);
    return { page, noise };
  }

  /** Distinct colours of a chart's pixels: a blank or broken chart has very few. */
  const COLOURS = `(id) => {
    const canvas = document.querySelector('#' + id + ' canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }`;

  test.each(
    [...Object.keys(reports), ...site].flatMap((name) =>
      (['light', 'dark'] as const).flatMap((scheme) => [1100, 360].map((width) => [name, scheme, width] as const)),
    ),
  )('%s, %s, %i wide: drawn, within the page, silent', async (name, scheme, width) => {
    const { page, noise } = await show(name, scheme, width);
    const expected = {
      cv: ['paths', 'cv', 'convergence'],
      path: ['paths', 'convergence'],
      one: ['convergence'],
      '01-bcd-faster': Array.from({ length: 7 }, (_, k) => `chart-${k}`),
    }[name];
    await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))");
    for (const id of expected ?? []) {
      expect(await page.evaluate(`(${COLOURS})('${id}')`), id).toBeGreaterThan(20);
    }
    // Nothing reaches beyond the page on the right.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    const [r, g, b] = String(background).match(/\d+/g)!.map(Number);
    expect(r + g + b > 384).toBe(scheme === 'light');
    expect(noise).toEqual([]);
    await page.close();
  });

  test('pointing reads a line and a score; leaving returns the hint', async () => {
    const { page, noise } = await show('cv', 'light', 1100);
    const over = async (id: string) => {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded();
      return (await page.locator(`#${id} .u-over`).boundingBox())!;
    };
    const text = (id: string) => page.locator(`#${id}-read`).textContent();
    const paths = await over('paths');
    let read = '';
    for (let y = 4; y < paths.height && !/ per sd at alpha /.test(read); y += 12) {
      await page.mouse.move(paths.x + 0.8 * paths.width, paths.y + y);
      read = (await text('paths'))!;
    }
    expect(read).toMatch(/^\S+: -?[\d.e-]+ per sd at alpha [\d.e-]+$/);
    const cv = await over('cv');
    await page.mouse.move(cv.x + cv.width / 2, cv.y + cv.height / 2);
    expect(await text('cv')).toMatch(/^alpha [\d.e-]+: [\d.]+ ± [\d.]+$/);
    await page.mouse.move(5, 5);
    expect(await text('cv')).toBe('Lower is better.');
    expect(noise).toEqual([]);
    await page.close();
  });

  test('pointing reads a curve of a paper', async () => {
    const { page, noise } = await show('01-bcd-faster', 'dark', 1100);
    await page.locator('#chart-0').scrollIntoViewIfNeeded();
    const plot = (await page.locator('#chart-0 .u-over').boundingBox())!;
    let read = '';
    for (let y = 4; y < plot.height && !/ iterations$/.test(read); y += 12) {
      await page.mouse.move(plot.x + 0.5 * plot.width, plot.y + y);
      read = (await page.locator('#chart-0-read').textContent())!;
    }
    expect(read).toMatch(/^\S.*: [\d.e+-]+ at [\d.]+ iterations$/);
    expect(noise).toEqual([]);
    await page.close();
  });

  test('colours and width may change while it is open', async () => {
    const { page, noise } = await show('cv', 'light', 1100);
    const width = () => page.evaluate(`document.querySelector('#paths canvas').clientWidth`);
    const shot = () => page.locator('#paths').screenshot();
    const [wide, light] = [await width(), await shot()];
    await page.emulateMedia({ colorScheme: 'dark' });
    expect((await shot()).equals(light)).toBe(false);
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(`document.querySelector('#paths canvas').clientWidth < ${wide}`);
    expect(noise).toEqual([]);
    await page.close();
  });
});
