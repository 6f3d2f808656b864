import { clipped, type Plane, type PlaneRow } from '@southwell/charts';
import type { Instance } from './instance.ts';

/** A program in the plane of two variables, with the others held at a point; rows are those that cut the picture. */
export interface Slice extends Plane {
  /** Rows that no point of the picture satisfies. */
  readonly unmet: readonly string[];
}
type Range = readonly [number, number];

/** Points of the grid along a side, and milliseconds for all of them. */
const [FINEST, COARSEST, PATIENCE] = [72, 14, 500];
/** Cells of the grid beyond what is shown, so that contours do not close within it. */
const BEYOND = 2;

const finite = (v: number): number | null => (Number.isFinite(v) ? v : null);

/**
 * The program in the plane of two variables. Rows that are linear are exact, others evaluated on a grid.
 * @param at The values of all variables.
 * @param near Points in the plane that the picture should show.
 */
export function sliceOf(
  instance: Instance,
  [i, j]: readonly [number, number],
  at: Float64Array,
  near: ReadonlyArray<Range> = [],
): Slice {
  const { program, sense } = instance;
  const { names, lower, upper } = program;
  const lines = linesOf(instance, [i, j], at, valuesAt(program, at));
  const { x: across, y: upwards } = windowOf(instance, [i, j], at, lines, near);
  const seen = { x: across, y: upwards };
  const grid = gridOf(instance, [i, j], at, seen, new Set(lines.map(({ row }) => row)));
  const sign = sense === 'maximize' ? -1 : 1;
  const all = [...lines, ...grid.rows].map((known) => sided(instance, known, seen));
  return {
    ...{ names: [names[i], names[j]], ...seen, point: [at[i], at[j]] },
    grid: grid.of,
    objective: grid.objective.map((v) => sign * v),
    bounds: [
      [finite(lower[i]), finite(upper[i])],
      [finite(lower[j]), finite(upper[j])],
    ],
    rows: all.filter(({ cuts }) => cuts === 'some').map(({ row }) => row),
    unmet: [...all.filter(({ cuts }) => cuts === 'all').map(({ row }) => row.name), ...heldRows(instance, [i, j], at)],
  };
}

type Known = { readonly row: number } & Pick<PlaneRow, 'line' | 'values'>;

/** The rows with either of two variables, those of them that are linear, with their coefficients in the plane. */
function linesOf(
  { model }: Instance,
  [i, j]: readonly [number, number],
  at: Float64Array,
  there: Float64Array,
): Known[] {
  if (!model) return [];
  const curved = new Set(model.nonlinear?.rows ?? []);
  const { colPointers, rowIndices, values } = model.rows.linear;
  const coefficients = new Map<number, [number, number]>();
  for (const [place, column] of [i, j].entries()) {
    for (let k = colPointers[column]; k < colPointers[column + 1]; k++) {
      if (curved.has(rowIndices[k]) || values[k] === 0) continue;
      const pair = coefficients.get(rowIndices[k]) ?? [0, 0];
      pair[place] += values[k];
      coefficients.set(rowIndices[k], pair);
    }
  }
  return Array.from(coefficients, ([row, [a, b]]) => ({ row, line: [a, b, there[row] - a * at[i] - b * at[j]] }));
}

function valuesAt({ functions, rowNames }: Instance['program'], x: Float64Array): Float64Array {
  const values = new Float64Array(rowNames.length);
  functions.constraintValues(x, values);
  return values;
}

/** Rows that depend on either of two variables. */
function rowsWith({ program: { functions } }: Instance, columns: readonly number[]): Set<number> {
  const { colPointers, rowIndices } = functions.jacobian;
  return new Set(columns.flatMap((j) => Array.from(rowIndices.subarray(colPointers[j], colPointers[j + 1]))));
}

/** Rows without either of the two variables that do not hold at the point. */
function heldRows(instance: Instance, pair: readonly [number, number], at: Float64Array): string[] {
  const { program } = instance;
  const { rowNames, rowLower, rowUpper } = program;
  const moving = rowsWith(instance, pair);
  const values = valuesAt(program, at);
  const off = (v: number, k: number) => {
    const allowed = 1e-6 * Math.max(1, Math.abs(v));
    return v < rowLower[k] - allowed || v > rowUpper[k] + allowed;
  };
  return rowNames.filter((_, k) => !moving.has(k) && off(values[k], k));
}

/** A row with its sides, and how much of the picture it excludes. */
function sided(
  { program }: Instance,
  { row, line, values }: Known,
  { x, y }: { readonly x: Range; readonly y: Range },
) {
  const { rowNames, rowLower, rowUpper } = program;
  const [lower, upper] = [rowLower[row], rowUpper[row]];
  const there = line
    ? x.flatMap((u) => y.map((v) => line[0] * u + line[1] * v + line[2]))
    : values!.filter(Number.isFinite);
  const [least, most] = there.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const cuts = most < lower || least > upper ? 'all' : least >= lower && most <= upper ? 'none' : 'some';
  const shown: PlaneRow = {
    ...{ name: rowNames[row], lower: finite(lower), upper: finite(upper) },
    ...(line ? { line } : { values }),
  };
  return { row: shown, cuts };
}

/**
 * What is shown: the feasible set where linear rows and bounds enclose it, the points near, and a margin; and the share of
 * the picture that is feasible.
 */
function windowOf(
  { program }: Instance,
  [i, j]: readonly [number, number],
  at: Float64Array,
  lines: readonly Known[],
  near: ReadonlyArray<Range>,
): { readonly x: Range; readonly y: Range; readonly share: number } {
  const points = [[at[i], at[j]] as const, ...near];
  const spread = (place: 0 | 1): Range => {
    const values = points.map((p) => p[place]).filter(Number.isFinite);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(most - least, 0.5 * Math.abs(at[place === 0 ? i : j]), 1);
    return [least - 1.5 * room, most + 1.5 * room];
  };
  const [px, py] = [spread(0), spread(1)];
  // Far out: what reaches it has no end.
  const far = (range: Range): Range => [range[0] - 6 * (range[1] - range[0]), range[1] + 6 * (range[1] - range[0])];
  const { lower, upper, rowLower, rowUpper } = program;
  const within = ([from, to]: Range, k: number): Range => [Math.max(from, lower[k]), Math.min(to, upper[k])];
  const [fx, fy] = [within(far(px), i), within(far(py), j)];
  let set: Array<Range> = [
    [fx[0], fy[0]],
    [fx[1], fy[0]],
    [fx[1], fy[1]],
    [fx[0], fy[1]],
  ];
  for (const { row, line } of lines) {
    const [a, b, c] = line!;
    const [low, high] = [rowLower[row], rowUpper[row]];
    if (low === high) continue;
    if (Number.isFinite(high)) set = clipped(set, [-a, -b, high - c]);
    if (Number.isFinite(low)) set = clipped(set, [a, b, c - low]);
  }
  const shown = (place: 0 | 1, open: Range, end: Range): Range => {
    const mine = within(open, place === 0 ? i : j);
    const values = set.map((p) => p[place]);
    const ended = (v: number, k: 0 | 1) => (Math.abs(v - end[k]) > 1e-9 * Math.abs(end[k]) ? v : mine[k]);
    // An empty set, or one without width, has no size of its own.
    const wide = values.length > 2 && Math.max(...values) - Math.min(...values) > FLAT * (mine[1] - mine[0]);
    const from = wide ? ended(Math.min(...values), 0) : mine[0];
    const to = wide ? ended(Math.max(...values), 1) : mine[1];
    // Where the set has an end on both sides, iterates on the way to it may be left out.
    const whole = from !== mine[0] && to !== mine[1];
    const there = (whole ? points.slice(0, 1) : points).map((p) => p[place]).filter(Number.isFinite);
    const [least, most] = [Math.min(from, ...there), Math.max(to, ...there)];
    const margin = 0.12 * (most - least || 1);
    return [least - margin, most + margin];
  };
  const [x, y] = [shown(0, px, far(px)), shown(1, py, far(py))];
  return { x, y, share: areaOf(set) / ((x[1] - x[0]) * (y[1] - y[0])) };
}

const areaOf = (polygon: ReadonlyArray<Range>): number =>
  Math.abs(
    polygon.reduce((sum, [x, y], k) => {
      const [u, v] = polygon[(k + 1) % polygon.length];
      return sum + x * v - u * y;
    }, 0) / 2,
  );

/** The objective, and rows that are not linear, on a grid that is as fine as time allows. */
function gridOf(
  instance: Instance,
  [i, j]: readonly [number, number],
  at: Float64Array,
  seen: { readonly x: Range; readonly y: Range },
  linear: ReadonlySet<number>,
) {
  const { program } = instance;
  const { functions, rowNames } = program;
  const curved = [...rowsWith(instance, [i, j])].filter((row) => !linear.has(row));
  const x = at.slice();
  const values = new Float64Array(rowNames.length);
  const evaluate = () => {
    if (curved.length > 0) functions.constraintValues(x, values);
    return functions.objective(x);
  };
  // The first evaluations may compile.
  evaluate();
  const began = performance.now();
  for (let k = 0; k < 3; k++) evaluate();
  const each = Math.max(1e-4, (performance.now() - began) / 3);
  const size = Math.round(Math.min(FINEST, Math.max(COARSEST, Math.sqrt(PATIENCE / each))));
  const wider = ([from, to]: Range): Range => {
    const cell = (to - from) / (size - 1 - 2 * BEYOND);
    return [from - BEYOND * cell, to + BEYOND * cell];
  };
  const of = { size, x: wider(seen.x), y: wider(seen.y) };
  const place = ([from, to]: Range, k: number) => from + ((to - from) * k) / (size - 1);
  const objective: number[] = [];
  const rows = curved.map((row) => ({ row, values: [] as number[] }));
  for (let v = 0; v < size; v++) {
    x[j] = place(of.y, v);
    for (let u = 0; u < size; u++) {
      x[i] = place(of.x, u);
      objective.push(evaluate());
      for (const { row, values: list } of rows) list.push(values[row]);
    }
  }
  return { of, objective, rows };
}

/** Share of the distances between points, below which a set counts as without width. */
const FLAT = 0.02;

/** Variables that are looked at for the first picture, pairs of them that are tried, and the share that has to be feasible. */
const [LOOKED, TRIED, ENOUGH] = [16, 60, 0.03];

/**
 * Two variables whose plane shows much: rows that bind cut it, equalities do not leave a line alone, the point is not held
 * by bounds, and the feasible set has an area, if there are such.
 * @param binding Whether a row has a price, or is in conflict with others.
 */
export function pairShown(
  instance: Instance,
  at: Float64Array,
  binding: (row: number) => boolean,
): readonly [number, number] | undefined {
  const { program, model } = instance;
  const { functions, lower, upper, rowLower, rowUpper, names } = program;
  const { colPointers, rowIndices } = functions.jacobian;
  const rowsOf = (j: number) => Array.from(rowIndices.subarray(colPointers[j], colPointers[j + 1]));
  const isEquality = (row: number) => rowLower[row] === rowUpper[row];
  const binds = (row: number) => !isEquality(row) && binding(row);
  const isInside = (j: number) => at[j] - lower[j] > 1e-6 && upper[j] - at[j] > 1e-6;
  const looked = names
    .map((_, j) => ({
      j,
      rows: rowsOf(j),
      worth: (model && model.objective.linear[j] !== 0 ? 1 : 0) + (isInside(j) ? 4 : 0),
    }))
    .filter(({ j }) => lower[j] < upper[j])
    .map(({ worth, ...one }) => ({
      ...one,
      worth: one.rows.reduce((sum, row) => sum + (isEquality(row) ? -3 : binds(row) ? 2 : 0.5), worth),
      held: one.rows.filter(binding).length + (isInside(one.j) ? 0 : 1),
    }));
  const best = new Set([
    ...looked.toSorted((a, b) => b.worth - a.worth).slice(0, LOOKED),
    ...looked.toSorted((a, b) => a.held - b.held).slice(0, LOOKED),
  ]);
  const pairs = [...best].flatMap((a, k) =>
    [...best].slice(k + 1).map((b) => {
      const shared = a.rows.filter((row) => b.rows.includes(row));
      const pair = a.j < b.j ? ([a.j, b.j] as const) : ([b.j, a.j] as const);
      return { pair, worth: a.worth + b.worth + shared.reduce((sum, row) => sum + (binds(row) ? 2 : 0.5), 0) };
    }),
  );
  pairs.sort((a, b) => b.worth - a.worth || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
  const there = valuesAt(program, at);
  const step = Math.max(1, Math.floor(pairs.length / TRIED));
  const hasArea = ({ pair }: (typeof pairs)[number]) =>
    windowOf(instance, pair, at, linesOf(instance, pair, at, there), []).share > ENOUGH;
  const tried = pairs.filter((_, k) => k < TRIED / 2 || k % step === 0);
  return (tried.find(hasArea) ?? pairs[0])?.pair;
}
