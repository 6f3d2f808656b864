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

test.each(['1712.08859', 'arXiv:1712.08859', 'https://arxiv.org/abs/1712.08859v2', '1712.08'])(
  'by arXiv id: %s',
  (text) => {
    expect(search(text).map((r) => r.slug)).toEqual(['01-bcd-faster']);
  },
);

test('by author, venue and year', () => {
  expect(first('Nutini')).toBe('01-bcd-faster');
  expect(first('Journal of Machine Learning Research')).toBe('01-bcd-faster');
  const icml = search('ICML 2023');
  expect(icml.length).toBeGreaterThan(5);
  for (const r of icml.slice(0, 5)) expect(r.venue).toContain('ICML 2023');
  const year = search('2017');
  expect(year.map((r) => r.slug)).toEqual(['01-bcd-faster']);
});
