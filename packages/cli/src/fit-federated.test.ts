import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseEventList } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { cleanEnv, command, workshop } from './testing.ts';

// Fits of clients that keep their rows, beside the fit of all rows.

const { here, at, file } = workshop();
const HEADER = 'x,z,colour,ill,visits,site,w,flat\n';

/** Rows of two classes, sorted by them; `z` has other units than `x`. */
function rows(): string[] {
  const random = new Random(11);
  const all = Array.from({ length: 80 }, (_, i) => {
    const [x, z] = [random.normal(), 5 + 100 * random.normal()];
    const colour = ['red', 'blue', 'green'][random.integer(3)];
    const eta = 0.8 * x - 0.01 * (z - 5) + (colour === 'red' ? 0.7 : 0);
    const ill = random.uniform() < 1 / (1 + Math.exp(-eta)) ? 'yes' : 'no';
    const visits = Math.floor(2 * Math.exp(0.3 * x) * random.uniform() + 0.5);
    return [x, z, colour, ill, visits, ['N', 'S', 'E'][i % 3], 1 + (i % 2), 7];
  });
  all.sort((a, b) => (a[3] < b[3] ? -1 : a[3] > b[3] ? 1 : 0));
  return all.map((row) => `${row.join(',')}\n`);
}

beforeAll(() => {
  const all = rows();
  const no = all.filter((row) => row.includes(',no,')).length;
  file('all.csv', HEADER + all.join(''));
  // Ranks 0 and 1 have one class each, and rank 2 has no row.
  file('part-0.csv', HEADER + all.slice(0, no).join(''));
  file('part-1.csv', HEADER + all.slice(no).join(''));
  file('part-2.csv', HEADER);
});

interface Model {
  readonly objective: number;
  readonly numbers: Map<string, number>;
}
const modelOf = (out: string) => {
  const { model, fit, federated, status } = JSON.parse(out);
  const numbers = new Map<string, number>(
    model.coefficients.map((c: { name: string; value: number }) => [c.name, c.value]),
  );
  numbers.set('', model.intercept);
  return { numbers, objective: fit.objective, federated, status, message: fit.message };
};
const ran = async (...words: string[]) => {
  const { out, err, code } = await here([...words, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  return modelOf(out);
};
function expectSame(found: Model, central: Model): void {
  expect(Math.abs(found.objective / central.objective - 1)).toBeLessThan(1e-10);
  expect([...found.numbers.keys()].sort()).toEqual([...central.numbers.keys()].sort());
  const most = Math.max(...[...central.numbers.values()].map(Math.abs));
  for (const [name, value] of central.numbers)
    expect(Math.abs(found.numbers.get(name)! - value)).toBeLessThan(1e-6 * most);
}

const ill = ['--target', 'ill', '--model', 'logistic', '--drop', 'visits,site'];
const visits = ['--target', 'visits', '--model', 'poisson', '--drop', 'ill,site'];
const number = ['--target', 'visits', '--drop', 'ill,site'];
const bySite = (words: readonly string[]) => words.map((word) => word.replace(',site', ''));

const cases: Readonly<Record<string, readonly string[]>> = {
  lasso: [...number, '--model', 'lasso', '--alpha', '0.05'],
  'ridge, standardised, weights': [...number, '--model', 'ridge', '--alpha', '0.1', '--standardize', '--weights', 'w'],
  'elastic net without an intercept': [...number, '--model', 'elastic-net', '--alpha', '0.1', '--no-intercept'],
  'least squares': [...number.with(3, 'ill,site,flat'), '--model', 'lasso', '--alpha', '0'],
  'logistic, L1': [...ill, '--alpha', '0.01'],
  'logistic, ridge, standardised, class weights': [
    ...ill,
    '--alpha',
    '0.02',
    '--l1-ratio',
    '0',
    '--standardize',
    '--class-weight',
    'yes=3',
  ],
  'logistic without an intercept': [...ill, '--alpha', '0.01', '--l1-ratio', '0.3', '--no-intercept'],
  poisson: [...visits, '--alpha', '0.02', '--l1-ratio', '0.5'],
};

describe('the fit of clients is that of all rows', () => {
  test.each(Object.entries(cases))('%s', async (_, words) => {
    const central = await ran('fit', 'all.csv', ...words, '--tol', '1e-13');
    const apart = await ran('fit', 'all.csv', ...bySite(words), '--tol', '1e-8', '--federated', '--clients', 'site');
    expectSame(apart, central);
    expect([apart.status, apart.federated.clients, apart.federated.left]).toEqual(['converged', 3, []]);
    const ranks = await ran('fit', 'part-{rank}.csv', ...words, '--tol', '1e-8', '--federated', '--ranks', '3');
    expectSame(ranks, central);
    expect(ranks.federated.form).toBe(words.includes('0') && words.includes('lasso') ? 'robust' : 'dual');
  });

  test('some clients in each round', async () => {
    for (const words of [cases['least squares'], cases['ridge, standardised, weights']]) {
      const central = await ran('fit', 'all.csv', ...words, '--tol', '1e-13');
      const some = [
        ...bySite(words),
        '--federated',
        '--clients',
        'site',
        '--per-round',
        '2',
        '--seed',
        '4',
        '--tol',
        '1e-8',
      ];
      expectSame(await ran('fit', 'all.csv', ...some), central);
    }
  });

  test('a diabetes table on two ranks, from one file', async () => {
    const words = ['fit', 'bundled:diabetes', '--model', 'lasso', '--alpha', '1', '--tol'];
    expectSame(await ran(...words, '1e-7', '--federated', '--ranks', '2'), await ran(...words, '1e-13'));
  });
});

describe('federated fits on ranks', () => {
  const words = ['fit', 'part-{rank}.csv', ...ill, '--alpha', '0.01', '--federated'];
  const saved = (name: string) => {
    const { extra, report, ...model } = JSON.parse(readFileSync(at(name), 'utf8'));
    return { ...model, kind: extra.kind, encoding: extra.encoding, rounds: report.iterations };
  };

  test('a network that is simulated gives the bits of threads, and its events; predict applies the model', async () => {
    await ran(...words, '--ranks', '2', '--save', at('threads.json'));
    const network = 'latency=1e-3,bandwidth=1e6,work=1e-2,straggler=1:3';
    await ran(...words, '--ranks', '2', '--network', network, '--events', at('e.json'), '--save', at('net.json'));
    expect(saved('net.json')).toEqual(saved('threads.json'));
    const list = parseEventList(readFileSync(at('e.json'), 'utf8'));
    expect([list.measure, list.ranks.length]).toEqual(['residual', 2]);
    expect(list.marks.at(-1)![2]).toBeLessThan(1e-9);
    const worked = list.ranks.map(({ spans }) =>
      spans.filter(([doing]) => doing === 'work').reduce((s, [, a, b]) => s + b - a, 0),
    );
    expect(worked[1] / worked[0]).toBeCloseTo(3);
    const { code } = await here(['predict', 'net.json', 'all.csv', '--out', at('p.csv')]);
    expect([code, readFileSync(at('p.csv'), 'utf8').split('\n').length]).toEqual([0, 82]);
  });

  test('MPI gives the same bits', () => {
    const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const cwd = at('.');
    const run = spawnSync('mpirun', [...flags, process.execPath, command, ...words, '--save', 'mpi.json'], {
      cwd,
      env: cleanEnv(),
    });
    expect(run.status).toBe(0);
    expect(saved('mpi.json')).toEqual(saved('threads.json'));
  });

  test('what left each rank is told by kind, models as the rounds say', async () => {
    const { federated } = await ran(...words, '--ranks', '3');
    const { rounds, left, clients, up } = federated;
    const of = (rank: number, kind: string) =>
      left.find((one: { rank: number; kind: string }) => one.rank === rank && one.kind === kind);
    const features = 7; // x, z, three colours, w, and an intercept; the flat column has no coefficient
    expect([clients, up]).toEqual([3, 3 * rounds * features]);
    for (const rank of [1, 2]) expect(of(rank, 'up')).toMatchObject({ messages: rounds, bytes: 8 * rounds * features });
    expect(of(0, 'up')).toBeUndefined();
    expect(of(1, 'down')).toBeUndefined();
    expect(left.map(({ kind }: { kind: string }) => kind)).not.toContain('other');
    const { out } = await here([...words, '--ranks', '3']);
    expect(out.replace(/\s+/g, ' ')).toMatch(/No row left its client, but this is no guarantee of privacy/);
    expect(out).toMatch(/1 {2}up +\d+ +[\d,]+ {2}models of clients/);
  });

  test('stopped and --resume: the model of a fit that was never stopped', async () => {
    const kept = ['--checkpoint', at('c.json'), '--ranks', '2', '--tol', '1e-8'];
    await ran(...words, ...kept.slice(2), '--save', at('whole.json'));
    const first = await here([...words, ...kept, '--max-iter', '7']);
    expect(first.code).toBe(3);
    await ran(...words, ...kept, '--resume', '--save', at('again.json'));
    expect(saved('again.json')).toEqual(saved('whole.json'));
    const three = await here([...words, ...kept, '--resume', '--ranks', '3']);
    expect(three.err).toMatch(/other data|on 2 ranks/);
  });

  test('that a rank is gone ends the fit', async () => {
    const { code, err } = await here([
      ...words,
      '--ranks',
      '2',
      '--network',
      'latency=1e-3,stopped=1:0.05',
      '--timeout',
      '1',
    ]);
    expect([code, err]).toEqual([4, expect.stringMatching(/[Rr]ank 1/)]);
  });
});

test('noise on the links: planned rounds, and where they lead', async () => {
  const words = [
    'fit',
    'all.csv',
    ...bySite(cases['least squares']),
    '--federated',
    '--clients',
    'site',
    '--per-round',
    '2',
    '--max-iter',
    '300',
    '--seed',
    '2',
    '--noise',
  ];
  const { out, code } = await here([...words, '1e-4']);
  expect(code).toBe(0);
  expect(out).toMatch(/Done: 300 rounds over noisy links/);
  expect(out).not.toMatch(/no better than a constant/);
  const { out: drowned } = await here([...words, '1e10']);
  expect(drowned).toMatch(/fits no better than a constant .*noise on the links is too large/s);
});

describe('what has no answer is refused by a sentence', () => {
  const base = ['fit', 'all.csv', ...bySite(ill), '--alpha', '0.01', '--federated'];
  test.each<[readonly string[], RegExp]>([
    [base, /needs clients: name the column that tells them with --clients, or run it on several ranks/],
    [[...base, '--clients', 'nope'], /no column 'nope' for the clients/],
    [[...base, '--clients', 'ill'], /'ill' cannot be both/],
    [[...base, '--clients', 'site', '--per-round', '5'], /--per-round 5 is more than there are clients: all.csv has 3/],
    [[...base, '--clients', 'site', '--noise', 'inf'], /--noise/],
    [[...base, '--clients', 'site', '--noise', '-1'], /--noise must be a number of at least 0/],
    [[...base, '--clients', 'site', '--holdout', '0.2'], /--federated cannot be combined with --holdout/],
    [[...base, '--clients', 'site', '--offset', 'w'], /--federated cannot be combined with --offset/],
    [[...base, '--clients', 'site', '--solver', 'proximal-gradient'], /--federated cannot be combined with --solver/],
    [[...base, '--clients', 'site', '--seed', '1'], /--seed cannot be combined with --alpha/],
    [['fit', 'all.csv', '--target', 'ill', '--alpha', '1', '--clients', 'site'], /--clients requires --federated/],
    [['fit', 'all.csv', '--target', 'ill', '--alpha', '1', '--federated'], /requires one of --model/],
    [['fit', 'all.csv', '--target', 'ill', '--model', 'logistic', '--federated'], /--federated requires --alpha/],
    [
      ['fit', 'all.csv', '--target', 'ill', '--model', 'svc', '--alpha', '1', '--federated'],
      /cannot be combined with --model svc/,
    ],
  ])('%#', async (words, says) => {
    const { code, out, err } = await here(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
  });

  test('rows that cannot be used', async () => {
    const rows = (...lines: string[]) => file('few.csv', `x,y,c\n${lines.join('\n')}\n`);
    const fit = (...more: string[]) =>
      here(['fit', 'few.csv', '--target', 'y', '--federated', '--clients', 'c', ...more]);
    const lasso = ['--model', 'lasso', '--alpha', '0.1'];
    rows('1,2,a', '2,1,', '3,4,b', '4,2,b', '5,5,a');
    expect((await fit(...lasso)).err).toMatch(/column 'c' has no value in row 2, which --clients needs/);
    rows('1,2,a', '2,1,a', 'x,4,b', '4,2,b', '5,5,a');
    expect((await fit(...lasso)).err).toMatch(/no column is left to predict 'y' from/);
    rows('1,2,a', '2,1,a', ',4,b', '4,2,b', '5,5,a');
    expect((await fit(...lasso, '--missing', 'mean')).code).toBe(0);
    rows('1,-2,a', '2,1,a', '3,4,b', '4,2,b', '5,5,a');
    expect((await fit('--model', 'poisson', '--alpha', '0.1')).err).toMatch(/at least 0/);
    rows('1,0,a', '2,0,a', '3,0,b', '4,0,b', '5,0,a');
    expect((await fit('--model', 'logistic', '--alpha', '0.1')).err).toMatch(/only one class/);
    rows('1,0,a', '1,1,a', '1,0,b', '1,0,b', '1,1,a');
    expect((await fit(...lasso)).err).toMatch(/every feature is constant/);
  });
});
