/**
 * The forms of one's own data that are not declared yet (task-forms.test.ts has the others): every method of every
 * family, run as the page runs it and by the command that the page prints, gives the same files.
 */
import { readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import { describe, expect, test } from 'vitest';
import { workshop } from '../packages/cli/src/testing.ts';
import { type Control, type Values, valuesOf } from '../packages/workbench/app/lib/controls.ts';
import { commandLine, commandWords, families } from '../packages/workbench/app/lib/families/index.ts';
import { type JobRequests, jobs } from '../packages/workbench/app/workers/jobs.ts';
import { summary } from '../packages/workbench/app/workers/summary.ts';
import { marks, rows, tables } from './form-tables.ts';

const { file, at, here } = workshop();

for (const [name, text] of Object.entries(tables)) file(name, text);

type Case = readonly [table: string, changed: Values];
const X = { drop: ['two', 'three', 'seen', 'w', 'count', 'y'] };
const cases: Readonly<Record<string, readonly Case[]>> = {
  factorisation: [
    ['parts.csv', { k: 3 }],
    ['rows.csv', { ...X, center: false, standardize: false, seed: 1, missing: 'mean' }],
    ['parts.csv', { task: 'nmf' }],
    ['parts.csv', { task: 'nmf', loss: 'kullback-leibler', init: 'random', alpha: 0.01, l1Ratio: 0.5 }],
    ['parts.csv', { task: 'nmf', init: 'nndsvd', missing: 'drop-rows' }],
    ['parts.csv', { task: 'sparse-pca', alpha: 2 }],
    ['parts.csv', { task: 'dictionary', k: 4, alpha: 0.1 }],
    ['parts.csv', { task: 'dictionary', dictionary: 'online', nonNegative: true, batchSize: 10, passes: 3 }],
    ['parts.csv', { task: 'dictionary', dictionary: 'orthogonal', sparsity: 2, whiten: true, threshold: 0.01 }],
    [
      'rows.csv',
      { task: 'dictionary', dictionary: 'supervised', target: 'two', covariates: ['w'], drop: ['three'], xi: 0.5 },
    ],
    [
      'rows.csv',
      {
        task: 'dictionary',
        dictionary: 'supervised',
        target: 'three',
        drop: ['two'],
        model: 'feature',
        nonNegative: true,
      },
    ],
    ['rows.csv', { task: 'dictionary', dictionary: 'supervised', target: 'two', drop: ['three'], algorithm: 'lifted' }],
    ['rows.csv', { task: 'cca', x: ['a', 'b'], y: ['c', 'y'] }],
    ['rows.csv', { task: 'cca', x: ['a', 'b', 'c'], y: ['y', 'w'], ridge: 1, pairs: 1, standardize: false }],
    [
      'rows.csv',
      {
        task: 'cca',
        cca: 'stochastic',
        x: ['a', 'b'],
        y: ['c', 'y'],
        ridge: 0.1,
        batchSize: 10,
        epochs: 5,
        learningRate: 0.01,
      },
    ],
    ['entries.csv', { task: 'complete', rank: 2, row: 'user', col: 'item', value: 'mark' }],
    ['entries.csv', { task: 'complete', rank: 2, completion: 'als', weights: 'sure', lambda: 0.5 }],
    ['entries.csv', { task: 'complete', rank: 2, biases: false, nonNegative: true, lambda: 0.1 }],
    ['gaps.csv', { task: 'complete', rank: 1, completion: 'soft-impute' }],
    ['gaps.csv', { task: 'complete', rank: 2, completion: 'svt', biases: false }],
    ['sparse.mtx', { task: 'complete', rank: 2, seed: 5 }],
  ],
};

const flat = Object.entries(cases).flatMap(([id, list]) => list.map(([table, changed]) => ({ id, table, changed })));
const family = (id: string) => families.find((f) => f.id === id)!;
const readSummary = async (name: string) => summary(await readTable(at(name)));

describe('forms of one’s own data', () => {
  test.each(flat)('$id of $table with $changed', async ({ id, table, changed }) => {
    const { controls, asked, request } = family(id);
    const shown = await readSummary(table);
    const values = valuesOf(controls(shown, table), changed);
    const all = asked(values, shown);
    const words = commandWords(all, table);
    const tools = { read: () => readTable(at(table)), signal: new AbortController().signal, progress: () => {} };
    const { code, err } = await here([...words, '--quiet']);
    expect(err).toBe('');
    const view = await jobs[id as keyof JobRequests](request(all, table) as never, tools);
    expect(code, view.status).toBe(view.status === 'converged' || view.status === 'completed' ? 0 : 3);
    const written = Object.values(all.files);
    expect(written.length).toBeGreaterThan(0);
    for (const name of written) {
      const { content } = view.files.find((f) => f.name === name)!;
      const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
      expect(text, name).toBe(readFileSync(at(name), 'utf8'));
      expect(text.split('\n').length, name).toBeGreaterThan(2);
    }
  });

  test('every choice of every form is in a case, and every other control was changed in one', async () => {
    const columns = new Set([...Object.keys(rows[0]), ...Object.keys(marks[0])]);
    for (const { id, controls } of families) {
      const seen = new Map<string, { control: Control; values: Set<unknown> }>();
      for (const { table, changed } of flat.filter((c) => c.id === id)) {
        const list = controls(await readSummary(table), table);
        const values = valuesOf(list, changed);
        for (const control of list) {
          if (control.when && !control.when(values)) continue;
          const known = seen.get(control.name) ?? { control, values: new Set() };
          known.values.add(values[control.name]);
          seen.set(control.name, known);
        }
      }
      for (const [name, { control, values }] of seen) {
        // Columns are alike.
        const alike = control.choices?.some(([value]) => columns.has(value));
        if (control.kind === 'choice' && !alike) {
          expect([...values].sort(), `${id}: ${name}`).toEqual(control.choices!.map(([value]) => value).sort());
        } else
          expect(
            [...values].some((v) => v !== control.initial),
            `${id}: ${name}`,
          ).toBe(true);
      }
    }
  });

  test('the printed command is one for a shell, whatever names hold', () => {
    const asked = {
      verb: ['fit'],
      defaults: {},
      options: { target: "it's $HOME", drop: ['-x', 'b, c', ' d'], alpha: 0.1, positive: true },
      files: {},
    };
    expect(commandLine(asked, '-my data.csv')).toBe(
      `npx southwell fit './-my data.csv' --target 'it'\\''s $HOME' '--drop=-x,"b, c"," d"' --alpha 0.1 --positive`,
    );
  });
});
