import {
  cards,
  loadSearch,
  type PaperCard,
  type PaperStanding,
  stateOf,
  type TallyOutcome,
  tallyOutcomes,
} from '@southwell/papers';
import { router } from './router.svelte.ts';
import { getText, setText } from './storage.ts';
import { verdicts } from './verdicts.svelte.ts';

/** State of the feed: search, filters, order, and new papers. It is stored in the URL. */

/** Filters by outcome: at least one of the paper's claims must have it; for `all-hold`, every claim must hold. */
export const wishes: ReadonlyArray<readonly [value: string, title: string]> = [
  ['', 'any'],
  ['all-hold', 'all claims hold'],
  ...tallyOutcomes.map(
    (o) =>
      [
        o.replaceAll(' ', '-'),
        `some claim ${({ holds: 'holds', 'not told apart': 'is not told apart', partly: 'partly holds', 'does not hold': 'does not hold', undecided: 'is undecided' } satisfies Record<TallyOutcome, string>)[o]}`,
      ] as const,
  ),
  ['yours', 'with your runs'],
];

const meets = (wish: string, { tally: { of, parts, own } }: PaperStanding): boolean => {
  if (wish === '') return true;
  if (wish === 'all-hold') return parts.some((part) => part.outcome === 'holds' && part.claims === of);
  if (wish === 'yours') return own > 0;
  return parts.some((part) => part.outcome.replaceAll(' ', '-') === wish);
};

const newest = (a: PaperCard, b: PaperCard) => (a.date < b.date ? 1 : a.date > b.date ? -1 : a.number - b.number);

export const families = [...new Set(cards.map((r) => r.family))].sort();
export const years = [...new Set(cards.map((r) => r.date.slice(0, 4)))].sort().reverse();

export class Feed {
  text = $state(router.param('q') ?? '');
  family = $state(router.param('family') ?? '');
  state = $state(router.param('state') ?? '');
  since = $state(router.param('since') ?? '');
  verdict = $state(router.param('verdict') ?? '');
  private search = $state.raw<Awaited<ReturnType<typeof loadSearch>>>();

  constructor() {
    $effect(() => {
      if (this.isSearch && !this.search)
        void loadSearch().then((search) => {
          this.search = search;
        });
    });
  }

  private readonly isSearch = $derived(this.text.trim() !== '');

  /** Best match first if there is a search, otherwise newest first, as until the search is loaded. */
  readonly shown = $derived.by(() => {
    const matching = this.isSearch && this.search ? this.search(this.text).map((r) => cards[r.number - 1]) : cards;
    const found = matching.filter(
      (r) =>
        (!this.family || r.family === this.family) &&
        (!this.state || stateOf(r) === this.state) &&
        (!this.since || r.date >= this.since) &&
        meets(this.verdict, verdicts.of(r.number)),
    );
    return matching === cards ? [...found].sort(newest) : found;
  });
  readonly running = $derived(this.shown.filter((r) => stateOf(r) === 'runs'));
  readonly planned = $derived(this.shown.filter((r) => stateOf(r) !== 'runs'));

  /** The filters as the query of the URL. */
  readonly query = $derived({
    q: this.text || undefined,
    family: this.family || undefined,
    state: this.state || undefined,
    since: this.since || undefined,
    verdict: this.verdict || undefined,
  });

  clear(): void {
    this.text = this.family = this.state = this.since = this.verdict = '';
  }
}

const mark = (r: PaperCard) => `${r.number}:${stateOf(r)}`;

/** Papers that became runnable, or appeared, since the last visit; on the first visit nothing is new. */
export function newSince(): (record: PaperCard) => boolean {
  const seen: string[] = JSON.parse(getText('seen') ?? '[]');
  setText('seen', JSON.stringify(cards.map(mark)));
  return (r) => seen.length > 0 && !seen.includes(mark(r));
}
