import type { Experiment } from './experiment.ts';
import { experiments, records } from './generated/registry.ts';
import type { PaperRecord } from './record.ts';

export * from './bars.ts';
export { calibration } from './calibration.ts';
export * from './define.ts';
export * from './experiment.ts';
export * from './fold.ts';
export { lives, records } from './generated/registry.ts';
export type { Live, LiveEnd, LiveFrame } from './live.ts';
export { chartOf, keptPictures, pictureOf } from './material/releasedPicture.ts';
export { parseNumbers } from './numbers.ts';
export * from './panels.ts';
export * from './record.ts';
export { search } from './search.ts';
export * from './told.ts';
export * from './verdicts/history.ts';
export * from './verdicts/ledger.ts';
export * from './verdicts/locked.ts';
export * from './verdicts/nulls.ts';
export * from './verdicts/released.ts';
export * from './verdicts/standing.ts';

/** Whether the paper's experiments can be run. */
export const stateOf = (record: PaperRecord): 'runs' | 'not-yet' => (record.number in experiments ? 'runs' : 'not-yet');

/** The experiments of a paper in the order of the claims that they decide; none if it does not run yet. */
export async function experimentsOf(number: number): Promise<readonly Experiment[]> {
  const found = (await experiments[number]?.()) ?? [];
  const claims = records.find((r) => r.number === number)?.claims ?? [];
  // Those that decide nothing come last.
  const place = ({ claims: [first] }: Experiment) => (first ? claims.indexOf(first) : claims.length);
  return found.toSorted((a, b) => place(a) - place(b));
}

/** {@link search}, for pages that load it only when there is something to search for. */
export const loadSearch = async () => (await import('./search.ts')).search;

/** Code that readers of the paper's page can copy and run; undefined for papers that do not run yet. */
export const snippetOf = async (number: number): Promise<string | undefined> =>
  (await import('./generated/snippets.ts')).snippets[number];

/** The paper with a number (`1`, `01`), slug (`01-bcd-faster`) or arXiv id (`1712.08859`). */
export function findRecord(text: string): PaperRecord | undefined {
  if (/^\d{1,2}$/.test(text)) return records.find((r) => r.number === Number(text));
  return records.find((r) => r.slug === text || r.arxiv === text);
}
