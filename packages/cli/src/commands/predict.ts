import { readFileSync } from 'node:fs';
import { applyEncoding, type Encoding, readTable, writeCsv, writeFileAtomic, writeParquet } from '@southwell/data/node';
import { count, number } from '@southwell/modelling';
import { fail } from 'southwell/core';
import { type LinearModel, loadModel } from 'southwell/linear-models';
import { EXIT, UsageError } from '../errors.ts';
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
}

/** A saved model with the encoding of its data. Throws where the file is none. */
export function readModelFile(path: string): { model: LinearModel; extra: Extra } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `${code}`;
    fail('FILE', `${path} cannot be read: ${why}.`);
  }
  let loaded: ReturnType<typeof loadModel>;
  try {
    loaded = loadModel(text);
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
  if (options.proba && model.link !== 'logit') {
    throw new UsageError(`--proba needs a logistic model; this one is ${model.loss}.`);
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
  const predicted = model.classes
    ? model.predictClass(X, { offset }).map((label) => (typeof label === 'number' ? label : String(label)))
    : model.predict(X, { offset });
  const columns: Record<string, Array<number | string | null>> = { prediction: spread<number | string>(predicted) };
  if (options.proba) {
    const second = model.predictProba(X, { offset });
    const [a, b] = model.classes!;
    columns[`probability_${a}`] = spread(second.map((v) => 1 - v));
    columns[`probability_${b}`] = spread(second);
  }
  const score = scoreOf(model, predicted, design.y, design.classes);
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
      exitCode: EXIT.converged,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else if (options.out === undefined) process.stdout.write(writeCsv(columns));
  if (!options.quiet && !options.json) {
    for (const note of [...table.notes, ...design.notes]) process.stderr.write(`${printable(note)}\n`);
    if (score)
      process.stderr.write(`${score.name} ${number(score.value)} on ${count(score.rows, 'row')} with a known target\n`);
    if (options.out !== undefined) process.stderr.write(`${count(X.rows, 'prediction')} written to ${options.out}\n`);
  }
  return EXIT.converged;
}

/** How well it did, where the new data have the target too. */
function scoreOf(
  model: LinearModel,
  predicted: ArrayLike<number | string>,
  y: Float64Array | undefined,
  classes: readonly string[] | undefined,
): { name: string; value: number; rows: number } | undefined {
  if (!y || model.link === 'cox') return undefined;
  const known = Array.from(y.keys()).filter((i) => !Number.isNaN(y[i]));
  if (known.length === 0) return undefined;
  if (model.classes) {
    const right = known.filter((i) => String(predicted[i]) === (classes ? classes[y[i]] : String(y[i]))).length;
    return { name: 'accuracy', value: right / known.length, rows: known.length };
  }
  let mean = 0;
  for (const i of known) mean += y[i] / known.length;
  let residual = 0;
  let total = 0;
  for (const i of known) {
    residual += (y[i] - Number(predicted[i])) ** 2;
    total += (y[i] - mean) ** 2;
  }
  return total > 0 ? { name: 'R²', value: 1 - residual / total, rows: known.length } : undefined;
}
