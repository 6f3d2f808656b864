import { writeCsv } from '@southwell/data';
import {
  atomColumns,
  type CcaResult,
  type Columns,
  type CompletedMatrix,
  ccaCautions,
  codeColumns,
  completionCautions,
  componentColumns,
  count,
  type Decomposed,
  duration,
  type LearnedDictionary,
  matrixColumns,
  predictionColumns,
  scoreColumns,
  variateColumns,
  weightColumns,
} from '@southwell/tasks';
import type { View } from './view.ts';

const file = (name: string, columns: Columns) => ({
  name,
  type: 'text/csv',
  content: writeCsv(Object.fromEntries(Object.entries(columns).map(([title, values]) => [title, [...values]]))),
});

const DRAWN = 3000;

/** Rows as points: their first two scores. */
function plane(
  title: string,
  x: ReadonlyArray<number | null>,
  y: ReadonlyArray<number | null> | undefined,
): View['pictures'] {
  const stride = Math.ceil(x.length / DRAWN);
  const points = [];
  for (let i = 0; i < x.length; i += stride) if (x[i] !== null) points.push({ x: x[i]!, y: y?.[i] ?? 0 });
  return [{ title, picture: { type: 'scatter', xLabel: 'first', yLabel: 'second', points } }];
}

/** Vectors of a square number of values as images, side by side: pixels, if that is what the columns are. */
function tiles(title: string, vectors: ReadonlyArray<readonly number[]>): View['pictures'] {
  const side = Math.sqrt(vectors[0]?.length ?? 0);
  if (!Number.isInteger(side) || side < 4) return [];
  const shown = vectors.slice(0, 36);
  const across = Math.ceil(Math.sqrt(shown.length));
  const down = Math.ceil(shown.length / across);
  const [width, height] = [across * (side + 1) - 1, down * (side + 1) - 1];
  const values = new Array<number>(width * height).fill(0);
  shown.forEach((v, a) => {
    const largest = Math.max(...v.map(Math.abs)) || 1;
    const at = Math.floor(a / across) * (side + 1) * width + (a % across) * (side + 1);
    v.forEach((x, j) => {
      values[at + Math.floor(j / side) * width + (j % side)] = x / largest;
    });
  });
  return [{ title, picture: { type: 'image', width, height, values } }];
}

const loadingTable = (
  names: readonly string[],
  vectors: ReadonlyArray<readonly number[]>,
  title = 'Loadings',
  what = 'component',
) => ({
  title,
  columns: ['column', ...vectors.slice(0, 10).map((_, a) => `${what} ${a + 1}`)],
  rows: names.slice(0, 200).map((name, j) => [name, ...vectors.slice(0, 10).map((v) => v[j])]),
});

export function partsView(r: Decomposed, task: string): View {
  const explained = r.explained === undefined ? '' : `, ${(100 * r.explained).toFixed(1)} % explained`;
  return {
    headline: `${count(r.sizes.length, 'component')} of ${count(r.rows, 'row')} and ${count(r.features, 'column')}${explained}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.notes,
    pictures: [
      ...plane('Rows by their first two scores', r.scores[0], r.scores[1]),
      ...tiles('Components', r.loadings),
    ],
    tables: [
      {
        title: 'Components',
        columns: ['component', task === 'svd' ? 'singular value' : 'size', ...(r.shares ? ['share'] : [])],
        rows: r.sizes.map((size, a) => [a + 1, size, ...(r.shares ? [`${(100 * r.shares[a]).toFixed(1)} %`] : [])]),
      },
      loadingTable(r.featureNames, r.loadings),
    ],
    files: [file('scores.csv', scoreColumns(r)), file('components.csv', componentColumns(r))],
  };
}

export function dictionaryView(r: LearnedDictionary): View {
  const { supervised } = r;
  const told = supervised
    ? `, ${(100 * supervised.accuracy).toFixed(1)} % of the labels of ${supervised.target} told right`
    : '';
  return {
    headline: `${count(r.atoms.length, 'atom')}, ${r.activeCodes.toFixed(1)} of them a row, ${(100 * (1 - r.reconstructionError)).toFixed(1)} % rebuilt${told}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.notes,
    pictures: tiles('Atoms', r.atoms),
    tables: [
      ...(supervised
        ? [
            {
              title: 'What atoms and covariates say of the labels',
              columns: ['of', ...supervised.classes.slice(1).map(String)],
              rows: [
                ...['(intercept)', ...supervised.covariates].map((name, z) => [
                  name,
                  ...supervised.auxiliary.map((of) => of[z]),
                ]),
                ...r.atoms.map((_, k) => [`atom ${k + 1}`, ...supervised.coefficients.map((of) => of[k])]),
              ],
            },
          ]
        : []),
      loadingTable(r.featureNames, r.atoms, 'Atoms', 'atom'),
    ],
    files: [file('codes.csv', codeColumns(r)), file('dictionary.csv', atomColumns(r))],
  };
}

export function ccaView(r: CcaResult, ridge: number): View {
  return {
    headline: `${count(r.correlations.length, 'pair')} of ${count(r.used, 'row')}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: [...r.notes, ...ccaCautions(r)],
    pictures: plane('Rows by the first pair', r.scores[0][0], r.scores[1][0]),
    tables: [
      {
        title: 'Canonical correlations',
        columns: ['pair', 'correlation', ...(ridge > 0 ? [ridge === 1 ? 'covariance' : 'eigenvalue'] : [])],
        rows: r.correlations.map((rho, c) => [c + 1, rho, ...(ridge > 0 ? [r.eigenvalues[c]] : [])]),
      },
      ...r.weights.map((w, v) =>
        loadingTable(r.featureNames[v], w, v === 0 ? 'First columns' : 'Second columns', 'pair'),
      ),
    ],
    files: [file('scores.csv', variateColumns(r)), file('weights.csv', weightColumns(r))],
  };
}

const LARGEST_IMAGE = 400;

export function completedView(r: CompletedMatrix): View {
  const { rows, cols, predictions: p, filled } = r;
  const held = r.heldOut
    ? `; error on ${r.heldOut.entries} entries kept back ${r.heldOut.error.toPrecision(4)}, of their mean ${r.heldOut.mean.toPrecision(4)}`
    : '';
  const image = filled && rows <= LARGEST_IMAGE && cols <= LARGEST_IMAGE;
  return {
    headline: `${rows} × ${cols}, ${r.observed.toLocaleString('en')} entries known, rank ${r.rank}${held}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: [...r.data.notes, ...completionCautions(r)],
    pictures: image
      ? [{ title: 'The completed matrix', picture: { type: 'image', width: cols, height: rows, values: [...filled] } }]
      : [],
    tables: [
      {
        title: filled ? 'What was missing' : 'Largest of each row',
        columns: [r.titles.row, r.titles.col, r.titles.value],
        rows: Array.from({ length: Math.min(200, p.value.length) }, (_, e) => [
          r.names.rows[p.row[e]],
          r.names.cols[p.col[e]],
          p.value[e],
        ]),
      },
    ],
    files: [file('completed.csv', filled ? matrixColumns(r, filled) : predictionColumns(r))],
  };
}
