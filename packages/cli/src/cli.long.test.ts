import { existsSync, readFileSync } from 'node:fs';
import { loadModel } from 'southwell/linear-models';
import { expect, test } from 'vitest';
import { interruptedFit } from './testing/fit.ts';
import { workshop } from './testing.ts';

const shop = workshop();
const { at, slowly } = shop;

test('inspect: what takes long shows progress, and Ctrl-C ends it', async () => {
  const { code, out, err } = await slowly(['inspect', '-'], /reading: .* rows/);
  expect([code, out]).toEqual([3, '']);
  expect(err).toMatch(/Stopped before the end; nothing was written/);
});

test('Ctrl-C twice exits at once and leaves no file behind', async () => {
  const { code } = await interruptedFit(shop, 2);
  // The first may have ended the run already; what was saved then is whole.
  expect([130, 3]).toContain(code);
  if (existsSync(at('kept.json'))) expect(loadModel(readFileSync(at('kept.json'), 'utf8')).model.coef).toHaveLength(57);
  else expect(code).toBe(130);
});
