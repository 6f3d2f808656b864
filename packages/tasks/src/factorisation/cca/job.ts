import type { Design } from '@southwell/data';
import { fingerprint, inOnePlace, run, type Status } from '@southwell/numerics/core';
import type { DenseMatrix } from 'southwell';
import {
  type CanonicalVariates,
  ccaExactIterates,
  StochasticCca,
  type StochasticCcaState,
  type ViewStructure,
} from 'southwell/factorisation';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count, grouped } from '../../format.ts';
import { unitVariance } from '../../stats.ts';
import { columnsOf } from '../columns.ts';
import { EigenResidual } from './eigenResidual.ts';
import { savedText } from './model.ts';
import type { CcaRequest } from './options.ts';
import { readViews } from './readViews.ts';
import type { CcaResult } from './result.ts';
import { ccaStreamJob } from './stream.ts';

/** Reads and analyses. Throws on errors in the request or the data, or when stopped before there is a result. */
export async function ccaJob(request: CcaRequest, tools: TaskTools): Promise<CcaResult> {
  if (request.stream) return ccaStreamJob(request, tools);
  const started = performance.now();
  const { first, second, designs, kept, views } = await readViews(request, tools);
  const scales = views.map((X) =>
    request.standardize ? unitVariance(X, inOnePlace(X.rows)).map((sd) => sd || 1) : new Float64Array(X.cols).fill(1),
  );
  checkViews(request, designs, views, tools);
  const { found, ...ending } = correlate(request, views, tools);
  const Z = found.transform(views);
  const check = request.method === 'stochastic' ? new EigenResidual(found.weights, request.ridge) : undefined;
  check?.add(kept.length, (v, i, j) => views[v].get(i, j) - found.means[v][j], Z);
  const k = request.components;
  const components = Array.from({ length: k }, (_, c) => c);
  return {
    ...{ command: tools.command, method: request.method, ridge: request.ridge },
    data: first === second ? [first.name] : [first.name, second.name],
    rows: first.rows,
    used: kept.length,
    featureNames: designs.map((d) => d.featureNames),
    eigenvalues: [...found.eigenvalues],
    correlations: [...found.correlations(views)],
    weights: found.weights.map((W, v) => components.map((c) => Array.from(W.column(c), (w, j) => w / scales[v][j]))),
    scores: Z.map((M) =>
      components.map((c) => {
        const out = new Array<number | null>(first.rows).fill(null);
        kept.forEach((row, i) => {
          out[row] = M.get(i, c);
        });
        return out;
      }),
    ),
    modelText: savedText(
      designs.map(({ encoding }, v) => ({
        ...{ encoding, means: [...found.means[v]], weights: columnsOf(found.weights[v]) },
        ...(request.standardize && { deviations: [...scales[v]] }),
      })),
    ),
    structures: found.structures?.map(
      (structure, v) => structure && namedStructure(structure, designs[v].featureNames),
    ),
    ...ending,
    residual: check?.largest(),
    notes: [...new Set([...first.notes, ...second.notes, ...designs.flatMap((d) => d.notes)])],
    seconds: (performance.now() - started) / 1000,
  };
}

/** Throws a sentence if there are too few rows or columns for the requested components. */
function checkViews(
  { components, ridge, x, y }: CcaRequest,
  designs: ReadonlyArray<Pick<Design, 'featureNames'>>,
  views: readonly DenseMatrix[],
  { spell }: TaskTools,
): void {
  const { rows } = views[0];
  if (rows < 2)
    throw new RequestError('Correlations need at least two rows without missing values, but there is only one.');
  // With a ridge the magnitude of covariances matters; correlations tolerate larger values.
  const large = ridge > 0 ? 1e75 : 1e151;
  const wrong = views
    .flatMap((X) => X.data.reduce((m, value) => Math.max(m, Math.abs(value)), 0))
    .find((size) => size > large || (size > 0 && size < 1 / large));
  if (wrong !== undefined) {
    throw new RequestError(
      `The largest value of a view is ${wrong.toExponential(0)}, whose square overflows. ${spell('standardize', true)} scales columns.`,
    );
  }
  views.forEach((X, v) => {
    const asked = v === 0 ? x : y;
    const of = asked ? spell(v === 0 ? 'x' : 'y') : v === 0 ? 'the first view' : 'the second view';
    const varies = designs[v].featureNames.filter((_, j) => X.column(j).some((value) => value !== X.get(0, j)));
    if (varies.length === 0) throw new RequestError(`All columns of ${of} are constant: it has no correlations.`);
    if (components > Math.min(varies.length, rows - 1) && ridge < 1) {
      const most = Math.min(varies.length, rows - 1);
      throw new RequestError(
        `${spell('components')} is ${components}, but ${of} has ${varies.length === 1 ? '1 column that varies' : `${varies.length} columns that vary`}, in ${count(rows, 'row')}: at most ${most}.`,
      );
    }
  });
}

/** A structure with the names of its columns. */
function namedStructure(
  { independent, constant, dependent, condition }: ViewStructure,
  names: readonly string[],
): NonNullable<NonNullable<CcaResult['structures']>[number]> {
  return {
    rank: independent.length,
    condition,
    constant: constant.map((j) => names[j]),
    dependent: dependent.map(({ column, on, constant: term }) => ({
      column: names[column],
      on: on.map(({ column: other, coefficient }) => ({ column: names[other], coefficient })),
      constant: term,
    })),
  };
}

interface Correlated {
  readonly found: CanonicalVariates;
  readonly status: Status;
  readonly steps?: number;
  readonly halvings?: number;
}

function correlate(
  request: CcaRequest,
  views: readonly DenseMatrix[],
  { signal, progress, checkpoint }: TaskTools,
): Correlated {
  const { components, ridge, method, batchSize, epochs = 10, learningRate, seed } = request;
  if (method === 'exact') {
    const { point, status } = run(ccaExactIterates(views, { components, ridge }), {
      signal,
      onIterate: () => progress({ text: 'solving' }),
    });
    if (!point) throw signal.reason;
    return { found: point, status };
  }
  const options = { components, ridge, batchSize, epochs, learningRate, seed };
  const problem = fingerprint(
    options,
    views.map((X) => X.data),
  );
  const model = new StochasticCca(options);
  const { point, status } = model.fit(views, {
    signal,
    ...new Stages('factor cca', problem, checkpoint).stage<StochasticCcaState>('passes'),
    onIterate: ({ iteration }) => progress({ text: `step ${grouped(model.steps)}`, iteration }),
  });
  return { found: point, status, steps: model.steps, halvings: model.halvings };
}
