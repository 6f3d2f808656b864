/** Jobs on tables distributed over ranks, run by threads for tests. */
import type { Column, Table } from '@southwell/data';
import { type Ranks, rowsOfRank } from '@southwell/distributed';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { stoppedBy } from '@southwell/numerics/core';
import { withDeadline } from '../deadline.ts';
import { runTask } from '../declaration/task.ts';
import type { JobTools } from '../progress.ts';
import { jobRanks } from './ranks.ts';
import { splitPieces } from './splitRows.ts';

export interface SpreadJob {
  readonly verb: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** Numbers by column; null if missing. */
  readonly columns: Readonly<Record<string, ReadonlyArray<number | null>>>;
  /** Whether the file is a sparse matrix. */
  readonly sparse?: boolean;
  /** On the last rank the time limit, if there is one, is exceeded immediately. */
  readonly hurried?: boolean;
  /** Writes checkpoints, which are then part of the result as `texts`; resumes from one if there is a text. */
  readonly kept?: { readonly text?: string };
}

/** The result without parts that differ between runs, or the error. */
export type SpreadResult = Readonly<Record<string, unknown>>;

function tableOf({ columns, sparse }: SpreadJob, from: number, to: number): Table {
  const number = ([name, values]: readonly [string, ReadonlyArray<number | null>]): Column => ({
    name,
    type: 'number',
    values: Float64Array.from(values.slice(from, to), (v) => v ?? Number.NaN),
  });
  const table: Table = { name: 'drawn.csv', format: 'csv', rows: to - from, columns: [], notes: [] };
  const list = Object.entries(columns).map(number);
  if (!sparse) return { ...table, columns: list };
  const X = DenseMatrix.create(to - from, list.length);
  list.forEach((column, j) => {
    if (column.type === 'number') X.column(j).set(column.values);
  });
  return { ...table, sparse: { X: CscMatrix.fromDense(X) } };
}

/** Runs a job with all rows in one process, or with `on` as one of several ranks. */
export async function runSpread(job: SpreadJob, on?: Pick<JobTools, 'ranks'>): Promise<SpreadResult> {
  const all = Object.values(job.columns)[0].length;
  const [from, to] = on?.ranks ? rowsOfRank(all, on.ranks.rank, on.ranks.size) : [0, all];
  const table = tableOf(job, from, to);
  const { kept } = job;
  const texts: string[] = [];
  const tools: JobTools = {
    read: async () => (on ? { ...table, before: from, all } : table),
    signal: new AbortController().signal,
    progress: () => {},
    ...(kept && { checkpoint: { name: 'kept', every: 0, text: kept.text, write: (text) => void texts.push(text) } }),
    ...on,
  };
  const ranks = on?.ranks;
  const onAny = ranks?.signal.onAny;
  if (ranks && onAny && job.hurried) ranks.signal.onAny = (own) => onAny(own || ranks.rank === ranks.size - 1);
  // Takes longest to load, and the programs below do without.
  const { taskOf } = await import('../declaration/registry.ts');
  try {
    const result = await runTask(taskOf(job.verb), { data: 'drawn.csv', ...job.request }, tools);
    const { seconds: _, command: __, ...rest } = result as Record<string, unknown>;
    // As when sent between threads.
    return { ...structuredClone(rest), ...(kept && { texts }) };
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    if (ranks && onAny) ranks.signal.onAny = onAny;
  }
}

export default async (ranks: Ranks, jobs: readonly SpreadJob[]): Promise<SpreadResult[]> => {
  const own = jobRanks(ranks, new AbortController().signal, 60);
  const out: SpreadResult[] = [];
  for (const job of jobs) out.push(await runSpread(job, { ranks: own }));
  return out;
};

/** Leaves out all ranks but `count`, for each of `counts`; the others return the sums of the remaining ones. */
export const firstRanks = (ranks: Ranks, counts: readonly number[]): ReadonlyArray<readonly number[]> =>
  counts.map((count) => ofFirst(ranks, count));

function ofFirst(ranks: Ranks, count: number): readonly number[] {
  const some = jobRanks(ranks, new AbortController().signal, 60).first(count);
  if (!some) return [];
  const whole = Float64Array.of(0);
  // Twice, since later programs must reach the same ranks.
  for (let k = 0; k < 2; k++) splitPieces(some, 5).sum(whole, (_, from, end, into) => void (into[0] += end - from));
  return [some.rank, some.size, whole[0], some.signal.aborted ? 1 : 0];
}

/** On the last rank the time limit is exceeded immediately; `stopped`: on the first one a request has come as well. */
export const lateRanks = (ranks: Ranks, stopped: boolean): readonly string[] => {
  const { rank, size } = jobRanks(ranks, new AbortController().signal, 60);
  const own = stopped && rank === 0 ? AbortSignal.abort() : new AbortController().signal;
  const { signal } = jobRanks(ranks, withDeadline(own, rank === size - 1 ? 1e-9 : 1e6), 60);
  const reasonBefore = String(signal.reason);
  const name = signal.aborted ? (signal.reason as DOMException).name : 'none';
  return [reasonBefore, name, stoppedBy(signal)];
};
