import { writeCsv } from '@southwell/data';
import {
  type CcaResult,
  type CompletedMatrix,
  count,
  type Decomposed,
  duration,
  type LearnedDictionary,
} from '@southwell/modelling';
import type { View } from './view.ts';

const file = (name: string, columns: Readonly<Record<string, ReadonlyArray<string | number | null>>>) => ({
  name,
  type: 'text/csv',
  content: writeCsv(Object.fromEntries(Object.entries(columns).map(([title, values]) => [title, [...values]]))),
});
const numbered = <T>(vectors: readonly T[]): Record<string, T> =>
  Object.fromEntries(vectors.map((v, a) => [`component_${a + 1}`, v]));

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

const loadingTable = (names: readonly string[], vectors: ReadonlyArray<readonly number[]>, title = 'Loadings') => ({
  title,
  columns: ['column', ...vectors.slice(0, 10).map((_, a) => `component ${a + 1}`)],
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
    files: [
      file('scores.csv', numbered(r.scores)),
      file('components.csv', { feature: r.featureNames, ...numbered(r.loadings) }),
    ],
  };
}

export function dictionaryView(r: LearnedDictionary): View {
  const codes = r.atoms.map((_, k) => r.codes.map((row) => row?.[k] ?? null));
  return {
    headline: `${count(r.atoms.length, 'atom')}, ${r.activeCodes.toFixed(1)} of them a row, ${(100 * (1 - r.reconstructionError)).toFixed(1)} % rebuilt, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.notes,
    pictures: tiles('Atoms', r.atoms),
    tables: [loadingTable(r.featureNames, r.atoms, 'Atoms')],
    files: [
      file('codes.csv', numbered(codes)),
      file('components.csv', { feature: r.featureNames, ...numbered(r.atoms) }),
    ],
  };
}

export function ccaView(r: CcaResult): View {
  return {
    headline: `${count(r.correlations.length, 'pair')} of ${count(r.used, 'row')}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.notes,
    pictures: plane('Rows by the first pair', r.scores[0][0], r.scores[1][0]),
    tables: [
      {
        title: 'Canonical correlations',
        columns: ['pair', 'correlation'],
        rows: r.correlations.map((rho, c) => [c + 1, rho]),
      },
      ...r.weights.map((w, v) => loadingTable(r.featureNames[v], w, v === 0 ? 'First columns' : 'Second columns')),
    ],
    files: [
      file(
        'scores.csv',
        Object.fromEntries(r.scores.flatMap((s, v) => s.map((z, c) => [`${v === 0 ? 'x' : 'y'}_${c + 1}`, z]))),
      ),
    ],
  };
}

const LARGEST_IMAGE = 400;

export function completedView(r: CompletedMatrix): View {
  const { rows, cols, predictions: p, filled } = r;
  const name = (list: CompletedMatrix['names']['rows'], at: Int32Array) => Array.from(at, (i) => list[i]);
  const held = r.heldOut
    ? `; error on ${r.heldOut.entries} entries kept back ${r.heldOut.error.toPrecision(4)}, of their mean ${r.heldOut.mean.toPrecision(4)}`
    : '';
  const listed = {
    [r.titles.row]: name(r.names.rows, p.row),
    [r.titles.col]: name(r.names.cols, p.col),
    [r.titles.value]: Array.from(p.value, (v) => (Number.isNaN(v) ? null : v)),
  };
  const matrix = filled && {
    ...(r.titles.row !== 'row' && { [r.titles.row]: [...r.names.rows] }),
    ...Object.fromEntries(
      r.names.cols.map((title, j) => [String(title), Array.from({ length: rows }, (_, i) => filled[i * cols + j])]),
    ),
  };
  const image = filled && rows <= LARGEST_IMAGE && cols <= LARGEST_IMAGE;
  return {
    headline: `${rows} × ${cols}, ${r.observed.toLocaleString('en')} entries known, rank ${r.rank}${held}, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.data.notes,
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
    files: [file('completed.csv', matrix ?? listed)],
  };
}
