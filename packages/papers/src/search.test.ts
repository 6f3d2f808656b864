import { expect, test } from 'vitest';
import { records, search } from './index.ts';

const first = (text: string) => search(text)[0]?.slug;

test('finds papers by title, method, family or number', () => {
  expect(first('block coordinate descent')).toBe('01-bcd-faster');
  expect(first('Gauss-Southwell')).toBe('01-bcd-faster');
  expect(search('#17').map((r) => r.number)).toEqual([17]);
  expect(search('bilevel').length).toBeGreaterThan(1);
  expect(search(' ')).toBe(records);
});

test('forgives misspelt words and takes their beginnings', () => {
  expect(first('coordinat desent')).toBe(first('coordinate descent'));
  expect(first('koopmann')).toBe('48-information-koopman');
  expect(first('groking')).toBe('30-grokking-stability');
  expect(first('choleskyfoo grokking')).toBe('30-grokking-stability');
  expect(search('zzzzqqqq')).toEqual([]);
});
