import { findRecord, type Outcome, outcomes, outcomeText, type PaperRecord, records, stateOf } from '@southwell/papers';
import { keptStanding } from '@southwell/papers/node';
import { claimOf, headline, newestFirst, numbersOf, type ResultStore, type RunResult } from '@southwell/workbench';
import { FieldError, type FieldPaper, fetchField } from './arxiv.ts';
import { Catalogue } from './closeness.ts';
import type { DigestState, Item } from './state.ts';

/** Finds new items: runnable papers, results with verdicts, papers of the field. */

const CLOSEST = 10;
// Several of the largest answers: papers that were considered and are not in the next answer will not appear again.
const REMEMBERED = 5000;

/** Runnable papers, dated when a digest first finds them. */
export const runningPapers = (now: Date): Item[] =>
  records
    .filter((record) => stateOf(record) === 'runs')
    .map((record) => ({
      key: `paper:${record.number}`,
      kind: 'paper',
      date: now.toISOString(),
      title: record.title,
      lines: [`${record.venue}. ${record.summary}`],
      link: `/papers/${record.slug}`,
      family: record.family,
    }));

/** Results with verdicts, oldest first, each with the current outcomes of all claims of its paper. */
export async function newVerdicts(store: ResultStore): Promise<Item[]> {
  const all = await store.list();
  const lines = new Map<number, string>();
  for (const record of records.filter(({ number }) => all.some((r) => r.paper === number))) {
    lines.set(record.number, (await keptStanding(record, all)).tally.text);
  }
  return newestFirst(all.filter((r) => r.verdicts.length > 0))
    .reverse()
    .map((r) => ({
      key: `verdict:${r.id}`,
      kind: 'verdict',
      date: new Date(r.date).toISOString(),
      title: `${headline(r)}${lines.has(r.paper) ? ` (all claims: ${lines.get(r.paper)})` : ''}`,
      lines: summary(r),
      link: `/papers/${r.slug}`,
      family: findRecord(String(r.paper))?.family,
    }));
}

// Results that contradict a paper come before those that agree with it.
const ORDER: readonly Outcome[] = outcomes.toReversed();

// Longer ones would leave no space for the claim in the two lines of a mail.
const SHORT = 60;

/** Two lines: for a single verdict, the measured values and the claim; for several, the most important ones. */
function summary({ paper, verdicts }: RunResult): string[] {
  const sorted = [...verdicts].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const lines = sorted.slice(0, 2).map((v) => `${outcomeText(v)}: ${claimOf(paper, v)}`);
  const numbers = numbersOf(sorted[0]);
  if (sorted.length > 1 || numbers === '') return lines;
  const [v] = sorted;
  return numbers.length > SHORT ? [...lines, numbers] : [`${outcomeText(v)}: ${numbers}. ${claimOf(paper, v)}`];
}

export interface FieldNews {
  readonly items: readonly Item[];
  readonly looked: readonly string[];
  /** Why there are none, as a sentence. */
  readonly problem?: string;
}

/**
 * Among the papers that no digest has considered yet, those most similar to the catalogue, most similar first. Never
 * throws.
 */
export async function newOfField(
  state: DigestState,
  options: {
    readonly arxiv: string;
    readonly query: string;
    readonly since: string;
    readonly seconds: number;
    readonly closeness: number;
  },
): Promise<FieldNews> {
  let papers: FieldPaper[];
  try {
    papers = await fetchField(options.arxiv, options.query, options.seconds);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return { items: [], looked: state.looked, problem: error.message };
  }
  const looked = new Set(state.looked);
  // The first time everything is new; later, papers may be listed days after their date.
  const fresh = papers.filter((p) => !looked.has(p.id) && (looked.size > 0 || p.published >= options.since));
  return {
    items: rank(fresh, options.closeness).slice(0, CLOSEST),
    looked: [...looked, ...papers.map((p) => p.id).filter((id) => !looked.has(id))].slice(-REMEMBERED),
  };
}

const textOf = (r: PaperRecord): string =>
  [r.title, ...r.methods, r.summary, ...r.formulas.map((f) => f.says), ...r.claims.map((c) => c.sentence)].join(' ');

function rank(papers: readonly FieldPaper[], least: number): Item[] {
  const catalogue = new Catalogue(records.map(textOf));
  const own = new Set(records.map((r) => r.arxiv));
  return papers
    .filter((paper) => !own.has(paper.id))
    .map((paper) => ({ paper, near: catalogue.nearest(`${paper.title} ${paper.summary}`) }))
    .filter(({ near }) => near.closeness > 0 && near.closeness >= least)
    .sort((a, b) => b.near.closeness - a.near.closeness)
    .map(({ paper, near }) => ({
      key: `field:${paper.id}`,
      kind: 'field',
      date: paper.published,
      title: paper.title,
      lines: [
        `${people(paper.authors)}${paper.published.slice(0, 10)}. Close to "${records[near.index].title}" (${near.closeness.toFixed(2)}).`,
      ],
      link: paper.link,
      family: records[near.index].family,
    }));
}

const people = (names: readonly string[]): string =>
  names.length === 0 ? '' : `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''}. `;
