import { bundledSets } from '@southwell/data';
import { linearModels as kinds, type ModelKind, scorings } from 'southwell/linear-models';
import type { JobRequests } from '../../workers/jobs.ts';
import type { TableSummary } from '../../workers/summary.ts';
import { type Control, check, choice, chosenNames, number, type Values } from '../controls.ts';
import {
  allColumns,
  commandLine,
  type Family,
  none,
  numberColumns,
  optionsOf,
  shared,
  sharedDefaults,
  sharedOptions,
} from './family.ts';

const kindOf = (v: Values): ModelKind | undefined => kinds[String(v.model)];
const takes =
  (option: ModelKind['takes'][number]) =>
  (v: Values): boolean =>
    kindOf(v)?.takes.includes(option) === true;
const penalised = (v: Values) => kindOf(v)?.penalised !== false;
const crossValidated = (v: Values) => penalised(v) && v.alphaBy === 'cv';
const onPath = (v: Values) => penalised(v) && v.alphaBy !== 'alpha';
/** Predicts one column, by its name. */
const hasTarget = (v: Values) => !['numbers', 'survival'].includes(kindOf(v)?.target ?? 'number');

/** The likeliest target: a bundled set's own, a column called so, else the last that is no text. */
function guess(table: TableSummary, data: string): string | undefined {
  const bundled = bundledSets().find((s) => `bundled:${s.name}` === data);
  const named = table.columns.find((c) => /^(y|target|class|label|outcome|response)$/i.test(c.name));
  return (
    bundled?.target ?? named?.name ?? (table.columns.findLast((c) => c.type !== 'text') ?? table.columns.at(-1))?.name
  );
}

/** 'a, b; c, d' as lists of names. */
const lists = (text: string): string[][] =>
  text
    .split(';')
    .map((list) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .filter((list) => list.length > 0);

export const linearModels: Family<'linear-models'> = {
  id: 'linear-models',
  title: 'Linear models',
  about:
    'Predicts a column from the others by few of them; how strongly features are left out is chosen by cross-validation, by BIC, or by you.',
  controls(table, data) {
    const { missing, seed } = shared(table, false);
    // A sparse matrix has features alone, and perhaps labels.
    const named = table.columns.length > 0;
    const option = (name: ModelKind['takes'][number], control: Control): Control => ({ ...control, when: takes(name) });
    return [
      { ...choice('target', 'Target', allColumns(table), guess(table, data)), when: (v) => named && hasTarget(v) },
      { name: 'targets', title: 'Targets', kind: 'columns', initial: [], when: (v) => kindOf(v)?.target === 'numbers' },
      { ...choice('time', 'Time', numberColumns(table)), when: (v) => kindOf(v)?.target === 'survival' },
      { ...choice('event', 'Event (1 seen)', numberColumns(table)), when: (v) => kindOf(v)?.target === 'survival' },
      choice('model', 'Model', [
        ['', 'by the target'],
        ...Object.entries(kinds)
          .filter(([, { target }]) => named || !['numbers', 'survival'].includes(target))
          .map(([name, { title }]) => [name, title] as const),
      ]),
      {
        ...choice('alphaBy', 'How alpha is chosen', [
          ['cv', 'by cross-validation'],
          ['path', 'path, by BIC'],
          ['alpha', 'given'],
        ]),
        when: penalised,
      },
      { ...number('folds', 'Folds', 10, 2), when: crossValidated },
      {
        ...choice('rule', 'Rule', [
          ['1se', 'one standard error'],
          ['min', 'best score'],
        ]),
        when: crossValidated,
      },
      {
        ...number('alpha', 'alpha', 0.01, 0, undefined, false),
        when: (v) => penalised(v) && v.alphaBy === 'alpha',
      },
      option('l1Ratio', number('l1Ratio', 'L1 share', '', 0, 1, false)),
      option('delta', number('delta', 'Squares up to', '', 0, undefined, false)),
      option('quantile', { ...number('quantile', 'Quantile', '', 0, 1, false), hint: '0.5' }),
      option('gamma', number('gamma', 'Shape gamma', '', 0, undefined, false)),
      option('q', { ...number('q', 'Rate q', '', 0, 1, false), hint: '0.1' }),
      option('groups', { name: 'groups', title: 'Groups of columns', kind: 'text', initial: '', hint: 'a, b; c, d' }),
      missing,
      check('standardize', 'standardise', true),
      option('grouped', check('grouped', 'a feature for all classes or none')),
      option('positive', check('positive', 'no coefficient below zero')),
      { name: 'drop', title: 'Leave out', kind: 'columns', initial: [], more: true },
      { ...choice('weights', 'Weights of rows', [none, ...numberColumns(table)]), when: () => named, more: true },
      { ...choice('offset', 'Offset', [none, ...numberColumns(table)]), when: () => named, more: true },
      {
        ...choice('scoring', 'Score', [['', 'the model’s own'], ...scorings.map((name) => [name, name] as const)]),
        when: crossValidated,
        more: true,
      },
      { ...number('nAlphas', 'Alphas', '', 1), hint: '100', when: onPath, more: true },
      { ...number('eps', 'Smallest of them (--eps)', '', 0, 1, false), hint: 'auto', when: onPath, more: true },
      { ...check('fitIntercept', 'a constant', true), more: true },
      { ...seed, when: crossValidated },
    ];
  },
  asked(v, table) {
    const { drop, missing, seed } = sharedOptions(v);
    const kind = kindOf(v);
    const chosen = !penalised(v)
      ? {}
      : v.alphaBy === 'path'
        ? { path: true }
        : v.alphaBy === 'alpha'
          ? { alpha: v.alpha }
          : { cv: v.folds, rule: v.rule, scoring: v.scoring, seed };
    const grid = onPath(v) ? { nAlphas: v.nAlphas, eps: v.eps } : {};
    return {
      verb: ['fit'],
      defaults: { path: false, rule: 'min', ...sharedDefaults },
      options: {
        ...(kind?.target === 'survival'
          ? { time: v.time, event: v.event }
          : kind?.target === 'numbers'
            ? { targets: chosenNames(v.targets) }
            : { target: table.columns.length > 0 ? v.target : undefined }),
        model: v.model,
        ...chosen,
        ...grid,
        ...Object.fromEntries(
          (kind?.takes ?? []).map((name) => [name, name === 'groups' ? lists(String(v.groups)) : v[name]]),
        ),
        standardize: v.standardize,
        ...{ drop, weights: v.weights, offset: v.offset, missing },
        // The command's word is the opposite.
        noIntercept: !v.fitIntercept,
      },
      files: {},
    };
  },
  request(asked, data) {
    const { noIntercept, ...options } = optionsOf(asked);
    return {
      data,
      ...options,
      ...(noIntercept === true && { fitIntercept: false }),
      command: commandLine(asked, data),
      wantReport: true,
    } as unknown as JobRequests['linear-models'];
  },
};
