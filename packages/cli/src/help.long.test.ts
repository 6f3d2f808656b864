import { tasks } from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

/** The words of a command line up to a pipe, without quotes. */
const words = (line: string): string[] =>
  Array.from(line.replace(/ \|.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c);

describe('the first examples', () => {
  const { southwell } = workshop();

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
});

/** Help's further examples name files of users: all else about them is right. */
const MISSING = /there is no such file|No such file|not found|cannot be read|cannot be loaded/i;

describe('further examples, without the files of the first', () => {
  const { southwell } = workshop();

  test.each(tasks.flatMap(({ examples }) => examples.slice(1)).map((line) => [line]))('southwell %s', (line) => {
    const { code, err, out } = southwell(...words(line));
    if (code === 2) expect(err).toMatch(MISSING);
    else expect([0, 3], `${err}\n${out}`).toContain(code);
  });
});
