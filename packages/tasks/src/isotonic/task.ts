// Over 400 lines: a small family in one file: options, job, view and saved models.
import { applyEncoding, columnsToRead, type Encoding, type EncodingTally, type Table } from '@southwell/data';
import { fail, fingerprint, finished } from '@southwell/numerics/core';
import { DenseMatrix, type Iterate, runAsync } from 'southwell';
import {
  type IsotonicFit,
  IsotonicModel,
  isotonicIterates,
  isotonicRecords,
  type MonotoneFit,
  MonotoneModel,
  type MonotoneState,
  monotoneIterates,
  type Spearman,
  spearman,
} from 'southwell/isotonic';
import * as v from 'valibot';
import { Stages } from '../checkpoints.ts';
import { DATA_GROUP, readingOptions, timeLimitOption } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { choice, column, columns, type FormTable, option, positive, whole } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import { numbersFor } from '../declaration/targets.ts';
import { defineTask, type Family, type RequestOf, type ResultOf, type TaskTools } from '../declaration/task.ts';
import type { View } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { reportOutput } from '../report/output.ts';
import { list, said, status } from '../result.ts';
import { type Predictions, r2Score, type SavedModels, spread } from '../saved-model.ts';

const group = 'The run:';
const advanced = { advanced: true };
const numbersOf = (table: FormTable) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

const inputs = { data: table() };
const own = optionsOf(isotonicRecords, (name) => (name === 'direction' ? {} : { form: advanced }));
const options = {
  target: option(column({ numbers: true }), {
    title: 'Target',
    about: 'numeric column to fit',
    required: true,
    form: { initial: (table) => numbersOf(table).at(-1) ?? '' },
  }),
  features: option(columns(), {
    title: 'Columns',
    about: 'columns in which the fit is monotone, separated by commas (repeatable)',
    otherwise: 'the other numeric column, if there is only one',
    form: { initial: (table) => numbersOf(table).slice(0, -1).slice(0, 1) },
  }),
  direction: own.direction,
  decreasing: option(columns(), {
    title: 'Decreasing columns',
    first: true,
    about: 'columns in which the fit decreases, whatever {direction} is (repeatable)',
    without: { direction: ['decreasing'] },
    role: false,
    form: advanced,
  }),
  yMin: own.yMin,
  yMax: own.yMax,
  outOfBounds: own.outOfBounds,
  weights: option(column({ numbers: true }), {
    title: 'Weights',
    about: 'column of sample weights, at least 0',
    group: DATA_GROUP,
    form: advanced,
  }),
  missing: option(choice({ error: 'tell me', 'drop-rows': 'leave rows out' }), {
    title: 'Missing values',
    about: 'handling of missing values',
    argument: 'how',
    default: 'error',
    group: DATA_GROUP,
    form: { advanced: (table) => table.columns.every((c) => c.missing === 0) },
  }),
  ...readingOptions,
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'tolerance on the duality gap, relative to the variation of the target',
    argument: 'tolerance',
    default: 1e-10,
    group,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Maximum iterations',
    about: 'maximum iterations; one column takes one',
    default: 10_000,
    group,
    form: advanced,
  }),
  timeLimit: timeLimitOption('stop after this long', group),
};
type Request = RequestOf<typeof inputs, typeof options>;

const correlation = v.object({ rho: v.number(), low: v.number(), high: v.number() });
const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({
    name: v.string(),
    rows: said(v.number(), 'Number of rows that were fitted.'),
    notes: list(v.string()),
  }),
  target: v.string(),
  features: said(
    list(v.object({ name: v.string(), increasing: v.boolean(), constant: v.boolean(), spearman: correlation })),
    'Whether the fit increases along each, whether it is constant in all rows, and its rank correlation with the target, with a 95 % interval.',
  ),
  fitted: said(
    list(v.nullable(v.number())),
    'Fitted values of all rows of the table; null for rows that were left out.',
  ),
  levels: said(v.number(), 'Number of distinct fitted values.'),
  thresholds: said(
    v.record(v.string(), list(v.number())),
    'By column: with one column, points between which the fit is linear; with several, its corners.',
  ),
  objective: said(v.number(), 'Weighted sum of squared residuals.'),
  r2: v.optional(said(v.number(), 'Weighted R² of the fit; absent if the target is constant.')),
  gap: v.optional(said(v.number(), 'Duality gap, relative to the sum of squares about the mean.')),
  advice: list(v.string()),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
  modelText: said(v.string(), 'The model as JSON.'),
  drawn: v.optional(
    said(
      list(v.object({ x: v.number(), y: v.number(), group: v.number() })),
      'Data (group 0) and fit (group 1), for pictures.',
    ),
  ),
};
const result = v.object(entries);
type Result = ResultOf<typeof entries>;

/** The columns that a request asks for, checked by their names. */
function namesOf(
  table: Table,
  { target, features: asked, decreasing = [], weights, outOfBounds }: Request,
  tools: TaskTools,
) {
  const { spell } = tools;
  if (table.sparse)
    throw new RequestError(`${table.name} has no column names for ${spell('target')}: a table is needed.`);
  const others = table.columns.filter((c) => c.type === 'number' && c.name !== target && c.name !== weights);
  numbersFor(table, target, spell('target'));
  const named = asked !== undefined && asked.length > 0;
  const features = named ? [...new Set(asked)] : others.map((c) => c.name);
  if (features.length === 0) throw new RequestError(`${table.name} has no numeric column to fit ${target} on.`);
  if (!named && features.length > 1) {
    const some = `${features.slice(0, 8).join(', ')}${features.length > 8 ? ', …' : ''}`;
    throw new RequestError(
      `Which columns should ${target} be fitted on? Name them with ${spell('features')}: ${some}.`,
    );
  }
  for (const [name, role] of [
    [target, 'target'],
    [weights, 'weights'],
  ] as const) {
    if (name !== undefined && features.includes(name))
      throw new RequestError(`'${name}' cannot be both ${spell(role)} and one of ${spell('features')}.`);
  }
  if (weights === target)
    throw new RequestError(`'${target}' cannot be both ${spell('target')} and ${spell('weights')}.`);
  const stray = decreasing.find((name) => !features.includes(name));
  if (stray !== undefined)
    throw new RequestError(`${spell('decreasing')} names '${stray}', which is not one of ${features.join(', ')}.`);
  if (outOfBounds !== 'clip' && features.length > 1)
    throw new RequestError(
      `${spell('outOfBounds')} applies only to fits on one column: those on several have no range.`,
    );
  return features;
}

/** The rows and columns to fit. Rows count from 1 in messages. */
function problemOf(table: Table, request: Request, tools: TaskTools) {
  const { spell } = tools;
  const { target, weights } = request;
  const features = namesOf(table, request, tools);
  const named = [
    { name: target, role: 'target' },
    ...features.map((name) => ({ name, role: 'features' })),
    ...(weights === undefined ? [] : [{ name: weights, role: 'weights' }]),
  ].map(({ name, role }) => ({ name, role, values: numbersFor(table, name, spell(role)) }));
  const kept: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    const wrong = named.find(
      ({ role, values }) => !Number.isFinite(values[i]) || (role === 'weights' && values[i] < 0),
    );
    if (wrong === undefined) kept.push(i);
    else if (!Number.isNaN(wrong.values[i]))
      throw new RequestError(
        `${table.name}: column '${wrong.name}' has ${wrong.values[i]} in row ${i + 1}: correct it.`,
      );
    else if (request.missing === 'error')
      throw new RequestError(
        `${table.name}: column '${wrong.name}' has no value in row ${i + 1}: leave such rows out with ${spell('missing', 'drop-rows')}.`,
      );
  }
  if (kept.length === 0) throw new RequestError(`${table.name} has no row with a value in each of its columns to fit.`);
  const all = named.map(({ values }) => Float64Array.from(kept, (i) => values[i]));
  const [y, ...rest] = all;
  const x = rest.slice(0, features.length);
  const left = table.rows - kept.length;
  const flat = [...x, y].map((values) => values.every((value) => value === values[0]));
  const constant = [...features, target].filter((_, j) => flat[j]);
  const notes = [
    ...(left > 0 ? [`${left} of ${count(table.rows, 'row')} lack a value and were left out.`] : []),
    ...(constant.length > 0 && kept.length > 1 ? [`Constant in all rows: ${constant.join(', ')}.`] : []),
  ];
  return { features, x, y, flat, w: rest.at(features.length), kept, notes };
}
type Problem = ReturnType<typeof problemOf>;

/** Reads and fits. Throws if the request or the data are invalid; a stopped run returns what it has found so far. */
async function job(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const table = await tools.read();
  const p = problemOf(table, request, tools);
  const { features, x, y, flat, w: weights, kept } = p;
  const { target, yMin, yMax, outOfBounds, tol, maxIter, timeLimit } = request;
  const direction = features.map((name) => (request.decreasing?.includes(name) ? 'decreasing' : request.direction));
  const print = tools.checkpoint ? fingerprint(x, y, weights, { features, direction, yMin, yMax }) : '';
  const { resume, ...keeping } = new Stages('isotonic', print, tools.checkpoint).stage<MonotoneState>('fit');
  const shared = { weights, yMin, yMax };
  const iterates: Iterable<Iterate<IsotonicFit | MonotoneFit>> =
    features.length > 1
      ? monotoneIterates(matrixOf(x), y, { ...shared, direction, resume })
      : isotonicIterates(x[0], y, { ...shared, direction: direction[0], outOfBounds });
  const solution = await runAsync(iterates, {
    ...{ tol, maxIter, timeLimit, signal: tools.signal, ...keeping },
    onIterate: ({ iteration, objective, certificate }) => {
      const gap = certificate?.relative;
      const text = `iteration ${iteration}: objective ${objective.toPrecision(6)}`;
      tools.progress({
        text: gap === undefined ? text : `${text}, gap ${gap.toExponential(1)}`,
        iteration,
        objective,
        gap,
      });
    },
  });
  const { model, fitted } = solution.point;
  const rising = model instanceof IsotonicModel ? [model.increasing] : model.increasing;
  const found = features.map((name, j) => ({
    ...{ name, increasing: rising[j], constant: flat[j] },
    spearman: spearman(x[j], y),
  }));
  const total = squaresAbout(y, weights);
  const { command } = tools;
  return {
    command,
    data: { name: table.name, rows: kept.length, notes: [...table.notes, ...p.notes] },
    target,
    features: found,
    fitted: spread(fitted, table.rows, kept),
    levels: new Set(fitted).size,
    thresholds: thresholdsOf(model, features, target),
    objective: solution.objective,
    ...(total > 0 && { r2: 1 - solution.objective / total }),
    gap: solution.certificate?.relative,
    advice: [
      ...found.flatMap((feature, j) =>
        flat[j] || flat.at(-1)
          ? noDirection(feature.name, target, flat[j] ? feature.name : target, direction[j] === 'auto')
          : directionAdvice(target, feature, direction[j] === 'auto'),
      ),
      ...(finished(solution.status) || !solution.certificate
        ? []
        : [`The objective is at most ${number(solution.certificate.value)} above the minimum.`]),
    ],
    status: solution.status,
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
    modelText: `${JSON.stringify({ ...model.toPlain(), features, target, command })}\n`,
    ...(tools.pictures && { drawn: drawnOf(p, model, fitted) }),
  };
}

function matrixOf(columns: readonly Float64Array[]): DenseMatrix {
  const X = DenseMatrix.create(columns[0].length, columns.length);
  for (const [j, values] of columns.entries()) X.column(j).set(values);
  return X;
}

/** Weighted sum of squares about the weighted mean; 0 for equal values. */
function squaresAbout(y: Float64Array, w?: Float64Array): number {
  const sum = (of: (i: number) => number) => y.reduce((total, _, i) => total + (w?.[i] ?? 1) * of(i), 0);
  const mean = sum((i) => y[i] - y[0]) / sum(() => 1);
  return sum((i) => (y[i] - y[0] - mean) ** 2);
}

function thresholdsOf(model: IsotonicModel | MonotoneModel, features: readonly string[], target: string) {
  if (model instanceof IsotonicModel) return { [features[0]]: Array.from(model.x), [target]: Array.from(model.y) };
  const { rows, values } = model;
  const corner = (j: number) => Array.from(values, (_, c) => rows[c * features.length + j]);
  return { ...Object.fromEntries(features.map((name, j) => [name, corner(j)])), [target]: Array.from(values) };
}

/** Advice if a direction was left to data that have none. */
const noDirection = (feature: string, target: string, constant: string, auto: boolean): string[] =>
  auto ? [`The data do not show whether ${target} rises or falls with ${feature}, as ${constant} is constant.`] : [];

/** Advice if a direction is a guess, or contradicts the data. */
function directionAdvice(target: string, feature: Result['features'][number], auto: boolean): string[] {
  const { name, increasing, spearman: s } = feature;
  if (auto && s.low <= 0 && s.high >= 0)
    return [`Whether ${target} rises or falls with ${name} is a guess: ${rankText(s)}.`];
  if (increasing ? s.high >= 0 : s.low <= 0) return [];
  const [does, fit] = increasing ? ['falls', 'rises'] : ['rises', 'falls'];
  return [`${target} ${does} with ${name}, ${rankText(s)}, but the fit ${fit}: is that the direction you mean?`];
}

const rankText = ({ rho, low, high }: Spearman): string =>
  `Spearman’s correlation ${number(rho, 2)} (95 % interval ${number(low, 2)} to ${number(high, 2)})`;

const DRAWN = 1500;
const STEPS = 300;

/** With one column, data and fit along it; with several, data over their fitted values. */
function drawnOf({ x, y }: Problem, model: IsotonicModel | MonotoneModel, fitted: Float64Array): Result['drawn'] {
  const stride = Math.ceil(y.length / DRAWN);
  const rows = Array.from({ length: Math.ceil(y.length / stride) }, (_, k) => k * stride);
  if (!(model instanceof IsotonicModel)) return rows.map((i) => ({ x: fitted[i], y: y[i], group: 0 }));
  const [from, to] = x[0].reduce(([low, high], at) => [Math.min(low, at), Math.max(high, at)], [x[0][0], x[0][0]]);
  const along = Array.from({ length: from < to ? STEPS : 1 }, (_, k) => from + ((to - from) * k) / (STEPS - 1));
  const at = model.predict(along, 'clip');
  return [
    ...rows.map((i) => ({ x: x[0][i], y: y[i], group: 0 })),
    ...along.map((value, k) => ({ x: value, y: at[k], group: 1 })),
  ];
}

/** What the fit is: a fit of one level neither rises nor falls. */
function shapeOf({ data, target, features, levels, r2 }: Result): string {
  const varying = features.filter(({ constant }) => !constant);
  if (data.rows === 1) return `${target} has one row`;
  if (r2 === undefined) return `${target} is constant`;
  if (varying.length === 0)
    return `${features.map(({ name }) => name).join(', ')} ${features.length === 1 ? 'is' : 'are'} constant, and so is the fit`;
  if (levels === 1) return `The fit of ${target} is constant`;
  return `${target} ${varying.map(({ increasing, name }) => `${increasing ? 'rises' : 'falls'} with ${name}`).join(', ')}`;
}

function view(r: Result): View {
  const { data, target, features, thresholds, drawn } = r;
  const several = features.length > 1;
  const r2 = r.r2 === undefined ? '' : `, R² ${number(Math.abs(r.r2) < 1e-12 ? 0 : r.r2)}`;
  const gap = r.gap === undefined ? '' : `: duality gap ${number(r.gap, 2)} of the variation`;
  const names = Object.keys(thresholds);
  const rows = thresholds[target].slice(0, 200).map((_, k) => names.map((name) => thresholds[name][k]));
  return {
    status: r.status,
    about: `${data.name}: ${count(data.rows, 'row')}, target ${target}`,
    headline: `${shapeOf(r)}: ${count(r.levels, 'level')}${r2}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'iteration')}${gap}.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      {
        title: 'Directions',
        columns: ['column', 'fit', 'Spearman', 'low', 'high'],
        rows: features.map(({ name, increasing, constant, spearman: s }) => [
          name,
          constant || r.levels === 1 ? 'constant' : increasing ? 'rises' : 'falls',
          s.rho,
          s.low,
          s.high,
        ]),
      },
      several
        ? { title: 'Corners of the fit', columns: names, rows, on: 'page' }
        : { title: 'Thresholds, linear in between', columns: names, rows },
    ],
    pictures: drawn
      ? [
          {
            title: several ? 'Data over the fit' : 'Data and the fit',
            picture: {
              type: 'scatter',
              xLabel: several ? 'fitted' : features[0].name,
              yLabel: target,
              points: drawn,
              groups: several ? undefined : ['data', 'fit'],
            },
          },
        ]
      : [],
  };
}

const FORMATS = ['southwell-isotonic-model', 'southwell-monotone-model'];

const saved: SavedModels = {
  formats: FORMATS,
  load(text) {
    const plain = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const model = plain.format === FORMATS[0] ? IsotonicModel.from(plain) : MonotoneModel.from(plain);
    const width = model instanceof IsotonicModel ? 1 : model.increasing.length;
    const columnNames = v.object({ features: v.pipe(v.array(v.string()), v.length(width)), target: v.string() });
    const named = v.safeParse(columnNames, plain);
    if (!named.success) fail('INVALID_FORMAT', 'it does not name its columns; fit it with southwell isotonic --save.');
    const { features, target } = named.output;
    const encoding: Encoding = {
      ...{ version: 1, kind: 'columns', missing: 'drop-rows', sparse: false, featureNames: features },
      features: features.map((name) => ({ name, type: 'number' })),
      target: { name: target },
    };
    return {
      width: features.length,
      reads: (names, file) => columnsToRead(encoding, names, file),
      predict(table, { proba = false, tally }) {
        if (proba) throw new RequestError('{proba} needs a logistic or multinomial model; this one is isotonic.');
        return predictionsOf(model, table, encoding, tally);
      },
    };
  },
};

function predictionsOf(
  model: IsotonicModel | MonotoneModel,
  table: Table,
  encoding: Encoding,
  tally: EncodingTally | undefined,
): Predictions {
  const design = applyEncoding(table, encoding, tally);
  const X = design.X as DenseMatrix;
  const at = (i: number) => (table.before ?? 0) + (design.rows?.[i] ?? i);
  if (model instanceof IsotonicModel && model.outOfBounds === 'error') {
    const [low, high] = [model.x[0], model.x.at(-1)!];
    const i = low < high ? X.column(0).findIndex((value) => value < low || value > high) : -1;
    if (i >= 0)
      throw new RequestError(
        `${table.name}: ${encoding.featureNames[0]} is ${X.get(i, 0)} in row ${at(i) + 1}, outside ${low} to ${high}, the range of the fit: leave it out, or save the model by southwell isotonic --out-of-bounds clip or nan.`,
      );
  }
  const values = model instanceof IsotonicModel ? model.predict(X.column(0)) : model.predict(X);
  const inside = Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
  const outside = X.rows - inside.length;
  const { y } = design;
  const known = y ? inside.filter((i) => Number.isFinite(y[i])) : [];
  const score = y && known.length > 0 ? r2Score(known, [y], [values]) : undefined;
  return {
    columns: {
      prediction: spread(
        Array.from(values, (p) => (Number.isNaN(p) ? null : p)),
        table.rows,
        design.rows,
      ),
    },
    predicted: inside.length,
    score,
    notes: design.notes,
    counted: { 'outside the range of the fit: no prediction.': outside },
  };
}

const isotonic = defineTask({
  title: 'Isotonic regression',
  verb: ['isotonic'],
  about: 'Isotonic regression: a column as a monotone function of others.',
  examples: [
    'isotonic bundled:diabetes --target y --features bmi --save model.json',
    'isotonic doses.csv --target effect --features dose,age --decreasing age --save model.json',
    'isotonic scores.csv --target bought --features score --y-min 0 --y-max 1 --out calibrated.csv',
    'isotonic bundled:diabetes --target y --features bmi,map --thresholds corners.csv',
  ],
  inputs,
  options,
  checks: [
    {
      wrong: ({ yMin, yMax }) => yMin !== undefined && yMax !== undefined && yMin > yMax,
      say: '{yMin} must be at most {yMax}.',
    },
  ],
  result,
  outputs: {
    out: {
      file: 'fitted.csv',
      about: 'the fitted value of every row, as .csv or .parquet',
      columns: ({ fitted }) => ({ fitted }),
      holds: ['fitted'],
    },
    thresholds: {
      file: 'thresholds.csv',
      about: 'the points of the fit: thresholds of one column, corners of several, as .csv or .parquet',
      columns: ({ thresholds }) => thresholds,
      holds: ['thresholds'],
    },
    report: reportOutput(
      'a self-contained HTML page with the fit drawn',
      (r: Result) => `Monotone fit of ${r.target}`,
      view,
      ['drawn'],
    ),
    save: {
      file: 'model.json',
      about: 'the model with the names of its columns, as JSON, for predict',
      noun: 'Model',
      type: 'application/json',
      text: ({ modelText }) => modelText,
      holds: ['modelText'],
      json: 'saved',
    },
  },
  interrupted: { kept: 'the best fit so far is', none: 'was a fit' },
  job,
  view,
});

export const isotonicRegression: Family = {
  id: 'isotonic',
  title: 'Isotonic regression',
  goal: 'Fit a monotone curve',
  tasks: [isotonic],
  models: saved,
};
