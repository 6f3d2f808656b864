/** The documentation in Chromium, on a plain server of files: search, colours, small screens, and what axe finds. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { app, canServe, servedSite } from './site.ts';

const built = canServe && existsSync(join(app, '../docs/index.html'));
const axe = built ? readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8') : '';

/** What axe finds on a page, as rule and element. */
async function violations(page: Page): Promise<string[]> {
  // Through the debugger, past the security policy of the page.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const run = (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run();
    return (await run).violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

describe.skipIf(!built)('the documentation in Chromium', () => {
  const { url, newContext, emptyPage } = servedSite();
  const pages = ['', 'start.html', 'guides/find-causes.html', 'gallery.html', 'linear-models.html'];

  test('the search leads to a guide by the keyboard alone', async () => {
    const context = await newContext();
    const { page, noise } = await emptyPage(context);
    await page.goto(url('/docs/'));
    await page.keyboard.press('/');
    await page.keyboard.type('conjugate gradient');
    await page.waitForSelector('#hits [role=option]');
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('#hits [aria-selected=true]');
    expect(await chosen.textContent()).toContain('Solve equations');
    expect(await page.getAttribute('#find', 'aria-activedescendant')).toBe(await chosen.getAttribute('id'));
    await page.keyboard.press('Enter');
    await page.waitForURL('**/docs/guides/solve-equations.html');
    await page.keyboard.press('/');
    await page.keyboard.type('xyzzyqwv');
    await page.waitForSelector('#hits:has-text("Nothing found")');
    await page.keyboard.press('Escape');
    expect(await page.locator('#hits').isVisible()).toBe(false);
    await page.click('nav[aria-label="Main"] a:has-text("Race")');
    await page.waitForSelector('h1:has-text("Race")');
    await page.click('nav[aria-label="Main"] a:has-text("Docs")');
    await page.waitForSelector('#find');
    expect(noise).toEqual([]);
    await context.close();
  });

  test.each([
    [320, 'dark'],
    [1440, 'light'],
  ] as const)('at %i pixels, %s: nothing is wider than the screen, nothing is amiss', async (width, theme) => {
    const context = await newContext();
    const { page, noise } = await emptyPage(context);
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(url('/docs/'));
    const button = page.locator('button.theme');
    while (!(await button.getAttribute('aria-label'))!.endsWith(theme)) await button.click();
    for (const name of pages) {
      await page.goto(url(`/docs/${name}`));
      expect(await page.getAttribute('html', 'data-theme'), name).toBe(theme);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width);
      expect(await violations(page), name).toEqual([]);
    }
    expect(noise).toEqual([]);
    await context.close();
  });
});
