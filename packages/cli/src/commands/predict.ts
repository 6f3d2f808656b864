import { readFileSync } from 'node:fs';
import {
  applyEncoding,
  type Encoding,
  failFile,
  readTable,
  writeCsv,
  writeFileAtomic,
  writeParquet,
} from '@southwell/data/node';
import type { Matrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { count, number } from '@southwell/tasks';
import { type Command, Option } from 'commander';
import { type AnyModel, LinearModel, loadAnyModel } from 'southwell/linear-models';
import { EXIT, UsageError } from '../errors.ts';
import { DATA, example, FORMATS, oneOf } from '../options.ts';
import { printable } from '../text.ts';

export interface PredictOptions {
  readonly proba?: boolean;
  readonly out?: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface Extra {
  readonly encoding?: Encoding;
  readonly offset?: string;
  readonly targets?: readonly string[];
}

/** A saved model with the encoding of its data. Throws where the file is none. */
export function readModelFile(path: string): { model: AnyModel; extra: Extra } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  let loaded: ReturnType<typeof loadAnyModel>;
  try {
    loaded = loadAnyModel(text);
  } catch (error) {
    fail('INVALID_FORMAT', `${path} is not a model that southwell fit --save wrote: ${(error as Error).message}`);
  }
  const extra = (loaded.extra ?? {}) as Extra;
  if (!extra.encoding) fail('INVALID_FORMAT', `${path} does not say how its data become a matrix; fit it with --save.`);
  return { model: loaded.model, extra };
}

export async function predictCommand(modelPath: string, data: string, options: PredictOptions): Promise<number> {
  const extension = options.out?.match(/\.(csv|parquet)$/i)?.[1].toLowerCase();
  if (options.out !== undefined && !extension) {
    throw new UsageError(`--out writes .csv or .parquet, by the ending of the name; '${options.out}' has neither.`);
  }
  const { model, extra } = readModelFile(modelPath);
  if (options.proba && (model instanceof LinearModel ? model.link !== 'logit' : !model.classes)) {
    throw new UsageError(`--proba needs a logistic or multinomial model; this one is ${model.loss}.`);
  }
  const table = await readTable(data, { format: options.format as never });
  const design = applyEncoding(table, extra.encoding!);
  const { X, rows: kept } = design;
  const offset = extra.offset === undefined ? undefined : offsetOf(extra.offset);

  function offsetOf(name: string): Float64Array {
    const column = table.columns.find((c) => c.name === name);
    if (column?.type !== 'number') {
      fail(
        'INVALID_PARAMETER',
        `${table.name} has no column '${name}' of numbers, the offset that the model was fitted with.`,
      );
    }
    return kept ? Float64Array.from(kept, (i) => column.values[i]) : column.values;
  }

  // Rows that lack a value keep their place, without a prediction.
  const spread = <T>(values: ArrayLike<T>): Array<T | null> => {
    if (!kept) return Array.from(values);
    const out = new Array<T | null>(table.rows).fill(null);
    kept.forEach((row, i) => {
      out[row] = values[i];
    });
    return out;
  };
  // One list of predictions, or one for each target of a multitask model.
  const named = predictions(model, X, offset, extra.targets);
  const columns: Record<string, Array<number | string | null>> = {};
  for (const [name, values] of Object.entries(named)) columns[name] = spread<number | string>(values);
  if (options.proba) {
    probabilities(model, X, offset).forEach((values, k) => {
      columns[`probability_${model.classes![k]}`] = spread(values);
    });
  }
  const score = scoreOf(model, Object.values(named), knownTargets());

  /** What the new data say of the targets, where they hold them. */
  function knownTargets(): ArrayLike<number | string>[] {
    if (!extra.targets) {
      const { y, classes } = design;
      return y ? [classes ? Array.from(y, (k) => (Number.isNaN(k) ? Number.NaN : classes[k])) : y] : [];
    }
    const known = extra.targets.map((name) => table.columns.find((c) => c.name === name));
    return known.every((c) => c?.type === 'number')
      ? known.map(({ values }) => (kept ? Float64Array.from(kept, (i) => values[i]) : values))
      : [];
  }
  if (options.out !== undefined) {
    writeFileAtomic(options.out, extension === 'csv' ? writeCsv(columns) : writeParquet(columns));
  }
  if (options.json) {
    const document = {
      southwell: 1,
      model: modelPath,
      data: table.name,
      rows: table.rows,
      predicted: X.rows,
      ...(score && { score }),
      notes: [...table.notes, ...design.notes],
      ...(options.out === undefined ? { columns } : { out: options.out }),
      exitCode: EXIT.done,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else if (options.out === undefined) process.stdout.write(writeCsv(columns));
  if (!options.quiet && !options.json) {
    for (const note of [...table.notes, ...design.notes]) process.stderr.write(`${printable(note)}\n`);
    if (score)
      process.stderr.write(`${score.name} ${number(score.value)} on ${count(score.rows, 'row')} with a known target\n`);
    if (options.out !== undefined) process.stderr.write(`${count(X.rows, 'prediction')} written to ${options.out}\n`);
  }
  return EXIT.done;
}

function predictions(
  model: AnyModel,
  X: Matrix,
  offset: Float64Array | undefined,
  targets: readonly string[] | undefined,
): Record<string, ArrayLike<number | string>> {
  if (model.classes) {
    const labels = model instanceof LinearModel ? model.predictClass(X, { offset }) : model.predictClass(X);
    return { prediction: labels.map((label) => (typeof label === 'number' ? label : String(label))) };
  }
  if (model instanceof LinearModel) return { prediction: model.predict(X, { offset }) };
  const all = model.predict(X);
  return Object.fromEntries(
    Array.from({ length: all.cols }, (_, t) => [`prediction_${targets?.[t] ?? t}`, all.column(t)]),
  );
}

/** Of every class, in the order of the model's. */
function probabilities(model: AnyModel, X: Matrix, offset: Float64Array | undefined): Float64Array[] {
  if (model instanceof LinearModel) {
    const second = model.predictProba(X, { offset });
    return [second.map((v) => 1 - v), second];
  }
  const all = model.predictProba(X);
  return Array.from({ length: all.cols }, (_, k) => all.column(k));
}

/** How well it did, where the new data have the targets too: accuracy, or R², of several targets the mean. */
function scoreOf(
  model: AnyModel,
  predicted: ReadonlyArray<ArrayLike<number | string>>,
  targets: ReadonlyArray<ArrayLike<number | string>>,
): { name: string; value: number; rows: number } | undefined {
  if (targets.length === 0 || (model instanceof LinearModel && model.link === 'cox')) return undefined;
  const isKnown = (i: number) => targets.every((y) => !Number.isNaN(y[i]));
  const known = Array.from({ length: targets[0].length }, (_, i) => i).filter(isKnown);
  if (known.length === 0) return undefined;
  if (model.classes) {
    const right = known.filter((i) => String(predicted[0][i]) === String(targets[0][i])).length;
    return { name: 'accuracy', value: right / known.length, rows: known.length };
  }
  const value = targets.reduce((sum, y, t) => sum + r2(known, y, predicted[t]) / targets.length, 0);
  return Number.isFinite(value) ? { name: 'R²', value, rows: known.length } : undefined;
}

/** Not finite where the target is constant. */
function r2(rows: readonly number[], y: ArrayLike<number | string>, predicted: ArrayLike<number | string>): number {
  const mean = rows.reduce((sum, i) => sum + Number(y[i]) / rows.length, 0);
  let [residual, total] = [0, 0];
  for (const i of rows) {
    residual += (Number(y[i]) - Number(predicted[i])) ** 2;
    total += (Number(y[i]) - mean) ** 2;
  }
  return total > 0 ? 1 - residual / total : Number.NaN;
}

/** `southwell predict`. */
export function addPredict(program: Command, end: (code: number) => void): void {
  program
    .command('predict')
    .description('Predict with a saved model; columns are found by name, in any order.')
    .argument('<model>', 'file that fit --save wrote')
    .argument('<data>', DATA)
    .option('--proba', 'add the probability of each class (logistic and multinomial models)')
    .option('--out <file>', 'write a .csv or .parquet file instead of CSV to the screen')
    .addOption(new Option('--format <format>', 'of DATA').argParser(oneOf('format', FORMATS)))
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no notes')
    .addHelpText(
      'after',
      example(
        'southwell predict model.json new.csv --out predictions.csv',
        'southwell predict southwell-model.json bundled:spambase --proba | head',
      ),
    )
    .action(async (model: string, data: string, options) => end(await predictCommand(model, data, options)));
}
