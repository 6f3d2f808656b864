import { tasks } from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { LONG } from './task/help.ts';
import { workshop } from './testing.ts';

const { here } = workshop();

describe.each(tasks.map((task) => [task.verb.join(' '), task] as const))('%s', (_, task) => {
  test('help fits on a screen, and says how to see the rest', async () => {
    const { out } = await here([...task.verb, '--help']);
    const { out: all } = await here([...task.verb, '--help', 'all']);
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(LONG);
    for (const line of task.examples[0].split(' && southwell ')) expect(out).toContain(`\n  $ southwell ${line}\n`);
    const listed = (text: string) => [...text.matchAll(/^ {2}(?:-q, )?(--?[\w-]+)/gm)].map((m) => m[1]);
    const whole = listed(all).length;
    if (listed(out).length < whole) {
      const [, words, count] = /^southwell (.+) --help all lists all (\d+) options\.$/m.exec(out)!;
      expect(Number(count)).toBe(whole);
      expect(words.split(' ')[0]).toBe((task.called ?? task.verb)[0]);
      expect((await here([...words.split(' '), '--help', 'all'])).out).toBe(all);
    } else expect(out).toBe(all);
  });
});

test.each([[['help', 'fit', 'all']], [['fit', '-h', 'all']]])('%j is fit --help all', async (asked) => {
  const { out } = await here(['fit', '--help', 'all']);
  expect(out).toContain('--json-schema');
  expect((await here(asked)).out).toBe(out);
});

test.each([
  ...[
    '',
    'inspect',
    'race',
    'papers',
    'papers run',
    'digest',
    'workbench',
    'site',
    'bench',
    'graph',
    'factor',
    'schedule',
  ],
])('southwell %s --help fits on a screen', async (verb) => {
  const { out } = await here([...verb.split(' ').filter((word) => word !== ''), '--help']);
  expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(LONG);
});
