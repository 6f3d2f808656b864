import { asWritten, type Column, type Table } from '@southwell/data';
import { type CpData, CpModel, type TrainData, TrainModel, type TuckerData, TuckerModel } from 'southwell/tensors';
import * as v from 'valibot';
import { RequestError } from '../../errors.ts';
import { grouped } from '../../format.ts';
import { modelText, type Predictions, savedAs } from '../../saved-model.ts';
import { noNumber } from '../completion/entries.ts';
import { finder } from '../completion/pairs.ts';
import type { Mode } from './array.ts';

/** Files of tensor decompositions: the factors, and names of all indices. */

const FORMAT = 'southwell-tensor';
const finite = v.array(v.pipe(v.number(), v.finite()));
const sizes = v.array(v.pipe(v.number(), v.integer(), v.minValue(1)));
const lists = v.array(finite);
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  value: v.string(),
  modes: v.array(v.object({ title: v.string(), names: v.array(v.union([v.string(), v.number()])) })),
  /** For each mode, indices without known entries. */
  unknown: v.array(v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))),
  model: v.variant('kind', [
    v.object({ kind: v.literal('cp'), shape: sizes, weights: finite, factors: lists }),
    v.object({ kind: v.literal('tucker'), shape: sizes, ranks: sizes, core: finite, factors: lists }),
    v.object({ kind: v.literal('train'), shape: sizes, ranks: sizes, cores: lists }),
  ]),
});
type Saved = v.InferOutput<typeof schema>;
export type TensorForm = CpModel | TuckerModel | TrainModel;

export function savedText(
  form: TensorForm,
  modes: readonly Mode[],
  value: string,
  unknown: ReadonlyArray<readonly number[]>,
) {
  return modelText<Saved>({
    ...{ format: FORMAT, version: 1, value, modes: modes.map(({ title, names }) => ({ title, names: [...names] })) },
    unknown: unknown.map((of) => [...of]),
    model: JSON.parse(JSON.stringify(form)),
  });
}

const formOf = (data: CpData | TuckerData | TrainData): TensorForm =>
  data.kind === 'cp'
    ? CpModel.fromJSON(data)
    : data.kind === 'tucker'
      ? TuckerModel.fromJSON(data)
      : TrainModel.fromJSON(data);

export const tensorSaved = savedAs(FORMAT, schema, (saved) => {
  try {
    const form = formOf(saved.model);
    const fits = saved.modes.length === form.shape.length && saved.unknown.length === form.shape.length;
    return fits && saved.modes.every(({ names }, k) => names.length === form.shape[k])
      ? new SavedTensor(saved, form)
      : undefined;
  } catch {
    // The lengths do not match a matrix of that shape.
    return undefined;
  }
});

/** Predicts a value for every row of a table of indices. */
class SavedTensor {
  constructor(
    private readonly saved: Saved,
    private readonly form: TensorForm,
  ) {}

  predict(table: Table): Predictions {
    const { modes, unknown, value } = this.saved;
    const columns = this.columnsOf(table);
    const finders = modes.map(({ names }) => finder(names));
    const dark = unknown.map((of) => new Set(of));
    const found = new Array<number | null>(table.rows).fill(null);
    const strangers = new Set<string>();
    let [lost, unseen] = [0, 0];
    for (let i = 0; i < table.rows; i++) {
      const at = columns.map((column, k) => finders[k](nameAt(column, i)));
      const wrong = at.findIndex((place) => place < 0);
      if (wrong >= 0) {
        lost++;
        if (strangers.size < 5) strangers.add(`${modes[wrong].title} ${nameAt(columns[wrong], i) ?? 'nothing'}`);
      } else if (at.some((place, k) => dark[k].has(place))) unseen++;
      else found[i] = this.form.at(at);
    }
    const truth = table.columns.find((c) => c.name === value && !columns.includes(c));
    if (truth && truth.type !== 'number') throw noNumber(table, truth);
    const tested = found.flatMap((p, i) =>
      p !== null && truth && Number.isFinite(truth.values[i]) ? [(truth.values[i] - p) ** 2] : [],
    );
    const names = modes.map(({ title }) => title);
    const title = names.includes(value) ? `${value}_` : value;
    return {
      columns: {
        ...Object.fromEntries(
          columns.map((column, k) => [names[k], Array.from({ length: table.rows }, (_, i) => nameAt(column, i))]),
        ),
        [title]: found,
      },
      predicted: found.filter((p) => p !== null).length,
      ...(tested.length > 0 && {
        score: {
          name: 'RMSE',
          value: Math.sqrt(tested.reduce((a, b) => a + b, 0) / tested.length),
          rows: tested.length,
        },
      }),
      notes: [
        ...(lost > 0
          ? [
              `${grouped(lost)} of ${grouped(table.rows)} rows have indices that the tensor does not have (${[...strangers].join(', ')}): no prediction.`,
            ]
          : []),
        ...(unseen > 0
          ? [`${grouped(unseen)} of ${grouped(table.rows)} rows have an index without known entries: no prediction.`]
          : []),
      ],
    };
  }

  /** Columns with the names of the modes, or the first ones. */
  private columnsOf(table: Table): Column[] {
    const { modes } = this.saved;
    const named = modes.map(({ title }) => table.columns.find((c) => c.name === title));
    const found = named.every((c) => c !== undefined) ? (named as Column[]) : table.columns.slice(0, modes.length);
    if (found.length < modes.length) {
      throw new RequestError(
        `${table.name} must have ${modes.length} index columns, ${modes.map(({ title }) => title).join(', ')}, or any in this order.`,
      );
    }
    return found.map(asWritten);
  }
}

function nameAt(column: Column, i: number): string | number | null {
  if (column.type === 'number') return Number.isNaN(column.values[i]) ? null : column.values[i];
  return column.levels[column.codes[i]] ?? null;
}
