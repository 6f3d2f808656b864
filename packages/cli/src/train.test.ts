import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readSafetensors } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { answering, workshop } from './testing.ts';

const { at, file, here, southwell, stopped } = workshop();
const { told, said } = answering(here, 'train');

const random = new Random(11);
const normal = () => random.normal().toFixed(4);
/** Two half moons, one inside the other. */
const moons = Array.from({ length: 300 }, (_, i) => {
  const [angle, upper] = [Math.PI * random.uniform(), i % 2 === 0];
  const x = (upper ? Math.cos(angle) : 1 - Math.cos(angle)) + 0.1 * random.normal();
  const y = (upper ? Math.sin(angle) : 0.5 - Math.sin(angle)) + 0.1 * random.normal();
  return [x.toFixed(4), y.toFixed(4), upper ? 'upper' : 'lower'];
});
file('moons.csv', `x,y,moon\n${moons.map((row) => row.join()).join('\n')}\n`);
/** Numbers with a category, row names, a gap and a column of texts. */
const rows = Array.from({ length: 80 }, (_, i) => {
  const [a, b, kind] = [Number(normal()), Number(normal()), 'xyz'[i % 3]];
  const y = 3 * a - 2 * b + (kind === 'x' ? 5 : 0) + 0.1 * random.normal() + 100;
  return { name: `p${i}`, a, b, kind, y, text: `about number ${i} of them all`, w: i % 2 };
});
const csv = (list: typeof rows) =>
  `,a,b,kind,y,text,w\n${list.map((r) => [r.name, r.a, r.b, r.kind, r.y, r.text, r.w].join()).join('\n')}\n`;
file('rows.csv', csv(rows));
file('gap.csv', csv(rows).replace(/^p3,[^,]*/m, 'p3,'));
file('turned.csv', `extra,kind,b,a\n${rows.map((r) => ['q', r.kind, r.b, r.a].join()).join('\n')}\n`);
const moon = ['moons.csv', '--target', 'moon'];
const usual = ['rows.csv', '--target', 'y', '--drop', 'w'];

describe('a network on a table', () => {
  test('parts two moons that no line does, with calibration, mistakes and curves', async () => {
    const found = await told(...moon, '--rate', '0.01', '--report', at('r.html'), '--out', at('p.csv'));
    expect(found.score).toMatchObject({ name: 'accuracy', of: 'validation', rows: 30 });
    expect(found.score.value).toBeGreaterThan(0.93);
    const { confusion, calibration } = found.classification;
    const all = confusion.flat().reduce((sum: number, n: number) => sum + n, 0);
    expect(confusion[0][0] + confusion[1][1]).toBe(Math.round(found.score.value * all));
    expect(calibration[0].bins.reduce((sum: number, bin: { rows: number }) => sum + bin.rows, 0)).toBe(30);
    expect(found.history.validation[found.training.best - 1]).toBe(Math.min(...found.history.validation));
    expect(readFileSync(at('p.csv'), 'utf8')).toMatch(
      /^prediction,probability_lower,probability_upper\n(upper|lower),/,
    );
    expect(readFileSync(at('r.html'), 'utf8')).toMatch(/id="curve-0"[\s\S]*id="curve-1"[\s\S]*id="calibration"/);
    const line = await told(...moon, '--hidden', '0', '--rate', '0.01');
    expect(line.score.value).toBeLessThan(0.93);
  });

  test('without hidden layers, decay and batches it is the logistic regression of fit', async () => {
    const all = [...moon, '--hidden', '0', '--validation', '0', '--batch', '300', '--weight-decay', '0'];
    const run = ['--epochs', '1500', '--optimiser', 'sgd', '--rate', '0.5'];
    await told(...all, ...run, '--save', at('net.json'));
    await here(['fit', ...moon, '--model', 'logistic', '--alpha', '1e-9', '--tol', '1e-9', '--save', 'fit.json']);
    const of = async (model: string) =>
      JSON.parse((await here(['predict', model, 'moons.csv', '--proba', '--json'])).out).columns.probability_upper;
    const [net, fit] = [await of('net.json'), await of('fit.json')];
    expect(Math.max(...net.map((p: number, i: number) => Math.abs(p - fit[i])))).toBeLessThan(1e-3);
  });

  test('a target of numbers, a category and names of rows; the model finds its columns in any order', async () => {
    const found = await told(
      ...usual,
      '--hidden',
      '16',
      '--rate',
      '0.02',
      '--save',
      at('net.json'),
      '--out',
      at('own.csv'),
    );
    expect(found.score).toMatchObject({ name: 'R²', rows: 8 });
    expect(found.score.value).toBeGreaterThan(0.97);
    expect(found.data).toMatchObject({ rows: 80, features: 5 });
    expect(found.data.notes.join()).toMatch(/Text columns were left out: text/);
    const own = readFileSync(at('own.csv'), 'utf8').trim().split('\n').slice(1).map(Number);
    const { out } = await here(['predict', 'net.json', 'turned.csv', '--json']);
    expect(JSON.parse(out).columns.prediction).toEqual(own);
    const judged = JSON.parse((await here(['predict', 'net.json', 'rows.csv', '--json'])).out).score;
    expect(judged.name).toBe('R²');
    // Largest distances first, each of a row that was kept from the training.
    const distances = found.worst.map((w: { row: number }) => Math.abs(own[w.row - 1] - rows[w.row - 1].y));
    expect(distances).toEqual([...distances].sort((p, q) => q - p));
    expect(found.worst[0].error).toBeCloseTo(distances[0], 6);
  });

  test('rows of weight 0 have no part in it', async () => {
    const run = (data: string, out: string, ...more: string[]) => {
      const by = ['--target', 'y', '--weights', 'w', '--validation', '0', '--epochs', '3', '--batch', '80'];
      return told(data, ...by, ...more, '--out', at(out));
    };
    const all = await run('rows.csv', 'w.csv');
    file('wild.csv', csv(rows.map((r) => (r.w === 0 ? { ...r, y: 1e3 - r.y } : r))));
    const other = await run('wild.csv', 'v.csv', '--no-standardize');
    const same = await run('rows.csv', 'u.csv', '--no-standardize');
    expect(readFileSync(at('v.csv'), 'utf8')).toBe(readFileSync(at('u.csv'), 'utf8'));
    expect(other.training.loss).toBe(same.training.loss);
    expect(all.status).toBe('completed');
  });

  test('five rows, one row, gaps', async () => {
    file('five.csv', 'a,y\n1,x\n2,z\n3,x\n4,z\n5,x\n');
    expect((await told('five.csv', '--target', 'y', '--epochs', '2')).validation).toBe(1);
    file('row.csv', 'a,y\n1,2\n');
    expect(await said('row.csv', '--target', 'y')).toMatch(/'y' is 2 in every row/);
    expect(await said('gap.csv', '--target', 'y')).toMatch(/column 'a' has no value in row 4.*--missing/);
    const filled = await told(
      'gap.csv',
      '--target',
      'y',
      '--missing',
      'indicator',
      '--epochs',
      '2',
      '--save',
      at('gap.json'),
    );
    expect(filled.data.features).toBe(7);
    expect(JSON.parse((await here(['predict', 'gap.json', 'gap.csv', '--json'])).out).predicted).toBe(80);
  });
});

test.each([
  [['--target', 'nme'], /did you mean 'name'|no column 'nme'/],
  [[], /rows.csv: .*|Which column is to be predicted/],
  [
    ['--target', 'kind', '--predicts', 'numbers'],
    /The target 'kind' contains words \(x, y, z\), which are not numbers: omit --predicts/,
  ],
  [
    ['--target', 'y', '--predicts', 'classes'],
    /80 different values in 80 rows, too many for classes\. Predict the number with --predicts numbers/,
  ],
  [
    ['--target', 'y', '--batch', '100'],
    /--batch is 100, but there are 72 rows to train on, besides the 8 for --validation: use a smaller batch size/,
  ],
  [
    ['--target', 'y', '--batch', '30', '--accumulate', '3'],
    /A step needs 90 rows, --batch 30 times --accumulate 3, but there are 72 rows/,
  ],
  [
    ['--target', 'y', '--hidden', '8,many'],
    /--hidden must be whole numbers from 1 to 100,000, such as 64,64.*not 'many'/,
  ],
  [
    ['--target', 'y', '--validation', '0', '--patience', '3'],
    /--patience needs a validation set: --validation must be above 0/,
  ],
  [['--target', 'y', '--rate', '0'], /--rate must be a number above 0, or find, not 0/],
  [['--target', 'y', '--weights', 'y'], /'y' cannot be both --target and --weights/],
])('what is wrong is told: %j', async (options, sentence) => {
  if (options.length === 0)
    return expect(await said('rows.csv')).toMatch(/Which column is to be predicted\? Give --target NAME/);
  expect(await said('rows.csv', ...options)).toMatch(sentence);
});

test('data that are wrong are told, with their place', async () => {
  file('one.csv', 'a,y\n1,x\n2,x\n3,x\n');
  expect(await said('one.csv', '--target', 'y')).toMatch(/has only one class, x/);
  file('far.csv', 'a,y\n1,2\n2,3\n1e60,5\n4,1\n');
  expect(await said('far.csv', '--target', 'y', '--no-standardize')).toMatch(
    /'a' is 1e\+60 in row 3, beyond the single precision/,
  );
});

test('a value for an option that takes none is named, with the option', async () => {
  expect(await said(...usual, '--checkpoint', 'run.ck', '--resume', 'run.ck')).toMatch(
    /'run\.ck' is an unexpected argument of southwell train, which takes DATA: --resume before it takes no value\./,
  );
});

test('a rate that diverges says so, exits 3, and keeps finite weights', async () => {
  const { code, out } = await here([
    'train',
    ...usual,
    '--optimiser',
    'sgd',
    '--rate',
    '1e6',
    '--save',
    at('wild.json'),
    '--json',
  ]);
  const found = JSON.parse(out);
  expect([code, found.status]).toEqual([3, 'diverged']);
  expect(found.next).toMatch(/try a smaller --rate/);
  const { columns } = JSON.parse((await here(['predict', 'wild.json', 'rows.csv', '--json'])).out);
  expect(columns.prediction.every(Number.isFinite)).toBe(true);
});

test('a rate that is looked for, muon, averages, dropout: the same command gives the same bits', async () => {
  const args = [
    '--rate',
    'find',
    '--optimiser',
    'muon',
    '--average',
    'exponential',
    '--dropout',
    '0.2',
    '--epochs',
    '4',
  ];
  const [one, two] = [await told(...moon, ...args), await told(...moon, ...args)];
  expect({ ...one, seconds: 0 }).toEqual({ ...two, seconds: 0 });
  expect(one.search.rates.length).toBe(one.search.losses.length);
});

test('a file of a model that was tampered with is refused by a sentence', async () => {
  await told(...usual, '--epochs', '1', '--save', at('m.json'));
  const saved = JSON.parse(readFileSync(at('m.json'), 'utf8'));
  const { metadata, tensors } = readSafetensors(Buffer.from(saved.network.of, 'base64'));
  expect(metadata['southwell.architecture']).toMatch(/sequential/);
  expect(Object.keys(tensors)).toContain('0.weight');
  const refused = async (change: object) => {
    writeFileSync(at('m.json'), JSON.stringify({ ...saved, ...change }));
    const { code, err } = await here(['predict', 'm.json', 'rows.csv']);
    expect(code).toBe(2);
    return err.replaceAll(/\s+/g, ' ');
  };
  expect(await refused({ target: { kind: 'classes', labels: ['a', 'b'] } })).toMatch(
    /the sizes of its parts do not match/,
  );
  expect(await refused({ network: { $: 'Uint8Array', of: saved.network.of.slice(0, 400) } })).toMatch(
    /is not a model that southwell saved/,
  );
  expect(await refused({ encoding: { ...saved.encoding, featureNames: ['a'] } })).toMatch(
    /is not a model|sizes of its parts/,
  );
});

test('saved weights are gone on from: their columns, classes and layers, or a sentence', async () => {
  const first = await told(
    ...moon,
    '--rate',
    '0.01',
    '--hidden',
    '12',
    '--save',
    at('first.json'),
    '--out',
    at('one.csv'),
  );
  // At a rate of next to nothing the weights stay.
  const args = [
    '--from',
    'first.json',
    '--rate',
    '1e-12',
    '--epochs',
    '1',
    '--weight-decay',
    '0',
    '--out',
    at('two.csv'),
  ];
  const still = await told('moons.csv', ...args);
  const shares = (name: string) =>
    readFileSync(at(name), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[1]));
  const [one, two] = [shares('one.csv'), shares('two.csv')];
  expect(Math.max(...one.map((p, i) => Math.abs(p - two[i])))).toBeLessThan(1e-6);
  expect(still.network).toEqual(first.network);
  const on = await told('moons.csv', '--from', 'first.json', '--epochs', '5');
  expect(on.history.loss[0]).toBeLessThan(first.history.loss[0] / 2);
  file('other.csv', 'x,y,moon\n1,2,upper\n2,3,lower\n1,4,full\n');
  expect(await said('other.csv', '--from', 'first.json')).toMatch(
    /in row 3 is not one of the classes of the saved network \(lower, upper\)/,
  );
  expect(await said('rows.csv', '--from', 'first.json')).toMatch(/no column 'x'|'x'/);
  expect(await said('moons.csv', '--from', 'first.json', '--hidden', '8')).toMatch(
    /--hidden cannot be combined with --from/,
  );
  expect(await said('moons.csv', '--from', 'moons.csv')).toMatch(
    /--from: .*moons\.csv is not a network saved by southwell train/,
  );
  expect(await said('moons.csv', '--from', 'none.json')).toMatch(/none\.json/);
});

test('rows as images: convolutions find which way a bar lies, of which no pixel tells anything', async () => {
  // A bar upright or lying, at a random place of 8 × 8 pixels.
  const list = Array.from({ length: 240 }, (_, i) => {
    const [at, upright] = [Math.floor(8 * random.uniform()), i % 2 === 0];
    const pixel = (r: number, c: number) => (((upright ? c : r) === at ? 1 : 0) + 0.3 * random.normal()).toFixed(2);
    return [...Array.from({ length: 64 }, (__, p) => pixel(Math.floor(p / 8), p % 8)), upright ? 'up' : 'flat'].join();
  });
  file('bars.csv', `${Array.from({ length: 64 }, (_, p) => `p${p}`).join()},bar\n${list.join('\n')}\n`);
  const bars = ['bars.csv', '--target', 'bar', '--image', '8x8', '--epochs', '12', '--rate', '0.01'];
  const found = await told(
    ...bars,
    '--filters',
    '8',
    '--flip',
    '--shift',
    '1',
    '--save',
    at('bars.json'),
    '--report',
    at('bars.html'),
  );
  expect(found.score.value).toBeGreaterThan(0.95);
  expect(found.network.layers).toBe('8 filters of 3 × 3, 128 → 64 → 2, relu');
  const { score } = JSON.parse((await here(['predict', 'bars.json', 'bars.csv', '--json'])).out);
  expect(score.value).toBeGreaterThan(0.95);
  const linear = await told('bars.csv', '--target', 'bar', '--hidden', '0', '--epochs', '12');
  expect(linear.score.value).toBeLessThan(0.8);
  expect(await said('bars.csv', '--target', 'bar', '--image', '8x9')).toMatch(
    /--image 8x9 is 72 pixels, but bars.csv has 64 columns/,
  );
  expect(await said('bars.csv', '--target', 'bar', '--image', '8')).toMatch(
    /--image must be height x width or height x width x channels, such as 28x28/,
  );
  expect(await said('bars.csv', '--target', 'bar', '--flip')).toMatch(/--flip is for images/);
  expect(await said('bars.csv', '--target', 'bar', '--filters', '3')).toMatch(
    /--filters goes only with --image|--filters/,
  );
});

/** What does not depend on the clock or on the way it was asked for: curves, and the predictions of every row. */
const result = (json: string) => {
  const { seconds: _, command: __, ...rest } = JSON.parse(json);
  return rest;
};
const long = ['train', 'bundled:spambase', '--epochs', '6', '--average', 'exponential', '--json'];

test('stopped in the middle, it goes on to the bits of a run that was not', () => {
  const whole = southwell(...long, '--dropout', '0.1');
  expect(whole.code).toBe(0);
  const ck = at('run.ck');
  // It has replaced the first, which is of step 0.
  const later = () => existsSync(ck) && /"iteration":[1-9]/.test(readFileSync(ck, 'utf8').slice(0, 1000));
  stopped([...long, '--dropout', '0.1', '--checkpoint', 'run.ck'], /epoch [2-9]/);
  expect(later()).toBe(true);
  const rest = southwell(...long, '--dropout', '0.1', '--checkpoint', 'run.ck', '--resume');
  expect(result(rest.out)).toEqual(result(whole.out));
  // A run that has ended is taken up at its end.
  expect(result(southwell(...long, '--dropout', '0.1', '--checkpoint', 'run.ck', '--resume').out)).toEqual(
    result(whole.out),
  );
  const other = southwell(...long, '--seed', '1', '--checkpoint', 'run.ck', '--resume');
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/run\.ck|checkpoint/)]);
  rmSync(ck);
});

test('stopped by Ctrl-C it gives the best network so far, with loss, rate and seconds left on the way', () => {
  const { code, err } = stopped(
    ['train', 'bundled:spambase', '--epochs', '1500', '--patience', '1500', '--save', 'part.json'],
    /epoch \d+\/1500, .* left: loss [\d.e-]+, rate [\d.e-]+, validation [\d.]+/,
  );
  expect([code, err]).toEqual([3, expect.stringMatching(/the best network so far is|Stopped on request/i)]);
  expect(JSON.parse(readFileSync(at('part.json'), 'utf8')).format).toBe('southwell-network');
});
