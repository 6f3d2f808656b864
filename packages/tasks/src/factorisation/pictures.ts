import type { View, ViewTable } from '../declaration/view.ts';

const DRAWN = 3000;

/** Rows as points: their first two scores. */
export function plane(
  title: string,
  x: ReadonlyArray<number | null>,
  y: ReadonlyArray<number | null> | undefined,
): View['pictures'] {
  const stride = Math.ceil(x.length / DRAWN);
  const points = [];
  for (let i = 0; i < x.length; i += stride) if (x[i] !== null) points.push({ x: x[i]!, y: y?.[i] ?? 0 });
  return [{ title, picture: { type: 'scatter', xLabel: 'first component', yLabel: 'second component', points } }];
}

/** Vectors with a square number of values as images, side by side: suitable if columns are pixels. */
export function tiles(title: string, vectors: ReadonlyArray<readonly number[]>): View['pictures'] {
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

/** A table of up to ten vectors, with a row for each entry. */
export const loadingTable = (
  names: readonly string[],
  vectors: ReadonlyArray<readonly number[]>,
  title = 'Loadings',
  what = 'component',
): ViewTable => ({
  title,
  columns: ['column', ...vectors.slice(0, 10).map((_, a) => `${what} ${a + 1}`)],
  rows: names.slice(0, 200).map((name, j) => [name, ...vectors.slice(0, 10).map((v) => v[j])]),
  on: 'page',
});

/** Indices of the values with the largest magnitudes, without zeros. */
export function largest(values: readonly number[], n: number): number[] {
  return Array.from(values.keys())
    .filter((j) => values[j] !== 0)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, n);
}

export const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
