import { type ChartSpec, chartSvg, svgFile } from '@southwell/charts';
import type { Table } from '@southwell/data';
import { nearestName } from '@southwell/numerics/core';
import { fitWarmupPower, refineSchedule, smoothNorms } from 'southwell/optimisers';
import * as v from 'valibot';
import { table } from '../declaration/input.ts';
import { wordsOf } from '../declaration/targets.ts';
import { defineTask, type Family, type RequestOf, type ResultOf, type TaskTools } from '../declaration/task.ts';
import type { View } from '../declaration/view.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { list, said, status } from '../result.ts';
import { options } from './options.ts';

const inputs = { data: table() };
type Request = RequestOf<typeof inputs, typeof options>;

const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({
    name: v.string(),
    rows: said(v.number(), 'Number of rows whose norms were used.'),
    notes: list(v.string()),
  }),
  column: v.string(),
  norm: v.string(),
  power: v.number(),
  schedule: said(list(v.number()), 'Learning-rate multiplier of each step: the largest is 1, the last 0.'),
  norms: said(list(v.number()), 'Smoothed norms, relative to their median.'),
  peak: said(v.number(), 'The step at which the schedule is largest, counted from 1.'),
  warmup: said(v.number(), 'Parameter p of the fit t/(pT), then (1 − (t − pT)/(T − pT))^e.'),
  decayPower: said(v.number(), 'Parameter e of the fit.'),
  misfit: said(v.number(), 'Root mean squared error of the fit.'),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Reading included.'),
};
const result = v.object(entries);
type Result = ResultOf<typeof entries>;

/** The requested column of norms, or the only candidate. */
function columnOf(table: Table, asked: string | undefined, { spell }: TaskTools) {
  if (table.sparse) throw new RequestError(`${table.name} has no column names: a table is needed.`);
  const all = table.columns.flatMap((c) => (c.type === 'number' ? [c] : []));
  if (asked !== undefined) {
    const found = table.columns.find((c) => c.name === asked);
    const near = nearestName(
      asked,
      table.columns.map((c) => c.name),
    );
    if (!found) {
      const rest = near
        ? `did you mean '${near}'?`
        : `it has ${table.columns
            .map((c) => c.name)
            .slice(0, 8)
            .join(', ')}.`;
      throw new RequestError(`${table.name} has no column '${asked}' for ${spell('column')}; ${rest}`);
    }
    if (found.type === 'number') return found;
    throw new RequestError(`${table.name}: column '${asked}' contains ${wordsOf(found)}, but norms are numbers.`);
  }
  if (all.length === 0) throw new RequestError(`${table.name} has no numeric column, and so no gradient norms.`);
  if (all.length === 1) return all[0];
  const named = all.filter((c) => /norm|grad/i.test(c.name));
  if (named.length === 1) return named[0];
  const names = all.map((c) => c.name);
  const some = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
  throw new RequestError(
    `Which column of ${table.name} has the gradient norms? Name it with ${spell('column')}: ${some}.`,
  );
}

/** The norms of the rows that have one. Rows count from 1 in messages. */
function normsOf(table: Table, request: Request, tools: TaskTools) {
  const { name, values } = columnOf(table, request.column, tools);
  const where = `${table.name}: column '${name}'`;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < 0) throw new RequestError(`${where} has ${values[i]} in row ${i + 1}, but norms are at least 0.`);
    if (Number.isFinite(values[i]) || request.missing !== 'error') continue;
    const holds = Number.isNaN(values[i]) ? 'has no value' : `has ${values[i]}`;
    throw new RequestError(
      `${where} ${holds} in row ${i + 1}: leave such rows out with ${tools.spell('missing', 'drop-rows')}.`,
    );
  }
  const kept = values.filter((g) => Number.isFinite(g));
  if (kept.length < 2) {
    throw new RequestError(
      `${where} has ${count(kept.length, 'norm')}: a schedule needs the norms of at least two steps.`,
    );
  }
  if (kept.every((g) => g === 0)) throw new RequestError(`${where} has only zeros, which do not determine a schedule.`);
  return { name, kept, left: values.length - kept.length };
}

/** Below this number of norms, medians are over at most three steps, and hardly smooth. */
const FEW = 20;

async function job(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const table = await tools.read();
  const { name, kept, left } = normsOf(table, request, tools);
  const { norm, smoothing } = request;
  const power = (request.power ?? (norm === 'l2' ? 2 : 1)) as 1 | 2;
  const schedule = refineSchedule(kept, { norm, power, smoothing, outputSteps: request.steps ?? table.rows });
  const fit = fitWarmupPower(schedule);
  return {
    command: tools.command,
    data: {
      name: table.name,
      rows: kept.length,
      notes: [
        ...table.notes,
        ...(left > 0 ? [`${left} of ${count(table.rows, 'row')} have no norm and were left out.`] : []),
      ],
    },
    ...{ column: name, norm, power },
    schedule: [...schedule],
    norms: [...smoothNorms(kept, smoothing)],
    peak: 1 + schedule.indexOf(1),
    ...{ warmup: fit.warmup, decayPower: fit.power, misfit: fit.error },
    advice: [
      ...(Math.floor((smoothing * kept.length) / 2) === 0
        ? [
            'The norms were not smoothed, so that a single small one makes a spike: record more norms, or increase the smoothing.',
          ]
        : []),
      ...(kept.length < FEW ? [`There are only ${kept.length} norms: record the norm of every step of a run.`] : []),
      ...(norm === 'l1' && power === 2 ? ['With l1 the power should be 1; 2 exaggerates the warm-up.'] : []),
    ],
    status: 'completed',
    seconds: (performance.now() - started) / 1000,
  };
}

const placesOf = (values: readonly number[]) => values.map((_, k) => k + 1);
const lineTo = (steps: number) => Array.from({ length: steps }, (_, k) => (steps - 1 - k) / (steps - 1));

function scheduleChart({ schedule }: Result, title: string): ChartSpec {
  const x = placesOf(schedule);
  const series = [
    { name: 'refined', x, y: schedule },
    { name: 'linear decay', x, y: lineTo(schedule.length) },
  ];
  return { title, x: { label: 'step' }, y: { label: 'fraction of the largest rate' }, series };
}

/** Number of rows of the table in the terminal. */
const SHOWN = 11;

function view(r: Result): View {
  const { data, schedule, norms } = r;
  const places = Array.from(
    { length: Math.min(SHOWN, schedule.length) },
    (_, k, of = Math.min(SHOWN, schedule.length)) => Math.round((k * (schedule.length - 1)) / (of - 1)),
  );
  const line = lineTo(schedule.length);
  return {
    status: r.status,
    about: `${data.name}: ${count(data.rows, 'norm')} of column ${r.column}, weights norm^−${r.power}`,
    headline: `Largest at step ${r.peak} of ${schedule.length}; approximately a warm-up over ${number(100 * r.warmup, 2)} % of the steps, then a decay of power ${number(r.decayPower, 2)}.`,
    ending: `${count(schedule.length, 'value')}; the root mean squared error of that fit is ${number(r.misfit, 2)}.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      {
        title: 'Learning-rate multipliers',
        columns: ['step', 'refined', 'linear decay'],
        rows: places.map((k) => [k + 1, schedule[k], line[k]]),
      },
    ],
    charts: [
      scheduleChart(r, 'Schedule'),
      {
        title: 'Smoothed norms relative to their median',
        ...{ x: { label: 'recorded step' }, y: { label: 'norm' } },
        series: [{ name: r.column, x: placesOf(norms), y: norms }],
      },
    ],
    pictures: [],
  };
}

const refine = defineTask({
  title: 'Refined schedule',
  verb: ['schedule', 'refine'],
  about: 'Refine a learning-rate schedule from the gradient norms of an earlier run, one row per step.',
  examples: [
    'schedule refine bundled:norms --out schedule.csv --plot schedule.svg',
    'schedule refine adam.csv --column grad_norm --norm l1 --steps 10001 --out schedule.csv --plot schedule.svg',
  ],
  inputs,
  options,
  result,
  outputs: {
    out: {
      file: 'schedule.csv',
      about: 'learning-rate multiplier of each step, .csv or .parquet',
      columns: ({ schedule }) => ({ step: placesOf(schedule), factor: schedule }),
      holds: ['schedule'],
    },
    plot: {
      file: 'schedule.svg',
      about: 'picture of the schedule and of linear decay',
      noun: 'Plot',
      type: 'image/svg+xml',
      text: (r) =>
        svgFile(chartSvg(scheduleChart(r, `Refined schedule of ${r.data.name}`), { width: 640, whole: true })),
      holds: [],
      json: 'plot',
    },
  },
  resumes: false,
  interrupted: { kept: 'the schedule is', none: 'was a schedule' },
  job,
  view,
});

export const schedules: Family = {
  id: 'schedules',
  title: 'Learning-rate schedules',
  goal: 'Refine a learning-rate schedule',
  about: 'Learning-rate schedules from recorded gradient norms.',
  tasks: [refine],
};
