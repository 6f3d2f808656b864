import type { Experiment } from './experiment.ts';
import { records } from './generated/records.ts';
import { experiments } from './generated/registry.ts';
import type { PaperRecord } from './record.ts';

// What needs the records themselves, apart from what pages use that only list papers.

/** The experiments of a paper in the order of the claims that they decide; none if it does not run yet. */
export async function experimentsOf(number: number): Promise<readonly Experiment[]> {
  const found = (await experiments[number]?.()) ?? [];
  const claims = records.find((r) => r.number === number)?.claims ?? [];
  // Those that decide nothing come last.
  const place = ({ claims: [first] }: Experiment) => (first ? claims.indexOf(first) : claims.length);
  return found.toSorted((a, b) => place(a) - place(b));
}

/** The paper with a number (`1`, `01`), slug (`01-bcd-faster`) or arXiv id (`1712.08859`). */
export function findRecord(text: string): PaperRecord | undefined {
  if (/^\d{1,2}$/.test(text)) return records.find((r) => r.number === Number(text));
  return records.find((r) => r.slug === text || r.arxiv === text);
}
