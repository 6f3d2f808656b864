import type { Picture } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { SCALE } from './bioDiesel.ts';
import { Oracle } from './oracle.ts';
import type { Problem } from './problems.ts';

/** Yields of the reactor over minutes t and power Q below the limit of energy tQ. */
export interface Plane {
  readonly minutes: readonly number[];
  /** For every t, yields less penalty at shares (k + 1)/count of the largest Q. */
  readonly yields: ReadonlyArray<readonly number[]>;
  readonly best: { readonly t: number; readonly q: number; readonly value: number };
  /** The largest Q at t. */
  most(t: number): number;
}

/** Evaluates the reactor on a grid whose last points lie on the limit. */
export async function planeOf(problem: Problem, energy: number, pause: Pause): Promise<Plane> {
  const [columns, rows] = [60, 40];
  const oracle = new Oracle(problem);
  const most = (t: number) => Math.min(SCALE[1], energy / t);
  const minutes = Array.from({ length: columns }, (_, k) => (SCALE[0] * (k + 1)) / columns);
  let best = { t: 0, q: 0, value: Number.NEGATIVE_INFINITY };
  const yields: number[][] = [];
  for (const t of minutes) {
    await pause();
    yields.push(
      Array.from({ length: rows }, (_, k) => {
        const q = (most(t) * (k + 1)) / rows;
        const value = -oracle.value(Float64Array.of(t / SCALE[0], q / SCALE[1]));
        if (value > best.value) best = { t, q, value };
        return value;
      }),
    );
  }
  return { minutes, yields, best, most };
}

/** Where the yield first passes a level as Q grows, by linear interpolation, for the t at which it does. */
function contour({ minutes, yields, most }: Plane, level: number) {
  const [x, y]: number[][] = [[], []];
  for (const [i, t] of minutes.entries()) {
    const column = yields[i];
    const k = column.findIndex((v) => v >= level);
    if (k < 1) continue;
    const share = (level - column[k - 1]) / (column[k] - column[k - 1]);
    x.push(t);
    y.push((most(t) * (k + share)) / column.length);
  }
  return { x, y };
}

/** Paths of methods in the plane of minutes and power, with contours of the yield, the limit and the optimum. */
export function mapOf(
  plane: Plane,
  paths: ReadonlyArray<{ readonly name: string; readonly path: readonly Float64Array[] }>,
): Picture {
  const at = ([t, q]: Float64Array, group: number) => ({ x: t * SCALE[0], y: q * SCALE[1], group });
  const levels = [0.3, 0.6, 0.9, 1.2, 1.5, 1.8];
  const lines = levels.map((level) => ({ ...contour(plane, level), shade: (level / 2) * 0.8 }));
  const { minutes, most, best } = plane;
  return {
    type: 'scatter',
    ...{ xLabel: 'minutes', yLabel: 'power' },
    points: [
      ...paths.flatMap(({ path }, group) => path.map((x) => at(x, group))),
      { x: best.t, y: best.q, group: paths.length, marked: true },
    ],
    groups: [...paths.map(({ name }) => name), 'true optimum'],
    lines: [...lines.filter(({ x }) => x.length > 1), { x: minutes, y: minutes.map(most), shade: 1 }],
    xRange: [0, SCALE[0]],
    yRange: [0, 15],
    below: `The darkest line is the limit of energy, the others join equal yields of ${levels.join(', ')}.`,
  };
}
