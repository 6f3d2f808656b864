// Over 400 lines: one whole task, with the agreement, the reports, and the views of both.
import { asWritten, type Table } from '@southwell/data';
import { SouthwellError } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { ldpSparseRegression, privacyAccountant, secureSource, seededSource } from 'southwell/private-models';
import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import { given } from '../../declaration/option.ts';
import { defineTask, type ResultOf, type TaskTools } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { RequestError } from '../../errors.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { agreementText, finiteColumn, ldpOptions, reportColumns, type Scaled } from './agreement.ts';
import { inputs, options, type PrivatiseRequest as Request } from './privatiseOptions.ts';

const entries = {
  command: said(v.string(), 'The command line of this run.'),
  data: v.object({ name: v.string(), rows: v.number(), notes: list(v.string()) }),
  mode: v.string(),
  epsilon: said(v.number(), 'Privacy parameter of each report.'),
  delta: v.number(),
  noise: said(
    v.string(),
    'secure: from a cryptographic source; seeded: gives no protection against anyone who knows the seed.',
  ),
  people: said(v.nullable(v.number()), 'Number of people who reported; null if no column identifies them.'),
  mostSpent: said(
    v.nullable(v.object({ epsilon: v.number(), delta: v.number() })),
    'Maximum over people, earlier reports included.',
  ),
  clippedFeatures: said(
    v.number(),
    'Number of rows whose features were clipped. Not private: only for those who have the data.',
  ),
  clippedTarget: said(v.number(), 'Number of rows whose target was clipped. Not private either.'),
  mostGuessed: said(
    v.number(),
    'Upper bound from ε and δ on the accuracy of guessing which of two people sent a report.',
  ),
  farthest: said(v.number(), 'The largest possible product of a feature with the target, scaled.'),
  noiseOfReport: said(v.number(), 'Standard deviation of the noise in one product with the target, scaled.'),
  noiseOfMean: said(v.number(), 'Standard deviation of the noise in the mean of all products with the target, scaled.'),
  reports: said(
    v.record(v.string(), list(v.number())),
    'Whole numbers by column, one row per report: the only data that may be sent.',
  ),
  protocolText: said(v.string(), 'The agreed protocol, as JSON.'),
  ledgerText: said(
    v.nullable(v.string()),
    'The privacy spent by each person, as JSON; null if no column identifies people.',
  ),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Total time, reading included.'),
};
const result = v.object(entries);
type Result = ResultOf<typeof entries>;

/** Public centres and scales of the columns. */
function scalesOf({ scale = [] }: Request, names: readonly string[], { spell }: TaskTools): Map<string, Scaled> {
  const found = new Map(names.map((name): [string, Scaled] => [name, { name, centre: 0, spread: 1 }]));
  for (const text of scale) {
    const at = text.lastIndexOf('=');
    const [name, numbers] = [text.slice(0, at), text.slice(at + 1).split(':')];
    const [centre, spread] = numbers.map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (at < 1 || numbers.length !== 2 || !Number.isFinite(centre) || !(spread > 0 && Number.isFinite(spread))) {
      throw new RequestError(
        `${spell('scale')} must be a column with its centre and scale above 0, such as age=40:15, not '${text}'.`,
      );
    }
    if (!found.has(name))
      throw new RequestError(`${spell('scale')} names '${name}', which is not one of ${names.join(', ')}.`);
    found.set(name, { name, centre, spread });
  }
  return found;
}

/** The person of each row, as strings. */
function personsOf(table: Table, name: string, { spell }: TaskTools): string[] {
  const column = table.columns.find((c) => c.name === name);
  if (!column) throw new RequestError(`${table.name} has no column '${name}' for ${spell('person')}.`);
  const found = asWritten(column);
  return Array.from({ length: table.rows }, (_, i) => {
    const value = found.type === 'number' ? found.values[i] : found.levels[found.codes[i]];
    if (value === undefined || Number.isNaN(value)) {
      throw new RequestError(`${table.name}: column '${name}' has no person in row ${i + 1}.`);
    }
    return String(value);
  });
}

/** Charges all reports before any is made: if one exceeds the budget, no reports are made. */
async function charged(table: Table, request: Request, tools: TaskTools) {
  const { person, epsilon, delta, budgetEpsilon = epsilon, budgetDelta = delta, spent } = request;
  if (person === undefined) return undefined;
  const { spell } = tools;
  const accountant = privacyAccountant({ epsilon: budgetEpsilon, delta: budgetDelta });
  if (given(spent)) {
    const text = await tools.contents!('spent');
    try {
      accountant.restore(JSON.parse(text));
    } catch (error) {
      throw new RequestError(`${spell('spent')}: ${(error as Error).message}`);
    }
  }
  const persons = personsOf(table, person, tools);
  for (const [i, name] of persons.entries()) {
    try {
      accountant.charge(name, { epsilon, delta });
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      throw new RequestError(
        `Row ${i + 1}: ${error.message.replace('No report was made.', `No reports were made. Exclude the row, or increase ${spell('budgetEpsilon')} and ${spell('budgetDelta')}.`)}`,
      );
    }
  }
  const distinct = new Set(persons);
  const most = { epsilon: 0, delta: 0 };
  for (const name of distinct) {
    const all = accountant.spent(name);
    most.epsilon = Math.max(most.epsilon, all.epsilon);
    most.delta = Math.max(most.delta, all.delta);
  }
  return { people: distinct.size, most, text: `${JSON.stringify(accountant.toPlain(), null, 1)}\n` };
}

async function job(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const table = await tools.read();
  const { target, mode, epsilon, delta, clipX, clipY, seed, person } = request;
  if (table.sparse) throw new RequestError(`${table.name} has no column names: give a table.`);
  const features = given(request.features)
    ? [...new Set(request.features)]
    : table.columns.filter((c) => c.type === 'number' && c.name !== target && c.name !== person).map((c) => c.name);
  if (features.includes(target)) throw new RequestError(`'${target}' cannot be both the target and a feature.`);
  if (features.length === 0) throw new RequestError(`${table.name} has no numeric column besides ${target}.`);
  const scales = scalesOf(request, [...features, target], tools);
  const scaledColumn = (name: string) => {
    const { centre, spread } = scales.get(name)!;
    return finiteColumn(table, name).map((value) => (value - centre) / spread);
  };
  const agreed = {
    ...{ mode, epsilon, delta, clip: { x: clipX, y: clipY } },
    features: features.map((name) => scales.get(name)!),
    target: scales.get(target)!,
    noise: seed === undefined ? ('secure' as const) : ('seeded' as const),
  };
  const protocol = ldpSparseRegression(ldpOptions({ format: 'southwell-private-protocol', version: 1, ...agreed }));
  const x = features.map(scaledColumn);
  const y = scaledColumn(target);
  const ledger = await charged(table, request, tools);
  const client = protocol.client({ source: seed === undefined ? secureSource() : seededSource(seed) });
  const names = reportColumns(agreed);
  const all = [...names.matrix, ...names.vector].map((name) => [name, new Array<number>(table.rows)] as const);
  for (let i = 0; i < table.rows; i++) {
    if (i % 256 === 0) {
      tools.progress({ text: `report ${i + 1} of ${table.rows}`, done: i, total: table.rows });
      await new Promise((resolve) => setTimeout(resolve, 0));
      tools.signal.throwIfAborted();
    }
    const { matrix = [], vector } = client.encode(
      Float64Array.from(x, (values) => values[i]),
      y[i],
    );
    for (const [k, value] of [...matrix, ...vector].entries()) all[k][1][i] = value;
  }
  const { clippedX, clippedY } = client.counts;
  const often = (clipped: number) => clipped > 0.2 * table.rows;
  return {
    command: tools.command,
    data: { name: table.name, rows: table.rows, notes: [...table.notes] },
    ...{ mode, epsilon, delta, noise: agreed.noise },
    ...{ people: ledger?.people ?? null, mostSpent: ledger?.most ?? null },
    ...{ clippedFeatures: clippedX, clippedTarget: clippedY },
    mostGuessed: 1 + (delta - 1) / (1 + elementary.exp(epsilon)),
    farthest: clipX * clipY,
    noiseOfReport: protocol.noiseStd(1).vector,
    noiseOfMean: protocol.noiseStd(Math.max(1, table.rows)).vector,
    reports: Object.fromEntries(all),
    protocolText: agreementText(agreed),
    ledgerText: ledger?.text ?? null,
    advice: [
      ...(seed === undefined ? [] : ['Anyone who knows the seed can subtract the noise: do not send these reports.']),
      ...(person === undefined
        ? [
            'Every row was treated as a different person; people with several rows spend their privacy several times. Give the column that identifies people.',
          ]
        : []),
      ...(epsilon > 10
        ? [
            `With an epsilon of ${epsilon}, a report may be e^${epsilon} times as likely for one person as for another: this gives little protection.`,
          ]
        : []),
      ...(often(clippedX) || often(clippedY)
        ? [
            'Many values were clipped. Bounds that are adapted to this reveal information about the data: choose them from public knowledge.',
          ]
        : []),
    ],
    status: 'completed',
    seconds: (performance.now() - started) / 1000,
  };
}

function view(r: Result): View {
  const { data, epsilon, delta, noise, people: persons, mostSpent, clippedFeatures, clippedTarget } = r;
  return {
    status: r.status,
    about: `${data.name}: ${count(data.rows, 'row')}, ${Object.keys(r.reports).length} numbers per report`,
    headline: `${count(data.rows, 'report')}, each (${epsilon}, ${delta})-private for any two people, with ${noise === 'secure' ? 'noise from a cryptographic source' : 'SEEDED noise'}.`,
    ending:
      persons === null
        ? 'Reports compose: the ε and δ of all reports of a person add up.'
        : `${persons === 1 ? 'One person' : `${persons} people`}, each with at most (${mostSpent!.epsilon}, ${mostSpent!.delta}) spent so far: the ε and δ of reports add up.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      {
        title: 'For the owner of the data only; do not send',
        columns: ['what', 'rows'],
        rows: [
          ['features clipped', clippedFeatures],
          ['target clipped', clippedTarget],
        ],
        below: `Guesses of which of two people sent a report are right with probability at most ${number(100 * r.mostGuessed, 3)} %. Standard deviation of the noise in the mean of all products with the target: ${number(r.noiseOfMean, 3)}, scaled.`,
      },
    ],
    charts: [
      {
        title: 'One number of a report, for the two most different people',
        x: { label: 'reported product of a feature with the target, scaled' },
        y: { label: 'density' },
        series: densities(r),
      },
    ],
    pictures: [],
  };
}

/** Densities of a reported product whose true value is the largest, or the smallest, that the bounds permit. */
function densities({ delta, farthest, noiseOfReport }: Result) {
  const reach = farthest + 4 * noiseOfReport;
  const x = Array.from({ length: 241 }, (_, k) => ((k - 120) / 120) * reach);
  const scale = noiseOfReport / Math.SQRT2;
  const density = (t: number) =>
    delta > 0
      ? elementary.exp(-0.5 * (t / noiseOfReport) ** 2) / (noiseOfReport * Math.sqrt(2 * Math.PI))
      : elementary.exp(-Math.abs(t) / scale) / (2 * scale);
  return [
    { name: 'of one person', x, y: x.map((t) => density(t - farthest)) },
    { name: 'of the other', x, y: x.map((t) => density(t + farthest)) },
  ];
}

const columnsOf = ({ reports }: Result): Columns => reports;

/** The side of the people: makes private reports from data. */
export const privatise = defineTask({
  title: 'Private reports',
  verb: ['privatise'],
  about: 'Make a report of every row under local differential privacy, from which fit-private learns a linear model.',
  examples: [
    'privatise bundled:survey --target income --epsilon 8 --delta 1e-6 --clip-x 3 --clip-y 3 --scale age=48:17,years=12:3,income=30:16 --out reports.csv --protocol protocol.json',
    'privatise people.csv --target income --features age,years --epsilon 2 --delta 1e-6 --clip-x 2 --clip-y 2 --scale age=40:15,years=12:4,income=30:20 --out reports.csv --protocol protocol.json',
    'privatise visits.csv --target cost --person id --budget-epsilon 4 --epsilon 1 --clip-x 3 --clip-y 3 --out reports.csv --protocol protocol.json --ledger ledger.json',
  ],
  inputs,
  options,
  checks: [{ wrong: ({ delta }) => delta >= 1, say: '{delta} must be below 1: at 1 there is no privacy.' }],
  result,
  outputs: {
    out: {
      file: 'reports.csv',
      about: 'the reports, one per row, as .csv or .parquet; nothing else may be sent',
      columns: columnsOf,
      holds: ['reports'],
    },
    protocol: {
      file: 'protocol.json',
      about: 'the agreed protocol, for fit-private, as JSON',
      noun: 'Protocol',
      type: 'application/json',
      text: ({ protocolText }) => protocolText,
      holds: ['protocolText'],
      json: 'protocol',
    },
    ledger: {
      file: 'ledger.json',
      about: 'the privacy spent by each person, as JSON, for later runs; must not be sent',
      noun: 'Ledger',
      type: 'application/json',
      text: ({ ledgerText }) => ledgerText ?? '{}\n',
      holds: ['ledgerText'],
      json: 'ledger',
      only: { person: true },
    },
  },
  resumes: false,
  interrupted: { kept: 'no reports are', none: 'were reports' },
  job,
  view,
});
