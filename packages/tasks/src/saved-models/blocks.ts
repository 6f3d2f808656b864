import { EncodingTally, type SeenOfRows, type Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { without } from '../declaration/data-options.ts';
import type { RowBlocks } from '../progress.ts';
import { countedNotes, joinedScores, type Predictions, type SavedModel, type Score } from '../saved-model.ts';

/** What is requested from a model besides its predictions. */
export interface Asked {
  readonly proba?: boolean;
  readonly times?: readonly number[];
  readonly divide?: number;
}

/** Everything to report on a block of rows except the predictions, as plain data. */
export interface Told {
  readonly rows: number;
  readonly predicted: number;
  readonly score?: Score;
  readonly notes: readonly string[];
  readonly counted?: Predictions['counted'];
  /** For models that process tables in blocks. */
  readonly seen?: SeenOfRows;
}

/** Everything to report on a whole table. */
export interface Summary {
  readonly rows: number;
  readonly predicted: number;
  readonly score?: Score;
  readonly notes: readonly string[];
}

/** The predictions of a block. */
export function predictBlock(
  model: SavedModel,
  block: Table,
  asked: Asked,
): { readonly columns: Predictions['columns']; readonly told: Told } {
  const tally = model.reads && new EncodingTally();
  const { columns, predicted, score, notes, counted } = model.predict(block, { ...asked, tally });
  block.sparse?.X.free();
  return { columns, told: { rows: block.rows, predicted, score, notes, counted, seen: tally?.seen } };
}

/** Collects the reports on blocks in the order of their rows. */
export class Tellings {
  private readonly tally = new EncodingTally();
  private readonly said = new Set<string>();
  private readonly counted = new Map<string, number>();
  private rows = 0;
  private predicted = 0;
  private score: Score | undefined;

  add({ rows, predicted, score, notes, counted = {}, seen }: Told): void {
    this.rows += rows;
    this.predicted += predicted;
    this.score = joinedScores(this.score, score);
    for (const note of notes) this.said.add(note);
    for (const [what, some] of Object.entries(counted)) {
      this.counted.set(what, (this.counted.get(what) ?? 0) + some);
    }
    if (seen) this.tally.join(seen);
  }

  /**
   * @param read Notes from reading the table.
   * @throws EMPTY if no row has a prediction.
   */
  summary(name: string, read: readonly string[], width = 0): Summary {
    const { rows, predicted, tally, score, said, counted } = this;
    if (predicted === 0 && tally.lost === rows) {
      fail('EMPTY', `${name}: every row has a missing value, so no row is left.`);
    }
    return {
      rows,
      predicted,
      score: score && Number.isFinite(score.value) ? score : undefined,
      notes: [...read, ...tally.notes(name, width), ...said, ...countedNotes(Object.fromEntries(counted))],
    };
  }
}

/** A table as a single block. */
export const onlyBlock = (only: Table): RowBlocks => ({
  name: only.name,
  async *rounds(work) {
    yield [await work(only)];
  },
  notes: async () => only.notes,
});

/** Blocks that this process reads by itself. */
export function blocksHere(blocks: AsyncIterable<Table>, drop: readonly string[] = []): RowBlocks {
  let last: Table | undefined;
  return {
    get name() {
      return last?.name ?? '';
    },
    async *rounds(work) {
      for await (const block of blocks) {
        last = block;
        yield [await work(without(block, drop))];
      }
    },
    notes: async () => last?.notes ?? [],
  };
}
