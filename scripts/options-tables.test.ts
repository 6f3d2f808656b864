import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tasks, withTables } from '@southwell/tasks';
import { expect, test } from 'vitest';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const pages = readdirSync(docs)
  .filter((file) => file.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(docs + name, 'utf8') }));

test('tables of options in the docs are those of the declarations (npm run build && npm run docs)', () => {
  for (const { name, text } of pages) expect(withTables(text, tasks), name).toBe(text);
});

test('every task that has options has its table in the docs', () => {
  const all = pages.map((p) => p.text).join('\n');
  for (const { verb } of tasks.filter(({ options }) => Object.keys(options).length > 0))
    expect(all).toContain(`<!-- options: ${verb.join(' ')} -->`);
});
