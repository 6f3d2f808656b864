import { fingerprint } from '@southwell/numerics/core';
import { normalQuantile } from '@southwell/numerics/special';
import { type FitState, type FunctionalTuckerModel, functionalTucker } from 'southwell/functional-tensors';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { spread } from '../../saved-model.ts';
import { beyond, predicted, savedText } from './model.ts';
import type { FunctionalRequest } from './options.ts';
import type { FunctionalResult } from './result.ts';
import { rowsOf } from './rows.ts';

/** Points at which each function is drawn and written. */
const POINTS = 101;

/** Reads, fits and predicts. Throws on errors in the request or the data. */
export async function functionalJob(request: FunctionalRequest, tools: TaskTools): Promise<FunctionalResult> {
  const started = performance.now();
  const table = await tools.read();
  const rows = rowsOf(table, request, tools);
  const { axes, target, rank, form, kernel, lengthscale, centre, level, holdout, sweeps, starts, timeLimit, seed } =
    request;
  if (lengthscale && lengthscale.length !== 1 && lengthscale.length !== axes.length) {
    throw new RequestError(
      `${tools.spell('lengthscale')} must be one number, or one for each of ${axes.join(', ')}, not ${lengthscale.length} numbers.`,
    );
  }
  const fitted = Array.from(rows.values.keys()).filter((n) => !Number.isNaN(rows.values[n]));
  const indices = fitted.map((n) => rows.indices[n]);
  const values = Float64Array.from(fitted, (n) => rows.values[n]);
  const noise = rows.noise && Float64Array.from(fitted, (n) => rows.noise![n]);
  const shaping = { axes, rank, form, kernel, lengthscale, centre, holdout, sweeps, starts, seed, ranges: rows.ranges };
  const print = tools.checkpoint ? fingerprint(Float64Array.from(indices.flat()), values, noise, shaping) : '';
  const stage = new Stages('factor functional', print, tools.checkpoint).stage<FitState>('fit');
  const model = await functionalTucker({
    ...{ rank, form, kernel, sweeps, restarts: starts, calibrate: holdout, timeLimit, seed, ranges: rows.ranges },
    ...(lengthscale && { lengthscales: lengthscale.length === 1 ? lengthscale[0] : lengthscale }),
    ...(centre !== 'auto' && { centre: centre === 'yes' }),
    ...stage,
    signal: tools.signal,
    onStage: ({ title, fit, of }) =>
      tools.progress({ text: `${title}: fit ${fit + 1} of ${of}`, done: fit, total: of }),
    onIterate: ({ iteration, objective, metrics }) =>
      tools.progress({
        text: `start ${metrics?.start ?? 1}, sweep ${iteration}: noise ${(metrics?.noise ?? 0).toPrecision(4)}`,
        ...{ iteration, objective },
      }),
  }).fitAsync(indices, values, noise && { noise });
  const { solution, tried } = model.fitting!;
  const found = predicted(model, rows.indices, level);
  const all = (list: Float64Array) => spread(list, table.rows, rows.kept);
  const heldOut = new Set(model.fitting!.heldOut?.entries);
  const learned = fitted.filter((_, k) => !heldOut.has(k));
  const off = learned.map((n) => rows.values[n] - found.prediction[n]);
  const mean = learned.reduce((sum, n) => sum + rows.values[n], 0) / learned.length;
  // Rows that were held out may lie beyond those that were fitted, and are part of the prediction error.
  const outside = beyond(
    model,
    rows.indices.filter((_, n) => Number.isNaN(rows.values[n])),
  );
  return {
    command: tools.command,
    data: {
      name: table.name,
      rows: fitted.length,
      notes: [
        ...table.notes,
        ...rows.notes,
        ...(fitted.length < rows.kept.length
          ? [`${count(rows.kept.length - fitted.length, 'row')} without ${target}: predicted, not fitted.`]
          : []),
        ...(outside > 0
          ? [`${count(outside, 'row')} beyond the range of the fit: predictions become less certain there.`]
          : []),
        ...constants(model, axes, target),
      ],
    },
    ...{ target, form, rank, kernel },
    axes: model.parts.axes.map(({ low, high, lengthscale: own, places }, k) => ({
      ...{ name: axes[k], low, high, lengthscale: own, places: places.length },
    })),
    centred: model.parts.mean !== 0,
    tried,
    noise: 1 / Math.sqrt(model.noisePrecision),
    trainError: rootMean(off),
    deviation: rootMean(learned.map((n) => rows.values[n] - mean)),
    heldOut: heldOutOf(model, level),
    level,
    width: model.deviations(level),
    predictions: { prediction: all(found.prediction), sd: all(found.sd), low: all(found.low), high: all(found.high) },
    curves: curvesOf(model, axes),
    modelText: savedText(model.parts, axes, target, level),
    status: solution.status,
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

const rootMean = (list: readonly number[]): number => Math.sqrt(list.reduce((sum, e) => sum + e * e, 0) / list.length);

/** Prediction errors on held-out entries. */
function heldOutOf({ parts, fitting }: FunctionalTuckerModel, level: number): FunctionalResult['heldOut'] {
  const { scores } = parts;
  const errors = fitting?.heldOut;
  if (!errors) return undefined;
  const usual = normalQuantile((1 + level) / 2);
  return {
    entries: scores.length,
    error: errors.error,
    mean: errors.mean,
    covered: scores.filter((score) => score <= usual).length / scores.length,
  };
}

function curvesOf(model: FunctionalTuckerModel, axes: readonly string[]): FunctionalResult['curves'] {
  const out = {
    axis: [] as string[],
    function: [] as number[],
    index: [] as number[],
    mean: [] as number[],
    sd: [] as number[],
  };
  model.parts.axes.forEach(({ low, high }, k) => {
    const grid = Array.from({ length: low < high ? POINTS : 1 }, (_, i) => low + ((high - low) * i) / (POINTS - 1));
    const { mean, sd } = model.latent(k, grid);
    mean.forEach((values, r) => {
      grid.forEach((index, i) => {
        out.axis.push(axes[k]);
        out.function.push(r + 1);
        out.index.push(index);
        out.mean.push(values[i]);
        out.sd.push(sd[r][i]);
      });
    });
  });
  return out;
}

/** Notes on constant axes and targets. */
function constants({ parts }: FunctionalTuckerModel, axes: readonly string[], target: string): string[] {
  const same = axes.filter((_, k) => parts.axes[k].places.length === 1);
  return [
    ...(parts.scale === 0 ? [`All values of ${target} are equal: they are predicted everywhere.`] : []),
    ...(same.length > 0 ? [`Constant: ${same.join(', ')}.`] : []),
  ];
}
