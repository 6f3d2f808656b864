import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as ad from '@southwell/autodiff';
import { apply, loadModel } from '@southwell/autodiff/nn';
import { loadBundledText, readSafetensors } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { answering, workshop } from './testing.ts';

const { at, file, here, southwell, stopped } = workshop();
const { told, said } = answering(here, 'train');
const ran = async (...args: string[]) => {
  const { code, out, err } = await here(args);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return JSON.parse(out);
};

const random = new Random(5);
const wheel = 'the wheel turns; ';
file('wheel.txt', wheel.repeat(60));
file('dice.txt', Array.from({ length: 4000 }, () => 'abcd'[Math.floor(4 * random.uniform())]).join(''));
const small = ['--width', '16', '--blocks', '1', '--heads', '2', '--context', '8'];
const book = (await loadBundledText()).slice(0, 6000);
file('book.txt', book);

describe('a network on a text', () => {
  test('learns what is told by what came before, and writes it on', async () => {
    const found = await told(
      'wheel.txt',
      '--context',
      '24',
      '--width',
      '32',
      '--rate',
      '0.01',
      '--epochs',
      '40',
      '--save',
      at('wheel.json'),
      '--report',
      at('wheel.html'),
    );
    expect(found.score).toMatchObject({ name: 'perplexity', of: 'validation', rows: 101 });
    expect(found.score.value).toBeLessThan(1.5);
    expect(found.text).toMatchObject({ characters: new Set(wheel).size });
    expect(found.text.bits).toBeCloseTo(Math.log2(found.score.value), 10);
    const { text } = await ran(
      'sample',
      'wheel.json',
      '--prompt',
      wheel,
      '--length',
      '200',
      '--temperature',
      '0',
      '--json',
    );
    expect(text).toBe(wheel.repeat(20).slice(0, text.length));
    expect(readFileSync(at('wheel.html'), 'utf8')).toMatch(/id="curve-0"[\s\S]*A sample[\s\S]*Data and training/);
  });

  test('of dice it knows no more than there is to know: 2 bits, not less', async () => {
    const { text, score } = await told('dice.txt', ...small, '--epochs', '8');
    expect(Math.abs(text.bits - 2)).toBeLessThan(0.05);
    expect(score.rows).toBe(399);
  });

  test('the probability of a character is that of the network on all that it sees before it', async () => {
    const args = ['book.txt', ...small, '--epochs', '3', '--save', at('book.json'), '--out', at('held.csv')];
    const found = await told(...args);
    const { characters, context, network } = JSON.parse(readFileSync(at('book.json'), 'utf8'));
    const { layer, parameters } = loadModel(readSafetensors(Buffer.from(network.of, 'base64')));
    const part = book.slice(0, 40);
    file('part.txt', part);
    const { columns, score } = await ran('predict', 'book.json', 'part.txt', '--json');
    const codes = Array.from(part, (c) => characters.indexOf(c));
    expect(columns.character.join('')).toBe(part);
    expect(columns.probability[0]).toBe(null);
    const half = Math.ceil(context / 2);
    let sum = 0;
    for (let i = 1; i < part.length; i++) {
      // The window that first reaches it: windows begin at every half context.
      const from = Math.max(0, Math.ceil((i - context) / half)) * half;
      const seen = codes.slice(from, i);
      const x = ad.tensor(Int32Array.from(seen), { shape: [1, seen.length] });
      const logits = ad.reshape(apply(layer, parameters, x), [seen.length, -1]);
      const shares = ad
        .softmax(logits)
        .data()
        .slice(-(characters.length + 1));
      expect(columns.probability[i]).toBeCloseTo(shares[codes[i]], 5);
      sum -= Math.log(shares[codes[i]]);
    }
    expect(score.name).toBe('perplexity');
    expect(score.value).toBeCloseTo(Math.exp(sum / (part.length - 1)), 4);
    // What was held out, by itself, is judged as in the training.
    file('held.txt', book.slice(-found.validation));
    expect((await ran('predict', 'book.json', 'held.txt', '--json')).score.value).toBeCloseTo(found.score.value, 10);
    expect(readFileSync(at('held.csv'), 'utf8').split('\n').length).toBeGreaterThan(found.validation);
  });

  test('a sample: the same for a seed, another for others; the likeliest for none to choose from', async () => {
    const write = async (...more: string[]) =>
      (await ran('sample', 'book.json', '--prompt', 'It is', '--length', '60', '--json', ...more)).text;
    const [a, b, c] = [await write('--seed', '3'), await write('--seed', '3'), await write('--seed', '4')];
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect([...a].length).toBe(65);
    expect(await write('--top-k', '1')).toBe(await write('--temperature', '0'));
    const plain = await here(['sample', 'book.json', '--prompt', 'It is', '--length', '60', '--seed', '3']);
    expect(plain.out.trimEnd()).toBe(a.trimEnd());
    await here(['sample', 'book.json', '--prompt', 'It is', '--length', '60', '--seed', '3', '--out', at('page.txt')]);
    expect(readFileSync(at('page.txt'), 'utf8')).toBe(a);
    expect((await here(['sample', 'book.json', '--prompt', 'It is ♥'])).err).toMatch(
      /outside the network’s vocabulary: ♥\. The vocabulary is U\+000A/,
    );
    // What a terminal would obey goes into pipes as it is.
    file('bells.txt', '\u0007\u001b[2J'.repeat(60));
    await here(['train', 'bells.txt', '--epochs', '1', '--width', '8', '--save', at('bells.json'), '-q']);
    const bells = (await here(['sample', 'bells.json', '--length', '40'])).out;
    expect(bells).toContain('\u0007');
    expect(bells).not.toMatch(/·/);
    await here(['fit', 'bundled:diabetes', '--alpha', '1', '--save', at('fit.json'), '-q']);
    expect((await here(['sample', 'fit.json'])).err.replaceAll(/\s+/g, ' ')).toMatch(
      /fit\.json does not generate text/,
    );
    expect((await here(['sample', 'book.json', '--temperature', '-1'])).err).toMatch(
      /--temperature must be a number from 0 to 100/,
    );
  });

  test('rare characters are one unknown, as are those that a saved network does not know', async () => {
    const { data, text } = await told(
      'book.txt',
      ...small,
      '--characters',
      '20',
      '--epochs',
      '1',
      '--save',
      at('rare.json'),
    );
    expect(text.known).toBe(20);
    const counts = new Map<string, number>();
    for (const c of book) counts.set(c, (counts.get(c) ?? 0) + 1);
    const kept = [...counts.values()]
      .sort((p, q) => q - p)
      .slice(0, 20)
      .reduce((p, q) => p + q);
    const rare = (book.length - kept).toLocaleString('en');
    expect(data.notes.join()).toContain(
      `${counts.size - 20} of ${counts.size} different characters, ${rare} of 6,000 in all, are rarer than the 20`,
    );
    file('more.txt', `${book.slice(0, 3000)}♥ ü ♥`);
    const on = await told('more.txt', '--from', 'book.json', '--epochs', '1');
    expect(on.data.notes.join()).toMatch(
      /2 of \d+ different characters, 3 of 3,005 in all, are unknown to the saved network \(ü ♥\)/,
    );
    const judged = await ran('predict', 'book.json', 'more.txt', '--json');
    expect(judged.score.rows).toBe(3004 - 3);
    expect(judged.notes.join(' ')).toMatch(
      /3 characters of the text are unknown to the network \(ü ♥\) and not evaluated/,
    );
  });

  test('gone on from, it begins where the other ended', async () => {
    const first = await told('book.txt', ...small, '--epochs', '3', '--save', at('first.json'));
    const on = await told('book.txt', '--from', 'first.json', '--epochs', '1', '--rate', '1e-12');
    expect(on.score.value).toBeCloseTo(first.score.value, 5);
    expect(on.network).toEqual(first.network);
  });
});

test('five lines, gzip, CR LF, two characters', async () => {
  const lines = 'Roses are red,\nViolets are blue,\nSugar is sweet,\nAnd so are you.\nThe end.\n';
  file('five.txt', lines.replaceAll('\n', '\r\n'));
  writeFileSync(at('five.txt.gz'), gzipSync(lines));
  const plain = await told('five.txt', '--width', '8', '--epochs', '2');
  expect(plain.data).toMatchObject({ rows: lines.length });
  expect(plain.data.notes.join()).toMatch(/ends 5 lines with CR LF/);
  const packed = await told('five.txt.gz', '--width', '8', '--epochs', '2');
  expect(packed.history).toEqual(plain.history);
  file('two.txt', 'ab');
  expect((await told('two.txt', '--width', '4', '--epochs', '2')).data.notes.join()).toMatch(
    /2 characters are too few for a validation set/,
  );
});

test('what is wrong is told', async () => {
  file('none.txt', '');
  file('one.txt', 'aaaaaaaa');
  file('a.txt', 'a');
  file('names.md', 'Some words, and more of them.\nAnd others.\n');
  writeFileSync(at('western.txt'), Buffer.from('caf\xe9 noir, caf\xe9 au lait', 'latin1'));
  expect(await said('none.txt')).toMatch(/none\.txt is empty/);
  expect(await said('one.txt')).toMatch(/one\.txt has only one character, a, 8 times: there is nothing to predict/);
  expect(await said('a.txt')).toMatch(/only one character, a, once/);
  expect(await said('western.txt')).toMatch(/western\.txt is not UTF-8 text: byte 3 \(from 0\) is e9/);
  expect(await said('wheel.txt', '--context', '500')).toMatch(
    /918 characters to train on and 102 for --validation, but a context of 500 needs 501 of each: use a shorter --context/,
  );
  expect(await said('wheel.txt', '--heads', '3', '--width', '16')).toMatch(/--heads 3 does not divide --width 16/);
  expect(await said('wheel.txt', '--hidden', '8')).toMatch(
    /--hidden is for tables, but \S*wheel\.txt is treated as a text: give --target or --predicts/,
  );
  expect(await said('bundled:diabetes', '--target', 'y', '--context', '8')).toMatch(
    /--context is for texts: if bundled:diabetes is a text, add --predicts characters/,
  );
  expect(await said('wheel.txt', '--batch', '1000')).toMatch(/--batch is 1000, but there are \d+ windows to train on/);
  expect(await said('wheel.txt', '--target', 'turns')).toMatch(/wheel\.txt/);
  expect(
    (await told(at('names.md'), '--predicts', 'characters', '--epochs', '1', '--width', '4')).text.characters,
  ).toBeGreaterThan(10);
  file('t.txt', 'x,y\n1,2\n2,4\n3,6\n4,8\n');
  expect((await told('t.txt', '--target', 'y', '--epochs', '1')).data).toMatchObject({ target: 'y', rows: 4 });
});

test('a file of a model that was tampered with is refused by a sentence', async () => {
  await told('wheel.txt', ...small, '--epochs', '1', '--save', at('m.json'));
  const saved = JSON.parse(readFileSync(at('m.json'), 'utf8'));
  const refused = async (change: object) => {
    writeFileSync(at('m.json'), JSON.stringify({ ...saved, ...change }));
    const { code, err } = await here(['sample', 'm.json']);
    expect(code).toBe(2);
    return err.replaceAll(/\s+/g, ' ');
  };
  expect(await refused({ characters: saved.characters.slice(1) })).toMatch(/the sizes of its parts do not match/);
  expect(await refused({ context: 9 })).toMatch(/the sizes of its parts do not match/);
  expect(await refused({ characters: [] })).toMatch(/its field characters does not match the format southwell-text/);
});

test('stopped in the middle, it goes on to the bits of a run that was not', () => {
  const long = ['train', 'book.txt', ...small, '--epochs', '6', '--dropout', '0.1', '--json'];
  const result = (json: string) => {
    const { seconds: _, command: __, ...rest } = JSON.parse(json);
    return rest;
  };
  const whole = southwell(...long);
  expect(whole.code).toBe(0);
  const later = () =>
    existsSync(at('run.ck')) && /"iteration":[1-9]/.test(readFileSync(at('run.ck'), 'utf8').slice(0, 1000));
  stopped([...long, '--checkpoint', 'run.ck'], /epoch [2-9]/);
  expect(later()).toBe(true);
  const rest = southwell(...long, '--checkpoint', 'run.ck', '--resume');
  expect(result(rest.out)).toEqual(result(whole.out));
  rmSync(at('run.ck'));
});
