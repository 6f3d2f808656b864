import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { list, said, status } from '../result.ts';
import { type Checked, check, flags, keys, labels } from './check.ts';
import { commandWords, givenFor, shellLine } from './command.ts';
import { askedOf, formOf, valuesOf } from './form.ts';
import { type Input, table } from './input.ts';
import {
  choice,
  column,
  columns,
  declared,
  flag,
  groups,
  numbers,
  option,
  orAll,
  places,
  positive,
  real,
  share,
  text,
  whole,
} from './option.ts';
import { aboutText, flagWords, optionsTable, withTables } from './optionsTable.ts';
import { families, taskOf, tasks } from './registry.ts';
import { defineTask, documentOf, runTask } from './task.ts';

/** A task that has an option of every kind. */
const shelf = defineTask({
  title: 'Shelf',
  verb: ['shelf', 'fill'],
  about: 'Fill a shelf.',
  examples: ['shelf fill books.csv'],
  inputs: { data: table('a table of books') },
  options: {
    order: option(choice({ size: 'by size', colour: 'by colour' }), {
      title: 'Order',
      about: 'how books stand',
      default: 'size',
    }),
    shelves: option(whole(1, 9), { title: 'Shelves', about: 'shelves', letter: 's', otherwise: 'as many as needed' }),
    gap: option(real(0), { title: 'Gap', about: 'between two books', unit: 'mm', default: 2.5, group: 'Place:' }),
    hue: option(text(), { title: 'First hue', about: 'that begins', only: { order: ['colour'] } }),
    shade: option(real(0, 1), { title: 'Shade', about: 'of {hue}', only: { hue: true } }),
    leaveOut: option(columns(), { title: 'Leave out', about: 'columns' }),
    by: option(column(), { title: 'Column', about: 'a column', without: { leaveOut: true } }),
    dust: option(flag(), { title: 'dust first', about: 'dust', form: { initial: true } }),
  },
  checks: [{ wrong: ({ shelves, gap }) => shelves === 9 && gap === 0, say: 'Nine {shelves} need a {gap}.' }],
  result: v.object({ status, books: said(list(v.string()), 'All.'), count: v.number() }),
  outputs: {
    out: {
      file: 'books.csv',
      about: 'the books',
      columns: ({ books }) => ({ book: books }),
      holds: ['books'],
      json: 'columns',
    },
  },
  interrupted: { kept: 'the books so far are', none: 'were books' },
  job: async (request) => ({ status: 'completed' as const, books: [request.order], count: request.gap }),
  view: ({ status: ended, count }) => ({
    status: ended,
    about: 'shelf',
    outcome: `${count} books`,
    seconds: 0,
    notes: [],
    tables: [],
    pictures: [],
  }),
});
const told = (request: object, spelling = keys): string => {
  try {
    check(shelf, { data: 'b.csv', ...request } as never, spelling);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('types of a request follow from its declaration', () => {
  type Request = Parameters<typeof shelf.job>[0];
  expectTypeOf<Request['data']>().toEqualTypeOf<string>();
  expectTypeOf<Request['order']>().toEqualTypeOf<'size' | 'colour'>();
  expectTypeOf<Request['shelves']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Request['leaveOut']>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<Awaited<ReturnType<typeof shelf.job>>['books']>().toEqualTypeOf<readonly string[]>();
});

describe('check', () => {
  test('defaults take the place of what is not given', () => {
    expect(check(shelf, { data: 'b.csv', shelves: undefined, dust: true }, keys)).toEqual({
      data: 'b.csv',
      order: 'size',
      gap: 2.5,
      dust: true,
    });
  });

  test.each([
    [
      { shelvs: 3 },
      'There is no option shelvs; did you mean shelves?',
      'There is no option --shelvs; did you mean -s?',
    ],
    [{ constructor: 3 }, /^There is no option constructor\. There are data, order/, /--constructor/],
    [
      { shelves: 0 },
      'shelves must be a whole number from 1 to 9, not 0.',
      '-s must be a whole number from 1 to 9, not 0.',
    ],
    [{ shelves: 2.5 }, /not 2\.5/, /-s/],
    [{ shelves: '3' }, "shelves must be a whole number from 1 to 9, not '3'.", /-s/],
    [{ gap: Number.NaN }, 'gap must be a number of at least 0, not NaN.', /--gap/],
    [{ gap: Number.POSITIVE_INFINITY }, /not Infinity/, /--gap/],
    [{ gap: null }, /not null/, /--gap/],
    [{ order: 'sise' }, "order knows no 'sise'; did you mean 'size'?", "--order knows no 'sise'; did you mean 'size'?"],
    [{ order: 'zzzzzz' }, "order knows no 'zzzzzz'; there are size, colour.", /--order/],
    [{ order: 3 }, 'order must be one of size, colour, not 3.', /--order/],
    [{ dust: 'yes' }, "dust must be true or false, not 'yes'.", /--dust/],
    [{ leaveOut: 'a' }, "leaveOut must be a list of names of columns, not 'a'.", /--leave-out/],
    [{ leaveOut: [1] }, 'leaveOut must be a list of names of columns, not [1].', /--leave-out/],
    [
      { hue: 'red' },
      "hue cannot be combined with order 'size', only with 'colour'.",
      '--hue cannot be combined with --order size, only with colour.',
    ],
    [{ order: 'colour', shade: 0.5 }, 'shade requires hue.', '--shade requires --hue.'],
    [
      { by: 'a', leaveOut: ['b'] },
      'by cannot be combined with leaveOut: give one of them.',
      /--by cannot be combined with --leave-out/,
    ],
    [{ shelves: 9, gap: 0 }, 'Nine shelves need a gap.', 'Nine -s need a --gap.'],
    [{ data: '' }, 'Give data: a table of books.', /a table/],
  ])('%j is refused', (request, byKey, byFlag) => {
    const matches = (said: string, wanted: string | RegExp) =>
      typeof wanted === 'string' ? expect(said).toBe(wanted) : expect(said).toMatch(wanted);
    matches(told(request), byKey);
    matches(told(request, flags(shelf)), byFlag);
  });

  test('labels of the form', () => {
    expect(told({ hue: 'red' }, labels(shelf))).toBe(
      '“First hue” cannot be combined with “Order” “by size”, only with “by colour”.',
    );
  });

  test('what goes together passes', () => {
    expect(told({ order: 'colour', hue: 'red', shade: 1, leaveOut: [], by: 'a' })).toBe('');
  });

  test('a call is refused before its job begins', async () => {
    const tools = { read: async () => ({}) as never, signal: new AbortController().signal, progress: () => {} };
    await expect(runTask(shelf, { data: 'b', gap: -1 }, tools)).rejects.toThrow('gap must be');
    expect(await runTask(shelf, { data: 'b', order: 'colour' }, tools)).toMatchObject({
      books: ['colour'],
      count: 2.5,
    });
  });
});

describe('form', () => {
  const table = {
    columns: [
      { name: 'a', type: 'number', missing: 0 },
      { name: 'b', type: 'text', missing: 2 },
    ],
  } as const;
  const controls = formOf(shelf.options, table);
  const shown = (changed: object) => {
    const values = valuesOf(controls, changed as never);
    return controls.filter((c) => !c.when || c.when(values)).map((c) => c.name);
  };

  test('a control an option, by its kind', () => {
    expect(controls.map((c) => c.kind)).toEqual([
      'choice',
      'number',
      'number',
      'text',
      'number',
      'columns',
      'choice',
      'check',
    ]);
    expect(controls[2]).toMatchObject({ title: 'Gap, mm', initial: 2.5, min: 0 });
    expect(controls[6].choices).toEqual([
      ['', 'none'],
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });

  test('shown where they apply, also by way of others', () => {
    expect(shown({})).not.toContain('hue');
    expect(shown({ order: 'colour' })).toContain('hue');
    expect(shown({ order: 'colour' })).not.toContain('shade');
    expect(shown({ order: 'colour', hue: 'red' })).toContain('shade');
    // The hue is kept, but does not count while it is not shown.
    expect(shown({ order: 'size', hue: 'red' })).not.toContain('shade');
    expect(shown({ leaveOut: ['a'] })).not.toContain('by');
  });

  test('what it asks for passes the check, and its command says what differs from the defaults', () => {
    const asked = { data: '-b.csv', ...askedOf(controls, valuesOf(controls, { hue: 'x', leaveOut: ['a, b', '-c'] })) };
    expect(asked).toEqual({ data: '-b.csv', order: 'size', gap: 2.5, leaveOut: ['a, b', '-c'], dust: true });
    expect(told(asked)).toBe('');
    expect(shellLine(commandWords(shelf, asked))).toBe(
      `npx southwell shelf fill ./-b.csv --leave-out '"a, b",-c' --dust --out books.csv`,
    );
    expect(commandWords(shelf, { data: 'b', leaveOut: ['-c'], shelves: 2 })).toEqual([
      'shelf',
      'fill',
      'b',
      '-s',
      '2',
      '--leave-out=-c',
      '--out',
      'books.csv',
    ]);
  });

  test('clusters: as many as labels show, once there are labels', () => {
    const form = formOf(taskOf('cluster').options, table);
    const value = (changed: object) => valuesOf(form, changed as never).k;
    expect(value({})).toBe(3);
    expect(value({ labels: 'b' })).toBe('');
    expect(value({ labels: 'b', k: 5 })).toBe(5);
    expect(value({ labels: 'b', method: 'spectral' })).toBe(3);
    expect(valuesOf(form, {}).drop).toEqual(['b']);
  });
});

/** Options of the other kinds: on by default, with a value that may be left out, lists of lists, conditions on none. */
const drawer = {
  verb: ['drawer'],
  inputs: { data: table('a table') },
  outputs: {},
  options: {
    wood: option(choice({ oak: 'oak', pine: 'pine' }), { title: 'Wood', about: 'of what', otherwise: 'oak' }),
    handle: option(flag(), {
      title: 'a handle',
      about: 'leave out the handle',
      default: true,
      without: { wood: ['pine'] },
    }),
    runs: option(whole(2), { title: 'Runs', about: 'how often', preset: 5, without: { slide: true } }),
    slide: option(positive(), { title: 'Slide', about: 'how far' }),
    fill: option(share(), {
      title: 'Fill',
      about: 'how full',
      only: { wood: ['', 'oak'] },
      form: { only: { wood: ['oak'] } },
    }),
    parts: option(groups(), { title: 'Parts', about: 'what lies together' }),
    mass: option(column({ numbers: true }), { title: 'Mass', about: 'of things' }),
    sizes: option(numbers(), { title: 'Sizes', about: 'of it' }),
    locked: option(orAll(places()), { title: 'Locked', about: 'which', argument: 'parts', preset: 'all' }),
    copies: option(orAll(whole(0, 9)), { title: 'Copies', about: 'copies', default: 0 }),
    tilt: option(real(), { title: 'Tilt', about: 'to the left' }),
  },
};

describe('other kinds of options', () => {
  const say = (request: object, spelling = flags(drawer)): string => {
    try {
      check(drawer as never, { data: 'd', ...request } as never, spelling);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    [{ handle: false, wood: 'pine' }, '--no-handle cannot be combined with --wood pine.'],
    [{ handle: true, wood: 'pine' }, ''],
    [{ handle: false }, ''],
    [{ runs: 3, slide: 1 }, '--runs cannot be combined with --slide: give one of them.'],
    [{ fill: 0.5 }, ''],
    [{ fill: 0.5, wood: 'pine' }, '--fill cannot be combined with --wood pine, only with oak.'],
    [{ fill: 1 }, '--fill must be a number above 0 and below 1, not 1.'],
    [{ slide: 0 }, '--slide must be a number above 0, not 0.'],
    [{ slide: Number.POSITIVE_INFINITY }, /above 0, not Infinity/],
    [{ parts: ['a'] }, '--parts must be a list of lists of names of columns, not ["a"].'],
    [{ parts: [['a', 'b'], ['c']] }, ''],
    [{ sizes: [-1, 2.5, Number.NEGATIVE_INFINITY] }, ''],
    [{ sizes: [] }, '--sizes must be a list of numbers, not [].'],
    [{ sizes: 3 }, '--sizes must be a list of numbers, not 3.'],
    [{ sizes: [1, '2'] }, '--sizes must be a list of numbers, not [1,"2"].'],
    [{ locked: 'all' }, ''],
    [{ locked: [1, 3] }, ''],
    [{ locked: [0] }, '--locked must be a list of whole numbers counted from 1, or all, not [0].'],
    [{ locked: 'al' }, "--locked must be a list of whole numbers counted from 1, or all, not 'al'."],
    [{ copies: 'all' }, ''],
    [{ copies: 10 }, '--copies must be a whole number from 0 to 9, or all, not 10.'],
    [{ tilt: -1e300 }, ''],
    [{ tilt: Number.NEGATIVE_INFINITY }, '--tilt must be a number, not -Infinity.'],
  ])('%j: %s', (request, sentence) => {
    if (typeof sentence === 'string') expect(say(request)).toBe(sentence);
    else expect(say(request)).toMatch(sentence);
  });

  test('in help and printed commands', () => {
    expect(Object.keys(drawer.options).map((name) => flagWords(drawer.options, name))).toEqual([
      '--wood <name>',
      '--no-handle',
      '--runs [count]',
      '--slide <value>',
      '--fill <value>',
      '--parts <columns>',
      '--mass <column>',
      '--sizes <numbers>',
      '--locked [parts]',
      '--copies <count>',
      '--tilt <value>',
    ]);
    expect(aboutText(drawer.options, 'handle')).toBe('leave out the handle; not with --wood pine');
    expect(aboutText(drawer.options, 'fill')).toBe('oak: how full');
    const asked = { data: 'd', handle: false, runs: 5, parts: [['a', 'b'], ['c, d']] };
    expect(shellLine(commandWords(drawer, asked))).toBe(
      `npx southwell drawer d --no-handle --runs 5 --parts a,b --parts '"c, d"'`,
    );
    expect(commandWords(drawer, { data: 'd', handle: true })).toEqual(['drawer', 'd']);
    const others = { data: 'd', sizes: [-5, 0, 2.5], locked: [1, 3], copies: 'all', tilt: -0.5 };
    expect(shellLine(commandWords(drawer, others))).toBe(
      'npx southwell drawer d --sizes=-5,0,2.5 --locked 1,3 --copies all --tilt=-0.5',
    );
    expect(commandWords(drawer, { data: 'd', locked: 'all', copies: 0 })).toEqual(['drawer', 'd', '--locked', 'all']);
  });

  test('in forms', () => {
    const columns = [
      { name: 'a', type: 'number', missing: 0 },
      { name: 'b', type: 'text', missing: 0 },
    ] as const;
    const controls = formOf(drawer.options, { columns });
    const asked = (changed: object) => askedOf(controls, valuesOf(controls, changed as never));
    expect(asked({})).toEqual({ copies: 0 });
    expect(asked({ handle: false, parts: 'a, b; ;c', runs: 3 })).toEqual({
      copies: 0,
      handle: false,
      parts: [['a', 'b'], ['c']],
      runs: 3,
    });
    // Of two that exclude each other one gives way.
    expect(asked({ runs: 3, slide: 1 })).toEqual({ copies: 0, slide: 1 });
    // Shown where oak is named, though none will do for a command.
    expect(asked({ fill: 0.5 })).toEqual({ copies: 0 });
    expect(asked({ fill: 0.5, wood: 'oak' })).toEqual({ copies: 0, fill: 0.5, wood: 'oak' });
    expect(controls.find((c) => c.name === 'mass')!.choices).toEqual([
      ['', 'none'],
      ['a', 'a'],
    ]);
    expect(asked({ sizes: '-5, 0,2.5 ', locked: 'all' })).toEqual({ copies: 0, sizes: [-5, 0, 2.5], locked: 'all' });
    expect(asked({ sizes: '1, two', locked: '3' })).toEqual({ copies: 0, sizes: [1, 'two'], locked: [3] });
  });
});

test('the table of the docs, and pages that hold it', () => {
  const lines = optionsTable(shelf as never).split('\n');
  expect(lines).toHaveLength(2 + 8 + 1);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toMatch(/^\| `--order <name>` +\| size +\| how books stand: size, colour +\|$/);
  expect(lines[6]).toMatch(/with --hue: of --hue/);
  const page = 'a\n<!-- options: cluster -->\nold\n<!-- end of options -->\nb';
  const now = withTables(page, tasks);
  expect(now).toContain('--neighbour-search');
  expect(now).not.toContain('old');
  expect(withTables(now, tasks)).toBe(now);
  expect(() => withTables(page.replace('cluster', 'clustre'), tasks)).toThrow(/'clustre', which no task has/);
});

test('documents hold files in place, or their names', () => {
  const result = { status: 'completed', books: ['x'], count: 1 } as const;
  expect(documentOf(shelf as never, result, {})).toEqual({ status: 'completed', count: 1, columns: { book: ['x'] } });
  expect(documentOf(shelf as never, result, { out: 'o.csv' })).toEqual({ status: 'completed', count: 1, out: 'o.csv' });
  // Of files of text, the name alone.
  const poem = {
    file: 'p.txt',
    about: 'a poem',
    type: 'text/plain',
    text: () => '',
    holds: ['books'],
    json: 'written',
  };
  const poet = { ...shelf, outputs: { poem } };
  expect(documentOf(poet as never, result, {})).toEqual({ status: 'completed', count: 1 });
  expect(documentOf(poet as never, result, { poem: 'p' })).toEqual({ status: 'completed', count: 1, written: 'p' });
});

test('an input that is several takes names or files, and its form has a place for them', () => {
  const more = table('further files', { optional: true, several: true, title: 'Further files' });
  const of: Checked = { inputs: { data: table('a file'), more }, options: {} };
  const given = (value: unknown) => check(of, { data: 'a', more: value } as never, keys) as Record<string, unknown>;
  expect(given(['b', 'c']).more).toEqual(['b', 'c']);
  const file = new File(['x'], 'c.csv');
  expect(given([file]).more).toEqual([file]);
  expect(given(undefined)).toEqual({ data: 'a' });
  for (const wrong of ['b', [], [''], [1]]) expect(() => given(wrong)).toThrow('Give more: further files.');
  const words = commandWords(
    { verb: ['do'], inputs: of.inputs!, options: {}, outputs: {} },
    { data: 'a', more: ['-b', file] },
  );
  expect(words).toEqual(['do', 'a', './-b', 'c.csv']);
  expect([givenFor({ more: ['b', 'c'] }, 'more.2'), givenFor({ data: 'a' }, 'data')]).toEqual(['c', 'a']);
  expect(formOf({}, { columns: [] }, of.inputs)).toEqual([
    { name: 'more', title: 'Further files', kind: 'file', initial: [], several: true },
  ]);
});

/** Whether options, and names beside them, fit together. */
function fit(checked: Checked, outputs: readonly string[] = []): void {
  const { inputs = {}, options } = checked;
  // What every command has beside what is declared.
  const taken = ['config', 'json', 'jsonSchema', 'quiet', 'help', 'checkpoint', 'resume', 'verb'];
  const names = [...Object.keys(inputs), ...Object.keys(options), ...outputs];
  for (const name of names) expect(taken).not.toContain(name);
  expect(new Set(names).size).toBe(names.length);
  // What is several takes all that follows.
  const lists = (input: Input) => input.several === true;
  expect(Object.values(inputs).slice(0, -1).some(lists)).toBe(false);
  const all = Object.fromEntries(Object.entries(options).map(([name, o]) => [name, declared(o)]));
  for (const [name, { title, about, only = {}, without = {}, form, default: usual }] of Object.entries(all)) {
    expect(title, name).toMatch(/\S/);
    // No sentence of its own: help and docs go on after it.
    expect(about, name).not.toMatch(/[.:]$/);
    const others = [...Object.keys(only), ...Object.keys(without), ...((form !== false && form?.unless) || [])];
    for (const other of others) {
      expect([...Object.keys(all), ...Object.keys(inputs)], `${name} names ${other}`).toContain(other);
    }
    for (const [other, wanted] of [...Object.entries(only), ...Object.entries(without)]) {
      const known = all[other]?.choices?.map(([value]) => value);
      if (wanted === true) continue;
      if ('file' in wanted) expect(all[other].kind, `${name}: ${other}`).toBe('file');
      else for (const w of wanted) expect([...known!, ''], `${name}: ${other}`).toContain(w);
    }
    const musts = Object.keys(all).filter((other) => all[other].required);
    const needed = Object.fromEntries([
      ...Object.entries(inputs).map(([name, input]) => [name, lists(input) ? ['x'] : 'x']),
      // A column has one role.
      ...musts.map((o) => [o, all[o].kind === 'column' ? o : all[o].kind === 'columns' ? [o] : 1]),
    ]);
    if (all[name].required) {
      const { [name]: _, ...rest } = needed;
      expect(() => check({ ...checked, checks: [] } as never, rest as never, keys)).toThrow(`Give ${name}: `);
    }
    if (usual !== undefined && Object.keys(only).length === 0) {
      expect(check({ ...checked, checks: [] } as never, { ...needed, [name]: usual } as never, keys)).toHaveProperty(
        name,
        usual,
      );
    }
  }
}

test.each(tasks.map((task) => [task.verb.join(' '), task] as const))(
  '%s: what it declares fits together',
  (verb, task) => {
    expect(taskOf(verb)).toBe(task);
    fit(task as never, Object.keys(task.outputs));
    for (const { holds } of Object.values(task.outputs)) {
      for (const name of holds) expect(Object.keys(task.result.entries)).toContain(name);
    }
  },
);

test.each(families.map((family) => [family.id, family] as const))(
  '%s: what its races declare fits together; tasks of a family share their first word where that has help',
  (_, { about, tasks: own, races = [] }) => {
    for (const race of races) fit(race as never);
    const words = new Set(own.map(({ verb }) => verb[0]));
    expect([...words].length).toBe(about === undefined ? own.length : 1);
    for (const { verb } of own) expect(verb.length).toBe(about === undefined ? 1 : 2);
  },
);
