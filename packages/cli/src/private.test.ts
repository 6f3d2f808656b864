import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const rows = Array.from({ length: 1500 }, (_, i) => {
  const [age, years] = [40 + 15 * Math.sin(i * 1.7), 12 + 4 * Math.cos(i * 0.9 + 1)];
  const income = 30 + 12 * ((age - 40) / 15) + 8 * ((years - 12) / 4) + 3 * Math.sin(i * 5.3);
  return { id: `p${i}`, age, years, income };
});
const csv = (list: readonly object[]) =>
  `${[Object.keys(list[0]).join(','), ...list.map((row) => Object.values(row).join(','))].join('\n')}\n`;
file('people.csv', csv(rows));
file('few.csv', csv(rows.slice(0, 20)));
const scales = ['--scale', 'age=40:15,years=12:4,income=30:20'];
const asked = (data: string, ...more: string[]) => [
  ...['privatise', data, '--target', 'income', '--features', 'age,years', '--clip-x', '2', '--clip-y', '2'],
  ...scales,
  ...more,
];

test('from private reports alone a model comes that predicts in the units of the data', async () => {
  const sent = asked(
    'people.csv',
    '--epsilon',
    '20',
    '--delta',
    '1e-6',
    '--out',
    at('r.csv'),
    '--protocol',
    at('p.json'),
  );
  const made = await here(sent);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toContain('1,500 reports, each (20, 0.000001)-private for any two people, with noise from a');
  // (e^ε + δ)/(1 + e^ε) of ε = 20 is 1 to four digits.
  expect(made.out.replaceAll(/\s+/g, ' ')).toContain('sent a report are right with probability at most 100 %.');
  expect(made.out.replaceAll(/\s+/g, ' ')).toContain('With an epsilon of 20, a report may be e^20 times as likely');
  const reports = readFileSync(at('r.csv'), 'utf8').split('\n');
  expect(reports[0]).toBe('age * age,age * years,years * years,age * income,years * income');
  expect(reports.slice(1, -1).every((line) => /^-?\d+(,-?\d+){4}$/.test(line))).toBe(true);
  // Twice the same people: other reports.
  await here(asked('people.csv', '--epsilon', '20', '--delta', '1e-6', '--out', at('again.csv')));
  expect(readFileSync(at('again.csv'), 'utf8').split('\n')[1]).not.toBe(reports[1]);
  // Noise that is the same in every run of this test.
  const seeded = [
    '--epsilon',
    '20',
    '--delta',
    '1e-6',
    '--seed',
    '7',
    '--out',
    at('r7.csv'),
    '--protocol',
    at('p7.json'),
  ];
  expect((await here(asked('people.csv', ...seeded))).code).toBe(0);
  const fit = await here(['fit-private', 'r7.csv', '--protocol', at('p7.json'), '--save', at('m.json'), '--json']);
  expect([fit.code, fit.err]).toEqual([0, '']);
  const told = JSON.parse(fit.out);
  expect(told.coefficients.map((c: { name: string }) => c.name)).toEqual(['age', 'years']);
  expect(told.coefficients[0].scaled).toBeCloseTo(0.6, 0);
  expect(told.coefficients[0].coefficient).toBeCloseTo((20 * told.coefficients[0].scaled) / 15, 12);
  const predicted = await here(['predict', at('m.json'), 'people.csv', '--out', at('out.csv')]);
  expect(predicted.code).toBe(0);
  const first = Number(readFileSync(at('out.csv'), 'utf8').split('\n')[1].split(',').at(-1));
  const [{ coefficient: a }, { coefficient: b }] = told.coefficients;
  expect(first).toBeCloseTo(told.intercept + a * rows[0].age + b * rows[0].years, 9);
});

test('seeded noise repeats itself, and is told wherever it goes', async () => {
  const of = async (name: string) => {
    const words = asked(
      'few.csv',
      '--epsilon',
      '1',
      '--seed',
      '4',
      '--out',
      at(`${name}.csv`),
      '--protocol',
      at('s.json'),
    );
    return (await here(words)).out;
  };
  expect(await of('one')).toContain('SEEDED noise');
  expect(await of('two')).toContain('Anyone who knows the seed can subtract the noise');
  expect(readFileSync(at('one.csv'), 'utf8')).toBe(readFileSync(at('two.csv'), 'utf8'));
  expect(JSON.parse(readFileSync(at('s.json'), 'utf8')).noise).toBe('seeded');
});

test('the budget of a person is kept over rows and over runs', async () => {
  const budget = ['--person', 'id', '--epsilon', '0.1', '--budget-epsilon', '0.3'];
  file('twice.csv', csv([...rows.slice(0, 20), rows[0]]));
  const first = await here(asked('twice.csv', ...budget, '--ledger', at('l.json'), '--out', at('b1.csv'), '--json'));
  expect(JSON.parse(first.out)).toMatchObject({ people: 20, mostSpent: { epsilon: 0.2, delta: 0 }, noise: 'secure' });
  const second = await here(asked('few.csv', ...budget, '--spent', at('l.json'), '--ledger', at('l2.json'), '--json'));
  expect(JSON.parse(second.out).mostSpent).toEqual({ epsilon: 0.3, delta: 0 });
  const third = await here(asked('few.csv', ...budget, '--spent', at('l2.json'), '--out', at('b3.csv')));
  expect(third.code).toBe(2);
  expect(third.err).toContain("Row 1: The budget of person 'p0' does not allow this report");
  expect(third.err).toContain('No reports were made.');
  expect(third.err).toContain('--budget-epsilon');
  expect(existsSync(at('b3.csv'))).toBe(false);
});

test.each<[string[], string]>([
  [['--epsilon', '0'], '--epsilon must be a number above 0'],
  [['--epsilon', 'Infinity'], '--epsilon must be a number above 0'],
  [['--epsilon', '1', '--delta', '1'], '--delta must be below 1: at 1 there is no privacy.'],
  [['--epsilon', '1', '--standardize'], "unknown option '--standardize'"],
  [['--epsilon', '1', '--budget-epsilon', '2'], '--budget-epsilon requires --person'],
  [['--epsilon', '1', '--scale', 'age=0:0'], '--scale must be a column with its centre and scale above 0'],
  [['--epsilon', '1', '--scale', 'id=0:1'], "--scale names 'id', which is not one of age, years, income."],
  [['--epsilon', '1e-12'], 'too small'],
  [['--epsilon', '1', '--person', 'idd'], "no column 'idd' for --person"],
])('%j is refused', async (more, sentence) => {
  const { code, err } = await here(asked('few.csv', ...more));
  expect(code).toBe(2);
  expect(err).toContain(sentence);
});

test('gaps, words, and reports that are none are told', async () => {
  file('gap.csv', 'id,age,years,income\n1,2,3,4\n2,,3,4\n3,5,3,4\n');
  const gap = await here(asked('gap.csv', '--epsilon', '1'));
  expect(gap.err).toContain("column 'age' has no value in row 2: correct or exclude the row.");
  await here(asked('few.csv', '--epsilon', '1', '--mode', 'public', '--out', at('o.csv'), '--protocol', at('o.json')));
  const fit = (...words: string[]) => here(['fit-private', ...words]).then(({ err }) => err);
  expect(await fit('o.csv', '--protocol', at('o.json'))).toContain('give public covariates with --public.');
  expect(await fit('o.csv', '--protocol', 'few.csv')).toContain(
    'is not a protocol written by southwell privatise: it is not JSON',
  );
  file('p.json', '{"format":"southwell-private-protocol","version":1,"mode":"central"}');
  expect(await fit('o.csv', '--protocol', 'p.json')).toContain(
    'its field mode must be one of noninteractive, public, but is central.',
  );
  const agreed = JSON.parse(readFileSync(at('o.json'), 'utf8'));
  for (const [field, more, sentence] of [
    ['epsilon', { epsilon: 0 }, 'must be finite and above 0, but is 0.'],
    ['delta', { delta: 1 }, 'must be at least 0 and below 1, but is 1.'],
    ['clip.x', { clip: { x: -1, y: 1 } }, 'must be from 1e-75 to 1e+75, but is -1.'],
  ] as const) {
    file('p.json', JSON.stringify({ ...agreed, ...more }));
    expect((await fit('o.csv', '--protocol', 'p.json')).replace(/\s+/g, ' ')).toContain(
      `its field ${field} ${sentence}`,
    );
  }
  expect(await fit('few.csv', '--protocol', at('o.json'), '--public', 'few.csv')).toContain("no column 'age * income'");
  file('half.csv', 'age * income,years * income\n1,2\n0.5,3\n');
  expect(await fit('half.csv', '--protocol', at('o.json'), '--public', 'few.csv')).toContain(
    'half.csv, row 2: Invalid report: it contains 0.5.',
  );
});

test('what a protocol can show is told before anything is spent, and beside a model of zeros', async () => {
  const plan = ['plan-private', '--features', '6', '--people', '60000', '--epsilon', '4', '--delta', '1e-6'];
  const bounds = ['--clip-x', '2.5', '--clip-y', '2.5'];
  const told = await here([...plan, ...bounds, '--correlation', '0.5']);
  expect([told.code, told.err]).toEqual([0, '']);
  expect(told.out.replaceAll(/\s+/g, ' ')).toContain('No effect that is plausible would be shown: ask more people');
  const { needed, detectable } = JSON.parse((await here([...plan, ...bounds, '--effects', '0.5,2', '--json'])).out);
  expect(detectable).toBeGreaterThan(0.3);
  expect(detectable).toBeLessThan(1);
  expect(needed.map(({ effect }: { effect: number }) => effect)).toEqual([0.5, 2]);
  expect(needed[0].people).toBeGreaterThan(needed[1].people);
  expect(needed[0].epsilon).toBeGreaterThan(needed[1].epsilon);
  expect((await here([...plan, ...bounds, '--effects', '0'])).err).toContain('--effects must be above 0');

  await here(asked('few.csv', '--epsilon', '0.5', '--seed', '1', '--out', at('w.csv'), '--protocol', at('w.json')));
  const weak = await here(['fit-private', 'w.csv', '--protocol', 'w.json', '--eigen-floor', '0.3']);
  const text = weak.out.replaceAll(/\s+/g, ' ');
  expect(text).toContain('0 of 2 coefficients exceed the noise threshold');
  expect(text).toMatch(/With 20 reports at this epsilon, an effect must be at least \S+ \(scaled\) to be shown/);
  expect(text).toContain('people at this epsilon');
});
