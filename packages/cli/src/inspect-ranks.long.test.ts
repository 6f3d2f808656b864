import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, southwell } = workshop();

const rows = Array.from({ length: 90 }, (_, i) => {
  const dirty = i === 70 ? 'oops' : String(Math.sin(i));
  return `${i},${dirty},${i < 60 ? '007' : 'seven'},${['red', 'green', ''][i % 3]},"a\n${i % 4}",${Math.sin(i)}`;
});
file('mixed.csv', `,x,code,colour,text,z\n${rows.join('\n')}\n`);
file('twins.csv', `a,b,c\n${Array.from({ length: 50 }, (_, i) => `${i % 7},${i % 7},1\n`).join('')}`);
file('huge.csv', `v\n${Array.from({ length: 40 }, (_, i) => `${i % 2 ? '' : '-'}1.5e308\n`).join('')}`);
file('x.svm', Array.from({ length: 60 }, (_, i) => `${i % 3} ${(i % 4) + 1}:${i} 9:0.5\n`).join(''));
file('wrong.csv', `a,b\n${'1,2\n'.repeat(50)}1,2,3\n${'1,2\n'.repeat(10)}"x\n`);
for (const [r, part] of [rows.slice(0, 50), rows.slice(50, 52), rows.slice(52)].entries()) {
  file(`part-${r}.csv`, `,x,code,colour,text,z\n${part.join('\n')}\n`);
}

describe('inspect on ranks', () => {
  test.each(['mixed.csv', 'twins.csv', 'huge.csv', 'x.svm', 'bundled:diabetes'])('%s: what one rank finds', (name) => {
    const one = southwell('inspect', name, '--json');
    expect(one.code).toBe(0);
    for (const ranks of ['1', '3']) expect(southwell('inspect', name, '--json', '--ranks', ranks)).toEqual(one);
  });

  test('files of their own are one table', () => {
    const one = JSON.parse(southwell('inspect', 'mixed.csv', '--json').out);
    const { name, notes, ...parts } = JSON.parse(southwell('inspect', 'part-{rank}.csv', '--json', '--ranks', '3').out);
    expect([parts, name]).toEqual([{ ...one, name: undefined, notes: undefined }, 'part-{rank}.csv']);
    expect(notes).toHaveLength(one.notes.length);
  });

  test('mistakes are told once, as one rank tells them', () => {
    const one = southwell('inspect', 'wrong.csv');
    expect(one.err).toMatch(/wrong\.csv, line 52 has 3 fields/);
    expect(southwell('inspect', 'wrong.csv', '--ranks', '3')).toEqual(one);
    expect(southwell('inspect', 'none.csv', '--ranks', '2')).toEqual(southwell('inspect', 'none.csv'));
    expect(southwell('inspect', '-', '--ranks', '2')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^southwell: standard input can be read only once, but each rank reads its own part/),
    });
    expect(southwell('inspect', 'part-{rank}.csv', '--ranks', '4').err).toMatch(/^southwell: Rank 3: .*part-3\.csv/);
  });
});
