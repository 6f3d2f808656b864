import { records, releasedOf } from '@southwell/papers';
import type { Judgement } from './results.ts';

/** The released results, one per experiment and size with all its seeds: a feed of every run would be truncated. */
export async function releasedJudgements(): Promise<Judgement[]> {
  const all = await Promise.all(
    records.map(async ({ number, slug }) => {
      const released = await releasedOf(number);
      const runs = released?.runs ?? [];
      return [...new Set(runs.map((run) => `${run.experiment}-${run.size}`))].map((name): Judgement => {
        const own = runs.filter((run) => `${run.experiment}-${run.size}` === name);
        const id = `released-${released!.version}-${slug}-${name}`;
        const date = own
          .map((run) => run.date)
          .sort()
          .at(-1)!;
        const verdicts = own.flatMap((run) => run.verdicts);
        return { ...own[0], id, date, paper: number, slug, set: {}, verdicts };
      });
    }),
  );
  return all.flat();
}
