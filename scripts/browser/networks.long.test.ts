/** The page of networks in Chromium: what it answers is what Node answers, and what cannot be run or read is told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomKey, tensor } from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

const layer = nn.sequential([nn.linear({ in: 3, out: 4 }), nn.relu(), nn.linear({ in: 4, out: 2 })]);
const parameters = nn.init(layer, randomKey(4));
const file = nn.toOnnx(layer, parameters, { input: [null, 3] });

/** Values that are shown of the output, in order. */
const shown = (page: Page) => page.locator('[data-answer=ready] tbody td:last-child').allTextContents();
/** The class with the largest output. */
const _best = async (page: Page) => {
  const values = (await shown(page)).map(Number);
  return values.indexOf(Math.max(...values));
};

describe.skipIf(!canOpen)('the page of networks in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { folder, open, accessible } = workbench();
  const saved = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test('a network and a row of one’s own, dropped among data', async () => {
    const { page, noise } = await open('/data');
    await page.setInputFiles('input[type=file] >> nth=0', saved('own.onnx', file));
    await page.waitForSelector('h1:has-text("Networks")');
    await page.waitForSelector('h2:has-text("own.onnx")');
    await page.fill('textarea', '1, -2 0.5');
    await page.locator('textarea').blur();
    const expected = nn.apply(layer, parameters, tensor([[1, -2, 0.5]], { dtype: 'f32' })).toArray() as number[][];
    const near = async () => (await shown(page)).every((text, k) => Math.abs(Number(text) - expected[0][k]) < 1e-3);
    await expect.poll(near).toBe(true);
    await page.fill('textarea', '1, 2');
    await page.locator('textarea').blur();
    await page.waitForSelector('[role=alert]:has-text("takes 3 numbers")');
    await page.fill('textarea', '1, two, 3');
    await page.locator('textarea').blur();
    await page.waitForSelector('[role=alert]:has-text("\'two\' is not a number.")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('an operator that is not supported, and a file that is cut short', async () => {
    const { page, noise } = await open('/networks');
    const text = Buffer.from(file).toString('latin1').replaceAll('Relu', 'Rexu');
    await page.setInputFiles('input[type=file] >> nth=0', saved('odd.onnx', Buffer.from(text, 'latin1')));
    await page.waitForSelector('.card:has-text("It cannot be run: Rexu is not supported.")');
    // It can be looked into all the same.
    expect(await page.locator('button.box').count()).toBeGreaterThan(0);
    await page.setInputFiles('input[type=file] >> nth=0', saved('cut.onnx', file.subarray(0, 60)));
    await page.waitForSelector('[role=alert]:has-text("byte")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('it can be read by everybody, on a phone and on a wide screen', () => accessible('/networks'));
});
