import { experimentsOf, findRecord, type Outcome } from '@southwell/papers';
import type { RunResult } from '@southwell/papers/node';
import { duration } from '@southwell/tasks';
import { EXIT, UsageError } from '../../errors.ts';
import pc from '../../terminal/colours.ts';
import { type ColumnSpec, printable, table } from '../../text.ts';
import { dateText, paperNamed, printJson, resultStore, setText, tableWidth } from './shared.ts';

export interface CompareOptions {
  readonly against?: string;
  readonly json?: boolean;
}

/**
 * Compares stored results across runs, newest first, one table per experiment. With `against`, compares the newest
 * complete result of each setting with the newest one whose commit, id or date begins with the text; returns 1 if an
 * outcome got worse.
 */
export async function compareCommand(name: string | undefined, options: CompareOptions): Promise<number> {
  const store = resultStore();
  const paper = name === undefined ? undefined : paperNamed(name).number;
  const results = (await store.list()).filter((r) => paper === undefined || r.paper === paper);
  if (options.against !== undefined) return changes(results, options.against, options.json === true);
  if (options.json) printJson(results.map(summary));
  else if (results.length === 0) {
    console.log(
      `No results ${paper === undefined ? '' : 'of this paper '}are kept in ${store.folder} yet: see southwell papers run --help`,
    );
  } else console.log((await tables(results)).join('\n\n'));
  return EXIT.done;
}

export const outcomesOf = (r: RunResult): Readonly<Record<string, Outcome>> =>
  Object.fromEntries(r.verdicts.map((v) => [v.claim, v.outcome]));

const summary = (r: RunResult) => ({
  id: r.id,
  date: r.date,
  paper: r.paper,
  slug: r.slug,
  experiment: r.experiment,
  commit: r.commit ?? null,
  machine: r.machine,
  versions: r.versions,
  size: r.size,
  seed: r.seed,
  set: r.set,
  status: r.status,
  outcomes: outcomesOf(r),
  seconds: r.seconds,
});

const colour = (outcome: string): string => {
  const paint = { holds: pc.green, partly: pc.yellow, 'does not hold': pc.red, undecided: pc.cyan }[outcome];
  return paint ? paint(outcome) : outcome;
};
/** Colours are added after column widths have been computed. */
const painted = (text: string): string =>
  text.replace(/(?<![\w-])(does not hold|holds|partly|undecided)(?![\w-])/g, colour);

const shortCommit = (commit = '–'): string => commit.replace(/^([0-9a-f]{8})[0-9a-f]*/, '$1');

async function tables(results: readonly RunResult[]): Promise<string[]> {
  const out: string[] = [];
  for (const key of [...new Set(results.map((r) => `${r.slug} ${r.experiment}`))].sort()) {
    const runs = results.filter((r) => `${r.slug} ${r.experiment}` === key);
    const [{ paper, slug, experiment: id }] = runs;
    const experiment = findRecord(slug) && (await experimentsOf(paper)).find((e) => e.id === id);
    const claims = [
      ...new Set([...(experiment?.claims.map((c) => c.id) ?? []), ...runs.flatMap((r) => Object.keys(outcomesOf(r)))]),
    ];
    const withSet = runs.some((r) => Object.keys(r.set).length > 0);
    const columns: ColumnSpec[] = [
      { title: 'date' },
      { title: 'commit' },
      { title: 'machine' },
      { title: 'size' },
      { title: 'seed', align: 'right' },
      ...(withSet ? [{ title: 'set' }] : []),
      ...claims.map((title) => ({ title })),
      { title: 'time', align: 'right' },
    ];
    const rows = runs.map((r) => {
      const outcomes = outcomesOf(r);
      return [
        dateText(r.date),
        shortCommit(r.commit),
        `${r.machine.cpu} × ${r.machine.cores}`,
        r.size,
        String(r.seed),
        ...(withSet ? [setText(r.set)] : []),
        ...claims.map((c) => outcomes[c] ?? (r.status === 'stopped' ? 'stopped' : '–')),
        duration(r.seconds),
      ];
    });
    const title = `${slug}, ${id}${experiment ? `: ${experiment.title}` : ''}`;
    out.push(`${pc.bold(printable(title))}\n${painted(table(columns, rows, tableWidth()))}`);
  }
  return out;
}

const rank: Readonly<Record<Outcome, number>> = { 'does not hold': 0, undecided: 1, partly: 1, holds: 2 };
/** Runs with the same setting differ only in when and where they ran. */
const setting = (r: RunResult): string =>
  JSON.stringify([r.paper, r.experiment, r.size, r.seed, Object.entries(r.set).sort()]);

function changes(results: readonly RunResult[], against: string, json: boolean): number {
  const complete = results.filter((r) => r.status === 'complete');
  const matches = (r: RunResult) => [r.commit, r.id, r.date].some((text) => text?.startsWith(against));
  const pairs = [...new Set(complete.map(setting))].flatMap((key) => {
    const runs = complete.filter((r) => setting(r) === key);
    const before = runs.find(matches);
    return before && before !== runs[0] ? [{ now: runs[0], before }] : [];
  });
  if (!complete.some(matches)) {
    throw new UsageError(`No stored result has a commit, id or date that begins with "${against}".`);
  }
  const rows = pairs.map(({ now, before }) => {
    const [a, b] = [outcomesOf(before), outcomesOf(now)];
    const claims = [...new Set([...Object.keys(a), ...Object.keys(b)])].map((claim) => ({
      claim,
      before: a[claim] ?? null,
      now: b[claim] ?? null,
      worse: a[claim] !== undefined && (b[claim] === undefined || rank[b[claim]] < rank[a[claim]]),
    }));
    return { now, before, claims };
  });
  const worse = rows.some((row) => row.claims.some((c) => c.worse));
  if (json) {
    const plain = rows.map(({ now, before, claims }) => ({
      paper: now.paper,
      slug: now.slug,
      experiment: now.experiment,
      size: now.size,
      seed: now.seed,
      set: now.set,
      before: summary(before),
      now: summary(now),
      claims,
    }));
    printJson(plain);
  } else if (rows.length === 0) console.log(`Nothing has been run again since "${against}".`);
  else {
    const columns: ColumnSpec[] = [
      { title: 'experiment' },
      { title: 'size' },
      { title: 'seed', align: 'right' },
      { title: 'claim' },
      { title: 'before' },
      { title: 'now' },
      { title: '' },
      { title: 'time before', align: 'right' },
      { title: 'now', align: 'right' },
    ];
    const cells = rows.flatMap(({ now, before, claims }) =>
      claims.map((c) => [
        `${now.slug.slice(0, 2)} ${now.experiment}${Object.keys(now.set).length > 0 ? ` ${setText(now.set)}` : ''}`,
        now.size,
        String(now.seed),
        c.claim,
        c.before ?? '–',
        c.now ?? '–',
        c.worse ? '← worse' : c.before === c.now ? '' : '← better',
        duration(before.seconds),
        duration(now.seconds),
      ]),
    );
    console.log(painted(table(columns, cells, tableWidth())));
  }
  return worse ? EXIT.claimFails : EXIT.done;
}
