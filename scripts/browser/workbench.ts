/** Tests of the workbench in Chromium: code shared by its two suites. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTable, writeCsv } from '@southwell/data/node';
import { experimentsOf, outcomeText, panelOf, resolveContext, shownOf, type Verdict } from '@southwell/papers';
import type { RunResult } from '@southwell/papers/node';
import { runTask, taskOf } from '@southwell/tasks';
import { startWorkbench, type Workbench } from '@southwell/workbench';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hasChromium, launch } from './chromium.ts';

const app = fileURLToPath(new URL('../../packages/workbench/dist/app', import.meta.url));
export const canOpen = hasChromium && existsSync(join(app, 'index.html'));
export const command = fileURLToPath(new URL('../../packages/cli/bin/southwell.mjs', import.meta.url));

/** The output file of a task in Node for a bundled data set, as the page saves it. */
export async function inNode(verb: string, asked: object, output: string): Promise<string> {
  const task = taskOf(verb);
  const data = 'bundled:diabetes';
  const tools = { read: async () => readTable(data), signal: new AbortController().signal, progress: () => {} };
  const result = await runTask(task, { data, ...asked }, tools);
  const of = task.outputs[output];
  if ('formats' in of) return of.formats.csv.text(result);
  if ('text' in of) throw new Error(`${output} is no file of columns.`);
  const columns = Object.entries(of.columns(result)).map(([name, values]) => [name, [...values]]);
  return new TextDecoder().decode(writeCsv(Object.fromEntries(columns)));
}

/** The server and a browser during the tests of a file, and helpers for pages. */
export function workbench() {
  // Long because the helpers share a server and a browser: one record of small functions.
  const folder = mkdtempSync(join(tmpdir(), 'southwell-workbench-'));
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  /** What the server's store holds. */
  const results: RunResult[] = [];
  let server: Workbench;
  let browser: Browser;

  beforeAll(async () => {
    server = await startWorkbench({ port: 0, app, results: { list: async () => results } });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = (path: string): string => server.url + path;
  const newContext = (): Promise<BrowserContext> => browser.newContext();

  interface Options {
    readonly scheme?: 'light' | 'dark';
    readonly width?: number;
    readonly context?: BrowserContext;
  }

  /** Opens a path; errors of the page and requests outside of loopback are collected in `noise`. */
  async function open(path: string, { scheme = 'light', width = 1200, context }: Options = {}) {
    const viewport = { width, height: 900 };
    const page = context
      ? await context.newPage()
      : await (await browser.newContext({ colorScheme: scheme, viewport })).newPage();
    const noise: string[] = [];
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') noise.push(m.text());
    });
    page.on('pageerror', (e) => noise.push(e.message));
    page.on('request', (r) => {
      if (!r.url().startsWith(server.url) && !/^(data|blob):/.test(r.url())) noise.push(r.url());
    });
    // Mocked, since the answer depends on how the server was started.
    await page.route('**/api/subscribe', (route) => route.fulfill({ json: { open: false } }));
    await page.goto(server.url + path);
    await page.waitForSelector('main h1');
    return { page, noise };
  }

  /** The field with that title. */
  const field = (page: Page, title: string) =>
    page
      .locator('label')
      .filter({ hasText: new RegExp(`^\\s*${title}`) })
      .first();
  const choose = (page: Page, title: string, value: string) => field(page, title).locator('select').selectOption(value);
  /** Chooses a family of tasks by what it is for. */
  const goal = (page: Page, family: string) => page.click(`label.goal:has(input[value="${family}"])`);
  /** Loads a bundled set. */
  const bundled = async (page: Page, name: string): Promise<void> => {
    await choose(page, 'or a bundled set', name);
    await page.waitForSelector(`h2:has-text("${name}")`);
  };
  const fill = async (page: Page, title: string, value: string) => {
    const input = field(page, title).locator('input');
    await input.fill(value);
    // Forms update when a field loses focus.
    await input.blur();
  };
  /** The step of the checkpoint stored in the browser; 0 if there is none. */
  const keptStep = (page: Page): Promise<number> =>
    page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const opening = indexedDB.open('keyval-store');
          opening.onsuccess = () => {
            const asking = opening.result.transaction('keyval').objectStore('keyval').get('data-cut');
            asking.onsuccess = () => resolve(Number(/"iteration":(\d+)/.exec(asking.result?.text)?.[1] ?? 0));
          };
        }),
    );
  /** Presses Run and waits for the end; returns the file with that name. */
  async function ran(page: Page, name: string): Promise<string> {
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[data-status=converged], [data-status=completed]', { timeout: 30_000 });
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click(`button:has-text("Save ${name}")`)]);
    return readFileSync((await saved.path())!, 'utf8');
  }

  const titles = (page: Page) => page.locator('.feed .title').allTextContents();

  /** Runs one experiment on the page and in Node: curves must be bit-identical, and verdicts equal. */
  async function asInNode(page: Page, paper: number, id: string, seed: number): Promise<void> {
    await page.selectOption('main select >> nth=0', id);
    await page.fill('label:has-text("Seed") input', String(seed));
    await page.click('button:has-text("Run")');
    // In parallel to the page, which computes in a process of its own.
    const experiment = (await experimentsOf(paper)).find((e) => e.id === id)!;
    const panels = new Map<string, Map<string, number[]>>();
    const verdicts: Verdict[] = [];
    for await (const e of experiment.run(resolveContext(experiment, { size: 'quick', seed }))) {
      if (e.kind === 'verdict') verdicts.push(e.verdict);
      if (e.kind !== 'points') continue;
      const here = panels.get(e.panel) ?? new Map<string, number[]>();
      panels.set(e.panel, here.set(e.series, [...((e.restart ? undefined : here.get(e.series)) ?? []), ...e.y]));
    }

    await page.waitForSelector('.status .badge:text-is("done")', { timeout: 60_000 });
    const outcomes = await page.locator('.outcomes .badge').allTextContents();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('figure:has(.plot) >> nth=0 >> button:has-text("CSV")').click(),
    ]);
    const title = (await page.locator('figure:has(.plot) >> nth=0').getAttribute('aria-label'))!;
    const here = panels.get(title)!;
    const names = shownOf(panelOf(experiment, title), [...here.keys()]);
    const { columns } = await readTable(readFileSync((await download.path())!), { header: true, format: 'csv' });
    const [series, y] = [columns[0], columns.at(-1)!];
    if (series.type === 'number' || y.type !== 'number') throw new Error('The file of a chart has names and numbers.');
    const shown = new Map<string, number[]>(series.levels.map((name) => [name, []]));
    series.codes.forEach((code, i) => {
      shown.get(series.levels[code])!.push(y.values[i]);
    });
    expect(shown).toEqual(new Map(Array.from(here, ([id, values]) => [names.get(id)!.name, values])));
    expect(outcomes).toEqual(verdicts.map(outcomeText));
  }

  /** The rows of a race's table, once it shows a winner: a page that has been left or reloaded draws it after a while. */
  async function finish(page: Page): Promise<string[][]> {
    await page.waitForSelector('.won', { timeout: 30_000 });
    return page
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')));
  }
  /** Runs a race to the end; returns the rows in the order of the methods. */
  async function race(page: Page): Promise<string[][]> {
    await page.click('button:has-text("Race")');
    await page.waitForSelector('[data-status=done], [data-status=failed]', { timeout: 30_000 });
    expect(await page.getAttribute('[data-status]', 'data-status'), (await page.textContent('[data-status]'))!).toBe(
      'done',
    );
    const rows = await finish(page);
    // The winner comes first in the table.
    expect(await page.textContent('.won')).toMatch(new RegExp(`^${rows[0][0].replace(/[()+]/g, '.')} won`));
    const methods = await page.locator('fieldset:has-text("Methods") label').allTextContents();
    expect(rows).toHaveLength(methods.length);
    rows.sort((a, b) => methods.indexOf(` ${a[0]}`) - methods.indexOf(` ${b[0]}`));
    for (const [, ...numbers] of rows) expect(numbers.join()).toMatch(/^[\d.e-]+(,-?[\d.e-]+){2}$/);
    return rows;
  }

  /**
   * Checks on a phone in light and on a wide screen in dark that axe finds no violations, and that nothing is wider
   * than the window.
   */
  async function accessible(path: string): Promise<void> {
    for (const [scheme, width] of [
      ['light', 360],
      ['dark', 1440],
    ] as const) {
      const { page, noise } = await open(path, { scheme, width });
      if (path.startsWith('/papers')) {
        await page.click('button:has-text("Run")');
        await page.waitForSelector('.status .badge:text-is("done")', { timeout: 30_000 });
      } else if (path === '/data') {
        await bundled(page, 'diabetes');
        await goal(page, 'factorisation');
        await choose(page, 'Task', 'factor cca');
        await page.click('summary:has-text("More options")');
        await page.click('button:has-text("Run")');
        await page.waitForSelector('[data-status=converged]', { timeout: 30_000 });
      } else if (path === '/models') {
        await page.waitForSelector('[data-status=converged]', { timeout: 30_000 });
        for (const summary of await page.locator('main summary').all()) await summary.click();
      } else if (path === '/networks') {
        await page.waitForSelector('[data-answer]', { timeout: 30_000 });
      } else if (path === '/ranks') {
        await page.waitForSelector('[data-message]', { timeout: 30_000 });
        await page.click('summary:has-text("More options")');
        await page.click('button:has-text("Pause")');
      } else if (path === '/race') {
        await choose(page, 'Family', 'structure-learning');
        await choose(page, 'Problem', 'known-graph');
      }
      for (const window of [900, 390, 320, width]) {
        await page.setViewportSize({ width: window, height: 900 });
        // Charts are drawn one frame later.
        const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
        await expect.poll(wide, { message: `${scheme}, ${window} px` }).toBeLessThanOrEqual(window);
      }
      // axe is injected through the debugger, which bypasses the page's security policy.
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await (
          globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run();
        return violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
      });
      expect(found).toEqual([]);
      expect(noise).toEqual([]);
      await page.context().close();
    }
  }

  const pages = { open, field, choose, bundled, goal, fill, keptStep, ran, titles, asInNode, finish, race, accessible };
  return { folder, results, url, newContext, ...pages };
}
