import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DARK, LIGHT } from './palette.ts';

test('the colours of files and reports are those of the page', () => {
  const css = readFileSync(new URL('../../workbench/app/tokens.css', import.meta.url), 'utf8');
  const pairs = [...css.matchAll(/^ {2}--(\w+): light-dark\((.+), ((?:#|rgba).+)\);$/gm)];
  const page = (k: 2 | 3) => Object.fromEntries(pairs.map((m) => [m[1], m[k]]));
  expect(page(2)).toMatchObject(LIGHT);
  expect(page(3)).toMatchObject(DARK);
});
