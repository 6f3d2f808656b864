import { tasks } from '@southwell/tasks';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { southwell } = workshop();

/** The words of a command line up to a pipe, without quotes. */
const words = (line: string): string[] =>
  Array.from(line.replace(/ \|.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c);

test.each(tasks.map(({ verb, examples }) => [verb.join(' '), examples[0]]))(
  '%s: the first example runs',
  (_, first) => {
    for (const line of first.split(' && southwell ')) {
      const { code, out, err } = southwell(...words(line));
      expect([err, code], line).toEqual(['', 0]);
      expect(out).not.toBe('');
    }
  },
);

/** Help's further examples name files of users: all else about them is right. */
const MISSING = /there is no such file|No such file|not found|cannot be read|cannot be loaded/i;

test.each(tasks.flatMap(({ examples }) => examples.slice(1)).map((line) => [line]))('southwell %s', (line) => {
  const { code, err, out } = southwell(...words(line));
  if (code === 2) expect(err).toMatch(MISSING);
  else expect([0, 3], `${err}\n${out}`).toContain(code);
});
