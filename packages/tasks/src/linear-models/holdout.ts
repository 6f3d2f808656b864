import { type Table, tableRows } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { metrics } from 'southwell/linear-models';
import type { SurvivalTarget } from 'southwell/losses';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { Score } from '../saved-model.ts';
import type { FitRequest } from './options.ts';
import { linearSaved } from './predict.ts';
import { type Problem, problemOf } from './problem.ts';

/** A table in two: the rows of the fit, and those that it does not see. */
export interface Split {
  readonly fit: Table;
  readonly held: Table;
  /** The model for the target of the whole table. */
  readonly model: string;
  /** Of survival: times and events of the rows held out, NaN where there are none. */
  readonly survival?: SurvivalTarget;
}

/**
 * Keeps a share of the rows from the fit, drawn by the seed, of every class (of rows with an event and without) the same
 * share up to rounding; a class keeps a row in the fit. What is wrong with rows is told as of the whole table.
 */
export function splitTable(table: Table, request: FitRequest, share: number, spell: (option: string) => string): Split {
  // Copies of columns are for the fit alone.
  const whole = problemOf(table, { ...request, hierarchy: false }, spell);
  const { X, rows: used } = whole.design;
  const survival = whole.modelName === 'cox' ? (whole.y as SurvivalTarget) : undefined;
  const strata = strataOf(whole, table.rows);
  const held = drawn(strata, share, request.seed ?? 0);
  if (held.length === 0 || held.length === table.rows) {
    throw new RequestError(
      `${spell('holdout')} ${share} of ${table.name}, which has ${count(table.rows, 'row')}, leaves no row ${held.length === 0 ? 'to hold out' : 'for the fit'}.`,
    );
  }
  const out = new Set(held);
  const place = new Map(Array.from({ length: X.rows }, (_, k) => [used ? used[k] : k, k]));
  const told = (values: ArrayLike<number>) =>
    Float64Array.from(held, (i) => (place.has(i) ? values[place.get(i)!] : Number.NaN));
  if (X !== table.sparse?.X) X.free();
  return {
    fit: tableRows(
      table,
      Array.from({ length: table.rows }, (_, i) => i).filter((i) => !out.has(i)),
    ),
    held: tableRows(table, held),
    model: whole.modelName,
    ...(survival && {
      survival: {
        time: told(survival.time),
        event: told(survival.event),
        ...(survival.strata && { strata: held.map((i) => (place.has(i) ? survival.strata![place.get(i)!] : '')) }),
      },
    }),
  };
}

/** The class of every row, or whether it has an event; what is used of no row is one of its own. */
function strataOf({ summary, y, design, modelName }: Problem, rows: number): string[] {
  const strata = new Array<string>(rows).fill('');
  const of =
    modelName === 'cox' ? (y as SurvivalTarget).event : summary.classes ? (y as ArrayLike<number | string>) : undefined;
  for (let k = 0; k < design.X.rows; k++) strata[design.rows ? design.rows[k] : k] = of ? `is ${of[k]}` : 'any';
  return strata;
}

/** Rows at even steps of a random order within the strata, one stratum after the other; ascending. */
function drawn(strata: readonly string[], share: number, seed: number): number[] {
  const n = strata.length;
  const wanted = Math.round(share * n);
  const places = new Map([...new Set(strata)].map((stratum, k) => [stratum, k]));
  const order = Array.from(new Random(seed).permutation(n)).sort(
    (a, b) => places.get(strata[a])! - places.get(strata[b])!,
  );
  const held = order.filter((_, k) => Math.floor(((k + 1) * wanted) / n) > Math.floor((k * wanted) / n));
  const left = new Map<string, number>();
  for (const stratum of strata) left.set(stratum, (left.get(stratum) ?? 0) + 1);
  for (const i of held) left.set(strata[i], left.get(strata[i])! - 1);
  return held
    .filter((i) => {
      if (left.get(strata[i])! > 0 || places.size < 2) return true;
      left.set(strata[i], 1);
      return false;
    })
    .sort((a, b) => a - b);
}

/** What the model that is saved says of the rows held out, by its own `predict`. */
export function assessed({ held, survival }: Split, modelText: string, proba: boolean) {
  const { columns, predicted, score, notes } = linearSaved.load(modelText).predict(held, { proba });
  const known = score && { name: score.name, value: score.value, rows: score.rows };
  const found = known ?? (survival && concordanceOf(survival, columns.prediction));
  return {
    columns,
    told: {
      rows: held.rows,
      predicted,
      ...(found && Number.isFinite(found.value) && { score: found }),
      notes: [...notes],
    },
  };
}

/** Of hazards, where they and the times are known. O(rows²). */
function concordanceOf({ time, event, strata }: SurvivalTarget, risks: ReadonlyArray<string | number | null>): Score {
  const rows = risks.map((_, i) => i).filter((i) => risks[i] !== null && !Number.isNaN(time[i]));
  const at = (values: ArrayLike<number>) => Float64Array.from(rows, (i) => values[i]);
  const value =
    rows.length === 0
      ? Number.NaN
      : metrics.concordance(
          { time: at(time), event: at(event), ...(strata && { strata: rows.map((i) => strata[i]) }) },
          rows.map((i) => risks[i] as number),
        );
  return { name: 'concordance', value, rows: rows.length };
}
