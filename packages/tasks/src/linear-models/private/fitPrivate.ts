import type { Encoding } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { LinearModel, saveModel } from 'southwell/linear-models';
import { type LdpFit, ldpPower, ldpRecords, ldpSparseRegression } from 'southwell/private-models';
import * as v from 'valibot';
import { readingOptions } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { given, option, tableFile, textFile } from '../../declaration/option.ts';
import { saveOutput } from '../../declaration/output.ts';
import { optionsOf } from '../../declaration/records.ts';
import { defineTask, type RequestOf, type ResultOf, type TaskTools } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { RequestError } from '../../errors.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { type Agreement, agreementIn, finiteColumn, ldpOptions, reportColumns } from './agreement.ts';
import { EFFECTS, NEEDED, neededRows, neededSchema, plainNeeded } from './planPrivate.ts';

const { lambda, eigenFloor, sparsity, thetaBound } = ldpRecords;
const inputs = { data: table() };
const options = {
  protocol: option(textFile(), {
    title: 'Protocol',
    about: 'protocol file written by privatise with the reports',
    required: true,
  }),
  public: option(tableFile(), {
    title: 'Public covariates',
    about: 'table of public features of people, for reports without products of features',
  }),
  ...optionsOf({ lambda, eigenFloor, sparsity, thetaBound }, () => ({})),
  ...readingOptions,
};
type Request = RequestOf<typeof inputs, typeof options>;

const entries = {
  command: said(v.string(), 'The command line of this run.'),
  data: v.object({ name: v.string(), rows: said(v.number(), 'Number of reports.'), notes: list(v.string()) }),
  mode: v.string(),
  epsilon: said(v.number(), 'Privacy parameter of each report.'),
  delta: v.number(),
  noise: v.string(),
  target: v.string(),
  intercept: v.number(),
  coefficients: said(
    list(v.object({ name: v.string(), coefficient: v.number(), scaled: v.number() })),
    'In the units of the data, and of the scaled columns; zeros included.',
  ),
  lambda: v.number(),
  eigenFloor: v.number(),
  effectiveRank: said(v.number(), 'Number of eigenvalues of the covariance above the floor.'),
  noiseOfMatrix: said(v.number(), 'Standard deviation of the noise in the mean products of scaled features.'),
  noiseOfVector: said(v.number(), 'The same for products with the target.'),
  detectable: said(
    v.number(),
    'The smallest effect of uncorrelated features that is shown with probability 0.8, scaled.',
  ),
  needed: said(neededSchema, 'What effects need in order to be shown, as by plan-private.'),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Total time, reading included.'),
  modelText: said(v.string(), 'The model as JSON.'),
};
const result = v.object(entries);
type Result = ResultOf<typeof entries>;

async function agreementOf({ protocol }: Request, { contents, spell }: TaskTools): Promise<Agreement> {
  const text = await contents!('protocol');
  try {
    return agreementIn(text);
  } catch (error) {
    const name = protocol instanceof Blob ? 'the file' : protocol;
    throw new RequestError(
      `${spell('protocol')}: ${name} is not a protocol written by southwell privatise: ${(error as Error).message}`,
    );
  }
}

/** Public covariates, scaled in the same way as people's. */
async function publicMatrix(agreed: Agreement, tools: TaskTools): Promise<DenseMatrix> {
  const table = await tools.read('public');
  const X = DenseMatrix.create(table.rows, agreed.features.length);
  for (const [j, { name, centre, spread }] of agreed.features.entries()) {
    X.column(j).set(finiteColumn(table, name).map((value) => (value - centre) / spread));
  }
  return X;
}

async function fitted(request: Request, agreed: Agreement, tools: TaskTools) {
  const table = await tools.read();
  const { lambda, eigenFloor, sparsity, thetaBound, public: covariates } = request;
  const isPublic = agreed.mode === 'public';
  if (given(covariates) !== isPublic) {
    throw new RequestError(
      isPublic
        ? `These reports contain no products of features: give public covariates with ${tools.spell('public')}.`
        : `${tools.spell('public')} is for reports of privatise --mode public, but these are of mode noninteractive.`,
    );
  }
  const protocol = ldpSparseRegression({ ...ldpOptions(agreed), lambda, eigenFloor, sparsity, thetaBound });
  const server = protocol.server();
  if (isPublic) {
    const X = await publicMatrix(agreed, tools);
    server.publicCovariates(X);
    X.free();
  }
  const names = reportColumns(agreed);
  const [matrix, vector] = [names.matrix, names.vector].map((all) => all.map((name) => finiteColumn(table, name)));
  for (let i = 0; i < table.rows; i++) {
    const row = (columns: readonly Float64Array[]) => Float64Array.from(columns, (values) => values[i]);
    try {
      server.aggregate({
        ...{ protocol: protocol.print, noise: agreed.noise, vector: row(vector) },
        ...(!isPublic && { matrix: row(matrix) }),
      });
    } catch (error) {
      throw new RequestError(`${table.name}, row ${i + 1}: ${(error as Error).message}`);
    }
  }
  return { table, fit: server.finish() };
}

/** Coefficients in the units of the data: y = c + s·Σθ(x − cⱼ)/sⱼ. */
function unscaled({ features, target }: Agreement, { theta }: LdpFit) {
  const coef = Float64Array.from(features, ({ spread }, j) => (target.spread * theta[j]) / spread);
  return { coef, intercept: features.reduce((sum, { centre }, j) => sum - coef[j] * centre, target.centre) };
}

async function job(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const agreed = await agreementOf(request, tools);
  const { table, fit } = await fitted(request, agreed, tools);
  const { coef, intercept } = unscaled(agreed, fit);
  const names = agreed.features.map(({ name }) => name);
  const power = ldpPower(ldpOptions(agreed), EFFECTS, { people: fit.people });
  const seconds = (performance.now() - started) / 1000;
  const message = 'Closed form from private reports; the residuals are unknown, as the data are private.';
  const report = { status: 'completed', objective: Number.NaN, iterations: 1, seconds, trace: [], message } as const;
  const model = new LinearModel('squared', 'identity', coef, intercept, fit.lambda!, report, undefined, names);
  const encoding: Encoding = {
    ...{ version: 1, kind: 'columns', missing: 'drop-rows', sparse: false, featureNames: names },
    features: names.map((name) => ({ name, type: 'number' })),
    target: { name: agreed.target.name },
  };
  const { command } = tools;
  const { mode, epsilon, delta, noise, target } = agreed;
  return {
    command,
    data: { name: table.name, rows: fit.people, notes: [...table.notes] },
    ...{ mode, epsilon, delta, noise, target: target.name, intercept },
    coefficients: names.map((name, j) => ({ name, coefficient: coef[j], scaled: fit.theta[j] })),
    ...{ lambda: fit.lambda!, eigenFloor: fit.eigenFloor!, effectiveRank: fit.effectiveRank },
    ...{ noiseOfMatrix: fit.noiseStd.matrix, noiseOfVector: fit.noiseStd.vector },
    ...{ detectable: power.detectable, needed: plainNeeded(power.needed) },
    advice: [
      ...fit.warnings,
      ...(fit.support.length === 0
        ? [
            `With ${count(fit.people, 'report')} at this epsilon, an effect must be at least ${number(power.detectable, 2)} (scaled) to be shown, and more if features are correlated.`,
          ]
        : []),
      ...(noise === 'seeded'
        ? ['The reports have seeded noise: they give no protection against anyone who knows the seed.']
        : []),
    ],
    status: 'completed',
    seconds,
    modelText: saveModel(model, { encoding, kind: 'private', target: target.name, command }),
  };
}

function view(r: Result): View {
  const { data, target, coefficients, epsilon, delta } = r;
  const kept = coefficients.filter(({ coefficient }) => coefficient !== 0);
  const shown = [...coefficients].sort((a, b) => Math.abs(b.scaled) - Math.abs(a.scaled));
  return {
    status: r.status,
    about: `${data.name}: ${count(data.rows, 'report')}, each (${epsilon}, ${delta})-private, target ${target}`,
    headline: `${kept.length} of ${count(coefficients.length, 'coefficient')} exceed the noise threshold.`,
    ending: `Thresholded at ${number(r.lambda)}; ${r.effectiveRank} of ${coefficients.length} eigenvalues of the covariance are above ${number(r.eigenFloor)}.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      {
        title: 'Coefficients',
        columns: ['column', 'coefficient', 'scaled'],
        rows: [['(constant)', r.intercept, null], ...shown.map((c) => [c.name, c.coefficient, c.scaled])],
        below: `Standard deviation of the noise in the mean products: ${r.mode === 'public' ? '' : `${number(r.noiseOfMatrix, 2)} of features, `}${number(r.noiseOfVector, 2)} with the target.`,
      },
      {
        title: 'What an effect needs in order to be shown',
        columns: NEEDED,
        rows: neededRows(r.needed),
        below: 'For uncorrelated features of variance 1 after scaling; correlated ones need more: see plan-private.',
      },
    ],
    pictures: [],
  };
}

/** The side of the server: computes a model from private reports. */
export const fitPrivate = defineTask({
  title: 'Models from private reports',
  verb: ['fit-private'],
  about: 'Learn a linear model from the private reports of privatise.',
  examples: [
    'privatise bundled:survey --target income --epsilon 8 --delta 1e-6 --clip-x 3 --clip-y 3 --scale age=48:17,years=12:3,income=30:16 --out reports.csv --protocol protocol.json && southwell fit-private reports.csv --protocol protocol.json --save model.json',
    'fit-private reports.csv --protocol protocol.json --public census.csv --sparsity 5',
  ],
  inputs,
  options,
  result,
  outputs: {
    save: saveOutput<Result>('the model with its encoding, as JSON, for predict'),
    coefficients: {
      file: 'coefficients.csv',
      about: 'table of the constant and all coefficients, zeros included',
      columns: ({ coefficients: all, intercept }) => ({
        name: ['(constant)', ...all.map((c) => c.name)],
        coefficient: [intercept, ...all.map((c) => c.coefficient)],
      }),
      holds: [],
      json: false,
    },
  },
  resumes: false,
  interrupted: { kept: 'no model is', none: 'was a model' },
  job,
  view,
});
