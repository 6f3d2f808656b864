import { type PaperRecord, type PaperStanding, paperStanding, releasedOf, releasedRuns } from '../index.ts';
import type { RunResult } from './run.ts';

/** How a paper stands over the released runs and the stored ones. */
export async function keptStanding(record: PaperRecord, kept: readonly RunResult[]): Promise<PaperStanding> {
  const released = await releasedOf(record.number);
  const own = kept.filter((r) => r.paper === record.number).map((r) => ({ ...r, own: true }));
  return paperStanding(record, [...releasedRuns(released), ...own], released);
}
