import type { ChartSpec } from '@southwell/charts';
import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

/** The result for a tensor decomposition, and how it is displayed. */

const columns = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));
const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  method: v.picklist(['cp', 'tucker', 'hosvd', 'tt']),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  shape: list(v.number()),
  modes: said(list(v.string()), 'Names of the modes.'),
  known: said(v.number(), 'Number of values used: all, those that are not missing, or listed non-zero ones.'),
  missing: said(v.number(), 'Number of missing values.'),
  ranks: said(list(v.number()), 'For cp one number; for tt the ranks between modes.'),
  relativeError: said(v.number(), 'Norm of the residuals relative to that of the values, over known entries.'),
  parameters: said(v.number(), 'Number of parameters of the decomposition.'),
  weights: v.optional(said(list(v.number()), 'cp: weights of the components, whose columns have unit norm.')),
  congruence: v.optional(
    said(v.number(), 'cp: the most negative product of cosines of two components; near −1 they cancel.'),
  ),
  coreConsistency: v.optional(
    said(v.number(), 'cp: core consistency in per cent, 100 if the components do not interact.'),
  ),
  scan: v.optional(
    said(
      list(v.object({ rank: v.number(), error: v.number(), coreConsistency: v.optional(v.number()), status })),
      'cp: all ranks that were tried.',
    ),
  ),
  unknown: said(list(list(v.union([v.number(), v.string()]))), 'For each mode: indices without known entries.'),
  factors: said(columns, 'For cp the weights, then the factors of all modes; for tt the entries of the cores.'),
  core: v.optional(said(columns, 'tucker and hosvd: the entries of the core.')),
  trace: said(list(v.object({ sweep: v.number(), error: v.number() })), 'The relative error after each sweep or mode.'),
  advice: list(v.string()),
  modelText: said(v.string(), 'The model as JSON.'),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const tensorResult = v.object(entries);
export type FactoredTensor = ResultOf<typeof entries>;

const FORMS = { cp: 'CP', tucker: 'Tucker', hosvd: 'Higher-order SVD', tt: 'Tensor train' } as const;
const CURVES = 6;

/** Factors of each mode as lines over its indices: numeric indices by value, names by position. */
function factorCharts({ factors, modes, method }: FactoredTensor): ChartSpec[] {
  if (method === 'tt') return [];
  const titles = Object.keys(factors).filter((title) => title.startsWith('factor_'));
  return modes.flatMap((mode): ChartSpec[] => {
    const rows = factors.mode.flatMap((name, i) => (name === mode ? [i] : []));
    if (rows.length < 2) return [];
    const names = rows.map((i) => factors.name[i]);
    const numeric = names.every((name) => name !== null && Number.isFinite(Number(name)));
    const x = rows.map((_, i) => (numeric ? Number(names[i]) : i + 1));
    const shown = titles.filter((title) => rows.every((i) => factors[title][i] !== null)).slice(0, CURVES);
    return [
      {
        title: `Factors of ${mode}`,
        x: { label: numeric ? mode : `${mode}, by position` },
        y: { label: 'entry' },
        series: shown.map((title) => ({
          name: title.replace('_', ' '),
          x,
          y: rows.map((i) => Number(factors[title][i])),
        })),
      },
    ];
  });
}

function scanCharts({ scan }: FactoredTensor): ChartSpec[] {
  if (!scan || scan.length < 2) return [];
  const x = scan.map(({ rank }) => rank);
  const consistent = scan.every(({ coreConsistency }) => coreConsistency !== undefined);
  return [
    {
      title: 'Error by rank',
      x: { label: 'rank' },
      y: { label: 'relative error' },
      series: [{ name: 'error', x, y: scan.map(({ error }) => error) }],
    },
    ...(consistent
      ? [
          {
            title: 'Core consistency by rank, clipped at −100',
            ...{ x: { label: 'rank' }, y: { label: 'per cent' } },
            series: [{ name: 'core consistency', x, y: scan.map((tried) => Math.max(-100, tried.coreConsistency!)) }],
          },
        ]
      : []),
  ];
}

export function tensorView(r: FactoredTensor): View {
  const size = r.shape.reduce((product, n) => product * n, 1);
  const ranks = r.ranks.join(' × ');
  const fewer = size / r.parameters;
  const rank = r.method === 'cp' ? `rank ${ranks}` : `ranks ${r.method === 'tt' ? r.ranks.join(', ') : ranks}`;
  const gaps = r.missing > 0 ? `, ${grouped(r.missing)} of ${grouped(size)} values missing` : '';
  return {
    status: r.status,
    about: `${r.data.name}: ${r.shape.join(' × ')} (${r.modes.join(', ')})${gaps}`,
    headline: `${FORMS[r.method]} of ${rank}: relative error ${number(100 * r.relativeError, 3)} %; ${count(r.parameters, 'parameter')} instead of ${grouped(size)} values${fewer > 1 ? ` (${number(fewer, 3)} times fewer)` : ''}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, r.method === 'hosvd' ? 'mode' : r.method === 'tt' ? 'cut' : 'sweep')}.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [
      ...(r.weights
        ? [{ title: 'Components', columns: ['component', 'weight'], rows: r.weights.map((w, a) => [a + 1, w]) }]
        : []),
      ...(r.scan
        ? [
            {
              title: 'Ranks tried',
              columns: ['rank', 'relative error', 'core consistency, %', 'ended'],
              rows: r.scan.map((tried) => [
                tried.rank,
                tried.error,
                tried.coreConsistency ?? null,
                endedText(tried.status).replace(/,.*$/, ''),
              ]),
            },
          ]
        : []),
    ],
    charts: [
      ...scanCharts(r),
      ...factorCharts(r),
      ...(r.trace.length > 1
        ? [
            {
              title: 'Relative error',
              ...{ x: { label: r.method === 'hosvd' ? 'mode' : 'sweep' }, y: { label: 'relative error' } },
              series: [{ name: r.method, x: r.trace.map(({ sweep }) => sweep), y: r.trace.map(({ error }) => error) }],
            },
          ]
        : []),
    ],
    pictures: [],
  };
}
