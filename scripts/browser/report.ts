/** Tests of reports in Chromium: code shared by the two suites. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hasChromium, launch, textFaults } from './chromium.ts';

const command = fileURLToPath(new URL('../../packages/cli/bin/southwell.mjs', import.meta.url));
const built = existsSync(fileURLToPath(new URL('../../packages/cli/dist/index.js', import.meta.url)));
export const canReport = hasChromium && built;

/** Runs commands in a folder, a list of words each, before the tests of a file, which then check the pages there. */
export function reportsOf(commands: ReadonlyArray<readonly string[]>) {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-report-'));
  let browser: Browser;
  beforeAll(async () => {
    const env = { ...process.env, SOUTHWELL_HOME: folder };
    for (const words of commands) {
      const r = spawnSync(process.execPath, [command, ...words], { cwd: folder, env });
      expect(r.status, String(r.stderr)).toBe(0);
    }
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a report; console messages and requests of the page are collected in `noise`. */
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

  /** Whether a chart fills its place, with curves in it. */
  const drawn = `(id) => {
    const place = document.getElementById(id), svg = place.querySelector('svg');
    return svg.getBoundingClientRect().width === place.clientWidth && svg.querySelector('.curve path, .curve circle') !== null;
  }`;

  /** Checks that a page fits its width, has the right colours and no errors, and that its `charts` are drawn. */
  async function looksRight(
    name: string,
    scheme: 'light' | 'dark',
    width: number,
    charts: readonly string[],
  ): Promise<void> {
    const { page, noise } = await show(name, scheme, width);
    await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))");
    for (const id of charts) {
      await page.waitForFunction(`(${drawn})('${id}')`);
      expect(await textFaults(page, `#${id} > svg`), id).toEqual([]);
    }
    // No horizontal overflow.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    const [r, g, b] = String(background).match(/\d+/g)!.map(Number);
    expect(r + g + b > 384).toBe(scheme === 'light');
    expect(noise).toEqual([]);
    await page.close();
  }

  return { show, looksRight };
}

/** The command of a fit's report. */
export const fitReport = (name: string, ...args: readonly string[]): string[] => [
  'fit',
  ...args,
  '-q',
  '--report',
  `${name}.html`,
];
