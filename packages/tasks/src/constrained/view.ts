import type { View, ViewTable } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, grouped, number } from '../format.ts';
import type { ModelResult } from './result.ts';

/** Rows of a table. */
const SHOWN = 20;

export function modelView(r: ModelResult): View {
  const { model: m, data, solver, objective, residuals, history } = r;
  const integers = m.integers > 0 ? `, ${count(m.integers, 'integer')}` : '';
  const value = objective === null ? 'not finite' : number(objective, 10);
  return {
    status: r.status,
    about: `${data.name}: ${m.kind} program, ${m.sense}, ${count(m.variables, 'variable')}${integers}, ${count(m.rows, 'row')} (${grouped(m.equalities)} with equal sides), ${count(m.nonzeros, 'coefficient')}`,
    headline: isProved(r.status)
      ? `By ${solver.method}, since ${solver.because}.`
      : `Objective ${value}, by ${solver.method}, since ${solver.because}.`,
    ending: `${endedText(r.status).replace(/,$/, '')} after ${count(r.iterations, 'iteration')}.`,
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      ...derivativesTable(r),
      ...violatedTable(r),
      ...conflictTable(r),
      ...rayTable(r),
      ...bindingTable(r),
      ...sensitivityTable(r),
      {
        title: 'Accuracy',
        columns: ['condition', 'error'],
        rows: [
          ['rows and bounds', residuals.primal],
          ...(residuals.dual === null
            ? []
            : [
                ['gradient of the Lagrangian', residuals.dual],
                ['complementarity', residuals.complementarity],
                ['largest, relative', residuals.relative],
              ]),
        ],
      },
      variablesTable(r),
    ],
    charts: history
      ? [
          {
            title: 'Errors',
            x: { label: 'iteration' },
            y: { label: 'error', log: true },
            series: Object.entries(history.errors).map(([name, y]) => ({ name, x: history.iterations, y })),
          },
        ]
      : [],
    pictures: [],
  };
}

/** Whether there is no optimum, so that no objective means anything. */
const isProved = (status: ModelResult['status']): boolean => status === 'infeasible' || status === 'unbounded';

function derivativesTable({ derivatives }: ModelResult): readonly ViewTable[] {
  if (!derivatives || derivatives.length === 0) return [];
  return [
    {
      title: 'Derivatives that differ from differences',
      columns: ['of', 'by', 'given', 'by differences'],
      rows: derivatives.slice(0, SHOWN).map((d) => [d.of, d.by.join(', '), d.given, d.byDifferences]),
      ...below(derivatives.length),
    },
  ];
}

function violatedTable({ violated }: ModelResult): readonly ViewTable[] {
  if (violated.length === 0) return [];
  return [
    {
      title: 'Violated',
      columns: ['row or bound', 'value', 'lower', 'upper', 'violation'],
      rows: violated.slice(0, SHOWN).map((v) => [v.name, v.value, v.lower, v.upper, v.violation]),
      ...below(violated.length),
    },
  ];
}

function conflictTable({ conflict }: ModelResult): readonly ViewTable[] {
  if (!conflict) return [];
  return [
    {
      title: 'Cannot hold together',
      columns: ['row or bound'],
      rows: conflict.names.slice(0, SHOWN).map((name) => [name]),
      ...below(conflict.names.length),
    },
  ];
}

/** The direction along which the objective improves without end. */
function rayTable({ ray }: ModelResult): readonly ViewTable[] {
  if (!ray) return [];
  const steps = Object.entries(ray).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return [
    {
      title: 'Without end along',
      columns: ['variable', 'direction'],
      rows: steps.slice(0, SHOWN),
      ...below(steps.length),
    },
  ];
}

/** Active rows and bounds with a multiplier, the most costly first. */
function bindingTable({ rows, variables, status }: ModelResult): readonly ViewTable[] {
  if (isProved(status)) return [];
  const active = [
    ...rows.map((row) => ({ kind: 'row', ...row })),
    ...variables.map((variable) => ({ kind: 'bound', ...variable })),
  ].filter(
    ({ at, lower, upper, multiplier, kind }) =>
      at !== null && !(kind === 'bound' && lower === upper) && multiplier !== null && multiplier !== 0,
  );
  if (active.length === 0) return [];
  active.sort((a, b) => Math.abs(b.multiplier ?? 0) - Math.abs(a.multiplier ?? 0));
  return [
    {
      title: 'What binds',
      columns: ['name', 'kind', 'at', 'bound', 'price'],
      rows: active
        .slice(0, SHOWN)
        .map(({ name, kind, at, lower, upper, multiplier }) => [
          name,
          kind,
          at === 'both' ? 'equality' : at,
          at === 'upper' ? upper : lower,
          multiplier,
        ]),
      ...below(active.length),
    },
  ];
}

function sensitivityTable({ sensitivity }: ModelResult): readonly ViewTable[] {
  if (!sensitivity) return [];
  const changes = Object.entries(sensitivity.variables).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return [
    {
      title: `Changes with ${sensitivity.name}`,
      columns: ['of', 'derivative'],
      rows: [['objective', sensitivity.objective], ...changes.slice(0, SHOWN - 1)],
      ...below(changes.length + 1),
    },
  ];
}

function variablesTable({ variables }: ModelResult): ViewTable {
  return {
    title: 'Variables',
    columns: ['name', 'value', 'lower', 'upper', 'price'],
    rows: variables.slice(0, SHOWN).map((v) => [v.name, v.value, v.lower, v.upper, v.multiplier]),
    digits: { value: 7 },
    ...below(variables.length),
  };
}

const below = (all: number): Pick<ViewTable, 'below'> =>
  all > SHOWN ? { below: `the first ${SHOWN} of ${grouped(all)}` } : {};
