/**
 * The forms of the tasks that are declared: every choice of every option, run as the page runs it and by the command that
 * the page prints, gives the same files byte for byte.
 */
import { readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import {
  askedOf,
  type Control,
  commandWords,
  type FormValues,
  formOf,
  keys,
  labels,
  runTask,
  taskOf,
  tasks,
  valuesOf,
} from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { workshop } from '../packages/cli/src/testing.ts';
import { summary } from '../packages/workbench/app/workers/summary.ts';
import { viewOf } from '../packages/workbench/app/workers/task.ts';
import { rows, tables } from './form-tables.ts';

const { file, at, here } = workshop();
for (const [name, text] of Object.entries(tables)) file(name, text);

type Case = readonly [table: string, changed: FormValues];
const X = { drop: ['two', 'three', 'seen', 'w', 'count', 'y'] };
const cases: Readonly<Record<string, readonly Case[]>> = {
  cluster: [
    ['parts.csv', {}],
    ['rows.csv', { ...X, method: 'kmeans', k: 4, restarts: 2, seed: 3, standardize: false, missing: 'mean' }],
    ['known.csv', { labels: 'kind' }],
    ['known.csv', { labels: 'kind', method: 'laplacian', lambda: 0.5, k: 3, missing: 'drop-rows' }],
    ['parts.csv', { method: 'mean-shift', neighbours: 3 }],
    ['parts.csv', { method: 'modes', neighbourSearch: 'approximate' }],
    ['parts.csv', { method: 'spectral', k: 2, restarts: 2 }],
    ['parts.csv', { method: 'mixture', covariance: 'diagonal' }],
    ['parts.csv', { method: 'mixture', covariance: 'tied' }],
    ['parts.csv', { method: 'mixture', covariance: 'spherical', restarts: 1 }],
    ['rows.csv', { ...X, method: 'mixture', k: 2 }],
  ],
};

const flat = Object.entries(cases).flatMap(([verb, list]) =>
  list.map(([table, changed]) => ({ verb, table, changed })),
);
const readSummary = async (name: string) => summary(await readTable(at(name)));

describe('forms of the tasks that are declared', () => {
  test.each(flat)('$verb of $table with $changed', async ({ verb, table, changed }) => {
    const task = taskOf(verb);
    const controls = formOf(task.options, await readSummary(table));
    const asked = { data: table, ...askedOf(controls, valuesOf(controls, changed)) };
    const tools = { read: () => readTable(at(table)), signal: new AbortController().signal, progress: () => {} };
    const { code, err } = await here([...commandWords(task, asked), '--quiet']);
    expect(err).toBe('');
    const view = await viewOf(task, asked, tools);
    expect(code, view.status).toBe(view.status === 'converged' || view.status === 'completed' ? 0 : 3);
    expect(view.files.length).toBeGreaterThan(0);
    for (const { name, content } of view.files) {
      const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
      expect(text, name).toBe(readFileSync(at(name), 'utf8'));
      expect(text.split('\n').length, name).toBeGreaterThan(2);
    }
    // The same by a call, and by a file of options.
    const called = await runTask(task, asked, tools);
    const config = file('options.json', JSON.stringify({ ...asked, data: undefined }));
    const json = await here([...task.verb, table, '--config', config, '--json']);
    expect(json.err).toBe('');
    const { seconds: _, ...shown } = JSON.parse(json.out);
    expect(shown).toMatchObject(
      JSON.parse(JSON.stringify({ ...called, seconds: undefined, clusters: undefined, probabilities: undefined })),
    );
  });

  test('every choice of every form is in a case, and every other control was changed in one', async () => {
    const columns = new Set(Object.keys(rows[0]));
    for (const task of tasks) {
      const verb = task.verb.join(' ');
      const seen = new Map<string, { control: Control; values: Set<unknown> }>();
      for (const { table, changed } of flat.filter((c) => c.verb === verb)) {
        const list = formOf(task.options, await readSummary(table));
        const values = valuesOf(list, changed);
        for (const control of list) {
          if (control.when && !control.when(values)) continue;
          const known = seen.get(control.name) ?? { control, values: new Set() };
          known.values.add(values[control.name]);
          seen.set(control.name, known);
        }
      }
      const inForm = formOf(task.options, await readSummary('parts.csv')).map((c) => c.name);
      expect([...seen.keys()].sort(), `${verb}: cases show every option`).toEqual(inForm.sort());
      for (const [name, { control, values }] of seen) {
        const alike = control.choices?.some(([value]) => columns.has(value));
        if (control.kind === 'choice' && !alike) {
          expect([...values].sort(), `${verb}: ${name}`).toEqual(control.choices!.map(([value]) => value).sort());
        } else {
          const { initial } = control;
          expect(
            [...values].some((v) => v !== initial),
            `${verb}: ${name}`,
          ).toBe(true);
        }
      }
    }
  });

  test('mistakes of a form and of a call are told in their own words', async () => {
    const task = taskOf('cluster');
    const tools = { read: () => readTable(at('parts.csv')), signal: new AbortController().signal, progress: () => {} };
    const say = (request: object, spelling = keys) =>
      (async () => runTask(task, { data: 'parts.csv', ...request } as never, tools, spelling))().then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await say({ k: 2, lambda: 1 })).toBe(
      "lambda does not go with method 'kmeans', but with 'laplacian', 'mean-shift', 'modes'.",
    );
    expect(await say({ k: 2, lambda: 1 }, labels(task))).toBe(
      '“Weight of the graph” does not go with “Method” “k-means”, but with “means and a graph of neighbours”, “mean shift and a graph”, “densest points and a graph”.',
    );
    expect(await say({}, labels(task))).toBe(
      'How many clusters? Give “Clusters”, or “Known labels” with a column that shows them.',
    );
    expect(await say({ k: 2, restrats: 3 })).toBe('There is no option restrats; did you mean restarts?');
    expect(await say({ k: 1.5 })).toBe('k must be a whole number of at least 1, not 1.5.');
  });
});
