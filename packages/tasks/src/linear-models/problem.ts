import { bundledSets, designMatrix, pairedFeatures, type Table, widthOf } from '@southwell/data';
import { fail, largestOf, nearestName, type SplitRows } from '@southwell/numerics/core';
import { linearModels } from 'southwell/linear-models';
import type { SurvivalTarget } from 'southwell/losses';
import type { Spell } from '../declaration/check.ts';
import { given } from '../declaration/option.ts';
import { needsTarget, numberColumn } from '../declaration/targets.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { refilledFolds } from '../learned.ts';
import type { JobRanks } from '../spread/ranks.ts';
import { density, firstBeyond, MOST, momentsOf, spreadsOf } from '../stats.ts';
import { classWeights, columnOptions } from './assigned.ts';
import { foldColumnOf, foldsOfColumn } from './folds.ts';
import { copiesOf, overlapOf } from './hierarchy.ts';
import type { FitRequest } from './options.ts';
import { referenceNotes } from './reference.ts';
import type { FitResult } from './result.ts';
import { checkRoles } from './roles.ts';
import { strataColumnOf, strataOfColumn } from './strata.ts';
import { type AnyDesign, byColumns, inColumns } from './wide.ts';

export type Problem = ReturnType<typeof problemOf>;
/**
 * Matrix, target, weights and offset of a table, with a description. If `rows` are distributed, the table is the part
 * of one rank, and the description is of all rows; with `ranks` the columns are distributed instead if there are more
 * of them.
 */
export function problemOf(read: Table, request: FitRequest, spell: Spell, rows: SplitRows, ranks?: JobRanks) {
  let table = read;
  const bundled = bundledSets().find(({ name }) => `bundled:${name}` === request.data);
  const survival = request.model === 'cox' || request.time !== undefined || request.event !== undefined;
  const targets = given(request.targets) ? request.targets : undefined;
  const target = survival || targets ? undefined : (request.target ?? bundled?.target);
  if (!survival && !targets) needsTarget(table, target, spell);
  const { weights, offset, time, event } = request;
  const measured = [weights, offset, time, event, ...(targets ?? [])].filter((c) => c !== undefined);
  if (request.foldColumn !== undefined) foldColumnOf(table, request.foldColumn);
  if (request.strata !== undefined) strataColumnOf(table, request.strata);
  if (request.clients !== undefined) foldColumnOf(table, request.clients, 'clients');
  const special = [...measured, request.foldColumn, request.strata, request.clients].filter((c) => c !== undefined);
  checkRoles(table, request, target, measured, special);
  const built = designMatrix(table, {
    target,
    features: request.features,
    drop: [...(request.drop ?? []), ...special.filter((name) => !request.drop?.includes(name))],
    missing: request.missing,
    // Without a penalty, a column for each level and an intercept would have no unique coefficients.
    ...(request.alpha === 0 && { dropFirst: true }),
    ...(request.interactions !== undefined && { interactions: 2 as const }),
    spell,
    rows,
  });
  const looked = spreadsOf(built.X, built.spread);
  const filled = density(built.X, built.spread, looked);
  let design: AnyDesign = built;
  const refill = refilledFolds(read, built, rows);
  if (ranks && !refill && byColumns(built, request))
    ({ table, design } = inColumns(ranks, table, built, special, rows));
  const { X, y: values, classes, spread } = design;
  const { all } = spread;
  const spreads = X === built.X ? looked : undefined;
  const column = (name: string) => numbersOf(table, name, design.rows);
  const modelName = request.model ?? (survival ? 'cox' : defaultModel(values!, classes, spread));
  const kind = linearModels[modelName];
  if (ranks && spread.spread) checkSpread(request, modelName, survival, spell);
  const summary = {
    name: request.data.startsWith('bundled:') ? request.data : table.name,
    rows: all,
    features: X.cols,
    density: filled,
    notes: [...table.notes, ...design.notes, ...referenceNotes(built)],
  };
  const response: Response = survival
    ? survivalResponse(table, request, column, design.rows, spell)
    : targets
      ? { y: rowsOf(targets.map(column), X.rows), told: { target: targets.join(', ') } }
      : tableResponse(table, design, { modelName, target, all }, spell);
  const { y, told, strata } = response;
  if (response.note) summary.notes.push(response.note);
  const sampleWeight = request.weights === undefined ? undefined : column(request.weights);
  let byClass: ReturnType<typeof classWeights> | undefined;
  if (told.classes && given(request.classWeight)) {
    const labels = y as ArrayLike<number | string>;
    byClass = classWeights(request.classWeight!, labels, told.classes, spell('classWeight'));
    summary.notes.push(byClass.note);
  }
  const overlap = request.hierarchy ? overlapOf(built, table.name) : undefined;
  return {
    design,
    /** The matrix of a fold, if gaps are filled. */
    foldMatrix: overlap ? copiesOf(refill, built, table.name) : refill,
    /** Statistics of its columns. */
    spreads,
    overlap,
    /** How the rows of the matrix are distributed over ranks. */
    spread,
    y,
    modelName,
    targets,
    groups: overlap
      ? overlap.groups
      : kind.takes.includes('groups')
        ? groupsOf(design, request.group ?? [], table.name)
        : undefined,
    sampleWeight:
      byClass && sampleWeight ? byClass.weights.map((w, i) => w * sampleWeight[i]) : (byClass?.weights ?? sampleWeight),
    strata: strata?.stored,
    columnOptions: columnOptions(request, design, table.name, spell),
    offset: request.offset === undefined ? undefined : column(request.offset),
    folds:
      request.foldColumn === undefined
        ? undefined
        : foldsOfColumn(table, request.foldColumn, design.rows, spell, spread),
    summary: { ...summary, ...told } as FitResult['data'],
  };
}

/** The target of a model, with a description. */
interface Response {
  readonly y: unknown;
  readonly told: Partial<FitResult['data']>;
  readonly strata?: ReturnType<typeof strataOfColumn>;
  readonly note?: string;
}

/** The numbers of a column for the rows of the design; throws a sentence if one is missing. */
function numbersOf(table: Table, name: string, rows: Int32Array | undefined): Float64Array {
  const all = numberColumn(table, name);
  const picked = rows ? Float64Array.from(rows, (i) => all[i]) : all;
  const bad = picked.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    const line = (rows ? rows[bad] : bad) + (table.before ?? 0);
    fail('NON_FINITE', `${table.name}: column '${name}' has no number in row ${line + 1}. Fill it in or drop the row.`);
  }
  return picked;
}

const rowsOf = (columns: readonly ArrayLike<number>[], n: number): number[][] =>
  Array.from({ length: n }, (_, i) => columns.map((values) => values[i]));

/** Times, events and strata of a Cox model. */
function survivalResponse(
  table: Table,
  request: FitRequest,
  column: (name: string) => Float64Array,
  rows: Int32Array | undefined,
  spell: Spell,
): Response {
  const time = column(request.time!);
  const { event, note } = eventsOf(column(request.event!), request.event!, table.name, rows);
  const strata = request.strata === undefined ? undefined : strataOfColumn(table, request.strata, rows, spell);
  const y = { time, event, ...(strata && { strata: strata.labels }) } satisfies SurvivalTarget;
  const told = {
    target: `${request.time}, ${request.event}`,
    events: event.reduce((a, b) => a + (b !== 0 ? 1 : 0), 0),
    ...(strata && { strata: new Set(strata.labels).size }),
  };
  return { y, told, ...(strata && { strata }), ...(note && { note }) };
}

/** Classes or numbers of the target column; throws sentences for targets that the model does not support. */
function tableResponse(
  table: Table,
  { y: values, classes, spread, rows }: AnyDesign,
  {
    modelName,
    target,
    all,
  }: { readonly modelName: keyof typeof linearModels; readonly target: string | undefined; readonly all: number },
  spell: Spell,
): Response {
  const kind = linearModels[modelName];
  if (kind.target !== 'class' && kind.target !== 'classes') {
    if (classes) {
      const fits = classes.length === 2 ? 'logistic, svc' : 'multinomial';
      fail(
        'INVALID_TARGET',
        `The target '${target}' holds words (${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ', …' : ''}), but ` +
          `${spell('model')} ${modelName} predicts numbers. Models for such a target: ${fits}.`,
      );
    }
    const far = firstBeyond(values!, MOST);
    if (far >= 0) {
      fail(
        'INVALID_TARGET',
        `${table.name}: the target '${target ?? 'label'}' is ${values![far]} in row ${(rows?.[far] ?? far) + 1 + (table.before ?? 0)}, and squares of such ` +
          'numbers are beyond what can be computed with (1.8e308): divide the column by a power of ten.',
      );
    }
    const { mean, sd } = momentsOf(values!, spread);
    const told = { target: target ?? 'label', targetMean: mean, targetSd: sd };
    return { y: values!, told };
  }
  const y = classes ? Array.from(values!, (k) => classes[k]) : values!;
  const tally = tallyOf(y as ArrayLike<number | string> & Iterable<number | string>, spread);
  const two = kind.target === 'class';
  if (two ? tally.size !== 2 : tally.size < 2) failClasses(table.name, modelName, [...tally.keys()], spell);
  if (!two && tally.size > Math.max(MANY, all / 5)) {
    fail(
      'INVALID_TARGET',
      `${table.name}: the target has ${tally.size} different values in ${count(all, 'row')}: too many for classes.` +
        `${classes ? '' : ` Predict the number with ${spell('model', 'lasso')}.`}`,
    );
  }
  const told = {
    target: target ?? 'label',
    classes: [...tally].map(([label, rows]) => ({ label, rows })),
  };
  return { y, told };
}

/** Throws a sentence for options that do not support rows distributed over ranks. */
function checkSpread({ relax, adaptive }: FitRequest, model: string, survival: boolean, spell: Spell): void {
  const what = survival
    ? 'A Cox model'
    : linearModels[model].whole
      ? `${spell('model')} ${model}`
      : relax
        ? spell('relax')
        : adaptive !== undefined
          ? spell('adaptive')
          : undefined;
  if (what === undefined) return;
  throw new RequestError(
    `${what} needs all rows on one rank, but they are distributed unless there are more features than rows: run it on one rank.`,
  );
}

/** Number of rows by class, in order of first appearance. */
function tallyOf(labels: Iterable<number | string>, spread: SplitRows): Map<string, number> {
  const own = new Map<string, number>();
  for (const label of labels) own.set(String(label), (own.get(String(label)) ?? 0) + 1);
  const whole = new Map<string, number>();
  for (const [label, rows] of spread.tell([...own]).flat()) whole.set(label, (whole.get(label) ?? 0) + rows);
  return whole;
}

/**
 * 1 for observed events and 0 for censored rows, from a column of these or of 2 and 1 (as in R's survival package),
 * with a note. Throws a sentence for other values.
 */
function eventsOf(values: Float64Array, name: string, file: string, rows: Int32Array | undefined) {
  const coded = values.some((v) => v === 2) && values.every((v) => v === 1 || v === 2);
  if (coded) {
    const note = `'${name}' is 1 or 2, as in R's survival: 2 is taken as an observed event, 1 as a censored row.`;
    return { event: values.map((v) => v - 1), note };
  }
  const bad = values.findIndex((v) => v !== 0 && v !== 1);
  if (bad >= 0) {
    fail(
      'INVALID_TARGET',
      `${file}: column '${name}' holds ${values[bad]} in row ${(rows?.[bad] ?? bad) + 1}, but must be 1 for observed events and 0 for ` +
        'censored rows (or 2 and 1).',
    );
  }
  return { event: values };
}

/**
 * A group for every column of the matrix: the table columns in a list of `groups` form one group, and so do the levels
 * of a category; every other column is a group of its own.
 */
function groupsOf({ encoding }: AnyDesign, groups: ReadonlyArray<readonly string[]>, name: string): string[] {
  const { features, featureNames, interactions } = encoding;
  // An input that is a matrix already has no features, only column names.
  const columns: AnyDesign['encoding']['features'] =
    features.length > 0 ? features : featureNames.map((f) => ({ name: f, type: 'number' }));
  const groupOf = new Map<string, string>();
  groups.forEach((list, g) => {
    for (const column of list) {
      if (!columns.some((f) => f.name === column)) {
        const near = nearestName(
          column,
          columns.map((f) => f.name),
        );
        fail(
          'INVALID_PARAMETER',
          `${name} has no feature '${column}' for a group${near ? `; did you mean '${near}'?` : '.'}`,
        );
      }
      if (groupOf.has(column)) fail('INVALID_PARAMETER', `'${column}' is in two groups, but may be in only one.`);
      groupOf.set(column, `group ${g}`);
    }
  });
  // The products of categories form a group as they are.
  const products = interactions ? pairedFeatures(features).map(([k, l]) => `product ${k} ${l}`) : [];
  return [
    ...columns.flatMap((f) => new Array<string>(widthOf(f)).fill(groupOf.get(f.name) ?? `column ${f.name}`)),
    ...products,
  ];
}

const CLASSES_TOLD = 20;
/**
 * A classification target with more values than this, and fewer than five rows per value, is assumed to be a mistake.
 */
const MANY = 10;

function failClasses(name: string, model: string, classes: readonly string[], spell: Spell): never {
  if (classes.length < 2) {
    const only = classes[0] ?? '(none)';
    fail('INVALID_TARGET', `${name}: the target has only one class, ${only}: there is nothing to tell apart.`);
  }
  const many = classes.length > CLASSES_TOLD ? `more than ${CLASSES_TOLD}` : String(classes.length);
  const some = `${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ', …' : ''}`;
  const numbers = classes.every((label) => Number.isFinite(Number(label)));
  fail(
    'INVALID_TARGET',
    `${name}: the target has ${many} classes (${some}), but ${spell('model')} ${model} supports two: use ${spell('model', 'multinomial')}` +
      `${numbers ? `, or predict the number with ${spell('model', 'lasso')}` : ''}.`,
  );
}

/** Reports, with the names of the request, a path without an alphaMax, or folds without rows. */
export function checkGrid(
  { spread, y, summary }: Problem,
  folds: number | undefined,
  request: FitRequest,
  spell: Spell,
): void {
  const rows = spread.all;
  const { name, target } = summary;
  if (folds !== undefined && folds > rows) {
    fail(
      'INVALID_PARAMETER',
      rows < 2
        ? `${name} has 1 row, and cross-validation needs at least 2: fit at one alpha with ${spell('alpha')}.`
        : `${name} has ${count(rows, 'row')}, too few for ${folds} folds: ask for fewer with ${spell('cv')} ${Math.min(5, rows)}, or fit at ` +
            `one alpha with ${spell('alpha')}.`,
    );
  }
  const rare = folds === undefined ? undefined : summary.classes?.find((c) => c.rows < 2);
  if (rare) {
    fail(
      'INVALID_TARGET',
      `${name}: class '${rare.label}' of '${target}' has one row, so that a fit without it lacks the class: leave ` +
        `that row out, or fit at one alpha with ${spell('alpha')}.`,
    );
  }
  if (folds !== undefined && summary.events !== undefined && summary.events < 2) {
    fail(
      'INVALID_TARGET',
      `${name}: '${request.event}' has ${count(summary.events, 'event')}, too few for cross-validation: fit at one alpha with ${spell('alpha')}.`,
    );
  }
  const values = y instanceof Float64Array && request.offset === undefined ? y : undefined;
  if (summary.targetMean !== undefined && values && constant(values, spread)) {
    fail(
      'INVALID_TARGET',
      `${name}: the target '${target}' is ${summary.targetMean} in every row, so there is nothing to predict, and no alpha to choose.`,
    );
  }
}

function constant(values: Float64Array, spread: SplitRows): boolean {
  const most = (sign: number) => values.reduce((largest, v) => Math.max(largest, sign * v), Number.NEGATIVE_INFINITY);
  return largestOf(spread, most(1)) === -largestOf(spread, most(-1));
}

/** Throws if every feature is constant over the rows; without an intercept, a constant feature may be intended. */
export function checkFeatures({ summary, modelName }: Problem, deviations: Float64Array, request: FitRequest): void {
  if (summary.rows < 2 || !linearModels[modelName].penalised || !request.intercept || deviations.some((sd) => sd > 0))
    return;
  fail('INVALID_TARGET', `${summary.name}: every feature is constant, so nothing can be predicted from them.`);
}

/** A classifier for classes; for numbers the lasso unless there are only two values. */
function defaultModel(y: Float64Array, classes: readonly string[] | undefined, spread: SplitRows): string {
  if (classes) return classes.length > 2 ? 'multinomial' : 'logistic';
  const own = new Set<number>();
  for (const v of y) {
    own.add(v);
    if (own.size > 2) break;
  }
  const seen = new Set(spread.tell([...own]).flat());
  return seen.size === 2 ? 'logistic' : 'lasso';
}
