/** The page of networks in Chromium: its example. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

/** Values that are shown of the output, in order. */
const shown = (page: Page) => page.locator('[data-answer=ready] tbody td:last-child').allTextContents();
/** The class with the largest output. */
const best = async (page: Page) => {
  const values = (await shown(page)).map(Number);
  return values.indexOf(Math.max(...values));
};

describe.skipIf(!canOpen)('the page of networks in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { open } = workbench();
  test('the example is answered at once, and what is drawn after it', async () => {
    const { page, noise } = await open('/networks');
    await expect.poll(() => best(page), { timeout: 30_000 }).toBe(2);
    await page.click('button:has-text("Clear")');
    const box = (await page.locator('canvas').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 0.2 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 0.8 * box.height, { steps: 20 });
    await page.mouse.up();
    await expect.poll(() => best(page)).toBe(1);
    // Layers are looked at by their boxes.
    await page.click('button.box:has-text("Conv") >> nth=0');
    await page.waitForSelector('h3:has-text("Conv") ~ figure svg');
    expect(await page.textContent('.command code')).toBe('npx southwell inspect digits.onnx');
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
