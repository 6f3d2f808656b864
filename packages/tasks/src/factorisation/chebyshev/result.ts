import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

/** The result for a function on a grid, and how it is displayed. */

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  shape: list(v.number()),
  tol: v.number(),
  axes: said(
    list(
      v.object({
        name: v.string(),
        low: v.number(),
        high: v.number(),
        degree: v.number(),
        rank: v.number(),
        tail: said(v.number(), 'Norm of the trailing eighth of the coefficients relative to that of all.'),
        resolved: said(v.boolean(), 'Whether the degree is enough for the tolerance.'),
      }),
    ),
    'For x, y and z: the domain, the polynomial degree and the number of functions.',
  ),
  parameters: said(v.number(), 'Number of parameters of the decomposition.'),
  gridError: said(v.number(), 'Maximum absolute error at the grid points.'),
  truncation: said(
    v.number(),
    'Norm of the trailing coefficients: an estimate of the truncation error of the degrees.',
  ),
  compression: said(v.number(), 'Norm of the coefficients truncated by the ranks.'),
  largest: said(v.number(), 'Maximum absolute value.'),
  integral: said(v.number(), 'Integral over the domain.'),
  singularValues: said(list(list(v.number())), 'Singular values of the function along each axis.'),
  functions: said(
    v.object({ axis: list(v.string()), function: list(v.number()), place: list(v.number()), value: list(v.number()) }),
    'The functions of each axis over its domain.',
  ),
  slices: said(
    v.object({
      z: v.number(),
      size: v.number(),
      values: list(v.number()),
      errorAt: v.number(),
      rows: v.number(),
      columns: v.number(),
      errors: list(v.number()),
    }),
    'Values where z is in the middle, and differences at the places of the grid next to it, in cells; y runs fastest.',
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const chebyshevResult = v.object(entries);
export type ChebyshevResult = ResultOf<typeof entries>;

const CURVES = 6;

export function chebyshevView(r: ChebyshevResult): View {
  const size = r.shape.reduce((product, n) => product * n, 1);
  const open = r.axes.filter(({ resolved }) => !resolved);
  const [x, y] = r.axes;
  const fewer = size / r.parameters;
  return {
    status: r.status,
    about: `${r.data.name}: ${r.shape.join(' × ')} values of a function of x, y and z`,
    headline: `Ranks ${r.axes.map(({ rank }) => rank).join(' × ')}, degrees ${r.axes.map(({ degree }) => degree).join(', ')}: largest error on the grid ${number(r.gridError, 3)}, of values up to ${number(r.largest, 3)}; ${grouped(r.parameters)} parameters instead of ${grouped(size)}${fewer > 1 ? ` (${number(fewer, 3)} times fewer)` : ''}.`,
    ending: `${endedText(r.status)}; the integral over the domain is ${number(r.integral, 6)}.`,
    advice: [
      ...(open.length > 0
        ? [
            `Not resolved along ${open.map(({ name }) => name).join(', ')}: the trailing coefficients are ${open.map(({ tail }) => number(tail, 2)).join(', ')} of the norm, above the tolerance. A higher degree may help, or the function is not smooth enough.`,
          ]
        : []),
      ...(r.parameters >= size
        ? [
            'The decomposition has at least as many parameters as the array has values: a larger tolerance gives lower ranks.',
          ]
        : []),
      'Between grid points the function is a cubic spline, whose error is of fourth order in the grid spacing.',
    ],
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [
      {
        title: 'Axes',
        columns: ['axis', 'from', 'to', 'degree', 'rank', 'trailing coefficients', 'resolved'],
        rows: r.axes.map((a) => [a.name, a.low, a.high, a.degree, a.rank, a.tail, a.resolved ? 'yes' : 'no']),
      },
    ],
    charts: [
      {
        title: 'Singular values',
        ...{ x: { label: 'number' }, y: { label: 'size', log: true } },
        series: r.axes.map(({ name }, k) => {
          const sizes = r.singularValues[k].filter((s) => s > 0);
          return { name, x: sizes.map((_, a) => a + 1), y: sizes };
        }),
      },
      ...r.axes.map(({ name, rank }) => ({
        title: `Functions of ${name}`,
        ...{ x: { label: name }, y: { label: 'value' } },
        series: Array.from({ length: Math.min(rank, CURVES) }, (_, f) => {
          const at = r.functions.axis.flatMap((axis, i) =>
            axis === name && r.functions.function[i] === f + 1 ? [i] : [],
          );
          return {
            name: `function ${f + 1}`,
            x: at.map((i) => r.functions.place[i]),
            y: at.map((i) => r.functions.value[i]),
          };
        }),
      })),
    ],
    pictures: [
      image(`Slice at z = ${number(r.slices.z, 3)}`, r.slices.values, r.slices.size, r.slices.size, 'value'),
      image(
        `|error| on the grid at z = ${number(r.slices.errorAt, 3)}`,
        r.slices.errors,
        r.slices.rows,
        r.slices.columns,
        '|error|',
      ),
    ],
  };

  /** Values by rows of x, as an image with x to the right and y upwards. */
  function image(title: string, values: readonly number[], rows: number, columns: number, value: string) {
    const shown = Array.from(
      { length: rows * columns },
      (_, e) => values[(e % rows) * columns + (columns - 1 - Math.floor(e / rows))],
    );
    const axes = { x: { label: x.name, from: x.low, to: x.high }, y: { label: y.name, from: y.high, to: y.low } };
    return {
      title,
      picture: { type: 'image', width: rows, height: columns, values: shown, ...axes, value } as const,
    };
  }
}
