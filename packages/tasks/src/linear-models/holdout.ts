import { EncodingTally, type SeenOfRows, type Table, tableRows } from '@southwell/data';
import { decodePlain, encodePlain, rowsAmong, type SplitRows } from '@southwell/numerics/core';
import { metrics } from 'southwell/linear-models';
import type { SurvivalTarget } from 'southwell/losses';
import type { Columns } from '../declaration/columns.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { joinedScores, type Score } from '../saved-model.ts';
import { drawnRows } from '../spread/drawnRows.ts';
import type { FitRequest } from './options.ts';
import { linearSaved } from './predict.ts';
import { type Problem, problemOf } from './problem.ts';

/** A table split into training rows and held-out rows. */
export interface Split {
  readonly fit: Table;
  readonly held: Table;
  /** The default model for the target of the whole table. */
  readonly model: string;
  /** How each part's rows are distributed over ranks. */
  readonly fitRows: SplitRows;
  readonly heldRows: SplitRows;
  /** For survival: times and events of the held-out rows, NaN if missing. */
  readonly survival?: SurvivalTarget;
}

/**
 * Holds out a fraction of the rows at random by the seed, stratified by class (for survival by event): the same
 * fraction of every class up to rounding, leaving at least one row per class in the fit. Errors in rows are reported
 * for the whole table.
 * @param rows How the rows of the table are distributed over ranks: the selection does not depend on it.
 */
export function splitTable(
  table: Table,
  request: FitRequest,
  share: number,
  spell: (option: string) => string,
  rows: SplitRows,
): Split {
  // Copies of columns are needed only for the fit.
  const whole = problemOf(table, { ...request, hierarchy: false }, spell, rows);
  const { X, rows: used } = whole.design;
  const survival = whole.modelName === 'cox' ? (whole.y as SurvivalTarget) : undefined;
  const strata = strataOf(whole, table.rows, rows);
  const all = drawnRows(strata, share, request.seed ?? 0);
  if (all.length === 0 || all.length === strata.length) {
    throw new RequestError(
      `${spell('holdout')} ${share} of ${table.name}, which has ${count(strata.length, 'row')}, leaves no row ${all.length === 0 ? 'to hold out' : 'for the fit'}.`,
    );
  }
  const { first } = rows;
  const held = all.map((i) => i - first).filter((i) => i >= 0 && i < table.rows);
  const out = new Set(held);
  const kept = Array.from({ length: table.rows }, (_, i) => i).filter((i) => !out.has(i));
  const [fitRows, heldRows] = [rowsAmong(rows, kept), rowsAmong(rows, held)];
  const placed = (among: SplitRows) => ({ before: among.first, all: among.all });
  const place = new Map(Array.from({ length: X.rows }, (_, k) => [used ? used[k] : k, k]));
  const told = (values: ArrayLike<number>) =>
    Float64Array.from(held, (i) => (place.has(i) ? values[place.get(i)!] : Number.NaN));
  if (X !== table.sparse?.X) X.free();
  return {
    fit: { ...tableRows(table, kept, fitRows), ...placed(fitRows) },
    held: { ...tableRows(table, held, heldRows), ...placed(heldRows) },
    model: whole.modelName,
    ...{ fitRows, heldRows },
    ...(survival && {
      survival: {
        time: told(survival.time),
        event: told(survival.event),
        ...(survival.strata && { strata: held.map((i) => (place.has(i) ? survival.strata![place.get(i)!] : '')) }),
      },
    }),
  };
}

/** The class of every row of all ranks, or whether it has an event, as numbers; −1 for rows that are not used. */
function strataOf({ summary, y, design, modelName }: Problem, rows: number, split: SplitRows): Float64Array {
  const own = new Float64Array(rows).fill(-1);
  const places = new Map(summary.classes?.map(({ label }, k) => [label, k]));
  const of = (k: number): number => {
    if (modelName === 'cox') return (y as SurvivalTarget).event[k];
    return summary.classes ? places.get(String((y as ArrayLike<number | string>)[k]))! : 0;
  };
  for (let k = 0; k < design.X.rows; k++) own[design.rows ? design.rows[k] : k] = of(k);
  return split.gather(own);
}

/** The predictions of the saved model for the held-out rows, by its own `predict`. */
export function assessed(split: Split, modelText: string, proba: boolean) {
  const { held, survival, heldRows } = split;
  const { columns, predicted, score, notes } = heldRows.spread
    ? predictedOnRanks(held, heldRows, modelText, proba)
    : linearSaved.load(modelText).predict(held, { proba });
  const known = score && { name: score.name, value: score.value, rows: score.rows };
  const found = known ?? (survival && concordanceOf(...onAllRanks(survival, columns.prediction, heldRows)));
  return {
    columns,
    told: {
      rows: heldRows.all,
      predicted,
      ...(found && Number.isFinite(found.value) && { score: found }),
      notes: [...notes],
    },
  };
}

/**
 * The predictions of this rank's rows, and a report on those of all ranks: computed in the blocks by which rows are
 * summed, so that it does not depend on the number of ranks.
 */
function predictedOnRanks(held: Table, rows: SplitRows, modelText: string, proba: boolean) {
  const model = linearSaved.load(modelText);
  const columns: Record<string, Array<string | number | null>> = {};
  const told: Array<{ readonly predicted: number; readonly score?: Score; readonly seen: SeenOfRows }> = [];
  for (const [from, to] of rows.pieces) {
    if (from === to) continue;
    const piece = tableRows(
      held,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
    const tally = new EncodingTally();
    const { columns: own, predicted, score } = model.predict(piece, { proba, tally });
    for (const [name, values] of Object.entries(own)) {
      columns[name] ??= [];
      for (const value of values) columns[name].push(value);
    }
    told.push({ predicted, score, seen: tally.seen });
  }
  const tally = new EncodingTally();
  let predicted = 0;
  let score: Score | undefined;
  for (const text of rows.tell(encodePlain(told))) {
    for (const one of decodePlain(text) as typeof told) {
      predicted += one.predicted;
      score = joinedScores(score, one.score);
      tally.join(one.seen);
    }
  }
  return { columns: columns as Columns, predicted, score, notes: tally.notes(held.name, model.width ?? 0) };
}

/** Every rank needs all rows, since rows are compared with each other. */
function onAllRanks(survival: SurvivalTarget, risks: ReadonlyArray<string | number | null>, rows: SplitRows) {
  const { time, event, strata } = survival;
  const all: SurvivalTarget = {
    time: rows.gather(Float64Array.from(time)),
    event: rows.gather(Float64Array.from(event)),
    ...(strata && { strata: rows.tell(Array.from(strata)).flat() }),
  };
  return [all, rows.tell(risks).flat()] as const;
}

/** The concordance of hazards, if they and the times are known. O(rows²). */
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
