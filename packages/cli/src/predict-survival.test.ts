/** Strata, and survival at times, by the command; the numbers of R stand in survival.test.ts of linear-models, too. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answering, workshop } from './testing.ts';

const { file, at, here } = workshop();
const time = [5, 3, 3, 8, 1, 1, 1, 4, 9, 3, 2, 2, 7, 6, 6, 5, 4, 8, 2, 10];
const seen = [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0];
const a = [0.5, -1.2, 0.3, 0.8, -0.7, 1.5, 0.1, -0.4, -1.1, 0.9, 0.2, -0.6, 1.1, -0.3, 0.7, -1.5, 0.4, -0.9, 1.3, 0];
const b = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1];
const g = [...'uvuvuvuvuvuvvuvuuvuv'];
const rows = time.map((t, i) => [t, seen[i], a[i], b[i], g[i], g[i] === 'u' ? '10' : '2.50', (i * 7) % 3].join());
file('trial.csv', `time,seen,a,b,g,ward,part\n${rows.join('\n')}\n`);
file('new.csv', 'b,a,g,ward\n1,0.4,u,10\n0,-1,v,2.5\n');
file('five.csv', 'id,t,e,x,s\nu,1,1,2,p\nv,2,1,4.5,q\nw,3,1,1,p\nx,5,0,9,q\nz,4,1,8.1,p\n');

const common = ['trial.csv', '--time', 'time', '--event', 'seen', '--features', 'a,b', '--tol', '1e-12'];
const { told, said } = answering(here);
const close = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 7));

// summary(survfit(coxph(Surv(time, seen) ~ a + b, ties = "efron"), newdata = new), times = c(0.5, 2, 8.5))$surv.
test('predict --times gives survival as survfit does', async () => {
  await told('fit', ...common, '--alpha', '0', '--ties', 'efron', '--save', 'plain.json');
  const { columns, times, notes } = await told('predict', 'plain.json', 'new.csv', '--times', '0.5,2,8.5,2');
  expect(Object.keys(columns)).toEqual(['prediction', 'survival_0.5', 'survival_2', 'survival_8.5']);
  expect(columns['survival_0.5']).toEqual([1, 1]);
  expect(columns.survival_2).toEqual(close([0.75826953777957, 0.8891250375427]));
  expect(columns['survival_8.5']).toEqual(close([0.15982719346879, 0.458988768538]));
  expect([times, notes]).toEqual([[0.5, 2, 8.5], []]);
  const later = await told('predict', 'plain.json', 'new.csv', '--times', '10,12');
  expect(later.columns.survival_12).toEqual(later.columns.survival_10);
  expect(later.notes.join()).toMatch(/No row of the fit was followed beyond 10/);
  file('gap.csv', 'a,b\n0.4,1\n,1\n');
  expect((await told('predict', 'plain.json', 'gap.csv', '--times', '2')).columns.survival_2[1]).toBeNull();
  await told('predict', 'plain.json', 'new.csv', '--times', '2', '--out', 'out.csv');
  expect(readFileSync(at('out.csv'), 'utf8')).toMatch(/^prediction,survival_2\n/);
});

// … of coxph(Surv(time, seen) ~ a + b + strata(g)), Breslow, at c(2, 8.5).
test.each(['g', 'ward'])('--strata %s is strata() of coxph', async (column) => {
  const fitted = await told(
    'fit',
    ...common,
    '--alpha',
    '0',
    '--strata',
    column,
    '--save',
    's.json',
    '--report',
    's.html',
  );
  const coefficients = Object.fromEntries(
    fitted.model.coefficients.map((c: { name: string; value: number }) => [c.name, c.value]),
  );
  expect(coefficients).toEqual({ a: expect.closeTo(0.7151508844537, 7), b: expect.closeTo(-0.2835017809394, 7) });
  expect(fitted.data.strata).toBe(2);
  const { columns } = await told('predict', 's.json', 'new.csv', '--times', '2,8.5');
  expect(columns.survival_2).toEqual(close([0.69072300098889, 0.9613850999111]));
  expect(columns['survival_8.5']).toEqual(close([0.09274995822186, 0.6246496821081]));
  expect(readFileSync(at('s.html'), 'utf8')).toMatch(/of each stratum, at the median/);
});

test('rows of no stratum, or of one that the fit did not see', async () => {
  await told('fit', ...common, '--alpha', '0.01', '--strata', 'g', '--save', 's.json');
  file('odd.csv', 'a,b,g\n0.4,1,u\n0.1,1,\n');
  const { columns } = await told('predict', 's.json', 'odd.csv', '--times', '2');
  expect(columns.survival_2).toEqual([expect.any(Number), null]);
  expect(columns.prediction[1]).toBeGreaterThan(0);
  file('other.csv', 'a,b,g\n0.4,1,u\n0.1,1,x\n');
  expect(await said('predict', 's.json', 'other.csv', '--times', '2')).toMatch(
    /row 2 has stratum 'x' of 'g', which was not in the training data.*known strata are u, v\./,
  );
  // Hazards relative to the baseline need none.
  expect((await told('predict', 's.json', 'other.csv')).predicted).toBe(2);
  file('without.csv', 'a,b\n0.4,1\n');
  expect(await said('predict', 's.json', 'without.csv', '--times', '2')).toMatch(/no column 'g', the strata that/);
});

test('strata go with folds, held-out rows, paths, and five rows', async () => {
  const cv = await told(
    'fit',
    ...common,
    '--strata',
    'g',
    '--fold-column',
    'part',
    '--n-alphas',
    '9',
    '--save',
    'p.json',
  );
  expect(cv.crossValidation.mean.every(Number.isFinite)).toBe(true);
  const held = await told('fit', ...common, '--strata', 'g', '--alpha', '0.01', '--holdout', '0.3');
  expect(held.holdout.score.name).toBe('concordance');
  // The path keeps the baseline of each of its models.
  const [first, second] = cv.path.alphas.slice(4, 6);
  const away = await told('fit', ...common, '--strata', 'g', '--alpha', String(first), '--save', 'one.json');
  const from = async (model: string, ...more: string[]) =>
    (await told('predict', model, 'new.csv', '--times', '2,6', ...more)).columns;
  const exact = await from('p.json', '--alpha', String(first));
  expect(exact.survival_6).toEqual((await from('one.json')).survival_6.map((v: number) => expect.closeTo(v, 6)));
  expect(away.model.alpha).toBe(first);
  const between = await from('p.json', '--alpha', String((first + second) / 2));
  const next = await from('p.json', '--alpha', String(second));
  for (const i of [0, 1]) {
    const [low, high] = [exact.survival_6[i], next.survival_6[i]].sort((x: number, y: number) => x - y);
    expect(between.survival_6[i]).toBeGreaterThan(low - 1e-3);
    expect(between.survival_6[i]).toBeLessThan(high + 1e-3);
  }
  const five = ['five.csv', '--time', 't', '--event', 'e', '--strata', 's', '--alpha', '0.01'];
  expect((await told('fit', ...five, '--save', 'five.json')).data).toMatchObject({ rows: 5, strata: 2, features: 1 });
  expect((await told('predict', 'five.json', 'five.csv', '--times', '2')).columns.survival_2).toHaveLength(5);
});

test('what does not go together is said', async () => {
  expect(await said('fit', 'trial.csv', '--target', 'a', '--strata', 'g')).toMatch(/--strata|--time COLUMN/);
  expect(await said('fit', ...common, '--strata', 'nix', '--alpha', '0.1')).toMatch(/no column 'nix' for the strata/);
  expect(await said('fit', ...common, '--strata', 'a', '--alpha', '0.1')).toMatch(
    /'a' cannot be both --strata and one of --features/,
  );
  expect(await said('fit', ...common, '--strata', 'time', '--alpha', '0.1')).toMatch(
    /'time' cannot be both --time and --strata/,
  );
  file('own.csv', 'time,seen,a,g\n1,1,2,u\n2,1,1,v\n3,1,4,w\n');
  const own = ['own.csv', '--time', 'time', '--event', 'seen', '--strata', 'g'];
  expect(await said('fit', ...own)).toMatch(/'g' has a different value in every row/);
  file('hole.csv', 'time,seen,a,g\n1,1,2,u\n2,1,1,\n3,1,4,v\n');
  const hole = ['hole.csv', '--time', 'time', '--event', 'seen', '--strata', 'g', '--alpha', '0.1'];
  expect(await said('fit', ...hole)).toMatch(/column 'g' has no value in row 2, which --strata needs/);
  await told('fit', 'trial.csv', '--target', 'time', '--alpha', '0.1', '--save', 'lasso.json');
  expect(await said('predict', 'lasso.json', 'trial.csv', '--times', '1')).toMatch(/--times requires a survival model/);
  await told('fit', ...common, '--alpha', '0.1', '--save', 'plain.json');
  for (const times of ['', '1,,2', '-1', 'soon']) {
    expect(await said('predict', 'plain.json', 'new.csv', '--times', times)).toMatch(
      /--times must be a list of numbers/,
    );
  }
  const { baselineHazard: _, ...old } = JSON.parse(readFileSync(at('plain.json'), 'utf8'));
  file('old.json', JSON.stringify(old));
  expect((await told('predict', 'old.json', 'new.csv')).predicted).toBe(2);
  expect(await said('predict', 'old.json', 'new.csv', '--times', '1')).toMatch(/no baseline hazard.*Fit it again/);
});
