import { type Judged, type PaperRecord, releasedOf, releasedRuns, stateOf } from '../index.ts';
import type { RunResult } from './run.ts';

/** The runs that determine the outcomes of claims: the released ones, and the stored ones. */
export async function judgedRuns(record: PaperRecord, kept: readonly RunResult[]): Promise<Judged[]> {
  if (stateOf(record) !== 'runs') return [];
  const own = kept.filter((r) => r.paper === record.number).map((r) => ({ ...r, own: true }));
  return [...releasedRuns(await releasedOf(record.number)), ...own];
}
