import { sameAddress } from './address.ts';
import { isObject, readJson } from './files.ts';

/**
 * What the digest remembers: a log of all news, which only grows, and for each recipient how far along it they are. A
 * mail carries what lies between there and the end. So nothing is mailed twice; and whoever a mail did not reach gets
 * the same with the next, also what could not be found a second time.
 */

export type Kind = 'paper' | 'verdict' | 'field';

export interface Item {
  /** Unique in the log: `paper:1`, `verdict:<id of the result>`, `field:<id at arXiv>`. */
  readonly key: string;
  readonly kind: Kind;
  readonly date: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** An address, or a path of the workbench. */
  readonly link: string;
  /** Of the paper, or of the catalogue's paper that it is close to. */
  readonly family?: string;
}

export interface Progress {
  /** How many items of the log this recipient is done with. */
  readonly upTo: number;
  /** Until the first mail is accepted: of the items before `before`, only those since `since`. */
  readonly first?: { readonly before: number; readonly since: string };
  /** How often the recipient's server refused for good, since it last accepted. */
  readonly refused?: number;
}

export interface DigestState {
  readonly version: 1;
  readonly items: readonly Item[];
  /** Papers of the field that were looked at, chosen or not, newest last. */
  readonly looked: readonly string[];
  readonly recipients: Readonly<Record<string, Progress>>;
}

export const emptyState: DigestState = { version: 1, items: [], looked: [], recipients: {} };

/** Throws a sentence where the file is damaged; an empty state where there is none. */
export const readState = (path: string): DigestState => readJson(path, isState) ?? emptyState;

export const progressOf = (state: DigestState, address: string): Progress | undefined =>
  Object.hasOwn(state.recipients, sameAddress(address)) ? state.recipients[sameAddress(address)] : undefined;

export const withProgress = (state: DigestState, address: string, progress: Progress): DigestState => ({
  ...state,
  recipients: { ...state.recipients, [sameAddress(address)]: progress },
});

/** Appends what the log does not have yet. */
export function withItems(state: DigestState, found: readonly Item[]): DigestState {
  const known = new Set(state.items.map((item) => item.key));
  return { ...state, items: [...state.items, ...found.filter((item) => !known.has(item.key))] };
}

/** What a recipient is still to get, in the order of the log. */
export function pendingOf(state: DigestState, { upTo, first }: Progress): Item[] {
  return state.items.filter((item, i) => i >= upTo && (!first || i >= first.before || item.date >= first.since));
}

function isState(value: unknown): value is DigestState {
  const strings = (list: unknown) => Array.isArray(list) && list.every((s) => typeof s === 'string');
  return (
    isObject(value) &&
    value.version === 1 &&
    strings(value.looked) &&
    Array.isArray(value.items) &&
    value.items.every(
      (item) =>
        isObject(item) &&
        ['paper', 'verdict', 'field'].includes(item.kind as string) &&
        [item.key, item.date, item.title, item.link].every((s) => typeof s === 'string') &&
        strings(item.lines) &&
        ['string', 'undefined'].includes(typeof item.family),
    ) &&
    isObject(value.recipients) &&
    Object.values(value.recipients).every((p) => isObject(p) && Number.isSafeInteger(p.upTo))
  );
}
