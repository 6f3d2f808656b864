import { partBlocks } from '@southwell/data/node';
import { decodePlain, encodePlain, SouthwellError } from '@southwell/numerics/core';
import {
  flagOf,
  gatherOf,
  grouped,
  type JobRanks,
  type JobTools,
  loadFamilies,
  modelIn,
  type Reading,
  readingOf,
  without,
} from '@southwell/tasks';
import { UsageError } from '../errors.ts';
import type { Place } from '../ranks/ranks.ts';
import { type Asked, choosing, predictBlock, type Summary, Tellings, type Told } from './predict-blocks.ts';
import { formOf, type PredictionSink, sinkOf } from './prediction-sink.ts';

export interface PredictRequest {
  /** The file, as `data`, and how it is read. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly place: Place;
  /** What was saved, and the alpha of its path, if it is another than the one that was chosen. */
  readonly modelText: string;
  readonly alpha?: number;
  readonly of: Asked;
  readonly out?: string;
  readonly json?: boolean;
}

/** Of the first rank; the others have no columns. */
export type Predicted = Summary & { readonly columns?: PredictionSink['columns'] };

/**
 * Predicts on several ranks: block b is read, predicted and put into the form of the output by rank b modulo their number,
 * a block on each at a time, and the first writes them in order.
 */
export async function predictJob(request: PredictRequest, { ranks, signal, progress }: JobTools): Promise<Predicted> {
  const { asked, modelText, alpha, of, out, json } = request;
  const saved = modelIn(modelText, await loadFamilies());
  const model = alpha === undefined ? saved : saved.at!(alpha).model;
  const { drop, ...reading } = readingOf(asked as Reading, flagOf);
  const all = ranks!;
  const file = await partBlocks(asked.data as string, {
    ...reading,
    signal,
    onProgress: (_, rows) => progress({ text: `predicting: ${grouped(rows)} rows` }),
    ...{ rank: all.rank, size: all.size, gather: gatherOf(all) },
    choose: choosing(model.reads!, drop),
  });
  const form = formOf(out, json);
  const sink = all.rank === 0 ? sinkOf(out, json) : undefined;
  try {
    const tellings = new Tellings();
    const notes = new Set<string>();
    let own: Uint8Array = new Uint8Array(0);
    const rounds = file.rounds(async (block) => {
      const { columns, told } = usable(() => predictBlock(model, without(block, drop), of));
      own = form.bytes(columns, block.before === 0);
      return encodePlain({ told, notes: block.notes, bytes: own.length });
    });
    for await (const texts of rounds) {
      const round = texts.map((text) => decodePlain(text) as { told: Told; notes: string[]; bytes: number });
      for (const { told, notes: read } of round) {
        tellings.add(told);
        for (const note of read) notes.add(note);
      }
      const blocks = collected(
        all,
        own,
        round.map(({ bytes }) => bytes),
      );
      own = new Uint8Array(0);
      for (const bytes of blocks) await sink!.take(bytes);
      all.signal.throwIfAborted();
    }
    for (const note of await file.notes()) notes.add(note);
    const summary = tellings.summary(file.name, [...notes], model.width);
    sink?.finish();
    return { ...summary, ...(sink?.columns && { columns: sink.columns }) };
  } finally {
    sink?.discard();
  }
}

/** What a model refuses is a mistake of all ranks, as that of a file is. */
function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw new SouthwellError('INVALID_PARAMETER', error.message);
    throw error;
  }
}

/** The bytes of each rank on the first, in order; on the others nothing. */
function collected({ rank, together }: JobRanks, own: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  return together(function* (comm) {
    if (rank > 0) {
      if (own.length > 0) yield* comm.send(0, own, BLOCK);
      return [];
    }
    const blocks = [own];
    for (let from = 1; from < lengths.length; from++) {
      const bytes = new Uint8Array(lengths[from]);
      if (bytes.length > 0) yield* comm.receive(from, bytes, BLOCK);
      blocks.push(bytes);
    }
    return blocks;
  });
}

/** The tag of a message with a block. */
const BLOCK = 7;
