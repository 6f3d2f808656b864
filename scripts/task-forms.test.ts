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
  declared,
  type FormTable,
  type FormValue,
  type FormValues,
  formOf,
  keys,
  labels,
  runTask,
  type Task,
  taskOf,
  tasks,
  valuesOf,
} from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { workshop } from '../packages/cli/src/testing.ts';
import { summary } from '../packages/workbench/app/workers/summary.ts';
import { viewOf } from '../packages/workbench/app/workers/task.ts';
import { tables } from './form-tables.ts';

const { file, at, here } = workshop();
for (const [name, text] of Object.entries(tables)) file(name, text);

type Case = readonly [table: string, changed: FormValues];
const X = { drop: ['two', 'three', 'seen', 'w', 'count', 'y'] };
/** The table on which every value of every option is tried, and some values together. */
const tried: Readonly<Record<string, { readonly table: string; readonly together: readonly Case[] }>> = {
  cluster: {
    table: 'rows.csv',
    together: [
      ['parts.csv', {}],
      ['rows.csv', { ...X, method: 'kmeans', k: 4, restarts: 2, seed: 3, standardize: false, missing: 'mean' }],
      ['known.csv', { labels: 'kind', method: 'laplacian', lambda: 0.5, k: 3, missing: 'drop-rows' }],
      ['rows.csv', { ...X, method: 'mixture', k: 2 }],
    ],
  },
};

/** Values of an option beside that which the form begins with. */
function others({ kind, choices, min, max, whole, initial }: Control, { columns }: FormTable): FormValue[] {
  if (kind === 'choice')
    return (choices ?? []).map(([value]) => value).filter((value) => value !== initial && value !== '');
  if (kind === 'check') return [initial !== true];
  if (kind === 'columns') return [columns.slice(0, 1).map((c) => c.name)];
  if (kind !== 'number') return [];
  const step = whole ? 1 : 0.5;
  const next = typeof initial === 'number' ? initial + step : (min ?? 0) + 2 * step;
  return [Math.min(next, max ?? next)];
}

/** A case for each value of each option, with what it goes with. */
function casesOf(task: Task, table: FormTable): FormValues[] {
  const controls = formOf(task.options, table);
  return controls.flatMap((control) => {
    // Of columns the one that is a text will do.
    const of = declared(task.options[control.name]);
    const values =
      of.kind === 'column' ? [table.columns.find((c) => c.type !== 'number')!.name] : others(control, table);
    const company = Object.entries(of.only ?? {}).map(([name, wanted]) => [name, wanted === true ? 'x' : wanted[0]]);
    return values.map((value) => ({ ...Object.fromEntries(company), [control.name]: value }));
  });
}
const cases = Object.fromEntries(
  await Promise.all(
    tasks.map(async (task) => {
      const verb = task.verb.join(' ');
      const { table, together } = tried[verb];
      const single = casesOf(task, summary(await readTable(at(table))));
      return [verb, [...together, ...single.map((changed): Case => [table, changed])]] as const;
    }),
  ),
);

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

  test('every option of every form was tried', async () => {
    for (const task of tasks) {
      const verb = task.verb.join(' ');
      const { table } = tried[verb];
      const seen = new Set(casesOf(task, await readSummary(table)).flatMap((changed) => Object.keys(changed)));
      const controls = formOf(task.options, await readSummary(table)).map((c) => c.name);
      expect([...seen].sort(), verb).toEqual(controls.sort());
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
