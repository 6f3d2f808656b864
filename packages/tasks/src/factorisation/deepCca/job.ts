import { countParameters } from '@southwell/autodiff/nn';
import type { Design } from '@southwell/data';
import { fingerprint, Random, runAsync } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { cosineDecay } from 'southwell/optimisers';
import { type DeepCcaState, deepCcaIterates } from 'southwell/training';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count, number } from '../../format.ts';
import { hiddenOf, layersText } from '../../training/network.ts';
import { finite } from '../../training/run.ts';
import { readViews } from '../cca/readViews.ts';
import { deepVariatesText, type Scaling, scaled } from './model.ts';
import type { DeepCcaRequest } from './options.ts';
import type { DeepCcaResult } from './result.ts';

/** Default number of epochs without improvement before a run stops. */
const PATIENCE = 20;

/**
 * Reads, trains and analyses. Throws on errors in the request or the data, or when stopped before there is a result.
 */
export async function deepCcaJob(request: DeepCcaRequest, tools: TaskTools): Promise<DeepCcaResult> {
  const started = performance.now();
  const { spell, signal, progress } = tools;
  const hidden = hiddenOf(request.hidden, [64, 64], spell);
  const fittedOf = (rows: number) => partsOf(rows, request, spell).fitted;
  const { first, second, designs, kept, views } = await readViews(request, tools, fittedOf);
  const parts = partsOf(kept.length, request, spell);
  const scalings = views.map((X) => scalingOf(X, parts.fitted, request.standardize));
  checkVaries(request, designs, scalings, views, parts.fitted, spell);
  const all = views.map((X, side) => scaled(X, scalings[side]));
  const fitted = all.map((X) => rowsOf(X, parts.fitted));
  const { components, activation, ridge, epochs, learningRate: rate, seed } = request;
  const validation = parts.validation.length > 0 && all.map((X) => rowsOf(X, parts.validation));
  const batchSize = request.batchSize ?? Math.min(32, parts.fitted.length);
  const options = { components, hidden, activation, ridge, epochs, batchSize, rate, seed };
  const stage = new Stages(
    'factor deep-cca',
    fingerprint(
      { ...options, shares: [request.validation, request.holdout], patience: request.patience },
      all.map((X) => X.data),
    ),
    tools.checkpoint,
  ).stage<DeepCcaState>('epochs');
  const { resume, ...keeping } = stage;
  const method = deepCcaIterates(fitted, {
    ...options,
    schedule: cosineDecay,
    ...(validation && { validation, patience: request.patience ?? PATIENCE }),
    ...(resume && { resume }),
  });
  const { point, status, iterations } = await runAsync(method, {
    ...{ signal, timeLimit: request.timeLimit, ...keeping },
    onIterate: ({ iteration, objective, metrics = {} }) => {
      progress({
        text: `epoch ${Math.min(metrics.epoch + 1, epochs)}/${epochs}: loss ${number(objective, 3)}`,
        ...{ iteration, objective },
      });
    },
  });
  const Z = point.transform(all);
  const found = Array.from(point.eigenvalues.keys());
  const on = (rows: readonly number[]) =>
    rows.length > 1 ? [...point.correlations(all.map((X) => rowsOf(X, rows)))] : undefined;
  const networks = point.encoders.map(({ layer, parameters }) => ({
    layers: layersText(layer),
    parameters: countParameters(parameters),
  }));
  return {
    command: tools.command,
    data: first === second ? [first.name] : [first.name, second.name],
    ...{ rows: first.rows, used: kept.length },
    fitted: parts.fitted.length,
    validation: parts.validation.length,
    holdout: parts.held.length,
    featureNames: designs.map((d) => d.featureNames),
    networks,
    training: {
      epochs: point.history.loss.length,
      planned: epochs,
      best: point.epoch,
      batch: batchSize,
      rate,
      steps: iterations,
    },
    correlations: {
      fitted: on(parts.fitted)!,
      ...(parts.validation.length > 1 && { validation: on(parts.validation) }),
      ...(parts.held.length > 1 && { held: on(parts.held) }),
    },
    history: {
      loss: finite(point.history.loss),
      correlation: finite(point.history.correlation),
      ...(point.history.validation && { validation: finite(point.history.validation) }),
    },
    scores: Z.map((M) => found.map((c) => spread(first.rows, kept, M.column(c)))),
    modelText: deepVariatesText(
      tools.command,
      designs.map(({ encoding }, side) => ({ encoding, scaling: scalings[side] })),
      point,
    ),
    status,
    ...(status === 'diverged' && {
      next: 'The networks are those of the last epoch with finite values, or the initial ones: try a smaller learning rate.',
    }),
    notes: [
      ...new Set([
        ...[first, second].flatMap(({ notes }) => notes),
        ...designs.flatMap(({ notes }) => notes),
        ...(found.length < components
          ? [
              `The networks' outputs have collapsed to ${count(found.length, 'direction')} instead of the requested ${components}.`,
            ]
          : []),
      ]),
    ],
    seconds: (performance.now() - started) / 1000,
  };
}

/** Values of the rows that were kept, at their positions among all; null elsewhere. */
function spread(rows: number, kept: readonly number[], values: ArrayLike<number>): Array<number | null> {
  const out = new Array<number | null>(rows).fill(null);
  kept.forEach((row, i) => {
    out[row] = values[i];
  });
  return out;
}

interface Parts {
  readonly fitted: readonly number[];
  readonly validation: readonly number[];
  readonly held: readonly number[];
}

/** Divides the rows into training, validation and held-out rows. Throws a sentence if too few are left. */
function partsOf(rows: number, request: DeepCcaRequest, spell: TaskTools['spell']): Parts {
  const { components, holdout, validation, seed, batchSize } = request;
  const order = Array.from(new Random(seed).permutation(rows));
  const held = order.splice(0, Math.round(holdout * rows));
  const judged = order.splice(0, Math.round(validation * rows));
  const least = Math.max(2, components + 1);
  const left = `${count(order.length, 'row')} without gaps ${order.length === 1 ? 'is' : 'are'} left to fit, besides ${held.length} for ${spell('holdout')} and ${judged.length} for ${spell('validation')}`;
  if (order.length < least)
    throw new RequestError(
      `${left}: ${spell('components')} ${components} need${components === 1 ? 's' : ''} at least ${least}.`,
    );
  if (batchSize !== undefined && batchSize > order.length)
    throw new RequestError(`${spell('batchSize')} is ${batchSize}, but ${left}: take a smaller one.`);
  const ascending = (list: number[]) => list.sort((a, b) => a - b);
  return { fitted: ascending(order), validation: ascending(judged), held: ascending(held) };
}

/** Means and standard deviations of the training rows; 1 for a constant column. */
function scalingOf(X: DenseMatrix, rows: readonly number[], standardize: boolean): Scaling {
  const columns = Array.from({ length: X.cols }, (_, j) => {
    const column = X.column(j);
    const mean = rows.reduce((s, i) => s + column[i] / rows.length, 0);
    const deviation = Math.sqrt(rows.reduce((s, i) => s + (column[i] - mean) ** 2 / rows.length, 0));
    return standardize ? { mean, deviation: deviation || 1 } : { mean: 0, deviation: 1 };
  });
  return { means: columns.map(({ mean }) => mean), deviations: columns.map(({ deviation }) => deviation) };
}

/** Throws a sentence if a view is constant, or its numbers exceed single precision. */
function checkVaries(
  { x, y }: DeepCcaRequest,
  designs: ReadonlyArray<Pick<Design, 'featureNames'>>,
  scalings: readonly Scaling[],
  views: readonly DenseMatrix[],
  rows: readonly number[],
  spell: TaskTools['spell'],
): void {
  views.forEach((X, side) => {
    const asked = side === 0 ? x : y;
    const of = asked ? spell(side === 0 ? 'x' : 'y') : side === 0 ? 'the first view' : 'the second view';
    const { means, deviations } = scalings[side];
    const wrong = designs[side].featureNames.findIndex((_, j) =>
      X.column(j).some((value) => !(Math.abs((value - means[j]) / deviations[j]) < 1e15)),
    );
    if (wrong >= 0)
      throw new RequestError(
        `The numbers of ${designs[side].featureNames[wrong]} are too large, or too widely spread, for single precision: rescale the column, and remove outliers.`,
      );
    const varies = designs[side].featureNames.some((_, j) => rows.some((i) => X.get(i, j) !== X.get(rows[0], j)));
    if (!varies) throw new RequestError(`All columns of ${of} are constant: it has no correlations.`);
  });
}

function rowsOf(X: DenseMatrix, rows: readonly number[]): DenseMatrix {
  const out = DenseMatrix.create(rows.length, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) {
    const [from, to] = [X.column(j), out.column(j)];
    rows.forEach((row, i) => {
      to[i] = from[row];
    });
  }
  return out;
}
