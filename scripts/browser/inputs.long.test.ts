/** Inputs of the page other than one table: none, a folder, a saved model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

describe.skipIf(!canOpen)('inputs of the workbench in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { field, fill, goal, open, ran } = workbench();
  const folder = mkdtempSync(join(tmpdir(), 'southwell-inputs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('none: an expression is minimised, drawn, and told where it is wrong', async () => {
    const { page, noise } = await open('/data?task=minimize');
    await fill(page, 'Function or expression', '(x - 1)^2 + (y + 2)^2');
    await fill(page, 'Lower bounds', '-5');
    await fill(page, 'Upper bounds', '5');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[data-status=converged]', { timeout: 30_000 });
    expect(await page.textContent('main')).toMatch(/smallest value/);
    expect(await page.locator('.results svg').count()).toBeGreaterThan(0);
    expect(await page.textContent('.command code')).toContain("minimize '(x - 1)^2 + (y + 2)^2' --lower=-5 --upper 5");
    await fill(page, 'Function or expression', '2x + y');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toMatch(/2\*x|\*/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a folder of pictures trains a network, whose model then predicts the folder', async () => {
    for (const [kind, shade] of [
      ['dark', 20],
      ['light', 220],
    ] as const) {
      mkdirSync(join(folder, 'pictures', kind), { recursive: true });
      for (let k = 0; k < 12; k++) {
        const data = Uint8Array.from({ length: 36 }, (_, i) => shade + ((i * 7 + k * 5) % 20));
        const bytes = encode({ width: 6, height: 6, data, channels: 1, depth: 8 });
        writeFileSync(join(folder, 'pictures', kind, `${k}.png`), bytes);
      }
    }
    const { page, noise } = await open('/data');
    await page.setInputFiles('input[webkitdirectory]', join(folder, 'pictures'));
    await page.waitForSelector('h2:has-text("pictures/")');
    expect(await page.textContent('main')).toMatch(/24 rows,\s+37 columns/);
    await goal(page, 'training');
    await fill(page, 'Epochs', '3');
    await ran(page, 'predicted.csv');
    expect(await page.textContent('.command code')).toContain('southwell train pictures');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Save model.json")'),
    ]);
    const model = join(folder, 'model.json');
    writeFileSync(model, readFileSync((await download.path())!));

    // A model that is dropped where data are asks for predictions.
    await page.setInputFiles('input[type=file] >> nth=0', model);
    await page.waitForSelector('button:has-text("Run")');
    await expect.poll(() => page.textContent('.command code')).toContain('southwell predict model.json pictures');
    const predicted = await ran(page, 'predictions.csv');
    expect(predicted.trim().split('\n')).toHaveLength(25);
    expect(await page.textContent('main')).toMatch(/24 predictions; accuracy/);
    await field(page, 'Model')
      .locator('input')
      .setInputFiles(join(folder, 'pictures', 'dark', '0.png'));
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toMatch(/0\.png is not a model that southwell saved/);
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
