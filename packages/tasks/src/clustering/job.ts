import { asWritten, designMatrix, type Encoding, type Table } from '@southwell/data';
import { fail, fingerprint, inOnePlace, run, type SplitRows } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { principalComponentIterates, project, type RestartState } from 'southwell/clustering';
import { Stages } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { grouped } from '../format.ts';
import { scaleNotes } from '../scales.ts';
import { rowPrints } from '../spread/rowPrints.ts';
import { rowsOf } from '../spread/splitRows.ts';
import { unitVariance } from '../stats.ts';
import { type Found, linked, type Method, methods } from './methods.ts';
import { savedText } from './model.ts';
import type { ClusterRequest } from './options.ts';
import type { ClusterResult } from './result.ts';

/**
 * Reads, clusters and names the clusters. Throws if the request or the data are invalid, or when stopped before there
 * is a result.
 */
export async function clusterJob(request: ClusterRequest, tools: TaskTools): Promise<ClusterResult> {
  const started = performance.now();
  const table = await tools.read();
  const signal = tools.ranks?.signal ?? tools.signal;
  const split = rowsOf(tools.ranks, table);
  const { labels: column, features } = request;
  const known = column === undefined ? undefined : labelsOf(table, column);
  const design = designMatrix(table, {
    spell: tools.spell,
    features,
    drop: [...(request.drop ?? []), ...(column !== undefined && !features ? [column] : [])],
    missing: request.missing,
    sparse: false,
    rows: split,
  });
  signal.throwIfAborted();
  const X = design.X.kind === 'dense' ? design.X : design.X.toDense();
  const { spread: rows } = design;
  const at = (i: number) => (design.rows ? design.rows[i] : i);
  const k = request.k ?? known?.names.length ?? 1;
  if (known && known.names.length > k) {
    const { spell } = tools;
    throw new RequestError(
      `${spell('labels')} ${column} has ${known.names.length} labels, more than the ${k} clusters of ${spell('k')}.`,
    );
  }
  const notes = [...table.notes, ...design.notes, ...checkRows(X, k, request, tools, rows)];
  if (!request.standardize && !(methods[request.method] as Method).scaleFree)
    notes.push(...scaleNotes(X, rows, design.featureNames, 'distances', tools.spell));
  const labels = known && Int32Array.from({ length: X.rows }, (_, i) => known.codes[at(i)]);
  const scaled = request.standardize ? DenseMatrix.fromColumnMajor(X.data, X.rows, X.cols) : X;
  const deviations = request.standardize ? unitVariance(scaled, rows).map((sd) => sd || 1) : undefined;
  const { data: _, format: __, ...shape } = request;
  const { seed, restarts } = request;
  const stage =
    tools.checkpoint &&
    new Stages(
      'cluster',
      rows.spread
        ? fingerprint(...rowPrints(scaled, rows, [labels]), { ...shape, k })
        : fingerprint(scaled.data, { ...shape, k, labels }),
      tools.checkpoint,
    ).stage<RestartState>('starts');
  const found: Found = methods[request.method].cluster({
    ...request,
    X: scaled,
    k,
    labels,
    tools,
    rows,
    watched: {
      ...{ seed, restarts, signal, ...stage },
      onIterate: ({ iteration, objective }) =>
        tools.progress({ text: `iteration ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
    },
  });
  const names = Array.from({ length: k }, (_, c) => known?.names[c] ?? (known ? `cluster ${c + 1}` : c));
  /** For all rows of the table; NaN where a row was left out. */
  const ofAll = (value: (i: number) => number): Float64Array => {
    const own = new Float64Array(table.rows).fill(Number.NaN);
    for (let i = 0; i < X.rows; i++) own[at(i)] = value(i);
    return split.gather(own);
  };
  const { assignments, soft } = found;
  const clusters = ofAll((i) => assignments[i]);
  const sizes = new Array<number>(k).fill(0);
  for (const c of clusters) if (!Number.isNaN(c)) sizes[c]++;
  const orNull = <T>(values: Float64Array, of: (v: number) => T) =>
    Array.from(values, (v) => (Number.isNaN(v) ? null : of(v)));
  return {
    command: tools.command,
    method: request.method,
    data: table.name,
    rows: clusters.length,
    features: X.cols,
    k,
    clusters: orNull(clusters, (c) => names[c]),
    probabilities:
      soft &&
      orNull(
        ofAll((i) => soft.get(i, assignments[i])),
        (share) => share,
      ),
    names,
    sizes,
    featureNames: design.featureNames,
    ...prototypesOf(found, names, design.encoding, deviations, request.method),
    ...(tools.pictures && { plane: planeOf(scaled, assignments, rows) }),
    objective: found.objective,
    bic: found.bic,
    iterations: found.iterations,
    status: found.status,
    notes,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Prototypes in the units of the data, and the model, whose prototypes are in those of the method. */
function prototypesOf(
  { prototypes, mixture }: Found,
  names: ReadonlyArray<string | number>,
  encoding: Encoding,
  deviations: Float64Array | undefined,
  method: string,
): Pick<ClusterResult, 'prototypes' | 'separating' | 'modelText'> {
  if (!prototypes) return {};
  const rows = names.map((_, c) => Array.from({ length: prototypes.cols }, (__, j) => prototypes.get(c, j)));
  return {
    modelText: savedText({
      ...{ method, names: [...names], encoding, mixture, prototypes: rows },
      ...(deviations && { deviations: [...deviations] }),
    }),
    separating: bySpread(rows),
    prototypes: rows.map((row) => row.map((v, j) => v * (deviations ? deviations[j] : 1))),
  };
}

/** The columns of points, from that with the largest range to that with the smallest. */
function bySpread(points: ReadonlyArray<readonly number[]>): number[] {
  const ranges = points[0].map((_, j) => {
    const values = points.map((point) => point[j]);
    return Math.max(...values) - Math.min(...values);
  });
  return ranges.map((_, j) => j).sort((a, b) => ranges[b] - ranges[a]);
}

/** Throws if there are too few rows; adds a note if too few of them are distinct. */
function checkRows(
  X: DenseMatrix,
  k: number,
  { method, neighbours }: ClusterRequest,
  { spell }: TaskTools,
  split: SplitRows,
): string[] {
  const { all } = split;
  const rows = all === 1 ? 'is 1 row' : `are ${grouped(all)} rows`;
  if (k > all) throw new RequestError(`${spell('k')} is ${k}, but there ${rows} to cluster.`);
  if (X.rows === 1 && linked.includes(method)) {
    throw new RequestError(
      `${spell('method')} ${method} links each row to its neighbours: it needs at least two rows, but there is 1.`,
    );
  }
  if (neighbours !== undefined && neighbours >= X.rows) {
    throw new RequestError(
      `${spell('neighbours')} is ${neighbours}, but there ${rows}: a row has ${X.rows - 1} to choose from.`,
    );
  }
  const own = new Set<string>();
  for (let i = 0; i < X.rows && own.size < k; i++) {
    own.add(Array.from({ length: X.cols }, (_, j) => X.get(i, j)).join());
  }
  const seen = new Set(split.tell([...own]).flat());
  if (seen.size >= k) return [];
  const distinct = seen.size === 1 ? 'All rows are the same' : `Only ${seen.size} rows are distinct`;
  return [`${distinct}, fewer than the ${k} clusters: some clusters stay empty or split equal rows.`];
}

const DRAWN = 3000;
/** Number of columns above which covariance matrices take longer than the clustering. */
const WIDE = 1000;

/** With rows distributed over ranks, the components are those of a sample. */
function planeOf(X: DenseMatrix, assignments: Int32Array, split: SplitRows): ClusterResult['plane'] {
  if (X.cols > WIDE) return undefined;
  if (split.spread) {
    const stride = Math.ceil(split.all / DRAWN);
    const list: number[] = [];
    for (let i = (stride - (split.first % stride)) % stride; i < X.rows; i += stride) list.push(i);
    const own = list.flatMap((i) => [...Array.from({ length: X.cols }, (_, j) => X.get(i, j)), assignments[i]]);
    const drawn = split.gather(Float64Array.from(own));
    const [width, count] = [X.cols + 1, drawn.length / (X.cols + 1)];
    const values = DenseMatrix.create(count, X.cols);
    for (let i = 0; i < count; i++) for (let j = 0; j < X.cols; j++) values.set(i, j, drawn[i * width + j]);
    return planeOf(
      values,
      Int32Array.from({ length: count }, (_, i) => drawn[i * width + X.cols]),
      inOnePlace(count),
    );
  }
  const places = project(X, run(principalComponentIterates(X, Math.min(2, X.cols))).point!);
  const stride = Math.ceil(X.rows / DRAWN);
  return Array.from({ length: Math.ceil(X.rows / stride) }, (_, i) => ({
    x: places.get(i * stride, 0),
    y: places.cols > 1 ? places.get(i * stride, 1) : 0,
    cluster: assignments[i * stride],
  }));
}

/** The labels of a column in order, and the index of each row's label, −1 where it has none. */
function labelsOf(table: Table, name: string): { names: ReadonlyArray<string | number>; codes: Int32Array } {
  const given = table.columns.find((c) => c.name === name);
  if (!given) fail('INVALID_PARAMETER', `${table.name} has no column '${name}' of labels.`);
  const column = asWritten(given);
  if (column.type !== 'number') {
    const used = column.levels.filter((_, code) => column.codes.includes(code));
    return { names: used, codes: column.codes.map((code) => (code < 0 ? -1 : used.indexOf(column.levels[code]))) };
  }
  const names = [...new Set(column.values)].filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  const index = new Map(names.map((v, c) => [v, c]));
  return { names, codes: Int32Array.from(column.values, (v) => index.get(v) ?? -1) };
}
