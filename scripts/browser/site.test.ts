/** The site answers without a server of its own; the long test beside this one does all of it, also without a network. */
import { describe, expect, test } from 'vitest';
import { canServe, servedSite } from './site.ts';

describe.skipIf(!canServe)('the site on a plain server of files', () => {
  const { url, newContext, emptyPage, ownData } = servedSite();

  test('the feed on one thread, and a fit of one’s own data', async () => {
    const context = await newContext();
    const { page, noise } = await emptyPage(context);
    await page.goto(url('/'));
    await page.waitForSelector('.feed .title');
    // No isolation: one thread, and a sentence that says so.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.textContent('.threads')).toMatch(/One thread/);
    await page.click('nav >> text=Your data');
    await ownData(page);
    expect(noise).toEqual([]);
    await context.close();
  });
});
