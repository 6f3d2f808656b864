import { type Judged, type PaperRecord, releasedOf, releasedRuns, stateOf } from '../index.ts';
import type { RunResult } from './run.ts';

/** The runs by which the claims of a paper stand: those that ship with the product, and the kept ones. */
export async function judgedRuns(record: PaperRecord, kept: readonly RunResult[]): Promise<Judged[]> {
  if (stateOf(record) !== 'runs') return [];
  const own = kept.filter((r) => r.paper === record.number).map((r) => ({ ...r, own: true }));
  return [...releasedRuns(await releasedOf(record.number)), ...own];
}
