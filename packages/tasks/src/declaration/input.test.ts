import { expect, test } from 'vitest';
import { input, isFile, mainTable, reads, table, whyNotHeld } from './input.ts';

const model = input('model', 'a model');
const rows = table('rows');
const maybe = table('more rows', { optional: true });
const words = input('text', 'a word', { optional: true });

test('the table of a page is the first that a task cannot do without', () => {
  expect(mainTable({ model, rows, other: table('others') })).toBe('rows');
  expect(mainTable({ maybe, matrix: input('matrix', 'a matrix') })).toBe('matrix');
  expect([mainTable({ maybe }), mainTable({ model }), mainTable({})]).toEqual([undefined, undefined, undefined]);
});

test('what is read, and what is a file', () => {
  expect([reads({ inputs: { words } }), reads({ inputs: { model } }), reads({ inputs: { maybe } })]).toEqual([
    false,
    true,
    false,
  ]);
  expect([isFile(words), isFile(rows), isFile(model)]).toEqual([false, true, true]);
});

test('what a page cannot hold is told', () => {
  expect(whyNotHeld({ rows, model, words })).toBeUndefined();
  expect(whyNotHeld({ rows, parts: input('folder', 'parts') })).toMatch(/reads a folder \(parts\)/);
  expect(whyNotHeld({ program: input('file', 'a program') })).toMatch(/no table \(program\)/);
});
