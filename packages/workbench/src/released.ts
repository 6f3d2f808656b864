import { records, releasedOf } from '@southwell/papers';
import type { Judgement } from './results.ts';

/** The verdicts that ship with the product, for feeds: the same here and wherever a site of files lies. */
export async function releasedJudgements(): Promise<Judgement[]> {
  const all = await Promise.all(
    records.map(async ({ number, slug }) => {
      const released = await releasedOf(number);
      return (released?.runs ?? []).map((run): Judgement => {
        const id = `released-${released!.version}-${slug}-${run.experiment}-${run.size}-${run.seed}`;
        return { ...run, id, date: released!.date, paper: number, slug, set: {} };
      });
    }),
  );
  return all.flat();
}
